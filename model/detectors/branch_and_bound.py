# SPDX-License-Identifier: Apache-2.0
"""The most likely candidate after few-bit converters, by branch and bound.

A likelihood falls apart into rows, f(x) = Σ_m ℓ_m(h_mᵀx), and for normal and for logistic noise
every ℓ_m = −log p is convex, so that the search can leave out candidates with a proof. Let x̄ be
any point of the box that holds the candidates still open, and g the gradient there. Convexity gives
f(x) ≥ f(x̄) + Σ_j min over the box of g_j·(x_j − x̄_j) for all of them; if that is no less than the
best candidate seen, none can beat it. x̄ near the minimum over the box, by a few Newton steps, makes
the bound tight; how near decides the time and not the result.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from model.detectors.compiled import compiled
from model.detectors.sphere import first_point, nearest_point, next_point

FloatArray = NDArray[np.float64]
ASYMPTOTIC = -30.0
STEPS, GAP, TINY = 12, 1e-2, 1e-10


@compiled
def gaussian_loss(s: float) -> tuple[float, float, float]:
    """−log Φ(s) to 1e-9 of its value, −(−log Φ)′ and (−log Φ)″."""
    if s < ASYMPTOTIC:
        square = s * s
        series = (-1 + (3 - 15 / square) / square) / square
        loss = square / 2 + math.log(-s * math.sqrt(2 * math.pi)) - math.log1p(series)
        fall = -s / (1 + series)
    else:
        tail = 0.5 * math.erfc(abs(s) / math.sqrt(2))
        loss = -math.log1p(-tail) if s > 0 else -math.log(tail)
        fall = math.exp(loss - s * s / 2) / math.sqrt(2 * math.pi)
    return loss, fall, min(max(fall * (s + fall), 0.0), 1.0)


@compiled
def gaussian_cell_loss(below: float, above: float) -> tuple[float, float, float]:
    """ℓ = −log[Φ(above) − Φ(−below)] of a cell whose edges lie so far below and above the sample.

    Returns ℓ and its first two derivatives by the sample, which takes from `above` what it adds to
    `below`. The lesser margin leads and the tail beyond the other corrects it: no difference of
    two numbers near 1.
    """
    near, _, _ = gaussian_loss(min(below, above))
    far, _, _ = gaussian_loss(-max(below, above))
    loss = near - math.log(-math.expm1(near - far))
    upper = math.exp(loss - above * above / 2) / math.sqrt(2 * math.pi)
    lower = math.exp(loss - below * below / 2) / math.sqrt(2 * math.pi)
    slope = upper - lower
    return loss, slope, min(max(slope * slope + above * upper + below * lower, 0.0), 1.0)


@compiled
def logistic_loss(s: float) -> tuple[float, float, float]:
    """−log σ(s), −(−log σ)′ and (−log σ)″, without overflow."""
    small = math.exp(-abs(s))
    fall = (small if s > 0 else 1.0) / (1 + small)
    return math.log1p(small) + max(-s, 0.0), fall, fall * (1 - fall)


@compiled
def _loss(
    t: FloatArray, cells: FloatArray, gaussian: bool, slope: FloatArray, bend: FloatArray
) -> float:
    """f at t = Ax, with its derivatives by t; `cells` (2, M) holds low and up."""
    total = 0.0
    for m in range(len(t)):
        below, above = t[m] - cells[0, m], cells[1, m] - t[m]
        if gaussian and max(below, above) < np.inf:
            loss, slope[m], bend[m] = gaussian_cell_loss(below, above)
            total += loss
            continue
        slope[m] = bend[m] = 0.0
        for sign, margin in ((1.0, below), (-1.0, above)):
            if margin < np.inf:
                loss, fall, curve = gaussian_loss(margin) if gaussian else logistic_loss(margin)
                total += loss
                slope[m] -= sign * fall
                bend[m] += curve
    return total


@compiled
def _solve(matrix: FloatArray, x: FloatArray) -> None:
    """x to matrix⁻¹x by Cholesky's factorisation, in place; the matrix is positive definite."""
    n = len(x)
    for j in range(n):
        for k in range(j):
            for i in range(j, n):
                matrix[i, j] -= matrix[i, k] * matrix[j, k]
        matrix[j, j] = math.sqrt(matrix[j, j])
        for i in range(j + 1, n):
            matrix[i, j] /= matrix[j, j]
            x[i] -= matrix[i, j] * x[j] / matrix[j, j]
        x[j] /= matrix[j, j]
    for j in range(n - 1, -1, -1):
        for i in range(j + 1, n):
            x[j] -= matrix[i, j] * x[i]
        x[j] /= matrix[j, j]


@compiled
def _newton(
    a: FloatArray, x: FloatArray, bend: FloatArray, gradient: FloatArray, fixed: NDArray[np.bool_],
    peak: float,
) -> None:  # fmt: skip
    """A Newton step in the coordinates that can move, clipped to the box, into x."""
    curvature = (a * bend.reshape(-1, 1)).T @ a
    ridge = TINY * (1 + np.trace(curvature))
    step = gradient.copy()
    for j in range(len(x)):
        curvature[j, j] += ridge
        if fixed[j] or (abs(x[j]) >= peak and x[j] * gradient[j] < 0):
            curvature[j, :], curvature[:, j], step[j] = 0.0, 0.0, 0.0
            curvature[j, j] = 1.0
    _solve(curvature, step)
    for j in range(len(x)):
        x[j] = min(max(x[j] - step[j], -peak), peak)


@compiled
def _bound(
    a: FloatArray, cells: FloatArray, gaussian: bool, x: FloatArray, fixed: NDArray[np.bool_],
    peak: float, best: float,
) -> float:  # fmt: skip
    """A lower bound of f where the `fixed` coordinates are x's; moves the others of x."""
    slope, bend = np.empty(len(a)), np.empty(len(a))
    highest = -np.inf
    for _ in range(STEPS):
        loss = _loss(a @ x, cells, gaussian, slope, bend)
        gradient = slope @ a
        bound = loss
        for j in range(len(x)):
            if not fixed[j]:
                bound -= abs(gradient[j]) * peak + gradient[j] * x[j]
        highest = max(highest, bound)
        if highest >= best or loss - highest < GAP:
            break
        _newton(a, x, bend, gradient, fixed, peak)
    return highest


@compiled
def _improve(
    a: FloatArray, cells: FloatArray, gaussian: bool, x: FloatArray, peak: float, best: float,
    winner: FloatArray,
) -> float:  # fmt: skip
    """The candidate nearest to x into `winner` if it is better than `best`; the better of both."""
    candidate = np.empty(len(x))
    for j in range(len(x)):
        candidate[j] = nearest_point(x[j], peak)
    scratch = np.empty(len(a))
    loss = _loss(a @ candidate, cells, gaussian, scratch, scratch)
    if loss < best:
        winner[:] = candidate
        return loss
    return best


@compiled
def _most_open(x: FloatArray, fixed: NDArray[np.bool_], peak: float) -> int:
    """The free coordinate that is farthest from its nearest point."""
    choice, farthest = -1, -1.0
    for j in range(len(x)):
        distance = abs(x[j] - nearest_point(x[j], peak))
        if not fixed[j] and distance > farthest:
            choice, farthest = j, distance
    return choice


@compiled
def _search(
    a: FloatArray, cells: FloatArray, gaussian: bool, peak: float, winner: FloatArray
) -> None:
    """The candidate of least f into `winner`, depth first."""
    n = a.shape[1]
    x, fixed = np.zeros((n + 1, n)), np.zeros((n + 1, n), dtype=np.bool_)
    value, step = np.zeros(n), np.zeros(n)
    variable = np.zeros(n, dtype=np.int64)
    bound = _bound(a, cells, gaussian, x[0], fixed[0], peak, np.inf)
    best = _improve(a, cells, gaussian, x[0], peak, np.inf, winner)
    variable[0] = _most_open(x[0], fixed[0], peak)
    depth, fresh = -1 if bound >= best else 0, True
    while depth >= 0:
        branch = variable[depth]
        if fresh:
            first_point(value, step, depth, x[depth, branch], peak)
        elif not next_point(value, step, depth, peak):
            depth -= 1
            continue
        fresh = False
        x[depth + 1], fixed[depth + 1] = x[depth], fixed[depth]
        x[depth + 1, branch], fixed[depth + 1, branch] = value[depth], True
        bound = _bound(a, cells, gaussian, x[depth + 1], fixed[depth + 1], peak, best)
        if bound < best:
            best = _improve(a, cells, gaussian, x[depth + 1], peak, best, winner)
            if bound < best and depth + 1 < n:
                depth, fresh = depth + 1, True
                variable[depth] = _most_open(x[depth], fixed[depth], peak)


@compiled
def search_blocks(
    h: FloatArray, cells: FloatArray, scale: FloatArray, gaussian: bool, peak: float,
    best: FloatArray,
) -> None:  # fmt: skip
    """The most likely candidates of the vectors of blocks into `best` (G, B, N).

    Args:
        h: (G, M, N).
        cells: (G, B, 2, M), the thresholds below and above each sample.
        scale: (G, B), a factor of h and cells: 1/σ or κ.
        gaussian: the noise is normal; or else logistic.
        peak: the largest coordinate of the grid.
    """
    for g in range(cells.shape[0]):
        for b in range(cells.shape[1]):
            rows = h[g] * scale[g, b]
            _search(rows, cells[g, b] * scale[g, b], gaussian, peak, best[g, b])
