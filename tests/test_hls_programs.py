# SPDX-License-Identifier: Apache-2.0
"""The C++ of programs that no shipped spec has: of one's own, with odd names, and those refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixedpoint.detectors import own_start, registry
from fixedpoint.numbers.format import Format
from fixedpoint.program.domain import DefinitionError
from fixedpoint.program.trace import Trace
from fixedpoint.stress import distributed as distributed_stress
from fixedpoint.stress import pgd as stress
from hls import csim
from hls import native as native_main
from hls.builds.native import Native
from hls.cases import Case, stress_draw
from hls.cpp.program import PROGRAM, headers, layout_of
from hls.cpp.tops import tops
from tests import fuzz_native, odd_programs
from tests.limit_specs import few_layers

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.py"))


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_a_detector_of_ones_own_is_golden_in_csim_and_native(file):
    spec = own_start.start(registry.use(file), 8, 4, "16qam", layers=3)
    case = Case(spec.name, spec, stress_draw, False)
    run = csim.run_case(case, 64, 0)
    assert run.comparison.equal, str(run.comparison)
    assert run.comparison.compared["top.state"] == 64 * spec.columns
    assert run.comparison.compared["clamp.state"] > 0
    depth = spec.depth + len(registry.program(spec).once)
    found, _ = native_main.compare_case(Native.build(spec), case, depth, 500, 0, "")
    assert found.equal, str(found)


def test_detectors_of_one_and_two_layers_are_golden():
    """Tables of all layers are one, or a row of them."""
    made = {f"{s.detector}_of_{s.depth}": registry.program(s) for s in few_layers()}
    library = fuzz_native.library(made)
    assert all(fuzz_native.record(library, name, each, 0) for name, each in made.items())


def test_what_no_detector_does_is_golden_too():
    made = {"late": odd_programs.read_late(), "codes": odd_programs.sent_codes()}
    made |= {"twice": odd_programs.used_twice(), "points": odd_programs.two_points()}
    assert "carry:" in headers(made["late"])[PROGRAM]
    library = fuzz_native.library(made)
    assert all(fuzz_native.record(library, name, each, 0) for name, each in made.items())


ODD = ("sum", "for", "i", "double", "carried", "a-b", "a_b", "2nd", "wires", "requantize", "x_1")


def test_a_wire_may_have_any_name():
    """C++ keywords, names of primitives and of the emitted text, signs, names of inner values."""
    spec = stress.spec("box", 8, 4, layers=3)
    t = Trace(spec)
    h, y = t.matrix("h"), t.given("y", spec.y_format)
    fmt = Format(9, 3)
    with t.layers():
        x = t.before("state", spec.state_format)
        value = h.T @ (h @ x.to(fmt, "x") - y).to(fmt)
        for name in ODD:
            value = t.wire(name, (value + x).to(fmt))
        t.wire("x", (value + value + x).to(fmt))
        t.wire("state", (value + x).to(spec.state_format))
        t.wire("bits", t.sliced(t.layer_part.wires["state"]))
    program = t.program()
    assert fuzz_native.record(fuzz_native.library({"odd": program}), "odd", program, 0) > 1000
    text = headers(program)[PROGRAM]
    assert all(f'visit("{name}"' in text for name in ODD)


def units_program(spec, again):
    """Two sums over the units in a layer, or one."""
    t = Trace(spec, spec.unit_count, spec.unit_size)
    h, state = t.matrix("h"), spec.state_format
    with t.layers():
        z = t.before("state", state)
        mean = t.over_units((h.T @ (h @ z).to(state, "a")).to(state, "b")).to(state)
        if again:
            mean = t.over_units((h.T @ (h @ mean).to(state, "c")).to(state, "d")).to(state)
        t.wire("state", mean)
        t.wire("bits", t.sliced(mean))
    return t.program()


def test_a_program_that_fits_no_frame_is_refused_with_its_line():
    spec = distributed_stress.spec("hpd", rows=16, columns=4, units=2, bits=1, layers=3)
    assert [top.name for top in tops(layout_of(units_program(spec, False)))] == ["hpd", "hpd_unit"]
    with pytest.raises(DefinitionError, match=r"test_hls_programs.py:\d+: .*row and column passes"):
        layout_of(units_program(spec, True))
