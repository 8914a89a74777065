# SPDX-License-Identifier: Apache-2.0
"""The fast view's carriers at their limits: float32 at 2^24, int32 at 2^31, and one step beyond."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from fixedpoint.detectors import library as spec
from fixedpoint.detectors.registry import program as shipped
from fixedpoint.numbers.format import Format
from fixedpoint.program.domain import COLUMN
from fixedpoint.program.graph import Program
from fixedpoint.program.leaves import Given, integer
from fixedpoint.program.trace import Trace, traced
from fixedpoint.program.values import Transformed, Value
from fixedpoint.program.views import carriers, fast, golden
from fixedpoint.program.views.interpret import Inputs
from fixedpoint.program.widths import magnitudes
from fixedpoint.stress import pgd as stress

SPEC = stress.spec("box", 8, 4, layers=1)
ENTRY = stress.FORMATS.h.max
Layer = Callable[[Value], Value]


@pytest.fixture(autouse=True)
def fresh() -> Any:
    fast._compiled.cache_clear()
    yield
    fast._compiled.cache_clear()


def made(bits: int, state: Layer) -> Program:
    """One layer: a function of hᵀ·y, y of so many bits. hᵀ·y is at most 8 · 15 · max y."""

    def define(t: Trace, _: Any) -> None:
        h, y = t.matrix("h"), t.given("y", Format(bits, 0))
        with t.layers():
            t.wire("state", state(t.wire("product", h.T @ y)))
            t.wire("bits", t.sliced(t.layer_part.wires["state"]))  # type: ignore[union-attr]

    return traced(define, SPEC)


def extreme(largest: int) -> Inputs:
    """Sums at their worst case, both signs, and all within 60 of it."""
    rng = np.random.default_rng(0)
    signs = rng.choice((-1, 1), (6, 1, 8, 1))
    h = np.broadcast_to(ENTRY * signs, (6, 1, 8, 4)).copy()
    y = rng.choice((-1, 1), (6, 50, 1, 1)) * signs[:, :, :, 0][:, None] * largest
    y[:, 10:] -= np.sign(y[:, 10:]) * rng.integers(0, 2, (6, 40, 1, 8)) * rng.integers(1, 60)
    return Inputs({"h": h}, {"y": y}, np.zeros((6, 50), np.int64))


def differ(program: Program, inputs: Inputs) -> int:
    """How many states the fast view computes that are not golden's."""
    expected = list(golden.run(program, inputs).values())[-1].state
    wrong = 0
    for at, last in fast.run(program, inputs):
        wrong += int(np.sum(last["state"].transpose(0, 2, 1) != expected[at]))
    return wrong


def product(made: Program) -> Transformed:
    found = made.layer.wires["product"]
    assert isinstance(found, Transformed)
    return found


def test_a_sum_of_24_bits_goes_through_float32_and_one_of_25_does_not() -> None:
    for bits, kind in ((18, np.float32), (19, np.float64)):
        program = made(bits, lambda x: x.to(Format(28, x.frac)))
        assert product(program).largest.bit_length() == bits + 6
        assert carriers.carrier(program) is np.int32
        assert carriers.multiplier(product(program), program) is kind
        assert differ(program, extreme(Format(bits, 0).max)) == 0


def test_float32_would_be_wrong_at_25_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carriers, "SINGLE", 1 << 25)
    program = made(19, lambda x: x.to(Format(28, x.frac)))
    assert carriers.multiplier(product(program), program) is np.float32
    assert differ(program, extreme(Format(19, 0).max)) > 100


def test_one_entry_beyond_24_bits_is_enough() -> None:
    """The matrix's entries count, and the vector's, not only their sum."""
    program = made(18, lambda x: x.to(Format(28, x.frac)))
    of = product(program).of
    for largest in (carriers.SINGLE, carriers.SINGLE + 1):
        narrow = Transformed(
            Given("y", frac=0, largest=largest, domain=of.domain), "h", True, frac=0,
            largest=largest, domain=COLUMN)  # fmt: skip
        expected = np.float32 if largest == carriers.SINGLE else np.float64
        assert carriers.multiplier(narrow, program) is expected


def scaled(factor: int) -> Layer:
    """The product times a number, rounded by 12 places: 2^11 joins it on the way."""
    return lambda x: (x * integer(factor)).to(Format(22, x.frac - 12))


LARGEST = 8 * ENTRY * Format(18, 0).max
FACTOR = (carriers.INTEGERS - (1 << 11)) // LARGEST


def test_int32_carries_31_bits_and_not_one_more() -> None:
    for factor, kind in ((FACTOR, np.int32), (FACTOR + 1, np.float64)):
        program = made(18, scaled(factor))
        widest = max(largest for _, largest in magnitudes(program))
        assert (widest <= carriers.INTEGERS) == (kind is np.int32)
        assert widest.bit_length() == (31 if kind is np.int32 else 32)
        assert carriers.carrier(program) is kind
        assert differ(program, extreme(Format(18, 0).max)) == 0


def test_int32_would_be_wrong_at_32_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carriers, "INTEGERS", 1 << 32)
    program = made(18, scaled(FACTOR + 1))
    assert carriers.carrier(program) is np.int32
    assert differ(program, extreme(Format(18, 0).max)) > 100


def test_the_rounding_constant_counts() -> None:
    """A sum that fits and with the half does not."""
    factor = carriers.INTEGERS // LARGEST
    for shift in range(1, 32):
        program = made(18, lambda x, s=shift: (x * integer(factor)).to(Format(22, x.frac - s)))  # type: ignore[misc]
        fits = LARGEST * factor + (1 << shift - 1) <= carriers.INTEGERS
        assert (carriers.carrier(program) is np.int32) == fits
        assert differ(program, extreme(Format(18, 0).max)) == 0


@pytest.mark.parametrize("limit", [0, 1, 300, 511, 512, 4000])
def test_a_clip_behind_a_saturation_is_the_narrower_of_the_two(limit: int) -> None:
    """Of both carriers: 6 bits of y are carried by int32, 30 by float64."""
    for bits, kind in ((6, np.int32), (30, np.float64)):
        program = made(bits, lambda x: x.to(Format(10, x.frac - 1)).clip(
            integer(limit, x.frac - 1), "prox"))  # fmt: skip
        assert carriers.carrier(program) is kind
        rng = np.random.default_rng(1)
        drawn = Inputs(
            {"h": rng.integers(-ENTRY, ENTRY + 1, (3, 1, 8, 4))},
            {"y": rng.integers(-20, 21, (3, 90, 1, 8))}, np.zeros((3, 90), np.int64))  # fmt: skip
        assert differ(program, drawn) == 0
        assert differ(program, extreme(Format(bits, 0).max)) == 0


def test_pgd_and_admm_are_carried_by_int32() -> None:
    """31 bits, of which PGD-Net's residual leaves no room."""
    for name in ("pgd", "pgd-box", "admm", "admm-box"):
        assert carriers.carrier(shipped(spec.load(name))) is np.int32
    assert max(largest for _, largest in magnitudes(shipped(spec.load("pgd")))).bit_length() == 31
    for name in ("hpd-4qam-1bit", "fpd-16qam-2bit"):
        assert carriers.carrier(shipped(spec.load(name))) is np.float64  # tables
