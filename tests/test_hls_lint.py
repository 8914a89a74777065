# SPDX-License-Identifier: Apache-2.0
"""hls.lint: which designs are read how, side by side, and that a fault in any of them is seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from hls import cases, lanes, lint
from hls.builds import toolchain
from hls.project import rtl as emit_rtl

NAME = "stress-hpd-16x4x2-qpsk-1bit"


@pytest.mark.parametrize("packed", [False, True])
def test_a_detector_of_units_is_read_whole_once_and_its_units_at_every_number_of_lanes(
    packed: bool,
) -> None:
    chosen = [made for made in lint.designs(NAME) if made.packed is packed]
    counts = lanes.fitting_lanes(chosen[0].spec, packed)
    assert [(made.top, made.lanes, made.unit) for made in chosen] == [
        *(("unit_top", count, "") for count in counts),
        ("units_top", counts[0], ""),
        *(("units_top", count, "unit_top") for count in counts[1:]),
    ]


def test_detectors_of_one_piece_are_always_read_whole() -> None:
    assert not any(made.unit for made in lint.designs() if made.spec.detector in ("pgd", "admm"))


@pytest.mark.parametrize("unit", ["", "unit_top"])
@pytest.mark.parametrize(
    ("found", "fault"),
    [
        (".m_axis_up_tvalid(up_valid[u])", ".m_axis_up_tvalid(up_last[u])"),
        (".s_axis_h_tlast(s_axis_h_tlast[u])", ".s_axis_h_tlast(no_such_name[u])"),
    ],
)
def test_a_fault_around_the_units_is_seen_whether_they_are_read_or_not(
    tmp_path: Path, unit: str, found: str, fault: str
) -> None:
    design = lint.Design(cases.find(NAME).spec, "units_top", 8, unit=unit)
    texts, sources = emit_rtl.design_files(design.spec, design.top)
    parameters = lanes.parameters(design.spec, design.lanes)
    toolchain.write_files(tmp_path, texts)
    assert lint.yosys(tmp_path, design, sources, parameters) == ""
    assert found in texts["units_top.sv"]
    faulty = texts["units_top.sv"].replace(found, fault)
    toolchain.write_files(tmp_path, {"units_top.sv": faulty})
    assert lint.yosys(tmp_path, design, sources, parameters) != ""


def test_every_verdict_is_printed_and_one_fault_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert lint.run({"one": lambda: "", "two": lambda: ""}, 2)
    assert sorted(capsys.readouterr().out.splitlines()) == ["one clean", "two clean"]
    assert not lint.run({"one": lambda: "a latch", "two": lambda: ""}, 1)
    said = capsys.readouterr()
    assert (said.out.splitlines(), said.err) == (["FAILED: one", "two clean"], "a latch\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--jobs", "0"], "jobs 0 is outside 1 to 64"),
        (["--spec", "pgq"], "spec 'pgq' is unknown"),
    ],
)
def test_mistakes_are_one_line(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lint.main(arguments) == 2
    said = capsys.readouterr()
    assert words in said.err
    assert (said.err.count("\n"), said.out) == (1, "")
