# SPDX-License-Identifier: Apache-2.0
"""Intervals of clustered errors, against simulation and against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from model.lab.intervals import Cluster, clopper_pearson, difference, proportion

BITS = 64


def cluster(errors: NDArray[np.int64], size: int = BITS) -> Cluster:
    """The sums of (G,) errors."""
    return Cluster(len(errors), size, int(errors.sum()), int((errors**2).sum()),
                   int(np.count_nonzero(errors)))  # fmt: skip


def bursts(rng: np.random.Generator, blocks: int, share: float) -> NDArray[np.int64]:
    """A share of the blocks goes wrong, by 4 bits in the mean."""
    return (rng.random(blocks) < share) * rng.geometric(0.25, blocks)


@pytest.mark.parametrize("errors", [0, 1, 3, 50, 99, 100])
def test_clopper_pearson_is_scipys_exact_interval(errors: int) -> None:
    exact = stats.binomtest(errors, 100).proportion_ci(0.9, method="exact")
    assert clopper_pearson(errors, 100, 0.9) == pytest.approx((exact.low, exact.high), abs=1e-12)


@pytest.mark.parametrize(
    ("blocks", "share", "most"), [(400, 0.3, 0.975), (1000, 0.02, 0.975), (20, 0.5, 0.985)]
)
def test_intervals_of_clustered_errors_cover_as_often_as_they_say(
    blocks: int, share: float, most: float
) -> None:
    rng, true = np.random.default_rng(1), share * 4 / BITS
    covered = 0
    for _ in range(1000):
        _, low, high = proportion(cluster(bursts(rng, blocks, share)), 0.95)
        covered += low <= true <= high
    assert 0.93 <= covered / 1000 <= most  # 0.95 less three of its standard deviations, 0.007


def test_a_binomial_interval_on_bits_would_be_too_narrow() -> None:
    errors = bursts(np.random.default_rng(2), 2000, 0.3)
    _, low, high = proportion(cluster(errors), 0.95)
    naive_low, naive_high = clopper_pearson(errors.sum(), 2000 * BITS, 0.95)
    # E e²/E e = 7 for a geometric burst of mean 4, so that the deviation is √(7 − 0.3·4) larger
    assert (high - low) / (naive_high - naive_low) == pytest.approx(np.sqrt(5.8), rel=0.15)


def test_many_errors_give_the_normal_interval() -> None:
    errors = bursts(np.random.default_rng(3), 20_000, 0.3)
    value, low, high = proportion(cluster(errors), 0.95)
    half = 1.96 * errors.std(ddof=1) / BITS / np.sqrt(len(errors))
    assert value == errors.mean() / BITS
    assert (low, high) == pytest.approx((value - half, value + half), rel=1e-3)


def test_blocks_of_one_trial_give_the_exact_interval() -> None:
    wrong = np.repeat([1, 0], [7, 93])
    exact = stats.binomtest(7, 100).proportion_ci(0.95, method="exact")
    assert proportion(cluster(wrong, 1), 0.95)[1:] == pytest.approx((exact.low, exact.high))


def test_without_errors_the_bound_counts_blocks_and_not_bits() -> None:
    value, low, high = proportion(cluster(np.zeros(1000, dtype=np.int64)), 0.95)
    assert (value, low) == (0, 0)
    assert (1 - high) ** 1000 == pytest.approx(0.025)


def test_extremes_have_no_nan() -> None:
    for errors in ([5], [0], [BITS], [BITS] * 3, [5] * 3, [1, 0], [0, 0, BITS]):
        value, low, high = proportion(cluster(np.array(errors)), 0.95)
        assert 0 <= low <= value <= high <= 1, errors
        d = difference(cluster(np.array(errors) - 2), 0.95)
        assert d.low <= d.value <= d.high
        assert np.all(np.isfinite(d))


def test_paired_differences_cover_and_use_the_pairing() -> None:
    rng, covered, widths = np.random.default_rng(4), 0, []
    for _ in range(1000):
        common = bursts(rng, 300, 0.3)
        a, b = common + (rng.random(300) < 0.1), common + (rng.random(300) < 0.06)
        d = difference(cluster(a - b), 0.95)
        covered += d.low <= 0.04 / BITS <= d.high
        widths.append((d.high - d.low) / 2)
    assert 0.93 <= covered / 1000 <= 0.975
    spread = np.sqrt((0.1 * 0.9 + 0.06 * 0.94) / 300) / BITS
    assert np.mean(widths) == pytest.approx(1.96 * spread, rel=0.1)


def test_no_block_that_differs_still_leaves_room() -> None:
    d = difference(cluster(np.zeros(50, dtype=np.int64)), 0.95)
    assert d.value == 0
    assert d.low == -d.high
    assert (1 - d.high) ** 50 == pytest.approx(0.025)
