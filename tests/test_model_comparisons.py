# SPDX-License-Identifier: Apache-2.0
"""P-values of paired differences, effects over seeds, and Holm's correction, against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from model.lab.intervals import Cluster, difference, holm, over_seeds, p_value

SIZE = 64


def cluster(errors: np.ndarray) -> Cluster:
    return Cluster(len(errors), SIZE, int(errors.sum()), int((errors**2).sum()),
                   int(np.count_nonzero(errors)))  # fmt: skip


def test_a_p_value_is_that_of_the_t_test_where_every_block_differs() -> None:
    errors = np.random.default_rng(1).integers(1, 9, 50) * np.where(np.arange(50) % 3, 1, -1)
    assert p_value(cluster(errors)) == pytest.approx(stats.ttest_1samp(errors, 0).pvalue)


@pytest.mark.parametrize("shift", [0, 1, 2])
def test_a_difference_is_outside_its_limits_exactly_where_p_says_so(shift: int) -> None:
    rng = np.random.default_rng(shift)
    for _ in range(200):
        errors = rng.integers(-4, 5, 30) + shift * (rng.random(30) < 0.3)
        found = difference(cluster(errors), 0.95)
        assert (p_value(cluster(errors)) < 0.05) == (found.low > 0 or found.high < 0)


def test_blocks_that_do_not_differ_tell_nothing() -> None:
    assert p_value(cluster(np.zeros(20, dtype=np.int64))) == 1.0
    assert p_value(cluster(np.ones(20, dtype=np.int64))) == 0.0


def test_an_effect_over_seeds_is_the_t_test_when_the_draws_are_many() -> None:
    values = [-0.0011, -0.0007, -0.0012, -0.0004]
    found = over_seeds(values, [0.0] * 4, 0.95)
    exact = stats.ttest_1samp(values, 0)
    low, high = exact.confidence_interval(0.95)
    assert found == pytest.approx((np.mean(values), low, high, exact.pvalue))


def test_what_the_draws_leave_open_widens_the_limits() -> None:
    values = [-0.0011, -0.0007, -0.0012]
    narrow, wide = (over_seeds(values, [error] * 3, 0.95) for error in (0.0, 0.001))
    assert wide.low < narrow.low < narrow.high < wide.high
    assert wide.p > narrow.p


def test_one_seed_is_no_comparison() -> None:
    with pytest.raises(ValueError, match="1 seeds, at least 2 were expected"):
        over_seeds([0.1], [0.0], 0.95)


def test_holm_is_the_textbook_example() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.7]) == [1.0, 1.0]
    assert holm([]) == []


def test_holm_keeps_the_chance_of_any_false_finding_below_its_level() -> None:
    rng = np.random.default_rng(3)
    wrong = [min(holm(rng.random(8).tolist())) < 0.05 for _ in range(4000)]
    assert np.mean(wrong) == pytest.approx(0.049, abs=0.012)
