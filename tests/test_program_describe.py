# SPDX-License-Identifier: Apache-2.0
"""A program in words, on the command line and in the docs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from fixedpoint.detectors import library as spec
from fixedpoint.detectors.registry import program
from fixedpoint.program import __main__ as command
from fixedpoint.program.describe import lines
from fixedpoint.receivers import family
from tests.fuzz_programs import Generator

PAGE = (Path(__file__).parent.parent / "docs/program.md").read_text(encoding="utf-8")


def formulas(name: str) -> dict[str, str]:
    return {f"{line.stage}.{line.wire}": line.formula for line in lines(program(spec.load(name)))}


def test_the_formulas_of_pgd_net_are_those_of_the_paper() -> None:
    assert formulas("pgd") == {
        "layer.accumulator": "h·code₋",
        "layer.residual": "to(accumulator·step₋[snr] − y, s8.4)",
        "layer.gradient": "hᵀ·residual",
        "layer.update": "to(code₋·step₋[snr] − eta·gradient, s16.11)",
        "layer.state": "soft(update, threshold)",
        "layer.code": "to(state·inverse[snr], s8.0)",
        "layer.bits": "slicer(state)",
    }


def test_units_grid_tables_and_choices_are_shown() -> None:
    found = formulas("fpd-16qam-2bit-hyper")
    assert found["layer.quartic"] == "Σ grid (table quartic(b·quartic_scale − grid·quartic_scale))"
    assert found["layer.state"] == "to(Σ units (estimate)·mean, s10.7)"
    assert "(y = 3 ? 0 : table sigmoid up(accumulator − adc.up))" in found["layer.residual"]
    assert found["layer.cosine"].startswith("to((−table sine(distance(d))) / (phi − ")


@pytest.mark.parametrize("name", spec.shipped())
def test_every_wire_of_every_spec_has_a_line(name: str) -> None:
    made = spec.load(name)
    found = lines(program(made))
    layers = {k: v for k, v in family.layer_formats(made).items() if k != family.HYPER}
    once = [(stage, wire) for stage, wires in layers.items() for wire in wires
            if not stage[-1].isdigit()]  # fmt: skip
    expected = [*once, *(("layer", wire) for wire in family.wire_formats(made))]
    assert [(line.stage, line.wire) for line in found] == expected
    for line in found:
        assert line.format == str(layers.get(line.stage, family.wire_formats(made))[line.wire])


def test_any_program_can_be_told() -> None:
    for seed in range(60):
        assert all(line.formula for line in lines(Generator(seed, 24).program()))


def test_the_page_shows_what_the_command_prints() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fixedpoint.program", "--spec", "admm-box"],
        check=True, capture_output=True, text=True, encoding="utf-8",
    )  # fmt: skip
    first, header, _, *rows = done.stdout.splitlines()
    assert first == "admm of spec admm-box, 5 layers"
    assert len(rows) == 12
    assert "\n".join(f"    {row}" for row in (header, *rows)) in PAGE


def test_json_has_the_same_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--spec", "hpd-4qam-1bit", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [line["wire"] for line in found][:3] == ["low", "up", "accumulator"]
    assert found[2]["where"].startswith("units.py:")


@pytest.mark.parametrize("name", ["nope", "../pgd", ""])
def test_a_spec_that_is_none_ends_in_one_line(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["--spec", name]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("\n") == 1
