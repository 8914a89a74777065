# SPDX-License-Identifier: Apache-2.0
"""Definitions become programs, or are refused by the line that cannot work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fixedpoint.detectors import admm
from fixedpoint.detectors import library as spec
from fixedpoint.detectors.registry import program
from fixedpoint.numbers.format import Format
from fixedpoint.program.domain import DefinitionError
from fixedpoint.program.graph import Program
from fixedpoint.program.leaves import bank, constant, integer
from fixedpoint.program.trace import Trace
from fixedpoint.program.values import Value
from fixedpoint.program.widths import magnitudes
from fixedpoint.specs.admm import AdmmSpec
from fixedpoint.specs.fpd import FpdSpec
from fixedpoint.specs.hpd import HpdSpec
from fixedpoint.specs.pgd import PgdSpec
from fixedpoint.stress import pgd as stress
from hls.cases import all_cases
from tests import admm_widths, distributed_widths, pgd_widths

CASES = all_cases()
PGD = stress.spec("box", 8, 4)
X, Y = PGD.formats.state, PGD.formats.y


def named(case: Any) -> str:
    return str(case.name)


BY_HAND = [case for case in CASES if isinstance(case.spec, PgdSpec | AdmmSpec | HpdSpec | FpdSpec)]


@pytest.mark.parametrize("case", BY_HAND, ids=named)
def test_every_bound_of_the_hardware_is_one_of_the_program(case: Any) -> None:
    """Derived by hand, from formats alone."""
    made = case.spec
    match made:
        case PgdSpec():
            limits = pgd_widths.bounds(made)
        case AdmmSpec():
            limits = admm_widths.bounds(made)
        case HpdSpec():
            limits = distributed_widths.hpd_bounds(made)
        case FpdSpec():
            limits = distributed_widths.fpd_bounds(made)
    found = {largest for _, largest in magnitudes(program(made))}
    of_tables = {"cosine_scaled", "cosine_change", "cosine_change_rounded"}
    missing = {name for name, limit in limits.items() if limit.magnitude not in found}
    assert missing <= (of_tables if isinstance(made, FpdSpec) and made.hyper else set())


def test_a_trace_names_the_stages_and_the_layers_in_order() -> None:
    made = program(spec.load_as(AdmmSpec, "admm-box"))
    assert [name for name, _, _ in made.parts] == ["front", *(f"admm{k}" for k in range(1, 6))]
    assert list(made.layer.wires) == [
        "product", "estimate", "relaxed", "update", "state", "code", "decoded", "dual",
        "difference", "bits",
    ]  # fmt: skip
    assert {value.where.partition(":")[0] for value in made.layer.order} <= {
        "admm.py", "shared.py"
    }  # fmt: skip


def traced(define: Callable[[Trace], None]) -> Program:
    t = Trace(PGD)
    define(t)
    return t.program()


def whole(t: Trace, state: Value) -> None:
    t.wire("state", state)
    t.wire("bits", t.sliced(state))


def layer(t: Trace) -> Value:
    """A residual of rows, and with it a state of columns."""
    h, y, x = t.matrix("h"), t.given("y", Y), t.before("state", X)
    return (h.T @ (h @ x - y).to(X)).to(X)


def rows_beside_columns(t: Trace) -> None:
    with t.layers():
        whole(t, (t.given("y", Y) + t.before("state", X)).to(X))


def product_over_the_wrong_side(t: Trace) -> None:
    with t.layers():
        whole(t, (t.matrix("h") @ t.given("y", Y)).to(X))


def no_such_matrix(t: Trace) -> None:
    t.matrix("p")


def a_wire_that_is_no_wire(t: Trace) -> None:
    with t.layers():
        whole(t, (layer(t) + t.before("dual", X)).to(X))


def a_wire_of_another_point(t: Trace) -> None:
    with t.layers():
        whole(t, (layer(t) + t.before("state", Format(X.bits, X.frac + 1))).to(X))


def a_wire_that_is_wider(t: Trace) -> None:
    with t.layers():
        whole(t, (layer(t) + t.before("state", Format(X.bits - 1, X.frac))).to(X))


def no_decision(t: Trace) -> None:
    with t.layers():
        t.wire("state", layer(t))


def no_layers(t: Trace) -> None:
    with t.once("front"):
        t.wire("estimate", t.given("y", Y))


def two_layers(t: Trace) -> None:
    for _ in range(2):
        with t.layers():
            whole(t, layer(t))


def one_name_twice(t: Trace) -> None:
    with t.layers():
        t.wire("state", layer(t))
        t.wire("state", layer(t))


def a_wire_of_no_stage(t: Trace) -> None:
    t.wire("estimate", t.given("y", Y))


def a_constant_beyond_its_format(t: Trace) -> None:
    constant("eta", Format(4, 0), [3, 8])


def a_bank_beyond_its_format(t: Trace) -> None:
    bank("step", Format(4, 0), [[3, 7], [7, -8]])


def a_limit_at_another_point(t: Trace) -> None:
    t.before("state", X).clip(integer(3, X.frac + 2), "prox")


def a_grid_sum_without_a_grid(t: Trace) -> None:
    t.before("state", X).over_grid()


def a_unit_sum_without_units(t: Trace) -> None:
    t.over_units(t.before("state", X))


def beyond_the_carriers(t: Trace) -> None:
    with t.layers():
        x = t.before("state", X)
        wide = constant("gain", Format(50, 0), [1] * PGD.depth)
        whole(t, (x * wide).to(X))


REFUSED: dict[Callable[[Trace], None], str] = {
    rows_beside_columns: "a value of each row meets one of each column",
    product_over_the_wrong_side: "a product of h over its columns with a value that has no columns",
    no_such_matrix: "a block brings no matrix 'p': h expected",
    a_wire_that_is_no_wire: "wire 'dual' of the layer before is no wire of a layer: state, bits",
    a_wire_of_another_point: "wire 'state' of the layer before is read as s9.5",
    a_wire_that_is_wider: "wire 'state' of the layer before is read as s8.4",
    no_decision: "no wire 'bits' is decided on",
    no_layers: "no layers",
    two_layers: "a second description of the layers",
    one_name_twice: "a second wire 'state'",
    a_wire_of_no_stage: "wire 'estimate' belongs to no stage and to no layer",
    a_constant_beyond_its_format: "eta is 8, outside its format s4.0: -7 to 7",
    a_bank_beyond_its_format: "step is -8, outside its format s4.0: -7 to 7",
    a_limit_at_another_point: "a limit at the point 6 for a value at 4: one point expected",
    a_grid_sum_without_a_grid: "a sum over the grid of a value that is the same at every point",
    a_unit_sum_without_units: "a sum over the units of a value that all of them share",
    beyond_the_carriers: r"wire 'state': product needs 5\d bits in the worst case, at most 53 are",
}


@pytest.mark.parametrize("define", REFUSED, ids=lambda define: define.__name__)
def test_what_cannot_be_a_program_is_refused_by_its_line(define: Callable[[Trace], None]) -> None:
    with pytest.raises(DefinitionError, match=REFUSED[define]) as caught:
        traced(define)
    assert str(caught.value).startswith("test_program.py:")


def test_a_definition_that_works_is_not_refused() -> None:
    def define(t: Trace) -> None:
        with t.layers():
            whole(t, layer(t))

    assert list(traced(define).layer.wires) == ["state", "bits"]


def test_the_definition_of_another_spec_is_another_program() -> None:
    made = spec.load_as(AdmmSpec, "admm")
    first = program(made)
    assert program(made) is first
    t = Trace(made)
    admm.define(t, made)
    assert t.program().layer.formats == first.layer.formats
