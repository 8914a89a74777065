# SPDX-License-Identifier: Apache-2.0
"""The float PGD-Net against eqs. (6) to (8) of the KAQ paper, written out element by element."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from model.unfolded.pgd import Constants, PgdNet

torch.set_num_threads(1)
ETA, THRESHOLD = (0.5, 0.4375, 0.3), (0.25, 0.0, 0.6)
Matrix = list[list[float]]


def prox(r: float, threshold: float) -> float:
    """Eq. (8)."""
    if r > threshold:
        return r - threshold
    if r < -threshold:
        return r + threshold
    return 0.0


def layer(h: Matrix, y: list[float], x: list[float], eta: float, threshold: float) -> list[float]:
    """x^(k) from x^(k−1): eq. (6), r = x − η·Hᵀ(Hx − y), then eq. (7), its prox."""
    rows, columns = range(len(h)), range(len(h[0]))
    error = [sum(h[m][n] * x[n] for n in columns) - y[m] for m in rows]
    r = [x[n] - eta * sum(h[m][n] * error[m] for m in rows) for n in columns]
    return [prox(value, threshold) for value in r]


def detect(h: Matrix, y: list[float]) -> list[list[float]]:
    """Every x^(k), from x^(0) = 0."""
    x, found = [0.0] * len(h[0]), []
    for eta, threshold in zip(ETA, THRESHOLD, strict=True):
        x = layer(h, y, x, eta, threshold)
        found.append(x)
    return found


class Given(nn.Module):
    """The constants as they are."""

    def forward(self) -> tuple[Tensor, Tensor]:
        return torch.tensor(ETA, dtype=torch.float64), torch.tensor(THRESHOLD, dtype=torch.float64)


def problem(*leading: int, rows: int = 10, columns: int = 6) -> tuple[Tensor, Tensor]:
    rng = np.random.default_rng(7)
    h = rng.normal(size=(*leading, rows, columns)) / np.sqrt(rows)
    return torch.from_numpy(h), torch.from_numpy(2 * rng.normal(size=(*leading, rows)))


def assert_equals(codes: list[Tensor], h: Tensor, y: Tensor) -> None:
    """Each layer's x of vectors y (B, M) with matrices h (B, M, N), to rounding."""
    assert len(codes) == len(ETA)
    for b in range(len(y)):
        for k, expected in enumerate(detect(h[b].tolist(), y[b].tolist())):
            assert codes[k][b].tolist() == pytest.approx(expected, abs=1e-13)


@pytest.mark.parametrize("size", [(10, 6), (6, 6), (4, 8)])
def test_each_layer_is_eqs_6_to_8_with_a_matrix_a_vector(size: tuple[int, int]) -> None:
    h, y = problem(12, rows=size[0], columns=size[1])
    layers = PgdNet("soft", Given())(h, y, torch.zeros(12, dtype=torch.int64))
    assert_equals([v.code for v in layers], h, y)
    zeros = torch.stack([v.code for v in layers]) == 0
    assert zeros.any()  # all three cases of eq. (8) occur
    assert (torch.stack([v.code for v in layers]) < 0).any()
    assert (torch.stack([v.code for v in layers]) > 0).any()


def test_a_shared_matrix_and_blocks_are_the_same_equations() -> None:
    h, y = problem(3)
    many = torch.stack([y, 2 * y, -y], dim=1)  # three vectors a block
    net, index = PgdNet("soft", Given()), torch.zeros(3, 3, dtype=torch.int64)
    blocks = net(h, many, index)
    for g in range(3):
        one = h[g].expand(3, -1, -1)
        assert_equals([v.code[g] for v in blocks], one, many[g])
        assert_equals([v.code for v in net(h[g], many[g], index[g])], one, many[g])


def test_the_wires_are_the_terms_of_eq_6() -> None:
    h, y = problem(5)
    layers = PgdNet("soft", Given())(h, y, torch.zeros(5, dtype=torch.int64))
    x = np.zeros((5, 6))
    for k, values in enumerate(layers):
        for b in range(5):
            matrix, error = h[b].numpy(), h[b].numpy() @ x[b] - y[b].numpy()
            expected = {
                "accumulator": error + y[b].numpy(),
                "residual": error,
                "gradient": matrix.T @ error,
                "update": x[b] - ETA[k] * (matrix.T @ error),
            }
            for wire, value in expected.items():
                np.testing.assert_allclose(getattr(values, wire)[b], value, atol=1e-13)
        assert torch.equal(values.state, values.code)
        x = values.code.numpy()


@pytest.mark.parametrize("r", [-1.5, -0.5, -0.25, 0.0, 0.25, 0.5, 1.5])
def test_the_prox_of_eq_8_is_exact_on_and_beside_its_threshold(r: float) -> None:
    """One antenna, H = 1, η = 1: r = x − (x − y) = y."""

    class One(nn.Module):
        def forward(self) -> tuple[Tensor, Tensor]:
            return torch.ones(1), torch.full((1,), 0.25)

    h, y = torch.ones(1, 1, 1), torch.tensor([[r]])
    (values,) = PgdNet("soft", One())(h, y, torch.zeros(1, dtype=torch.int64))
    assert values.update.item() == r
    assert values.state.item() == prox(r, 0.25)


def test_trained_constants_enter_the_equations_as_they_are_read() -> None:
    constants = Constants(3, 0.4, 0.2).double()
    with torch.no_grad():
        constants.eta.copy_(torch.tensor(ETA, dtype=torch.float64))
        softplus = torch.tensor([0.25, 1.0, 0.6], dtype=torch.float64)
        constants.raw_threshold.copy_(softplus.expm1().log())
    h, y = problem(4)
    layers = PgdNet("soft", constants)(h, y, torch.zeros(4, dtype=torch.int64))
    for b in range(4):
        x = [0.0] * 6
        for values, eta, threshold in zip(layers, ETA, (0.25, 1.0, 0.6), strict=True):
            x = layer(h[b].tolist(), y[b].tolist(), x, eta, threshold)
            assert values.code[b].tolist() == pytest.approx(x, abs=1e-13)
