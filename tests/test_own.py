# SPDX-License-Identifier: Apache-2.0
"""Detectors of one's own: one file, found by its name, in every numpy view."""

from __future__ import annotations

import dataclasses
import json
import pickle
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fixedpoint.detector import Detector
from fixedpoint.detectors import found, registry
from fixedpoint.detectors import library as spec
from fixedpoint.detectors.own_spec import OwnSpec
from fixedpoint.detectors.own_start import start
from fixedpoint.numbers.adc import Adc
from fixedpoint.numbers.format import IntArray
from fixedpoint.program.domain import DefinitionError
from fixedpoint.program.views import reach
from fixedpoint.receivers import family
from fixedpoint.receivers.inputs import split
from fixedpoint.specs.entries import with_constants
from fixedpoint.stress import extreme
from fixedpoint.stress import own as own_stress
from fixedpoint.support.schema import SpecError
from fixedpoint.vectors import layers as golden
from fixedpoint.vectors.stimulus import draw
from tests.program_reference import Vector

EXAMPLES = Path(__file__).parent.parent / "examples"
NAMES = ["momentum", "oamp", "staircase", "cells"]
SIZES = [(16, 8, "16qam"), (8, 8, "qpsk"), (12, 4, "64qam")]
HEAD = """
from fixedpoint.detectors.own import OwnDetector
from fixedpoint.numbers.format import Format
F = Format(8, 4)
def define(t, spec):
    h, y = t.matrix("h"), t.given("y", spec.format("y"))
    with t.layers():
"""
TAIL = """
        t.wire("bits", t.sliced(state))
DETECTOR = OwnDetector(define, name="mine", formats=dict(h=F, y=Format(8, 4), state=F,
    wide=Format(40, 0), gain=F, step=F), constants=dict(gain=0.5), banks=dict(step=0.5))
"""


@pytest.fixture(autouse=True)
def _no_detectors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(found.VARIABLE, "")


def made(name: str, rows: int = 16, columns: int = 8, modulation: str = "16qam") -> OwnSpec:
    detector = registry.use(EXAMPLES / f"{name}.py")
    return start(detector, rows, columns, modulation, layers=3, units=2 * detector.units)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", SIZES)
def test_every_wire_is_what_exact_rationals_give(name: str, size: tuple[int, int, str]) -> None:
    mine = made(name, *size)
    h, y, index = extreme.vectors(mine, 0, 2, 3)
    layers = dict(zip(family.layer_formats(mine), family.run(mine, h, y, index), strict=True))
    program = registry.program(mine)
    for g, b in ((0, 0), (1, 2)):
        parts = {name: of_units(mine, q[g]) for name, q in split(mine, h).items()}
        rows = {name: of_units(mine, q[g, b]) for name, q in
                mine.converter.given(y, index).items()}  # fmt: skip
        vector = Vector(program, parts, rows, int(index[g, b]))
        for k, wires in enumerate(vector.layers()):
            for wire, expected in wires.items():
                value = program.layer.wires[wire]
                got = getattr(layers[f"{name}{k + 1}"], wire)[g, b].tolist()
                for unit, each in enumerate(got if value.domain.unit else [got]):
                    wanted = [
                        expected[unit, i] * Fraction(2) ** value.frac for i in range(len(each))
                    ]
                    assert each == wanted, (k, wire)


def of_units(mine: OwnSpec, rows: IntArray) -> list[Any]:
    return [rows[own].tolist() for own in mine.unit_rows()] if mine.units else [rows.tolist()]


@pytest.mark.parametrize("name", NAMES)
def test_the_fast_view_is_the_golden_one(name: str) -> None:
    mine = made(name)
    h, y, index = extreme.vectors(mine, 1, 36, 8)
    last = family.run(mine, h, y, index)[-1]
    output = Detector(mine).run_integers(h, y, index)
    assert np.array_equal(output.state, last.state)
    assert np.array_equal(output.bits, last.bits)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_out_of_reach_never_happens(name: str) -> None:
    mine = made(name)
    possible = reach.possible(registry.program(mine))
    for seed in range(3):
        h, y, index = extreme.vectors(mine, seed, 72, 8)
        events = family.count(mine, h, y, index, family.run(mine, h, y, index))
        assert [event for event, can in possible.items() if events[event] and not can] == []


@pytest.mark.parametrize("name", NAMES)
def test_stress_brings_more_events_in_reach_and_causes_them(name: str) -> None:
    plain = made(name)
    mine = own_stress.stressed(plain)
    possible = [sum(reach.possible(registry.program(one)).values()) for one in (plain, mine)]
    assert possible[0] <= possible[1]
    h, y, index = extreme.vectors(mine, 0, 144, 16)
    events = family.count(mine, h, y, index, family.run(mine, h, y, index))
    assert [event for event in family.missed(mine, events) if not event.endswith(" tie")] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_spec_comes_back_from_its_file(name: str, tmp_path: Path) -> None:
    mine = made(name)
    mine.save(tmp_path / "mine.json")
    assert spec.load(tmp_path / "mine.json") == mine
    assert with_constants(mine, {}, mine.provenance) == mine


def test_the_staircase_decides_nearly_right_before_any_training() -> None:
    mine = start(registry.use(EXAMPLES / "staircase.py"), 32, 32, "16qam")
    run = golden.run(mine, "staircase5", draw(mine, 4000, 0, 20.0), 0)
    assert run.bit_error_rate is not None
    assert run.bit_error_rate < 0.0125  # `admm-box` makes .0227


def own(tmp_path: Path, body: str, head: str = HEAD, tail: str = TAIL) -> Path:
    lines = "".join(f"        {line}\n" for line in body.split("\n"))
    path = tmp_path / "mine.py"
    path.write_text(head + lines.rstrip("\n") + tail)
    return path


GOOD = 'state = t.wire("state", (h.T @ (h @ t.before("state", F) - y).to(F)).to(F))'
FAULTS = {
    "reads a wire before it exists": (
        'state = t.wire("state", (h.T @ (h @ t.before("point", F) - y).to(F)).to(F))',
        "mine.py:8: wire 'point' of the layer before is no wire of a layer"),
    "mixes rows and columns": (
        'state = t.wire("state", (y + t.before("state", F)).to(F))',
        "mine.py:8: a value of each row meets one of each column"),
    "needs too many bits": (
        'w = (h.T @ y).to(spec.format("wide"))\nstate = t.wire("state", (w * w).to(F))',
        "mine.py:9: wire 'state': product needs 78 bits in the worst case, at most 53 are exact"),
    "decides on nothing": (
        'state = t.wire("point", (h.T @ y).to(F))', "no wire 'state' is decided on: point, bits"),
    "names a bank that there is not": (
        GOOD.replace("- y)", '* spec.bank("mu") - y)'),
        "mine.py:8: no bank 'mu': one of step expected"),
    "names a constant that there is not": (
        GOOD.replace("- y)", '* spec.constant("mu") - y)'),
        "mine.py:8: no constant 'mu': one of gain expected"),
    "names a matrix that no block brings": (
        't.matrix("p")', "mine.py:8: a block brings no matrix 'p': h expected"),
    "an unknown operation": (GOOD.replace("h.T @ (", "h.T // ("), "mine.py:8: TypeError"),
    "a cycle": (
        'state = t.wire("state", (h.T @ (h @ state - y).to(F)).to(F))',
        "mine.py:8: UnboundLocalError"),
    "forgets its rounding": (
        'x = t.before("state", F)\nstate = t.wire("state", x + h.T @ (h @ x - y).to(F))',
        "mine.py:8: wire 'state' of the layer before is read as s8.4"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_what_cannot_be_a_program_is_one_line_with_its_place(fault: str, tmp_path: Path) -> None:
    body, expected = FAULTS[fault]
    detector = registry.use(own(tmp_path, body))
    with pytest.raises(SpecError) as error:
        start(detector, 8, 4, "qpsk")
    assert expected in str(error.value)


def test_a_matrix_that_no_operation_takes_is_refused(tmp_path: Path) -> None:
    given = 'matrices={"h": "rows", "w": "one"}, prepare=lambda spec, h, index: {"h": h}'
    tail = TAIL.replace("(define,", f"(define, {given},").replace("h=F,", "h=F, w=F,")
    detector = registry.use(own(tmp_path, GOOD, tail=tail))
    with pytest.raises(
        SpecError, match=r"matrices\.w: a block brings it and no operation takes it"
    ):
        start(detector, 8, 4, "qpsk")


UNITS = {
    "units that do not share the antennas": ({"units": 3}, "units: 3 do not divide 8 antennas"),
    "no units": ({"units": 0}, "units: 0 do not divide 8 antennas"),
    "a converter of levels": ({"adc": Adc(8, 1)}, "adc and cells: only cells expected by detector"),
    "no converter": ({"cells": None}, "adc and cells: only cells expected by detector cells"),
}


@pytest.mark.parametrize("fault", UNITS)
def test_units_and_few_bits_that_do_not_fit_are_one_line(fault: str) -> None:
    entries, expected = UNITS[fault]
    with pytest.raises(SpecError, match=expected):
        made("cells").replace(**entries)


def test_few_bits_without_units_are_refused() -> None:
    with pytest.raises(DefinitionError, match="few bits and units go together"):
        dataclasses.replace(registry.use(EXAMPLES / "cells.py"), units=False)


def test_units_of_a_single_receiver_are_refused() -> None:
    with pytest.raises(SpecError, match="units: 2, 0 expected by detector momentum"):
        made("momentum").replace(units=2)


def test_thresholds_that_do_not_ascend_are_named() -> None:
    mine = made("cells")
    assert mine.cells is not None
    same = tuple((0,) * len(row) for row in mine.cells.thresholds)
    flat = dataclasses.replace(mine.cells, thresholds=same)
    with pytest.raises(SpecError, match=r"cells\.thresholds\[0\]: .* does not ascend"):
        mine.replace(cells=flat)


def test_a_definition_that_is_whole_makes_a_spec(tmp_path: Path) -> None:
    assert start(registry.use(own(tmp_path, GOOD)), 8, 4, "qpsk").detector == "mine"


@pytest.mark.parametrize(("change", "expected"), [
    (('name="mine"', 'name="Mine!"'), "mine.py:5: name 'Mine!' is not of up to 31"),
    (('name="mine"', 'name="pgd"'), "the name 'pgd' is a shipped detector's"),
    (("gain=0.5", "gian=0.5"), "mine.py:5: no format of gian"),
    (("DETECTOR =", "DETECTORS ="), "no DETECTOR = OwnDetector(…) in it"),
    (("OwnDetector(define", "OwnDetector(defined"), "NameError: name 'defined' is not defined"),
    (("step=F)", "step=F))"), "SyntaxError"),
])  # fmt: skip
def test_a_file_that_is_none_is_one_line(
    change: tuple[str, str], expected: str, tmp_path: Path
) -> None:
    path = own(tmp_path, GOOD, tail=TAIL.replace(*change))
    done = subprocess.run(
        [sys.executable, "-m", "fixedpoint.spec", "new", "--detector", path, "--out",
         tmp_path / "mine.json"], capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert expected in done.stderr
    assert not (tmp_path / "mine.json").exists()


EDITS = [
    (lambda s: s["constants"].pop("eta"), "constants: beta, box; beta, box, eta expected"),
    (lambda s: s["constants"]["eta"].pop(), "constants.eta: 2 layers, 3 expected"),
    (lambda s: s["constants"].update(eta=[9999] * 3), "constants.eta[0]: 9999 is outside"),
    (lambda s: s["banks"]["step"].pop(), "banks.step: 2 layers, 3 expected"),
    (lambda s: s["banks"]["step"][0].__setitem__(0, 77), "is not the odd reciprocal"),
    (lambda s: s["formats"].pop("y"), "formats.y: missing"),
    (lambda s: s["formats"]["h"].update(bits=64), "formats.h: bits 64 is outside"),
    (lambda s: s.update(formats=3), "formats: 3 is not an object"),
    (lambda s: s.update(detector="momentous"), "detector 'momentous': no definition of that name"),
    (lambda s: s.update(graph="0" * 64), "the definition of momentum has changed since"),
    (lambda s: s.update(layers=0), "layers: 0 layers, 1 to 64 expected"),
]


@pytest.mark.parametrize(("edit", "expected"), EDITS)
def test_an_edited_spec_is_refused_by_the_entry(
    edit: object, expected: str, tmp_path: Path
) -> None:
    path = tmp_path / "mine.json"
    made("momentum").save(path)
    entries = json.loads(path.read_text())
    edit(entries)  # type: ignore[operator]
    path.write_text(json.dumps(entries))
    if "changed since" in expected:
        unchanged = spec._decode(entries, "mine")
        unchanged.save(path)
    with pytest.raises(SpecError) as error:
        spec.load(path)
    assert expected in str(error.value)


def test_a_changed_definition_is_noticed_and_sealed_anew(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(own(tmp_path, GOOD).read_text())
    start(registry.use(file), 8, 4, "qpsk").save(tmp_path / "mine.json")
    file.write_text(file.read_text().replace("@ y", "@ y").replace("- y)", "+ y)"))
    found.load.cache_clear()
    with pytest.raises(SpecError, match="the definition of mine has changed since"):
        spec.load(tmp_path / "mine.json")
    sealed = spec.seal(tmp_path / "mine.json")
    assert spec.load(tmp_path / "mine.json") == sealed


def test_a_spec_without_its_definition_says_how_to_name_it(tmp_path: Path) -> None:
    made("momentum").save(tmp_path / "mine.json")
    command = [sys.executable, "-m", "fixedpoint.golden", "--spec", tmp_path / "mine.json",
               "--layer", "momentum3", "--vectors", "16", "--out", tmp_path]  # fmt: skip
    plain = {"PATH": "/usr/bin", "PYTHONPATH": str(EXAMPLES.parent)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=plain)
    assert done.returncode == 2
    assert "--detector FILE.py or BITFOLD_DETECTORS names its file" in done.stderr
    done = subprocess.run([*command, "--detector", EXAMPLES / "momentum.py"], check=False,
                          capture_output=True, text=True, env=plain)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "momentum3 of spec momentum" in done.stdout


def test_a_spec_goes_to_another_process_whatever_its_definition_holds() -> None:
    """Its starts are lambdas, which no process can be sent: the definition is found again."""
    made = spec.load_as(OwnSpec, "pm5-16x16-16qam")
    assert made.definition.banks  # found, and kept
    assert pickle.loads(pickle.dumps(made)) == made
