# SPDX-License-Identifier: Apache-2.0
"""The penalties (6), (14), (21), α* (16), Theorem 1 and Lemmas 2 and 3."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize

from model.distributed.penalty import best_weight, exact, smooth, smooth_gradient
from tests.likelihood_reference import objective
from tests.penalty_fits import FAMILY, Fit, constant, fit
from tests.test_model_likelihood import problem, tensors

torch.set_num_threads(1)
FloatArray = NDArray[np.float64]
PEAKS = (1, 3, 7)
fitted = functools.cache(lambda n, peak: fit(FAMILY[:n], peak))


def axis(peak: int, points: int = 4001) -> torch.Tensor:
    return torch.linspace(-peak, peak, points, dtype=torch.float64)


def plain_smooth(x: FloatArray, peak: int) -> FloatArray:
    """Eq. (14), one coordinate."""
    return -sum(1 / (100 * (x - j) ** 4 + 1) for j in range(-peak, peak + 1, 2))


@pytest.mark.parametrize("peak", PEAKS)
def test_the_exact_penalty_is_the_least_parabola_of_eq_6(peak: int) -> None:
    x = axis(peak).numpy()
    middles = np.arange(1 - peak, peak, 2)
    distance = x[:, None] - middles
    parabolas = np.where(np.abs(distance) <= 1, -(distance**2) / 2, np.inf)
    assert np.allclose(exact(axis(peak), peak), parabolas.min(axis=1), atol=1e-12)
    assert exact(torch.tensor([peak + 0.1]), peak).item() == np.inf


@pytest.mark.parametrize("peak", PEAKS)
def test_the_smooth_penalty_and_its_gradient(peak: int) -> None:
    x = axis(peak)
    assert np.allclose(smooth(x, peak), plain_smooth(x.numpy(), peak), atol=1e-14)
    width = 1e-6
    quotient = (plain_smooth(x.numpy() + width, peak) - plain_smooth(x.numpy() - width, peak)) / (
        2 * width
    )
    assert np.allclose(smooth_gradient(x, peak), quotient, atol=1e-7)


@pytest.mark.parametrize(("peak", "alpha"), [(1, 0.42840), (3, 0.42822), (7, 0.42816)])
def test_the_best_weight_is_the_ratio_of_the_sums_on_a_fine_axis(peak: int, alpha: float) -> None:
    x = axis(peak, 100_001).numpy()
    psi = plain_smooth(x, peak)
    phi = -((x - 2 * np.floor((x + 1) / 2)) ** 2) / 2
    ratio = np.trapezoid(phi * psi) / np.trapezoid(psi**2)
    assert best_weight(peak) == pytest.approx(ratio, abs=1e-8)
    assert best_weight(peak) == pytest.approx(alpha, abs=5e-6)


def penalized(
    arrays: tuple[FloatArray, ...], gamma: float, penalty: Callable[[torch.Tensor], torch.Tensor]
) -> Callable[[FloatArray], FloatArray]:
    """f + γ·Σ penalty(x_i) of points (…, K)."""
    h, _, low, up = tensors(*arrays)

    def value(x: FloatArray) -> FloatArray:
        points = torch.from_numpy(np.atleast_2d(x))
        return (objective(h, points, low, up) + gamma * penalty(points).sum(-1)).numpy()

    return value


def minima(
    value: Callable[[FloatArray], FloatArray], cells: list[list[tuple[float, float]]], starts: int
) -> list[tuple[float, FloatArray]]:
    """Local minima in every cell, from random starts and from the best of many random points."""
    rng = np.random.default_rng(1)
    found = []
    for cell in cells:
        lower, upper = np.array(cell).T
        cloud = rng.uniform(lower, upper, (2000, len(cell)))
        first = cloud[value(cloud).argmin()]
        for start in (first, *cloud[:starts]):
            end = minimize(lambda x: value(x)[0], start, method="L-BFGS-B", bounds=cell)
            found.append((float(end.fun), end.x))
    return sorted(found, key=lambda pair: pair[0])


def likelihood_minimum(arrays: tuple[FloatArray, ...], peak: int) -> tuple[float, FloatArray]:
    """min f over the grid by trying every point, and where it is."""
    points = list(itertools.product(range(-peak, peak + 1, 2), repeat=arrays[0].shape[1]))
    vertices = np.array(points, dtype=np.float64)
    values = penalized(arrays, 0.0, torch.zeros_like)(vertices)
    return float(values.min()), vertices[values.argmin()]


def constant_of(arrays: tuple[FloatArray, ...]) -> float:
    return float(np.linalg.norm(arrays[0], 2) ** 2 / 2)


@pytest.mark.parametrize(
    ("peak", "columns", "bits"), [(1, 2, 1), (1, 4, 1), (1, 4, 3), (3, 2, 2), (3, 3, 2)]
)
def test_with_the_constant_of_theorem_1_the_minimisers_of_5_are_those_of_4(
    peak: int, columns: int, bits: int
) -> None:
    edges = list(itertools.pairwise(range(-peak, peak + 1, 2)))
    cells = [list(cell) for cell in itertools.product(edges, repeat=columns)]
    relaxed_is_off_the_grid = 0
    for seed in range(3):
        arrays = problem(seed, bits, rows=6, columns=columns)
        best, where = likelihood_minimum(arrays, peak)
        value = penalized(arrays, constant_of(arrays), lambda x: exact(x, peak))
        least, point = minima(value, cells, starts=2)[0]
        assert least == pytest.approx(best - constant_of(arrays) * columns / 2, abs=1e-9)
        assert np.allclose(point, where, atol=1e-6)
        whole = [[(-peak, peak)] * columns]
        free = minima(penalized(arrays, 0.0, torch.zeros_like), whole, starts=0)[0]
        relaxed_is_off_the_grid += free[0] < best - 1e-3
    assert relaxed_is_off_the_grid


def test_the_best_constant_is_a_quarter_below_zero() -> None:
    best = fit([constant], 3)
    assert best.weights[0] == pytest.approx(-0.25, abs=1e-9)
    assert best.error == pytest.approx(0.25, abs=1e-9)


@pytest.mark.parametrize("peak", [1, 3])
def test_lemma_2_the_error_falls_with_every_term(peak: int) -> None:
    fits = [fitted(n, peak) for n in range(1, len(FAMILY) + 1)]
    errors = [f.error for f in fits]
    assert all(after <= before for before, after in itertools.pairwise(errors))
    assert errors[-1] < 5e-4 < 0.05 < errors[0]
    x = axis(peak, 100_001)
    for f in fits:
        assert (f(x) - exact(x, peak)).abs().max().item() == pytest.approx(f.error, abs=1e-5)


def test_a_fit_is_not_beaten_by_its_neighbours() -> None:
    x = axis(3, 20_001)
    best = fitted(3, 3)
    for place, change in itertools.product(range(3), (-1e-3, 1e-3)):
        weights = list(best.weights)
        weights[place] += change
        other = Fit(best.terms, tuple(weights), 3, best.error)
        assert (other(x) - exact(x, 3)).abs().max().item() > best.error


def test_the_error_of_two_coordinates_is_twice_that_of_one() -> None:
    x = axis(3, 601)
    error = fitted(3, 3)(x) - exact(x, 3)
    plane = error[:, None] + error[None, :]
    assert plane.abs().max().item() == pytest.approx(2 * fitted(3, 3).error, abs=1e-5)


@pytest.mark.parametrize(("peak", "columns", "bits"), [(1, 2, 1), (1, 4, 2), (3, 2, 2)])
def test_lemma_3_the_smooth_optimum_is_within_its_bound(peak: int, columns: int, bits: int) -> None:
    arrays = problem(1, bits, rows=6, columns=columns)
    gamma = constant_of(arrays)
    shifted, _ = likelihood_minimum(arrays, peak)
    shifted -= gamma * columns / 2
    edges = list(itertools.pairwise(range(-peak, peak + 1, 2)))
    cells = [list(cell) for cell in itertools.product(edges, repeat=columns)]
    gaps = []
    for n in (1, 3, 6, len(FAMILY)):
        value = penalized(arrays, gamma, fitted(n, peak))
        least = minima(value, cells, starts=2)[0][0]
        error = columns * fitted(n, peak).error
        gaps.append(abs(least - shifted))
        assert gaps[-1] <= gamma * (error + 1 / n)
        assert gaps[-1] <= gamma * error * 1.05, "a fit that reaches ε_n needs no 1/n"
    assert gaps[-1] < gaps[0] / 20
    without = minima(penalized(arrays, 0.0, torch.zeros_like), cells, starts=0)[0][0]
    assert abs(without - shifted) > gamma * (error + 1 / len(FAMILY)), "the bound could be broken"
