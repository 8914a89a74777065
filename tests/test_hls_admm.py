# SPDX-License-Identifier: Apache-2.0
"""ADMM-Net in C++: csim and native equal to golden, the block's SNR index, and proofs of failure.

What all detectors have in common is tested in test_hls_csim.py, test_hls_native.py and their like.
"""

from __future__ import annotations

import dataclasses
import math
import re

import numpy as np
import pytest

from fixedpoint.receivers import family
from fixedpoint.vectors import files as vectors
from fixedpoint.vectors.layers import collect, last_layer
from hls import csim
from hls import native as native_main
from hls.builds import bench
from hls.builds.native import Native
from hls.cases import find
from hls.project import cpp as emit_cpp

COUNT = 24
STRESS = "stress-admm-soft-32x32"
CSIM = ["admm-box", "stress-admm-box-8x4"]
TOPS = [
    "top.state", "top.code", "top.bits", "top.last", "top.errors",
    "index.state", "index.code", "index.bits", "index.index", "index.mismatch", "index.errors",
    "index.largest",
    "clamp.state", "clamp.code", "clamp.bits", "clamp.index", "clamp.mismatch",
]  # fmt: skip
FRONT = ["front.filtered", "front.estimate"]
WIRES = ["product", "estimate", "relaxed", "update", "state", "code", "decoded", "dual",
         "difference", "bits"]  # fmt: skip


def golden_of(case, count):
    """Vectors of a case with every wire."""
    inputs = case.inputs(count, 0)
    wires = family.run(case.spec, inputs.h, inputs.y, inputs.index)
    return collect(case.spec, last_layer(case.spec), 0, inputs, wires)


@pytest.fixture(scope="module")
def case():
    return find(STRESS)


@pytest.fixture(scope="module")
def program(case):
    return csim.build(case)


@pytest.fixture(scope="module")
def golden(case):
    return golden_of(case, COUNT)


def verdict_on(program, golden, path, wires=()):
    """The bench's verdict on the golden vectors with these wires in place of theirs."""
    vectors.write(path, dataclasses.replace(golden, wires={**golden.wires, **dict(wires)}))
    return bench.run(program, path)


@pytest.mark.parametrize("name", CSIM)
def test_every_wire_of_every_layer_equals_golden(name):
    run = csim.run_case(find(name), 64, 3)
    spec = find(name).spec
    assert run.comparison.equal, str(run.comparison)
    compared = run.comparison.compared
    soft = [] if spec.soft is None else [f"llr{b}" for b in range(spec.constellation.bits)]
    wires = [*WIRES, *(["llr_scaled"] if soft else []), *soft]
    layers = [f"{layer}.{wire}" for layer in family.layer_formats(spec) for wire in wires]
    tops = [name for wire in TOPS for name in (
        [wire, *(f"{wire.split('.')[0]}.{each}" for each in soft)] if wire.endswith(".bits")
        else [wire])]  # fmt: skip
    assert list(compared) == FRONT + [w for w in layers if not w.startswith("front")] + tops
    for name in compared:
        layer, wire = name.split(".")
        if layer == "front" or layer.startswith("admm"):
            assert compared[name] == 64 * math.prod(family.wire_shape(spec, layer, wire))


def test_a_stress_run_hits_every_branch_saturation_tie_and_snr_entry():
    run = csim.run_case(find(STRESS), 1000, 0)
    assert run.passed
    assert run.missed == run.unhit == []


@pytest.mark.parametrize("wire", [*FRONT, *(f"admm{k}.{w}" for k in (1, 5) for w in WIRES)])
def test_one_expected_integer_off_by_one_fails(case, program, golden, tmp_path, wire):
    array = golden.wires[wire].copy()
    last = array[-1, -1].reshape(-1)
    last[-1] += -1 if last[-1] > 0 else 1
    verdict = verdict_on(program, golden, tmp_path / "off.vec", {wire: array})
    comparison = verdict.comparison(case.spec, 0, "again")
    assert verdict.status == bench.DIFFERENT
    assert (comparison.first.wire, comparison.first.vector) == (wire, COUNT - 1)
    assert comparison.first.index == ((31, 1) if wire.endswith("bits") else (31,))
    assert comparison.differing[wire] == 1


@pytest.mark.parametrize("wire", ["f", "p", "y", "snr_index"])
def test_another_input_fails(program, golden, tmp_path, wire):
    array = golden.wires[wire].copy()
    array[0] = -array[0] if wire != "snr_index" else (array[0] + 18) % 36
    verdict = verdict_on(program, golden, tmp_path / "changed.vec", {wire: array})
    assert verdict.status == bench.DIFFERENT


def test_a_file_up_to_an_earlier_layer_compares_those_layers(program, golden, tmp_path):
    for layer, layers in (("front", ("front",)), ("admm2", ("front", "admm1", "admm2"))):
        inner = [wire for wire in golden.wires if "." in wire]
        kept = {w: a for w, a in golden.wires.items() if w.split(".")[0] in layers or "." not in w}
        short = dataclasses.replace(golden, layer=layer, wires=kept)
        verdict = verdict_on(program, short, tmp_path / "short.vec")
        assert verdict.status == bench.EQUAL
        assert list(verdict.compared) == [wire for wire in inner if wire.split(".")[0] in layers]


def two_indices(text):
    """The second vector of the first block at another SNR."""
    head, wire, rows = text.partition("wire snr_index")
    lines = rows.split("\n")
    lines[2] = str((int(lines[2]) + 1) % 36)
    return head + wire + "\n".join(lines)


def beyond_the_bank(text):
    """The first vector's SNR index beyond the bank."""
    return re.sub(r"(wire snr_index .*\n)\d+", r"\g<1>40", text)


BROKEN = {
    "a block with two indices": (two_indices, "SNR index 1, 0 was expected"),
    "an index beyond the bank": (beyond_the_bank, "40 is outside the bank 0 to 35"),
    "F missing": (lambda text: text.replace("wire f ", "wire h "), "wire f is missing"),
    "P of F's format": (lambda text: text.replace("wire p s5.4", "wire p s7.4"), "wire p has the"),
    "P out of range": (lambda text: re.sub(r"(wire p .*\n)-?\d+", r"\g<1>16", text), "holds 16"),
    "another layer": (
        lambda text: text.replace("layer admm5", "layer admm6"),
        "layer 'admm6' is unknown",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_one_line_and_status_2(program, golden, tmp_path, capsys, name):
    edit, said = BROKEN[name]
    file = tmp_path / "golden.vec"
    vectors.write(file, golden)
    text = file.read_text()
    assert edit(text) != text
    file.write_text(edit(text))
    assert csim.main(["--spec", STRESS, "--file", str(file)]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


MUTANTS = {
    "no clamp of entries": (
        "bitfold/channel.hpp", "saturate<Spec::entry_bits, Bits>(q)", "q",
        r"clamp\.(state|code|bits)",
    ),
    "detected at the vector's own SNR": (
        "bitfold/top.hpp", "    const typename Detector::Detected detected =",
        "    block.index = received.index;\n    const typename Detector::Detected detected =",
        r"index\..*",
    ),
    "a mark for an index beyond the bank": (
        "bitfold_program.hpp", "bank_entry<Spec>(received.index) != vector.entry",
        "received.index != block.index", r"clamp\.mismatch",
    ),
}  # fmt: skip
"""File, what is replaced, by what, and the wires that must tell."""


@pytest.mark.parametrize("name", MUTANTS)
def test_csim_catches(tmp_path, case, golden, name):
    path, old, new, told = MUTANTS[name]
    files = emit_cpp.firmware_files(case.spec) | emit_cpp.bench_files(case.spec)
    assert files[f"firmware/{path}"].count(old) == 1
    files[f"firmware/{path}"] = files[f"firmware/{path}"].replace(old, new)
    verdict = verdict_on(bench.build(case.spec, files), golden, tmp_path / "golden.vec")
    differing = [wire for wire, count in verdict.differing.items() if count]
    assert verdict.status == bench.DIFFERENT
    assert differing
    assert all(re.fullmatch(told, wire) for wire in differing), differing


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda h, y, i: (h[:, :32], y, i), r"h has the shape .* \(3, 64, 32\) was expected"),
        (lambda h, y, i: (h, y[..., :-1], i), "y has the shape"),
        (lambda h, y, i: (h * math.nan, y, i), "h has the type float64"),
        (lambda h, y, i: (h, y, np.arange(24).reshape(3, 8)), "vector 1 of block 0 has the SNR"),
        (lambda h, y, i: (h, y, i - 1), "SNR index -1 is negative"),
    ],
)
def test_native_refuses_wrong_inputs(case, change, message):
    inputs = case.inputs(COUNT, 0)
    h, y = np.repeat(inputs.h[:1], 3, axis=0), inputs.y.reshape(3, 8, 32)
    index = np.zeros((3, 8), np.int64)
    with pytest.raises(ValueError, match=message):
        Native.build(case.spec).run(*change(h, y, index))


def test_the_command_compares_the_front_end_and_all_layers(capsys):
    assert native_main.main(["--layer", "front", "--vectors", "48"]) == 0
    assert "front of spec admm-box" in capsys.readouterr().out
    options = ["--layer", "slicer", "--spec", "stress-admm-box-32x32", "--vectors", "1000"]
    assert native_main.main(options) == 0
    text = capsys.readouterr().out
    assert "run.code" in text
    assert "equal: 0 of" in text
