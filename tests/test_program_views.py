# SPDX-License-Identifier: Apache-2.0
"""The numpy views of a program against each other, and its operations against exact rationals."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Any

import numpy as np
import pytest

from fixedpoint.detector import Detector
from fixedpoint.detectors import library as spec
from fixedpoint.detectors.registry import program
from fixedpoint.numbers.format import Format
from fixedpoint.numbers.lookup import Lookup
from fixedpoint.program import describe
from fixedpoint.program.domain import COLUMN, DefinitionError, Domain
from fixedpoint.program.leaves import Given, Supplied, integer
from fixedpoint.program.trace import Trace
from fixedpoint.program.values import Unary, Value, choose, quotient, total
from fixedpoint.program.views import events, fast, golden, lower, lowering, twin
from fixedpoint.program.views.interpret import Inputs, Layer
from fixedpoint.program.views.narrow import fixed, narrow
from fixedpoint.receivers import family, receiver
from fixedpoint.stress import extreme
from fixedpoint.stress import pgd as stress
from hls.cases import all_cases

CASES = all_cases()
PGD = stress.spec("box", 8, 4)
PROGRAM = program(PGD)


def named(case: Any) -> str:
    return str(case.name)


@pytest.mark.parametrize("case", CASES, ids=named)
def test_the_fast_view_gives_the_golden_integers(case: Any) -> None:
    for seed in (1, 2):
        drawn = case.inputs(150, seed)
        last = family.run(case.spec, drawn.h, drawn.y, drawn.index)[-1]
        found = Detector(case.spec).run_integers(drawn.h, drawn.y, drawn.index)
        np.testing.assert_array_equal(found.state, last.state)
        np.testing.assert_array_equal(found.bits, last.bits)
        assert (found.code is None) == (not hasattr(last, "code"))
        if found.code is not None:
            np.testing.assert_array_equal(found.code, last.code)


@pytest.mark.parametrize("case", CASES, ids=named)
def test_the_fast_view_gives_them_by_its_own_operations_too(
    case: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The golden view fills the tables of small wires: without them nothing but BLAS is shared."""
    monkeypatch.setattr(lowering, "narrow", lambda made, part: {})
    fast._compiled.cache_clear()
    drawn = case.inputs(150, 3)
    last = family.run(case.spec, drawn.h, drawn.y, drawn.index)[-1]
    found = Detector(case.spec).run_integers(drawn.h, drawn.y, drawn.index)
    fast._compiled.cache_clear()
    np.testing.assert_array_equal(found.state, last.state)
    np.testing.assert_array_equal(found.bits, last.bits)


@dataclass(frozen=True, eq=False)
class Strange(Unary):
    """An operation that no view knows."""


@pytest.mark.parametrize("view", ["golden", "twin", "lower", "describe"])
def test_an_operation_that_a_view_lacks_is_named_with_its_line(view: str) -> None:
    x = value(3, 40)
    strange = Strange(x, frac=3, largest=40, domain=x.domain)
    rules: dict[str, Any] = {
        "golden": lambda: golden.operation(strange, None),
        "twin": lambda: twin.operation(strange, None),
        "lower": lambda: lower.lower(strange, None, 1.0, 0.0),
        "describe": lambda: describe.formula(strange, {}),
    }
    with pytest.raises(DefinitionError, match=r"test_program_views\.py:\d+: .* operation Strange"):
        rules[view]()


@pytest.mark.parametrize("name", ["pgd", "admm-box", "hpd-4qam-1bit", "fpd-16qam-2bit"])
@pytest.mark.parametrize("shape", [(1, 1), (7, 1), (1, 700), (3, 129), (70, 17)], ids=str)
def test_pieces_of_any_shape_are_put_together(name: str, shape: tuple[int, int]) -> None:
    """A piece holds as many vectors as fit in a processor's cache."""
    made, rng = spec.load(name), np.random.default_rng(3)
    blocks, vectors = shape
    h, y, index = extreme.vectors(made, 5, blocks, vectors)
    if made.one_snr_a_block:
        index = np.broadcast_to(rng.integers(0, len(made.snr), (blocks, 1)), shape)
    given, _ = receiver.inputs(made, h, y, index)
    expected = list(golden.run(program(made), given).values())[-1].state
    state = np.full_like(expected, 1 << 40)
    for at, last in fast.run(program(made), given):
        state[at] = last["state"].transpose(0, 2, 1)
    np.testing.assert_array_equal(state, expected)


def test_threads_do_not_share_their_registers() -> None:
    made = spec.load("pgd")
    drawn = [extreme.vectors(made, seed, 4, 64) for seed in range(4)]
    expected = [Detector(made).run_integers(*arrays).state for arrays in drawn]
    wrong: list[int] = []

    def work(place: int) -> None:
        for _ in range(20):
            found = Detector(made).run_integers(*drawn[place]).state
            wrong.append(int(np.sum(found != expected[place])))

    threads = [threading.Thread(target=work, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(wrong) == 80
    assert sum(wrong) == 0


def test_a_chain_from_one_small_wire_is_a_table_of_it() -> None:
    """FPD-Net's b decides about all that follows in a column, HPD's z about the pull."""
    for name, wire, source in (("fpd-4qam-1bit", "estimate", "b"), ("hpd-4qam-1bit", "pull", "")):
        made = program(spec.load(name))
        found = narrow(made, made.layer)[made.layer.wires[wire]]
        assert not source or found.of is made.layer.wires[source]
        assert all(len(table) == 2 * found.of.largest + 1 for table in found.tables)
        assert len(found.tables) == made.spec.depth
    made = program(spec.load("admm-box"))
    assert narrow(made, made.layer) == {}  # its states are too wide, and its scales the bank's


def test_what_starts_from_zero_is_a_number_in_the_first_layer() -> None:
    made = program(spec.load("admm-box"))
    wires = made.layer.wires
    first, second = (fixed(made, made.layer.order, k) for k in (0, 1))
    assert first[wires["product"]] == 0
    assert wires["product"] not in second
    assert wires["estimate"] not in first


def test_the_twin_has_every_wire_but_the_bits() -> None:
    made = spec.load("hpd-16qam-2bit")
    rng = np.random.default_rng(0)
    h, y = rng.standard_normal((2, made.rows, made.columns)), rng.standard_normal((2, 3, made.rows))
    given, _ = receiver.real_inputs(made, h, y, np.full((2, 3), 20))
    found = twin.run(program(made), given)
    for name, formats in family.layer_formats(made).items():
        assert [*vars(found[name])] == [wire for wire in formats if wire != "bits"]


@pytest.mark.parametrize("case", CASES, ids=named)
def test_events_of_wires_are_those_of_a_run(case: Any) -> None:
    drawn = case.inputs(60, 4)
    made, given = program(case.spec), receiver.inputs(case.spec, drawn.h, drawn.y, drawn.index)[0]
    wires = {name: vars(layer) for name, layer in golden.run(made, given).items()}
    counted = events.count(made, given)
    assert sum(counted.values()) > 100
    assert events.count(made, given, events.by_wires(made, wires)) == counted


def value(frac: int, largest: int, unit: bool = False, grid: bool = False) -> Value:
    return Supplied("x", frac=frac, largest=largest, domain=Domain("column", unit, grid))


def computed(result: Value, known: dict[Value, Any]) -> Any:
    nothing = Inputs({}, {}, np.zeros((1, 1), np.int64))
    layer = Layer(PROGRAM, nothing, 0, {}, dict(known))
    golden.evaluate(layer, [result])
    return layer[result]


def real(q: int, frac: int) -> Fraction:
    return Fraction(int(q)) * Fraction(2) ** -frac


def rounded(x: Fraction, fmt: Format) -> int:
    return max(fmt.min, min(fmt.max, floor(x * Fraction(2) ** fmt.frac + Fraction(1, 2))))


@pytest.mark.parametrize("fracs", [(0, 0), (3, 5), (5, 3), (0, 9), (7, 2)], ids=str)
def test_sums_products_and_rounding_are_exact(fracs: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    a, b = (value(frac, 200) for frac in fracs)
    p, q = rng.integers(-200, 201, (2, 300))
    found = computed(total(a, b, -a), {a: p, b: q})
    assert [real(x, max(fracs)) for x in found] == [real(y, fracs[1]) for y in q]
    for target in (Format(6, 2), Format(30, 12), Format(4, -1)):
        for result, exact in (
            (a + b, lambda x, y: x + y),
            (a - b, lambda x, y: x - y),
            (a * b, lambda x, y: x * y),
            (-a, lambda x, y: -x),
        ):
            found = computed(result.to(target), {a: p, b: q})
            for i in range(300):
                expected = rounded(exact(real(p[i], fracs[0]), real(q[i], fracs[1])), target)
                assert found[i] == expected
            assert np.abs(computed(result, {a: p, b: q})).max() <= result.largest


def test_clip_soft_threshold_fold_and_choice() -> None:
    x = value(2, 40)
    q = np.arange(-40, 41)
    limit = integer(9, 2)
    assert computed(x.clip(limit, "n"), {x: q}).tolist() == [max(-9, min(9, i)) for i in q.tolist()]
    soft = [(abs(i) - 9) * (1 if i > 0 else -1) if abs(i) > 9 else 0 for i in q.tolist()]
    assert computed(x.soft(limit, "n"), {x: q}).tolist() == soft
    assert computed(x.fold(limit), {x: q}).tolist() == [9 - abs(i) for i in q.tolist()]
    code = Given("y", frac=0, largest=3, domain=COLUMN)
    codes = np.arange(81) % 4
    found = computed(choose(code, 3, limit, x), {x: q, code: codes})
    assert found.tolist() == [9 if c == 3 else i for c, i in zip(codes, q.tolist(), strict=True)]


def test_distances_and_sums_over_the_grid() -> None:
    state = PGD.formats.state
    t, x = Trace(PGD), value(state.frac, state.max)
    q = np.arange(-state.max, state.max + 1)[:, None]
    grid = [real(j, state.frac) for j in t.grid(state).points]  # type: ignore[attr-defined]
    distance = t.distance(x, state)
    for at, found in zip(q.ravel(), computed(distance, {x: q}).ravel(), strict=True):
        near = min(grid, key=lambda j: (abs(real(at, state.frac) - j), -j))
        assert real(found, state.frac) == real(at, state.frac) - near
        assert abs(found) <= distance.largest
    summed = ((x - t.grid(state)) * integer(3, 1)).over_grid()
    for at, found in zip(q.ravel(), computed(summed, {x: q}).ravel(), strict=True):
        assert real(found, summed.frac) == sum((real(at, state.frac) - j) * 3 / 2 for j in grid)
        assert abs(found) <= summed.largest


def test_tables_are_read_at_the_rounded_address() -> None:
    table = Lookup(Format(5, 1), Format(9, 0), tuple(7 * i for i in range(-15, 16)))
    x = value(4, 400)
    q = np.arange(-400, 401)
    found = computed(Trace(PGD).read("t", x, table, lambda x, _: x), {x: q})
    assert found.tolist() == [7 * rounded(real(i, 4), table.address) for i in q.tolist()]


def test_a_quotient_is_as_near_as_its_table_of_reciprocals() -> None:
    address, output = Format(6, 6, signed=False), Format(12, 10)
    table = Lookup.of(lambda t: 1 / (1 + t), address, output)
    a, b = value(5, 60), value(3, 200)
    p, q = (grid.ravel() for grid in np.meshgrid(np.arange(-60, 61), np.arange(1, 201)))
    target = Format(20, 8)
    found = computed(quotient(a, b, table, target, "third"), {a: p, b: q})
    exact = (p / 2**5) / (q / 2**3)
    bound = np.abs(exact) * (1 / (2**7 - 1) + 2.0**-10) + target.step / 2
    assert np.all(np.abs(found * target.step - exact) <= bound)


def test_matrices_are_multiplied_over_columns_and_over_rows() -> None:
    rng = np.random.default_rng(2)
    units, rows, columns = 3, 4, 5
    m = rng.integers(-9, 10, (2, units, rows, columns))
    made = spec.load("hpd-4qam-1bit")
    t = Trace(made, units, rows)
    h = t.matrix("h")
    z, r = t.before("state", Format(6, 0)), t.given("y", Format(6, 0))
    a, b = (
        rng.integers(-30, 31, (2, 7, 1, columns, 1)),
        rng.integers(-30, 31, (2, 7, units, rows, 1)),
    )
    nothing = Inputs({"h": m}, {}, np.zeros((2, 7), np.int64))
    layer = Layer(program(made), nothing, 0, {}, {z: a, r: b})
    over_columns, over_rows = h @ z, h.T @ r
    golden.evaluate(layer, [over_columns, over_rows])
    for g, v, u in np.ndindex(2, 7, units):
        expected = [sum(int(m[g, u, i, n] * a[g, v, 0, n, 0]) for n in range(columns))
                    for i in range(rows)]  # fmt: skip
        assert layer[over_columns][g, v, u, :, 0].tolist() == expected
        expected = [sum(int(m[g, u, i, n] * b[g, v, u, i, 0]) for i in range(rows))
                    for n in range(columns)]  # fmt: skip
        assert layer[over_rows][g, v, u, :, 0].tolist() == expected
