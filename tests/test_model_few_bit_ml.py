# SPDX-License-Identifier: Apache-2.0
"""Likelihoods of few-bit samples, and branch and bound against all candidates."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from model.detectors.branch_and_bound import gaussian_cell_loss, gaussian_loss, logistic_loss
from model.detectors.catalog import make
from model.systems.scene import Scene, scene
from model.systems.system import System
from tests.test_model_search import candidates, decisions, expect_least

QUANTIZED = {
    "3x4-1bit": System(nt=3, nr=4, modulation="qpsk", adc_bits=1, channel_gain=1.0, vectors=2),
    "2x5-1bit": System(nt=2, nr=5, modulation="16qam", adc_bits=1),
    "2x6-2bit": System(nt=2, nr=6, modulation="16qam", adc_bits=2, channel_gain=1.0),
    "4x6-3bit": System(nt=4, nr=6, modulation="qpsk", adc_bits=3, agc="measured", channel_gain=1.0),
}


def log_gaussian(a: np.ndarray, low: np.ndarray, up: np.ndarray, sigma: float) -> np.ndarray:
    """Σ log[Φ(above) − Φ(−below)], by whichever of the tails is the smaller difference."""
    above, below = (up - a) / sigma, (a - low) / sigma
    left, right = norm.cdf(above) - norm.cdf(-below), norm.sf(-below) - norm.sf(above)
    open_side = np.isinf(up) | np.isinf(low)
    closed = np.log(np.where(above < below, left, right), where=~open_side, out=np.zeros_like(a))
    margins = np.minimum(above, below)
    return np.where(open_side, norm.logcdf(margins), closed).sum(axis=1)


def log_logistic(a: np.ndarray, low: np.ndarray, up: np.ndarray, kappa: float) -> np.ndarray:
    """Eq. (4) of the HPD/FPD paper as it stands."""
    upper, lower = 1 / (1 + np.exp(-kappa * (up - a))), 1 / (1 + np.exp(-kappa * (low - a)))
    return np.log(upper - lower).sum(axis=1)


def likelihoods(name: str, system: System, given: Scene) -> list[np.ndarray]:
    """−log p of every candidate for every vector."""
    found = []
    kappa = float(name.partition("=")[2] or 1)
    for g, b in itertools.product(range(len(given.h)), range(system.vectors)):
        a = candidates(system) @ given.h[g].numpy().T
        low, up = given.received.low[g, b].numpy(), given.received.up[g, b].numpy()
        if name != "logistic-ml" and "=" not in name:
            found.append(-log_gaussian(a, low, up, math.sqrt(float(given.noise[g, b]))))
        else:
            found.append(-log_logistic(a, low, up, kappa))
    return found


@pytest.mark.parametrize("snr_db", [-5.0, 5.0, 15.0])
@pytest.mark.parametrize(("name", "place"), [
    ("1bit-ml", "3x4-1bit"), ("1bit-ml", "2x5-1bit"), ("logistic-ml", "3x4-1bit"),
    ("logistic-ml:kappa=1.5", "2x6-2bit"), ("logistic-ml", "4x6-3bit"),
    ("few-bit-ml", "3x4-1bit"), ("few-bit-ml", "2x6-2bit"), ("few-bit-ml", "4x6-3bit"),
])  # fmt: skip
def test_branch_and_bound_finds_the_most_likely_of_all_candidates(
    name: str, place: str, snr_db: float
) -> None:
    """Costs are compared, to rounding: rows that no candidate fits better leave ties."""
    system = QUANTIZED[place]
    given = scene(system, snr_db, 25, np.random.default_rng(7))
    found = decisions(name, system, given).reshape(-1, system.columns)
    points = candidates(system)
    for vector, cost in zip(found, likelihoods(name, system, given), strict=True):
        (index,) = np.flatnonzero((points == vector).all(axis=1))
        assert cost[index] <= cost.min() * (1 + 1e-9) + 1e-12


def test_branch_and_bound_is_exact_at_the_size_of_the_paper() -> None:
    """64×8 QPSK, 1 bit: 65,536 candidates; at 0 dB their likelihoods lie close."""
    system = System(nt=8, nr=64, modulation="qpsk", adc_bits=1, channel_gain=1.0)
    given = scene(system, 0.0, 1, np.random.default_rng(8))
    cost = likelihoods("1bit-ml", system, given)
    expect_least(system, given, decisions("1bit-ml", system, given), cost)


def test_a_channel_of_zeros_gives_points_of_the_grid() -> None:
    for system in QUANTIZED.values():
        given = scene(system, 5.0, 2, np.random.default_rng(9))
        found = decisions("logistic-ml", system, given._replace(h=given.h * 0))
        assert set(np.abs(found).ravel()) <= {1.0, 3.0}


@pytest.mark.parametrize("s", [-1e6, -100.0, -30.001, -29.999, -5.0, -1e-9, 0.0, 2.0, 9.0, 40.0])
def test_losses_and_their_slopes(s: float) -> None:
    """Values by scipy, slopes and curvatures by central differences where those can be had."""
    for loss, reference in (
        (gaussian_loss, lambda t: -norm.logcdf(t)),
        (logistic_loss, lambda t: np.logaddexp(0, -t)),
    ):
        value, fall, curvature = loss(s)
        assert value == pytest.approx(reference(s), rel=1e-9, abs=1e-300)
        step = 1e-5
        after, before = loss(s + step), loss(s - step)
        if abs(s) <= 100:
            assert -fall == pytest.approx((after[0] - before[0]) / (2 * step), rel=1e-4, abs=1e-9)
            assert curvature == pytest.approx(
                (before[1] - after[1]) / (2 * step), rel=1e-3, abs=1e-6
            )
        assert 0 <= curvature <= 1


@pytest.mark.parametrize("width", [1e-3, 0.5, 3.0, 20.0])
@pytest.mark.parametrize("below", [-12.0, -1.0, -1e-4, 0.4, 7.0])
def test_the_loss_of_a_cell_and_its_slope(below: float, width: float) -> None:
    """The probability by quadrature of the density, the derivatives by central differences."""
    for lower, upper in ((below, width - below), (width - below, below)):
        loss, slope, curvature = gaussian_cell_loss(lower, upper)
        peak = min(max(0.0, -lower), upper)
        scale = norm.pdf(peak)
        mass, _ = quad(lambda s, top=scale: norm.pdf(s) / top, -lower, upper, points=[peak])
        assert loss == pytest.approx(-math.log(mass) - math.log(scale), rel=1e-7)
        step = 1e-4
        after = gaussian_cell_loss(lower + step, upper - step)
        before = gaussian_cell_loss(lower - step, upper + step)
        assert slope == pytest.approx((after[0] - before[0]) / (2 * step), rel=1e-5, abs=1e-7)
        assert curvature == pytest.approx((after[1] - before[1]) / (2 * step), rel=1e-4, abs=1e-6)


@pytest.mark.parametrize(("name", "system", "message"), [
    ("1bit-ml", System(nt=8, nr=64, modulation="64qam", adc_bits=1),
     "8 users of 64qam are 281,474,976,710,656 candidates"),
    ("logistic-ml", System(nt=16, nr=16, modulation="16qam", adc_bits=2),
     "16 users of 16qam are 18,446,744,073,709,551,616 candidates"),
    ("1bit-ml", System(nt=2, nr=4, modulation="qpsk"), "not unquantized samples"),
    ("few-bit-ml", System(nt=2, nr=4, modulation="qpsk"), "not unquantized samples"),
    ("logistic-ml", System(nt=2, nr=4, modulation="qpsk"), "not unquantized samples"),
    ("1bit-ml", System(nt=2, nr=4, modulation="qpsk", adc_bits=2), "serves adc_bits 1, not 2"),
    ("logistic-ml:kappa=0", QUANTIZED["3x4-1bit"], "kappa '0' is not a number above 0"),
])  # fmt: skip
def test_what_cannot_be_done_is_refused_in_one_line(
    name: str, system: System, message: str
) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        make(name, system)
    assert "\n" not in str(caught.value)
