# SPDX-License-Identifier: Apache-2.0
"""The torch view: golden's integers on every wire, the float twin's reals, and gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from brevitas.core.function_wrapper import Identity

from fixedpoint.detectors import library as specs
from fixedpoint.detectors.registry import program
from fixedpoint.numbers.format import Format
from fixedpoint.numbers.lookup import Lookup
from fixedpoint.program.domain import DefinitionError, Domain
from fixedpoint.program.leaves import Bank, Constant, Given, Supplied, bank, constant, integer
from fixedpoint.program.trace import Trace
from fixedpoint.program.values import Unary, Value, choose, quotient, total
from fixedpoint.program.views import golden, twin
from fixedpoint.program.views.interpret import Inputs
from fixedpoint.receivers import receiver
from hls.cases import all_cases
from model.quant.quantizers import HalfUp
from model.view.leaves import LeafValues
from model.view.net import View, fake_quantized, float_twin
from tests import fuzz_programs, torch_view
from tests.torch_view import SMALL, check, computed, differing

torch.set_num_threads(1)
CASES = all_cases()
RECIPROCAL = Lookup.of(lambda t: 1 / (1 + t), Format(6, 6, signed=False), Format(12, 10))
SMOOTH, ROUNDED = View(SMALL, Identity()), View(SMALL, HalfUp())


def named(case: Any) -> str:
    return str(case.name)


@pytest.mark.parametrize("case", CASES, ids=named)
def test_every_wire_equals_the_golden_view(case: Any) -> None:
    for seed in (1, 2):
        drawn = case.inputs(150, seed)
        made, given = (
            program(case.spec),
            receiver.inputs(case.spec, drawn.h, drawn.y, drawn.index)[0],
        )
        assert differing(made, given, golden.run(made, given)) == {}


def test_so_does_every_wire_of_random_programs() -> None:
    found = fuzz_programs.run(60, seed=1000, views=(check,))
    assert found["failures"] == {}
    assert found["integers"] > 30_000


class HalfEven(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.round()


def test_they_notice_stock_rounding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch_view, "fake_quantized", lambda made: View(made, HalfEven()))
    assert fuzz_programs.run(10, seed=1000, views=(check,))["failures"]


@pytest.mark.parametrize("name", specs.shipped())
def test_the_float_twins_of_torch_and_numpy_agree(name: str) -> None:
    spec = specs.load(name)
    rng, made = np.random.default_rng(5), program(spec)
    index = np.repeat(np.arange(len(spec.snr))[:, None], 3, axis=1)
    h = rng.standard_normal((len(index), spec.rows, spec.columns)) / 2
    y = rng.standard_normal((*index.shape, spec.rows)) * 4
    given = receiver.real_inputs(spec, h, y, index)[0]
    with torch.no_grad():
        ours = float_twin(made)(given)
    for layer, wires in twin.run(made, given).items():
        part = next(part for at, part, _ in made.parts if at == layer)
        for wire, expected in vars(wires).items():
            got = getattr(ours[layer], wire).numpy() * 2.0 ** part.wires[wire].frac
            assert np.allclose(got, expected, rtol=1e-9, atol=1e-6), (layer, wire)


def test_leaves_have_names_and_a_known_number_is_not_trained() -> None:
    spec = specs.load("hpd-4qam-1bit")
    leaves = fake_quantized(program(spec)).leaves
    shapes = {name: tuple(p.shape) for name, p in leaves.constants.items()}
    assert shapes == dict.fromkeys(("step", "weight", "mean", "momentum"), (spec.depth,))
    assert not leaves.constants["mean"].requires_grad
    assert leaves.constants["step"].requires_grad
    banks = fake_quantized(program(specs.load("pgd"))).leaves.banks
    assert {name: tuple(p.shape) for name, p in banks.items()} == {
        "step": (5, 36), "inverse": (5, 36)}  # fmt: skip


def test_two_constants_of_one_name_are_one_only_if_they_are_the_same() -> None:
    fmt, spec = Format(8, 4), SMALL.spec
    t = Trace(spec)
    x = t.before("state", spec.state_format)
    same, again, other = (constant("c", fmt, [q] * spec.depth) for q in (3, 3, 5))
    with t.layers():
        t.wire("state", total(x * same, x * again, x * other).to(spec.state_format))
        t.wire("rows", (t.matrix("h") @ x).to(fmt))
        t.wire("bits", t.sliced(x))
    leaves = LeafValues(t.program(), HalfUp(), torch.float64)
    assert set(leaves.constants) == {"c", "c_2"}
    assert leaves.names[same] == leaves.names[again] == "c"
    assert leaves.names[other] == "c_2"


def test_an_operation_that_the_view_lacks_is_named_with_its_line() -> None:
    class Strange(Unary):
        """No view knows it."""

    x = column(3, 40)
    strange = Strange(x, frac=3, largest=40, domain=x.domain)
    with pytest.raises(DefinitionError, match=r"test_model_view\.py:\d+: .* operation Strange"):
        computed(SMOOTH, strange, {x: torch.zeros(1, dtype=torch.float64)})


def column(frac: int, largest: int, grid: bool = False) -> Value:
    return Supplied("x", frac=frac, largest=largest, domain=Domain("column", grid=grid))


def reals(low: float, high: float, seed: int = 0) -> torch.Tensor:
    """Forty numbers, a last axis for the grid."""
    rng = np.random.default_rng(seed)
    return torch.from_numpy(rng.uniform(low, high, (1, 2, 1, 20, 1)))


Made = Callable[[Trace, Value, Value], Value]
STATE = SMALL.spec.state_format
SMOOTH_OPERATIONS: dict[str, Made] = {
    "total": lambda t, a, b: total(a, b, -a, a),
    "product": lambda t, a, b: a * b,
    "declared": lambda t, a, b: (a + b).within(100),
    "rounded": lambda t, a, b: (a * b).to(Format(20, 6)),
    "saturating": lambda t, a, b: a.to(Format(4, 3)),
    "clipped": lambda t, a, b: a.clip(b, "clip"),
    "softened": lambda t, a, b: a.soft(b, "soft"),
    "folded": lambda t, a, b: a.fold(b),
    "distance": lambda t, a, b: t.distance(a, STATE) * b,
    "read": lambda t, a, b: t.read("r", a * b, EXP, lambda x, layer: np.exp(-(x**2)) * (layer + 1)),
    "grid": lambda t, a, b: ((a - t.grid(STATE)) * b).over_grid(),
    "quotient": lambda t, a, b: quotient(a, b, RECIPROCAL, Format(12, 6), "q"),
    "chosen": lambda t, a, b: choose(integer(1), 1, a, b) + choose(integer(0), 1, a, b),
}
EXP = Lookup.of(lambda x: np.exp(-(x**2)), Format(8, 5), Format(10, 8))


@pytest.mark.parametrize("name", SMOOTH_OPERATIONS)
def test_gradients_of_the_float_view_are_those_of_finite_differences(name: str) -> None:
    t = Trace(SMALL.spec)
    a, b = column(STATE.frac, 100 << STATE.frac), column(STATE.frac, 100 << STATE.frac)
    result = SMOOTH_OPERATIONS[name](t, a, b)

    def function(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return computed(SMOOTH, result, {a: x, b: y}, number=1)

    x, y = reals(-3, 3).requires_grad_(), reals(0.3, 2.5, 1).requires_grad_()
    assert torch.autograd.gradcheck(function, (x, y), eps=1e-7, atol=1e-5)


def test_matrices_and_sums_over_units_have_gradients() -> None:
    spec = specs.load("hpd-4qam-1bit")
    t = Trace(spec, 4, 32)
    z = t.before("state", STATE)
    h = t.matrix("h")
    result = t.over_units(h.T @ (h @ z).within(1000))
    net = View(program(spec), Identity())
    matrix = torch.from_numpy(np.random.default_rng(3).standard_normal((1, 4, 6, 5)))

    given = Inputs({"h": matrix}, {}, np.zeros((1, 2), np.int64))

    def function(x: torch.Tensor) -> torch.Tensor:
        return computed(net, result, {z: x}, given=given)

    x = torch.randn(1, 2, 1, 5, 1, dtype=torch.float64, requires_grad=True)
    assert function(x).shape == x.shape
    assert torch.autograd.gradcheck(function, (x,), eps=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", SMOOTH_OPERATIONS)
def test_rounding_passes_gradients_straight_through(name: str) -> None:
    """At points of the format, where nothing is lost, the gradients are those of the float view."""
    t = Trace(SMALL.spec)
    a, b = column(STATE.frac, 100 << STATE.frac), column(STATE.frac, 100 << STATE.frac)
    result = SMOOTH_OPERATIONS[name](t, a, b)
    found = []
    for net in (SMOOTH, ROUNDED):
        x, y = (torch.round(q * 8).div_(8).requires_grad_() for q in (reals(-3, 3), reals(1, 2, 1)))
        found_values = computed(net, result, {a: x, b: y})
        (found_values.square() if name in EXACT else found_values).sum().backward()
        found.append((x.grad, y.grad))
    for smooth, rounded in zip(*found, strict=True):
        assert (smooth is None) == (rounded is None)
        assert smooth is None or torch.allclose(smooth, rounded, rtol=1e-9, atol=1e-12)


EXACT = ("total", "product", "declared", "clipped", "softened", "chosen")
"""What loses nothing: here the values are the same as well."""


def test_what_saturates_passes_no_gradient() -> None:
    x = column(4, 1 << 10)
    result = x.to(Format(6, 2))
    q = torch.tensor([-9.0, -7.75, -7.7, 0.1, 7.7, 7.75, 7.8], dtype=torch.float64)
    q = q.reshape(1, 1, 1, -1, 1).requires_grad_()
    computed(ROUNDED, result, {x: q}).sum().backward()
    assert q.grad is not None
    assert q.grad.ravel().tolist() == [0, 1, 1, 1, 1, 1, 0]


def test_constants_and_banks_have_the_gradient_of_their_place() -> None:
    spec = SMALL.spec
    fmt, depth, entries = Format(12, 8), spec.depth, len(spec.snr)
    scale = constant("c", fmt, [100 + k for k in range(depth)])
    step = bank("s", fmt, [[k + i for i in range(entries)] for k in range(depth)], before=True)
    y = Given("y", frac=0, largest=99, domain=Domain("row"))
    t = Trace(spec)
    with t.layers():
        t.wire("row", y * scale * step)
        x = t.before("state", spec.state_format)
        t.wire("state", x.to(spec.state_format))
        t.wire("rows", (t.matrix("h") @ x).to(fmt))
        t.wire("bits", t.sliced(x))
    net = fake_quantized(t.program())
    index = np.array([[2, 5]])
    h = np.zeros((1, 1, 3, spec.columns))
    given = Inputs({"h": h}, {"y": np.full((1, 2, 1, 3), 2)}, index)
    layers = net(given)
    sum(wires.row.sum() for wires in layers.values()).backward()
    grad_c, grad_s = net.leaves.constants["c"].grad, net.leaves.banks["s"].grad
    for k in range(depth):
        values = [0.0 if k == 0 else (k - 1 + i) * fmt.step for i in (2, 5)]
        assert grad_c[k].item() == pytest.approx(sum(2 * 3 * v for v in values))
        for i in range(entries):
            here = k < depth - 1 and i in (2, 5)
            assert grad_s[k, i].item() == pytest.approx(6 * (101 + k) * fmt.step if here else 0)


def test_a_trained_constant_stays_on_its_format() -> None:
    made = program(specs.load("pgd"))
    net = View(made, HalfUp(), torch.float32)
    (eta,) = (v for v in made.layer.order if isinstance(v, Constant) and v.name == "eta")
    with torch.no_grad():
        net.leaves.constants["eta"] += 0.3 * eta.format.step
        assert torch.equal(net.leaves()[eta], View(made, HalfUp()).leaves()[eta].float())
        net.leaves.constants["eta"].fill_(1e6)
        assert torch.equal(net.leaves()[eta], torch.full((5,), eta.format.max * eta.format.step))
    assert all(isinstance(leaf, Constant | Bank) for leaf in net.leaves.names)
