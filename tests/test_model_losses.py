# SPDX-License-Identifier: Apache-2.0
"""The loss of eq. (16) of the KAQ paper against its terms, written out in loops in float64.

The nets of the reference are eqs. (6) to (9) on plain numbers: a full-precision PGD-Net and one
whose activations are x_S = Δ·round(x/Δ).
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from fixedpoint.numbers.bank import SnrBank
from fixedpoint.numbers.format import Format
from model.quant.quantizers import CodeQuantizer, HalfUp
from model.quant.steps import FixedStep
from model.unfolded.data import Batch
from model.unfolded.losses import Loss, SquaredError, TotalLoss
from model.unfolded.mmd import MmdLoss
from model.unfolded.pgd import WIRES, PgdNet

torch.set_num_threads(1)
ETA, LAMBDA, DELTA = (0.5, 0.25), (0.125, 0.0625), (0.25, 0.5)
CODE = Format(4, 0)
SIGMA = ((0.5, 0.75, 1.5), (2.0, 1.0, 0.25))
COUNT, ROWS, COLUMNS = 9, 5, 4
Points = list[list[float]]


class Given(nn.Module):
    """η and λ as parameters, times a factor of the student's or the teacher's own."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.eta = nn.Parameter(factor * torch.tensor(ETA, dtype=torch.float64))
        self.threshold = nn.Parameter(torch.tensor(LAMBDA, dtype=torch.float64))

    def forward(self) -> tuple[Tensor, Tensor]:
        return self.eta, self.threshold


def student() -> PgdNet:
    """Quantized after eq. (7) alone, by eq. (9)."""
    wires = nn.ModuleDict({name: nn.Identity() for name in WIRES})
    wires["code"] = CodeQuantizer(CODE, HalfUp())
    steps = [FixedStep(delta, SnrBank(0, 3), (0.01, 10.0)) for delta in DELTA]
    return PgdNet("soft", Given(1.0), wires, steps).double()


def teacher() -> PgdNet:
    """Full precision, with constants of its own."""
    return PgdNet("soft", Given(0.5))


def batch_of() -> Batch:
    rng = np.random.default_rng(11)
    h = torch.from_numpy(rng.normal(size=(COUNT, ROWS, COLUMNS)))
    x = torch.from_numpy(rng.choice([-3.0, -1.0, 1.0, 3.0], (COUNT, COLUMNS)))
    y = torch.from_numpy(2 * rng.normal(size=(COUNT, ROWS)))
    return Batch(h, y, x, torch.arange(COUNT) % 4)


def loss_of(over: str, epsilon: float, last: str = "quantized") -> TotalLoss:
    """Eq. (16) with the bandwidths `SIGMA`, three a layer; all coordinates if over these."""
    mmd = MmdLoss("free", over, torch.ones(2), 100, COLUMNS, drawn=COLUMNS).double()
    with torch.no_grad():
        for bandwidths, sigma in zip(mmd.bandwidths, SIGMA, strict=True):
            bandwidths.initial.fill_(1.0)
            bandwidths.log2_ratio.copy_(torch.tensor(sigma, dtype=torch.float64).log2())
    return TotalLoss(SquaredError(student(), last), teacher(), mmd, epsilon)


def activations(batch: Batch, factor: float, quantized: bool) -> tuple[list[Points], Points]:
    """x^(k) of every layer and vector; and the last layer's before eq. (9)."""
    found: list[Points] = [[], []]
    wide = []
    for b in range(COUNT):
        h, y = batch.h[b].tolist(), batch.y[b].tolist()
        x = [0.0] * COLUMNS
        for k in range(2):
            error = [sum(h[m][n] * x[n] for n in range(COLUMNS)) - y[m] for m in range(ROWS)]
            r = [
                x[n] - factor * ETA[k] * sum(h[m][n] * error[m] for m in range(ROWS))
                for n in range(COLUMNS)
            ]
            state = [math.copysign(max(abs(v) - LAMBDA[k], 0.0), v) for v in r]
            x = [rounded(v, DELTA[k]) for v in state] if quantized else state
            found[k].append(x)
        wide.append(state)
    return found, wide


def rounded(value: float, delta: float) -> float:
    """Eq. (9): Δ·round(x/Δ), clipped to the codes −7 to 7 as eq. (19) has it."""
    return delta * max(-7, min(7, math.floor(value / delta + 0.5)))


def kernel(a: list[float], b: list[float], sigma: float) -> float:
    """The Gaussian kernel of eq. (12)."""
    return math.exp(-sum((p - q) ** 2 for p, q in zip(a, b, strict=True)) / (2 * sigma**2))


def mmd_of(x: Points, s: Points, sigma: tuple[float, float, float]) -> float:
    """Eq. (11): its three double sums."""
    count = range(len(x))
    first = sum(kernel(x[i], x[j], sigma[0]) for i in count for j in count)
    second = sum(kernel(s[i], s[j], sigma[1]) for i in count for j in count)
    third = sum(kernel(x[i], s[j], sigma[2]) for i in count for j in count)
    return (first + second - 2 * third) / len(x) ** 2


def over_coordinates(x: Points, s: Points, sigma: tuple[float, float, float]) -> float:
    """The mean of eq. (11) over points of one dimension, one for each coordinate."""
    losses = [mmd_of([[p[n]] for p in x], [[p[n]] for p in s], sigma) for n in range(COLUMNS)]
    return sum(losses) / COLUMNS


def squared_error(x: Points, batch: Batch) -> float:
    """1/B Σ ‖x_true − x‖²."""
    pairs = zip(batch.x.tolist(), x, strict=True)
    return sum(math.dist(true, made) ** 2 for true, made in pairs) / COUNT


@pytest.mark.parametrize(
    ("over", "distance"), [("vectors", mmd_of), ("coordinates", over_coordinates)]
)
@pytest.mark.parametrize("epsilon", [0.0, 1.0, 250.0])
def test_the_total_loss_is_eq_16(over: str, distance, epsilon: float) -> None:
    batch = batch_of()
    quantized, _ = activations(batch, 1.0, quantized=True)
    full, _ = activations(batch, 0.5, quantized=False)
    error = squared_error(quantized[-1], batch)
    layers = zip(full, quantized, SIGMA, strict=True)
    distances = [distance(x, s, sigma) for x, s, sigma in layers]
    assert min(abs(value) for value in distances) > 0.01
    found = loss_of(over, epsilon)(batch, torch.Generator())
    assert found.error.item() == pytest.approx(error, rel=1e-12)
    assert found.mmd.item() == pytest.approx(epsilon * sum(distances), rel=1e-11)
    total = error + epsilon * sum(distances)
    assert found.total.item() == pytest.approx(total, rel=1e-11)


@pytest.mark.parametrize("last", ["quantized", "wide"])
def test_the_first_term_alone_is_that_of_the_last_layer(last: str) -> None:
    batch = batch_of()
    quantized, wide = activations(batch, 1.0, quantized=True)
    expected = squared_error(quantized[-1] if last == "quantized" else wide, batch)
    found = SquaredError(student(), last)(batch, torch.Generator())
    assert found.error.item() == pytest.approx(expected, rel=1e-12)
    assert found.mmd.item() == 0
    assert found.total.item() == found.error.item()
    both = loss_of("vectors", 3.0, last)(batch, torch.Generator())
    assert both.error.item() == pytest.approx(expected, rel=1e-12)


def test_a_loss_is_its_two_terms() -> None:
    found = Loss(torch.tensor(2.0), torch.tensor(0.5))
    assert (found.error.item(), found.mmd.item(), found.total.item()) == (2.0, 0.5, 2.5)


def test_the_student_alone_is_trained() -> None:
    loss = loss_of("vectors", 10.0)
    loss(batch_of(), torch.Generator()).total.backward()
    assert all(p.grad is None for p in loss.teacher.parameters())
    for parameter in (*loss.error.net.constants.parameters(), *loss.mmd.parameters()):
        assert parameter.grad is not None
        assert parameter.grad.abs().max() > 0


def test_the_gradient_is_the_sum_of_those_of_both_terms() -> None:
    """Straight through eq. (9): of ε = 0, and ε times what ε = 1 adds."""

    def gradient(epsilon: float) -> Tensor:
        loss = loss_of("vectors", epsilon)
        loss(batch_of(), torch.Generator()).total.backward()
        return loss.error.net.constants.eta.grad

    error, one, many = gradient(0.0), gradient(1.0), gradient(40.0)
    assert torch.allclose(many, error + 40 * (one - error), rtol=1e-9)
    assert not torch.allclose(many, error, rtol=1e-3)
