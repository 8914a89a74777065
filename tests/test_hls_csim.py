# SPDX-License-Identifier: Apache-2.0
"""csim with ap_int: equal on golden vectors, and a proof that it can fail."""

from __future__ import annotations

import dataclasses
import json
import math
import random
import re
import subprocess
from pathlib import Path

import pytest

from fixedpoint.detectors import library as specs
from fixedpoint.receivers import family
from fixedpoint.vectors import files as vectors
from fixedpoint.vectors.layers import collect, last_layer
from hls import csim
from hls.builds import bench
from hls.cases import all_cases, find
from hls.project import cpp as emit_cpp
from tests import fuzz_files

COUNT = 24
WIRES = ("accumulator", "residual", "gradient", "update", "state", "code", "bits")
HPD, FPD = "stress-hpd-32x8x4-16qam-2bit", "stress-fpd-32x8x4-16qam-2bit"
CASES = [
    *(case for case in all_cases() if case.spec.detector == "pgd"),
    find(HPD),
    find(FPD),
    *map(find, ("stress-hpd-24x4x3-16qam-3bit", "stress-fpd-16x4x1-64qam-4bit")),
    find("stress-fpd-24x4x3-16qam-3bit-hyper"),
    *map(find, ("hpd-4qam-1bit", "fpd-16qam-2bit")),
]
"""Every spec of PGD-Net, and of the others what differs most: `make -C hls csim` runs all."""


def tops(spec):
    """What the top functions are compared by: what leaves them, and a unit's estimate."""
    code, unit = (["code"], []) if spec.detector == "pgd" else ([], ["estimate"])
    soft = [] if spec.soft is None else [f"llr{b}" for b in range(spec.constellation.bits)]
    leaving = ["state", *code, "bits", *soft]
    return [*(f"top.{wire}" for wire in (*leaving, "last")), *(f"unit.{wire}" for wire in unit),
            *(f"clamp.{wire}" for wire in (*leaving, *unit))]  # fmt: skip


@pytest.fixture(scope="module")
def case():
    return find("pgd")


@pytest.fixture(scope="module")
def program(case):
    return csim.build(case)


@pytest.fixture(scope="module")
def golden(case):
    inputs = case.inputs(COUNT, 0)
    wires = family.run(case.spec, inputs.h, inputs.y, inputs.index)
    return collect(case.spec, last_layer(case.spec), 0, inputs, wires)


@pytest.fixture
def file(golden, tmp_path):
    vectors.write(tmp_path / "golden.vec", golden)
    return tmp_path / "golden.vec"


def off_by_one(golden, wire, path):
    """The golden file with the last integer of `wire` off by one, towards or past 0."""
    array = golden.wires[wire].copy()
    last = array[-1, -1].reshape(-1)
    last[-1] += -1 if last[-1] > 0 else 1
    changed = dataclasses.replace(golden, wires={**golden.wires, wire: array})
    vectors.write(path, changed)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_wire_of_every_layer_equals_golden(case):
    run, spec = csim.run_case(case, 64, 3), case.spec
    assert run.comparison.equal, str(run.comparison)
    layers = family.layer_formats(spec)
    wires = {
        f"{layer}.{wire}": 64 * math.prod(family.wire_shape(spec, layer, wire))
        for layer, formats in layers.items()
        for wire in formats
    }
    assert list(run.comparison.compared) == [*wires, *tops(spec)]
    assert {wire: run.comparison.compared[wire] for wire in wires} == wires
    assert run.comparison.compared["top.state"] == 64 * spec.columns


@pytest.mark.parametrize("name", ["stress-soft-32x32", HPD, FPD])
def test_a_stress_run_hits_every_branch_saturation_tie_and_snr_entry(name):
    run = csim.run_case(find(name), 1000, 0)
    assert run.passed
    assert run.missed == run.unhit == []
    assert min(n for event, n in run.events.items() if event.startswith("snr index")) > 0


def test_a_test_bench_of_another_graph_is_refused(case, program, golden, tmp_path, monkeypatch):
    vectors.write(tmp_path / "golden.vec", golden)
    monkeypatch.setattr(bench, "graph_digest", lambda spec: "0" * 64)
    with pytest.raises(ValueError, match="the test bench is stale: built from graph"):
        bench.run(program, tmp_path / "golden.vec", case.spec)


@pytest.mark.parametrize("wire", [f"pgd{k}.{wire}" for k in range(1, 6) for wire in WIRES])
def test_one_expected_integer_off_by_one_fails(case, program, golden, tmp_path, wire):
    off_by_one(golden, wire, tmp_path / "off.vec")
    verdict = bench.run(program, tmp_path / "off.vec")
    comparison = verdict.comparison(case.spec, 0, "again")
    assert verdict.status == bench.DIFFERENT
    assert not comparison.equal
    assert (comparison.first.wire, comparison.first.vector) == (wire, COUNT - 1)
    assert abs(comparison.first.expected - comparison.first.found) == 1
    index = (31, 1) if wire.endswith("bits") else (31,)
    assert comparison.first.index == index
    assert comparison.differing[wire] == 1


@pytest.mark.parametrize("wire", ["h", "y", "snr_index"])
def test_another_input_fails(program, golden, tmp_path, wire):
    array = golden.wires[wire].copy()
    array[0] = -array[0] if wire != "snr_index" else (array[0] + 18) % 36
    changed = dataclasses.replace(golden, wires={**golden.wires, wire: array})
    vectors.write(tmp_path / "changed.vec", changed)
    assert bench.run(program, tmp_path / "changed.vec").status == bench.DIFFERENT


EDITS = {
    "another digest": lambda text: text.replace("spec ", "spec 0", 1),
    "a short file": lambda text: text[: len(text) // 2],
    "no end": lambda text: text.removesuffix("end\n"),
    "an empty file": lambda _: "",
    "a word": lambda text: text.replace("end", "one\nend"),
    "not an integer": lambda text: _replaced(text, "wire y", "1.5"),
    "no number": lambda text: _replaced(text, "wire y", "x"),
    "out of range": lambda text: _replaced(text, "wire h", "-128"),
    "beyond 64 bits": lambda text: _replaced(text, "wire h", "99999999999999999999"),
    "a row too long": lambda text: _replaced(text, "wire h", "1 1"),
    "a wire missing": lambda text: text.replace("wire pgd3.code", "wire pgd3.cod"),
    "another format": lambda text: text.replace("wire y s12.7", "wire y s12.6"),
    "another shape": lambda text: text.replace("32 32\n", "16 64\n", 1),
    "no vectors": lambda text: text.replace("\nblocks ", "\nblocks 0 0"),
    "another layer": lambda text: text.replace("layer pgd5", "layer pgd9"),
    "an earlier layer": lambda text: text.replace("layer pgd5", "layer pgd4"),
    "a wire beside": lambda text: text.replace("\nend", "\nwire pgd6.code s8.0 1 1 1\n0\nend"),
    "a wire twice": lambda text: text.replace("\nend", "\nwire h s8.7 1 1 1\n0\nend"),
    "an integer of 5,000 digits": lambda text: _replaced(text, "wire y", "9" * 5000),
    "a plus": lambda text: _replaced(text, "wire y", "+1"),
    "a zero before": lambda text: _replaced(text, "wire y", "007"),
    "a shape of petabytes": lambda text: text.replace("wire y s12.7 ", "wire y s12.7 99999999 "),
    "a row of petabytes": lambda text: text.replace(" 32 32\n", " 32 999999999999\n", 1),
    "a negative shape": lambda text: text.replace(" 32 32\n", " 32 -32\n", 1),
    "escapes": lambda text: text.replace("wire y ", "wire y\x1b[2J "),
    "text behind": lambda text: text + "1\n",
}
"""Broken files by name: text of a good file to text of a broken one."""


def _replaced(text, header, word):
    """`word` for the first integer of the first row behind a wire's header."""
    start = text.index("\n", text.index(header)) + 1
    return text[:start] + word + text[text.index(" ", start) :]


@pytest.mark.parametrize("name", EDITS)
def test_a_broken_file_is_one_line_and_status_2(program, file, capsys, name):
    text = file.read_text()
    broken = EDITS[name](text)
    assert broken != text
    file.write_text(broken)
    status = csim.main(["--spec", "pgd", "--file", str(file)])
    error = capsys.readouterr().err
    assert status == 2
    assert error.startswith(f"error: golden vectors {file}: ")
    assert error.count("\n") == 1
    assert error[:-1].isprintable()
    assert len(error) < 400


def test_the_bench_takes_and_refuses_the_same_files_as_python(program, case, tmp_path):
    taken, path = 0, tmp_path / "changed.vec"
    for number in range(200):
        path.write_bytes(fuzz_files.make_vectors(random.Random(f"csim {number}")))
        try:
            vectors.read(path, case.spec)
        except ValueError:
            with pytest.raises(ValueError, match="golden vectors"):
                bench.run(program, path)
        else:
            taken += 1
            assert bench.run(program, path).status in (bench.EQUAL, bench.DIFFERENT), number
    assert taken


@pytest.mark.parametrize("name", ["/dev/zero", "/dev/null", "/"])
def test_a_device_and_a_folder_are_no_vector_files(program, capsys, name):
    assert csim.main(["--spec", "pgd", "--file", name]) == 2
    assert "not a regular file" in capsys.readouterr().err


def test_a_huge_file_is_refused_unread(program, tmp_path, capsys):
    with (tmp_path / "huge.vec").open("wb") as file:
        file.truncate(1 << 40)
    assert csim.main(["--spec", "pgd", "--file", str(tmp_path / "huge.vec")]) == 2
    assert "bytes, at most" in capsys.readouterr().err


def test_a_missing_file_is_one_line_and_status_2(program, tmp_path, capsys):
    status = csim.main(["--spec", "pgd", "--file", str(tmp_path / "none.vec")])
    error = capsys.readouterr().err
    assert status == 2
    assert "cannot be read" in error
    assert error.count("\n") == 1


def test_the_bench_has_no_default_file(program):
    done = subprocess.run([program], capture_output=True, text=True, check=False)
    assert done.returncode == bench.UNUSABLE
    assert "there is no default" in done.stderr


def test_a_file_up_to_an_earlier_layer_compares_those_layers(case, program, golden, tmp_path):
    kept = {w: a for w, a in golden.wires.items() if not w.startswith(("pgd4", "pgd5"))}
    short = dataclasses.replace(golden, layer="pgd3", wires=kept)
    vectors.write(tmp_path / "pgd3.vec", short)
    verdict = bench.run(program, tmp_path / "pgd3.vec")
    assert verdict.status == bench.EQUAL
    assert list(verdict.compared) == [f"pgd{k}.{wire}" for k in (1, 2, 3) for wire in WIRES]


CLAMPS = re.compile(r"clamp\..*")
MUTANTS = {
    "a constant of the header": (
        "pgd", emit_cpp.HEADER, "eta[layers] = {", "eta[layers] = {1",
    ),
    "no clamp of H in PGD-Net": (
        "pgd", "bitfold/channel.hpp", "saturate<Spec::entry_bits, Bits>(q)", "q",
    ),
    "no clamp at the inputs of units": (
        HPD, "bitfold/requantize.hpp", "saturate<Bits, Bits>(q)", "q",
    ),
    "no clamp of codes": (HPD, "bitfold/converter.hpp", "asked < largest_code", "true"),
    "no clamp of the SNR index": (
        HPD, "bitfold/bank.hpp", "asked : Spec::bank - 1", "asked : 1",
    ),
    "a unit that starts elsewhere": (
        HPD, "bitfold/top.hpp", "    start_from_zero(carried);",
        "    start_from_zero(carried);\n    for (auto& z : carried.extrapolated) z = 16;",
    ),
    "a threshold": (
        HPD, emit_cpp.HEADER, "[bank][3] = {\n      {", "[bank][3] = {\n      {1",
    ),
    "an open cell": (
        HPD, "bitfold_program.hpp", "(given.y[i], 3,", "(given.y[i], 7,",
    ),
    "a sum over the units": (
        HPD, "bitfold_program.hpp", "c < Spec::units; ++c) {\n#pragma HLS UNROLL\n      state_1",
        "c < Spec::units - 1; ++c) {\n#pragma HLS UNROLL\n      state_1",
    ),
    "a layer that starts from what is there": (
        "pgd", "bitfold_program.hpp", "  clear(gradient);", "  gradient[0] = 1;",
    ),
}  # fmt: skip
"""Detector, file, what is replaced, by what."""


@pytest.mark.parametrize("name", MUTANTS)
def test_csim_catches(tmp_path, name):
    detector, path, old, new = MUTANTS[name]
    case = find(detector)
    files = emit_cpp.firmware_files(case.spec) | emit_cpp.bench_files(case.spec)
    assert files[f"firmware/{path}"].count(old) == 1
    files[f"firmware/{path}"] = files[f"firmware/{path}"].replace(old, new)
    inputs = case.inputs(COUNT, 0)
    wires = family.run(case.spec, inputs.h, inputs.y, inputs.index)
    golden = collect(case.spec, last_layer(case.spec), 0, inputs, wires)
    vectors.write(tmp_path / "golden.vec", golden)
    verdict = bench.run(bench.build(case.spec, files), tmp_path / "golden.vec")
    assert verdict.status == bench.DIFFERENT
    differing = [wire for wire, count in verdict.differing.items() if count]
    if "no clamp" in name:
        assert all(map(CLAMPS.match, differing)), differing
    if "starts elsewhere" in name:
        assert "unit.estimate" in differing
        assert "top.state" not in differing


@pytest.mark.parametrize(
    "options",
    [
        ["--spec", "pdg"],
        ["--vectors", "0"],
        ["--vectors", "many"],
        ["--file", "x.vec"],
        ["--spec", "pgd", "--file", "x.vec", "--vectors", "3"],
        ["--unknown"],
    ],
)
def test_a_mistake_is_one_line_and_status_2(capsys, options):
    try:
        status = csim.main(options)
    except SystemExit as leaving:
        status = leaving.code
    assert status == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_json_counts_integers(capsys):
    assert csim.main(["--spec", "pgd-box", "--vectors", "16", "--json"]) == 0
    (run,) = json.loads(capsys.readouterr().out)
    assert run["passed"] is True
    assert run["digest"] == specs.load("pgd-box").digest
    assert run["compared"]["top.state"] == 16 * 32
    assert sum(run["differing"].values()) == 0


def test_make_passes_a_spec_whose_path_has_a_blank_as_one_word() -> None:
    folder = Path(__file__).parent.parent / "hls"
    for target in ("csim", "native"):
        command = ["make", "-n", "-C", str(folder), target, "DETECTOR=my specs/own.json"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert '--spec "my specs/own.json"' in done.stdout
