# SPDX-License-Identifier: Apache-2.0
"""The faults that the self-test puts in: one bit or operator each, never the digest."""

from __future__ import annotations

import copy
import dataclasses
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from fixedpoint.receivers import family
from fixedpoint.specs.admm import AdmmSpec
from fixedpoint.specs.pgd import PgdSpec
from hls import cases
from hls.builds import toolchain
from hls.project import cpp as emit_cpp
from hls.project import rtl as emit_rtl
from verification.faults import argued, places
from verification.faults.equivalence import same_hardware
from verification.faults.mutate import Mutation
from verification.faults.no_effect import reason
from verification.faults.operators import ARITHMETIC, faults
from verification.faults.operators_control import CONTROL
from verification.faults.proof import proven, same_module
from verification.faults.trial import another_pace, bench_names
from verification.formal import yosys
from verification.regression import suite

DETECTORS = places.detectors()
DETECTOR = DETECTORS["pgd"][0]
LANES = places.lanes(DETECTOR)
SPEC = cast(PgdSpec, places.spec_of(DETECTOR))
ADMM = cast(AdmmSpec, places.spec_of(DETECTORS["admm"][0]))


def some_places() -> Iterator[tuple[str, Mutation]]:
    """Every fiftieth place of each kind, the first one of each in any case."""
    for find in places.kinds().values():
        found = find()
        yield from found[:: len(found) // 50 + 1]


def test_a_fault_changes_one_line_and_never_the_digest() -> None:
    kinds = set()
    for detector, mutation in some_places():
        before = places.text_of(detector, mutation.file)
        after = mutation.apply(before)
        pairs = zip(before.splitlines(), after.splitlines(), strict=True)
        changed = [(a, b) for a, b in pairs if a != b]
        assert len(changed) == 1, mutation
        digest = places.spec_of(detector).digest
        assert before.count(digest) == after.count(digest)
        assert digest not in changed[0][0]
        kinds.add(mutation.kind)
    assert kinds == {"header", "package", "mem", "vectors", "rtl"}


def test_a_flip_changes_one_bit() -> None:
    for _, mutation in some_places():
        if mutation.kind == "rtl" or mutation.name == "flag":
            continue
        base = 16 if mutation.kind == "mem" or "Thresholds" in mutation.name else 10
        changed = int(mutation.before, base) ^ int(mutation.after, base)
        assert changed.bit_count() == 1, mutation


def test_an_expected_integer_stays_in_its_format() -> None:
    for _, mutation in places.kinds()["pgd-vectors"]()[::1009]:
        if mutation.name.endswith(".code"):
            assert SPEC.formats.code.allows(int(mutation.after))


def test_a_fault_is_refused_in_another_text() -> None:
    _, mutation = places.kinds()["pgd-rtl"]()[0]
    with pytest.raises(ValueError, match="does not hold"):
        mutation.apply("")


def test_an_entry_that_no_layer_reads_is_excused_and_its_neighbour_is_not() -> None:
    """The first layer has no code that Δ of a layer before would scale."""
    for entry, excused in ((len(SPEC.snr) - 1, True), (len(SPEC.snr), False)):
        mutation = Mutation("mem", "step_before.mem", 1, 0, f"step_before[{entry}]", "1c", "1d")
        assert (reason(SPEC, mutation) is not None) is excused


def test_emitted_files_have_places_for_faults() -> None:
    assert {m.file for _, m in places.kinds()["pgd-mem"]()} == {
        name for name in emit_rtl.rtl_files(SPEC) if name.endswith(".mem")
    }
    assert {m.file for _, m in places.kinds()["pgd-header"]()} == {emit_cpp.HEADER}
    assert len({m.file for _, m in places.kinds()["pgd-rtl"]()}) > 15


def test_the_same_inverse_for_every_state_is_excused_and_another_is_not() -> None:
    for after, excused in (("54", True), ("15", False)):
        mutation = Mutation("mem", "inverse.mem", 1, 0, "inverse[62]", "55", after)
        assert (reason(SPEC, mutation) is not None) is excused


def test_a_threshold_beyond_every_state_is_excused_and_another_is_not() -> None:
    for before, after, excused in (("96", "98", True), ("64", "65", False)):
        mutation = Mutation(
            "header", emit_cpp.HEADER, 1, 0, f"slicer[{5 + excused}]", before, after
        )
        assert (reason(SPEC, mutation) is not None) is excused


@pytest.mark.parametrize(
    ("kind", "table", "read", "unread"),
    [
        ("hpd", "pull", 12, 13),
        ("hpd", "pull", 32 - 12, 32 - 13),
        ("fpd", "cosine", 2 * 16 + 7, None),
    ],
)
def test_a_table_entry_that_no_state_reads_is_excused_and_its_neighbour_is_not(
    kind: str, table: str, read: int, unread: int | None
) -> None:
    """Distances count sixteenths, the pull's addresses thirty-seconds, the cosine's eighths."""
    spec = places.spec_of(DETECTORS[kind][0])
    for entry, excused in ((read, False), (unread, True)):
        if entry is not None:
            name = f"{table}[{entry}]"
            mutation = Mutation("mem", f"{table}.mem", 2 + entry, 0, name, "01", "00")
            assert (reason(spec, mutation) is not None) is excused


@pytest.mark.parametrize(
    ("name", "before", "after", "excused"),
    [
        ("entry_bits", "7", "5", True),
        ("entry_bits", "7", "9", True),
        ("entry_bits", "7", "70", False),
        ("y_bits", "7", "5", False),
        ("index_bits", "6", "4", True),
    ],
)
@pytest.mark.parametrize("spec", [SPEC, ADMM])
def test_a_width_is_excused_only_if_its_carrier_still_holds_it(
    spec: PgdSpec | AdmmSpec, name: str, before: str, after: str, excused: bool
) -> None:
    mutation = Mutation("header", emit_cpp.HEADER, 1, 0, name, before, after)
    assert (reason(spec, mutation) is not None) is excused


def test_a_step_of_admm_is_excused_only_if_the_golden_model_agrees() -> None:
    inputs = cases.find(ADMM.name).inputs(288, 0)
    expected = family.named(ADMM, family.run(ADMM, inputs.h, inputs.y, inputs.index))
    found = {False: 0, True: 0}
    for detector, mutation in places.kinds()["admm-mem"]():
        excused = reason(ADMM, mutation) is not None
        if detector != ADMM.name or "step[" not in mutation.name or found[excused] == 3:
            continue
        layer, entry = divmod(int(mutation.name.split("[")[1][:-1]), len(ADMM.snr))
        if "dual" in mutation.name:
            continue
        step = list(ADMM.layers[layer].step)
        step[entry] = int(mutation.after, 16)
        layers = list(ADMM.layers)
        layers[layer] = dataclasses.replace(layers[layer], step=tuple(step))
        other = copy.copy(ADMM)  # a spec refuses a Δ that its 1/Δ does not belong to
        object.__setattr__(other, "layers", tuple(layers))
        wires = family.named(other, family.run(other, inputs.h, inputs.y, inputs.index))
        same = all(np.array_equal(q, expected[wire]) for wire, q in wires.items())
        assert same is excused, mutation
        found[excused] += 1
    assert found == {False: 3, True: 3}


def test_faults_go_to_every_detector_that_has_the_module() -> None:
    hpd, fpd = DETECTORS["hpd"], DETECTORS["fpd"]
    packed = [name for name, packed in places.views(DETECTOR, "vector_groups.sv") if packed]
    assert packed == places.holders(DETECTOR, "vector_groups.sv")
    assert places.holders(hpd[1], "unit_rows.sv") == [hpd[1], hpd[0], *fpd]
    assert places.holders(fpd[0], "loaded_table.sv") == list(fpd)
    assert places.holders(fpd[0], "column_pipeline.sv") == [fpd[0]]
    assert places.holders(DETECTOR, "engine.sv")[:2] == list(DETECTORS["pgd"])
    everywhere = [name for names in DETECTORS.values() for name in names]
    assert set(places.holders(DETECTOR, "engine.sv")) == set(everywhere)
    own = {"pgd": "soft_threshold.sv", "admm": "stored_columns.sv", "hpd": "fusion.sv",
           "fpd": "loaded_table.sv"}  # fmt: skip
    seen: set[str] = set()
    for kind, file in own.items():
        modules = {m.file for _, m in places.kinds()[f"{kind}-rtl"]()}
        assert file in modules
        known = toolchain.modules()
        shared = {file for file in modules & seen if file.removesuffix(".sv") in known}
        assert not shared  # emitted ones have a text of their own in each
        seen |= modules


TWIN = """
module twin (
  input  wire logic       clk_i, rst_ni, pick_i,
  input  wire logic [3:0] a_i, b_i,
  output logic      [4:0] sum_o,
  output logic      [1:0] count_o,
  output logic            bit_o
);
  logic [3:0] a_q, b_q;
  logic [4:0] sum_q;
  logic [1:0] count_q;
  logic [2:0] bits_q;
  always_ff @(posedge clk_i) begin
    a_q    <= a_i;
    b_q    <= b_i;
    sum_q  <= 5'(a_q) + 5'(b_q);
    bits_q <= a_i[2:0];
    if (!rst_ni) count_q <= 2'd0;
    else if (count_q != 2'd3) count_q <= count_q + 2'd1;
  end
  assign sum_o   = sum_q;
  assign count_o = count_q;
  assign bit_o   = bits_q[count_q];
endmodule
"""


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("5'(a_q) + 5'(b_q)", "5'(b_q) + 5'(a_q)", True),
        ("sum_q  <= 5'(a_q) + 5'(b_q);", "a_late_q <= a_q; b_late_q <= b_q;", True),
        ("sum_q  <= 5'(a_q) + 5'(b_q);", "a_late_q <= a_i; b_late_q <= b_q;", False),
        ("bits_q[count_q]", "(count_q == 2'd0) ? bits_q[0] : bits_q[count_q]", True),
        ("bits_q[count_q]", "count_q != 2'd3 && bits_q[count_q]", False),
        ("if (!rst_ni)", "if (1'b0)", False),
        ("count_q <= 2'd0", "count_q <= 2'd1", False),
        ("count_q + 2'd1", "count_q - 2'd1", False),
        ("a_q    <= a_i;", "a_q    <= a_q;", False),
    ],
)  # fmt: skip
def test_twins_are_the_same_whatever_their_registers_hold_and_others_are_not(
    tmp_path: Path, before: str, after: str, same: bool
) -> None:
    """An adder behind its registers is one ahead of them; what is undefined is not a zero."""
    late = "sum_o   = 5'(a_late_q) + 5'(b_late_q);"
    faulty = TWIN.replace(before, after)
    if "late_q" in after:
        faulty = faulty.replace("sum_o   = sum_q;", late).replace("[3:0] a_q, b_q;",
            "[3:0] a_q, b_q, a_late_q, b_late_q;")  # fmt: skip
    assert faulty != TWIN
    for name, text in (("gold", TWIN), ("gate", faulty)):
        script = f"read_slang --threads 1 --top twin {name}.sv; write_rtlil {name}.il"
        (made,) = yosys.run({f"{name}.sv": text}, script, [f"{name}.il"])
        (tmp_path / f"{name}.il").write_bytes(made)
    assert proven(tmp_path, "twin") is same


@pytest.mark.parametrize(
    ("kind", "file", "before", "after"),
    [
        ("pgd", "output_places.sv", "open_o + ", "open_o - "),
        ("pgd", "mac_array.sv", "*Columns+n)*RowWidth", "*Columns+(n^1))*RowWidth"),
        ("fpd", "column_pipeline.sv", "quartic_entry_9[j*", "quartic_entry_9[(j^1)*"),
    ],
)
def test_a_counter_modulo_two_and_sums_in_another_order_are_proven_the_same(
    kind: str, file: str, before: str, after: str
) -> None:
    detector = DETECTORS[kind][0]
    text = places.text_of(detector, file)
    (place,) = [i for i, line in enumerate(text.splitlines()) if before in line]
    at = text.splitlines()[place].index(before)
    mutation = Mutation("rtl", file, place + 1, at, "", before, after)
    proof = same_module(detector, places.lanes(detector), mutation, text)
    assert proof is not None
    assert "around" not in proof


def test_every_bench_whose_hardware_has_a_module_is_a_judge_of_it() -> None:
    names = bench_names(DETECTORS["hpd"][0], "unit_core.sv")
    detectors = {suite.find(name).detector for name in names}
    assert {*DETECTORS["hpd"], *DETECTORS["fpd"]} <= detectors
    assert {suite.find(name).top for name in names} == {"unit_top", "units_top"}
    every = {*names, "engine-16x32@64", "pgd@32", "admm-box@32"}
    assert set(bench_names(DETECTOR, "engine.sv")) > every
    assert bench_names(DETECTOR, "saturate.sv")[0] == "requantize"


def test_the_same_hardware_is_recognised_and_other_hardware_is_not() -> None:
    text = places.text_of(DETECTOR, "slot_ring.sv")
    (place,) = [i for i, line in enumerate(text.splitlines()) if "waiting_q + Count" in line]
    line = text.splitlines()[place]
    for before, after, excused in (("waiting_q + ", "(waiting_q) + ", True), (" + ", " - ", False)):
        at = line.index(before)
        mutation = Mutation("rtl", "slot_ring.sv", place + 1, at, "", before, after)
        proof = same_hardware(DETECTOR, LANES, mutation, text)
        assert (proof is not None) is excused


def rules_at(text: str, rule: str) -> list[tuple[str, str]]:
    """What a rule of `CONTROL` changes in the text, before and after."""
    return [(m.before, m.after) for m in faults("x.sv", text, CONTROL) if m.name == rule]


@pytest.mark.parametrize(
    ("rule", "line", "after"),
    [
        ("reset dropped", "    if (!rst_ni) a_q <= '0;", "    if (1'b0) a_q <= '0;"),
        ("reset dropped", "    a_q <= rst_ni && b;", "    a_q <= b;"),
        ("instance never reset", "    .clk_i, .rst_ni, .a_i,", "    .clk_i, .rst_ni(1'b1), .a_i,"),
        ("all ones for zero", "  assign a = b ? '0 : c;", "  assign a = b ? '1 : c;"),
        ("constants swapped", "    .FirstAlign(pkg::XAlign),", "    .FirstAlign(pkg::GAlign),"),
        ("constants swapped", "  localparam int unsigned A = 2, B = 6;",
         "  localparam int unsigned A = 6, B = 6;"),
        ("stuck high", "  assign a_ready_o = b && c;", "  assign a_ready_o = '1;"),
        ("stuck low", "    .clk_i, .valid_i, .a_i,", "    .clk_i, .valid_i('0), .a_i,"),
        ("ends one late", "  assign a = b == W'(Words - 1);", "  assign a = b == W'(Words);"),
        ("one place less", "  assign a = b != W'(Places);", "  assign a = b != W'(Places - 1);"),
        ("one place less", "  fifo #(.Depth((Slots + 1) * N), .Width(3))",
         "  fifo #(.Depth((Slots + 1) * N - 1), .Width(3))"),
        ("a cycle longer", "  delay #(.Depth(2)) u (", "  delay #(.Depth(2 + 1)) u ("),
        ("a stage earlier", "    .layer_i(pass_q[Depth].layer),",
         "    .layer_i(pass_q[Depth-1].layer),"),
        ("sign of a wire lost", "  logic signed [W-1:0] a;", "  logic [W-1:0] a;"),
        ("arms swapped", "  assign a = b ? f(c, d) : e[1];", "  assign a = b ? e[1] : f(c, d);"),
        ("part shifted by one", "  assign a = b[i*W +: W];", "  assign a = b[i*W + 1 +: W];"),
        ("wrong index", "  assign a = b[slot_q];", "  assign a = b[slot_q ^ 1'b1];"),
        ("order swapped", "  assign a = {b, c};", "  assign a = {c, b};"),
        ("half rate", "  assign a = b && (!valid_o || ready_i);", "  assign a = b && !valid_o;"),
        ("term of a condition dropped", "  assign a = b || (c && d);", "  assign a = b;"),
        ("first term of a condition dropped", "  assign a = b && c;", "  assign a = c;"),
    ],
)  # fmt: skip
def test_a_control_fault_changes_what_its_name_says(rule: str, line: str, after: str) -> None:
    found = [m.apply(line) for m in faults("x.sv", line, CONTROL) if m.name == rule]
    assert after in found


def test_resets_and_other_code_have_faults_of_their_own() -> None:
    text = """
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      a_q <= '0;
    end else begin
      a_q <= '0;
      b_q <= b ? '0 : c;
    end
  end
"""
    assert rules_at(text, "wrong reset value") == [("'0", "'1")]
    assert rules_at(text, "reset of one register dropped") == [("      a_q <= '0;", "")]
    assert len(rules_at(text, "all ones for zero")) == 2


def test_what_stops_elaboration_has_no_faults() -> None:
    text = """
  if (Depth < 1 ||
      Width < 1) begin : gen_bad_depth
    $error("Depth - 1)");
  end
"""
    assert not list(faults("x.sv", text, (*ARITHMETIC, *CONTROL)))


def test_drawn_faults_come_from_modules_by_their_lines_and_none_comes_twice() -> None:
    for operators in places.OPERATORS:
        first = list(islice(places.drawn(operators, 0), 300))
        assert first == list(islice(places.drawn(operators, 0), 300))
        assert first[:20] != list(islice(places.drawn(operators, 1), 20))
        assert len(set(first)) == 300
        drawn = Counter(m.file for _, m in first)
        assert drawn["engine.sv"] > drawn["choose.sv"]
        assert all(m.apply(places.text_of(d, m.file)) for d, m in first)


def test_every_module_with_state_or_choices_can_be_drawn() -> None:
    files = {m.file for _, m in places.kinds()["control"]()}
    modules = {file for names in DETECTORS.values() for file in places.sources(names[0])}
    assert modules - files == {"delay.sv", "constant_rom.sv"}


def test_cycles_that_differ_are_named_and_equal_ones_are_not() -> None:
    runs = [[0, 5, 90, 95], [0, 80]]
    assert another_pace(runs, [list(run) for run in runs]) == ""
    words = another_pace(runs, [[0, 5, 90, 96], [0, 80]])
    assert words == "vector 1 of run 0 has left in cycle 96 instead of 95"
    words = another_pace(runs, [[0, 6, 90, 95], [0, 80]])
    assert words == "vector 1 of run 0 enters in cycle 6 instead of 5"


@pytest.mark.parametrize(
    ("file", "line", "within"),
    [
        ("soft_threshold.sv", "moved;", ""),
        ("box.sv", "bound_i,", ", with what is around it"),
        ("box.sv", "update_i,", None),
    ],
)
def test_what_needs_no_sign_is_proven_the_same_and_nothing_else(
    file: str, line: str, within: str | None
) -> None:
    """A bound is never negative, which the module's surroundings say; an update can be."""
    detector = DETECTORS["pgd"][int(file == "soft_threshold.sv")]
    text = places.text_of(detector, file)
    (mutation,) = [m for m in faults(file, text, CONTROL) if m.name == "sign of a wire lost"
                   and line in text.splitlines()[m.line - 1]]  # fmt: skip
    proof = same_module(detector, LANES, mutation, text)
    assert (proof is None) is (within is None)
    assert proof is None or re.search(rf"all of its \d places{within}$", proof)


LOADED_LINE = (
    "    .clk_i, .write_i, .write_bank_i, .write_layer_i, .write_item_i, .write_data_i, .bank_i,\n"
)


@pytest.mark.parametrize(
    ("line", "name", "before", "after", "excused"),
    [
        (LOADED_LINE, "stuck high", ".write_i", ".write_i('1)", True),
        (LOADED_LINE, "stuck low", ".write_i", ".write_i('0)", False),
        (LOADED_LINE, "stuck high", ".write_bank_i", ".write_bank_i('1)", False),
        ("    .clk_i, .write_i, .write_bank_i, .row_i,\n", "stuck high", ".write_i",
         ".write_i('1)", False),
    ],
)  # fmt: skip
def test_a_write_to_a_bank_that_nobody_reads_is_excused_and_no_other(
    line: str, name: str, before: str, after: str, excused: bool
) -> None:
    fault = Mutation("rtl", "column_function.sv", 1, line.index(before), name, before, after)
    assert (argued.reason(fault, line) is not None) is excused
