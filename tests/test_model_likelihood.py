# SPDX-License-Identifier: Apache-2.0
"""The likelihood (4), its gradient (10), its Hessian (11) and Theorem 1's constant (9), (13)."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from model.distributed import likelihood
from model.systems.units import split_h, split_y
from tests.likelihood_reference import hessian as curvature
from tests.likelihood_reference import objective

torch.set_num_threads(1)
FloatArray = NDArray[np.float64]
WIDTH = 1e-6


def plain_objective(h: FloatArray, x: FloatArray, low: FloatArray, up: FloatArray) -> float:
    """Eq. (4) as it is written, one vector."""

    def sigmoid(u: FloatArray) -> FloatArray:
        with np.errstate(over="ignore"):
            return 1 / (1 + np.exp(-u))

    return float(-np.log(sigmoid(up - h @ x) - sigmoid(low - h @ x)).sum())


def problem(seed: int, bits: int, rows: int = 8, columns: int = 4) -> tuple[FloatArray, ...]:
    """H, x off the grid, and the cells of Hx + n; 1.2 between thresholds."""
    rng = np.random.default_rng(seed)
    h = rng.standard_normal((rows, columns))
    x = rng.uniform(-1.2, 1.2, columns)
    inner = 1.2 * (np.arange(2**bits - 1) - (2**bits - 2) / 2)
    edges = np.concatenate([[-np.inf], inner, [np.inf]])
    code = np.searchsorted(inner, h @ x + rng.standard_normal(rows))
    return h, x, edges[code], edges[code + 1]


def tensors(*arrays: FloatArray) -> list[torch.Tensor]:
    """H as it is, the vectors as a block of one."""
    return [torch.from_numpy(a if a.ndim == 2 else a[None]) for a in arrays]


def differences(function, x: FloatArray) -> FloatArray:
    steps = WIDTH * np.eye(len(x))
    return np.array([(function(x + d) - function(x - d)) / (2 * WIDTH) for d in steps])


@pytest.mark.parametrize("bits", [1, 2, 3])
def test_the_objective_is_eq_4_and_the_gradient_its_difference_quotient(bits: int) -> None:
    for seed in range(10):
        h, x, low, up = problem(seed, bits)
        value = objective(*tensors(h, x, low, up))
        assert value.item() == pytest.approx(plain_objective(h, x, low, up), abs=1e-11)
        slope = differences(lambda v: plain_objective(h, v, low, up), x)  # noqa: B023
        assert np.allclose(likelihood.gradient(*tensors(h, x, low, up))[0], slope, atol=1e-7)


@pytest.mark.parametrize("bits", [1, 2, 3])
def test_the_hessian_is_the_difference_quotient_of_the_gradient(bits: int) -> None:
    for seed in range(10):
        h, x, low, up = problem(seed, bits)
        quotient = differences(
            lambda v: likelihood.gradient(*tensors(h, v, low, up))[0].numpy(),  # noqa: B023
            x,
        )
        assert np.allclose(curvature(*tensors(h, x, low, up))[0], quotient, atol=1e-7)


def test_the_objective_is_exact_far_from_the_cell() -> None:
    h = torch.ones(1, 1, dtype=torch.float64)

    def value(x: float, low: float, up: float) -> float:
        return objective(h, *(h.new_tensor([[v]]) for v in (x, low, up))).item()

    assert value(800.0, -math.inf, 0.0) == 800
    assert value(900.0, 1.0, 2.0) == pytest.approx(898 - math.log1p(-math.exp(-1)), rel=1e-15)
    assert value(-900.0, 1.0, 2.0) == pytest.approx(901 - math.log1p(-math.exp(-1)), rel=1e-15)
    assert value(5.0, -math.inf, math.inf) == 0


def test_open_thresholds_leave_no_nan_in_values_or_in_derivatives() -> None:
    h, x, low, up = tensors(*problem(3, 1))
    assert low.isinf().any()
    assert up.isinf().any()
    x.requires_grad_()
    for function in (objective, likelihood.gradient):
        value = function(h, x, low, up)
        (slope,) = torch.autograd.grad(value.sum(), x)
        assert value.isfinite().all()
        assert slope.isfinite().all()
    slope = torch.autograd.grad(likelihood.gradient(h, x, low, up)[0, 1], x)[0]
    assert torch.allclose(slope[0], curvature(h, x, low, up)[0, 1])


def test_a_batch_of_units_equals_each_unit_by_itself() -> None:
    rng = np.random.default_rng(0)
    h, z = (torch.from_numpy(rng.standard_normal(s)) for s in ((5, 12, 4), (5, 3, 4)))
    low = torch.from_numpy(rng.standard_normal((5, 3, 12)))
    rows = rng.permutation(12).reshape(3, 4)
    units = likelihood.gradient(
        split_h(h, rows), z.unsqueeze(1), split_y(low, rows), split_y(low + 1, rows)
    )
    assert units.shape == (5, 3, 3, 4)
    for g, c, b in np.ndindex(5, 3, 3):
        part = low[g, b, rows[c]][None]
        alone = likelihood.gradient(h[g, rows[c]], z[g, b][None], part, part + 1)
        assert torch.allclose(units[g, c, b], alone[0])


def test_the_hessian_is_below_the_constant_of_theorem_1() -> None:
    for bits in (1, 2, 3):
        for seed in range(200):
            h, x, low, up = problem(seed, bits)
            bound = np.linalg.norm(h, 2) ** 2 / 2
            hessian = curvature(*tensors(h, x, low, up))[0].numpy()
            largest = np.linalg.eigvalsh(hessian).max()
            assert largest <= bound
            assert bits > 1 or largest <= bound / 2
            assert likelihood.lipschitz(torch.from_numpy(h)).item() == pytest.approx(bound)


def test_narrow_cells_reach_the_constant_of_theorem_1() -> None:
    h, x, _, _ = problem(0, 1)
    hessian = curvature(*tensors(h, x, h @ x - 0.01, h @ x + 0.01))[0].numpy()
    assert np.linalg.eigvalsh(hessian).max() > 0.9999 * np.linalg.norm(h, 2) ** 2 / 2


def test_the_hardened_constant_is_above_the_mean_and_nears_it_as_the_system_grows() -> None:
    rng = np.random.default_rng(0)
    ratios = []
    for nr, nt, draws in ((64, 8, 400), (256, 32, 40)):
        g = rng.standard_normal((2, draws, nr, nt)) / math.sqrt(2)
        mean = (np.linalg.norm(g[0] + 1j * g[1], 2, axis=(1, 2)) ** 2).mean() / 2
        ratios.append(likelihood.hardened_lipschitz(2 * nr, 2 * nt) / mean)
    assert 1.1 < ratios[0] < 1.2
    assert 1.0 < ratios[1] < 1.08
    assert likelihood.hardened_lipschitz(128, 16) == pytest.approx(58.627, abs=1e-3)
