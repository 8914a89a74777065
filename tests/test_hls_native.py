# SPDX-License-Identifier: Apache-2.0
"""The native library: equal to golden on every wire, exact in its fast path, never another's."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest

from fixedpoint.detectors import library as specs
from fixedpoint.receivers import family
from fixedpoint.receivers.inputs import split
from fixedpoint.stress import extreme
from fixedpoint.stress import pgd as stress
from fixedpoint.vectors.compare import compare
from hls import native as native_main
from hls.builds import cache, compiler, native
from hls.builds.native import Native
from hls.cases import all_cases, find
from hls.project import cpp as emit_cpp

COUNT = 1008
IN_PAIRS = 1006
"""Vectors in blocks of two: enough blocks for every SNR index where a block has but one."""
ADMM = "stress-admm-box-32x32"
HPD, FPD = "stress-hpd-32x8x4-16qam-2bit", "stress-fpd-32x8x4-16qam-2bit"
HYPER = f"{FPD}-hyper"
PORTABLE = ["pgd", "stress-left-8x4", ADMM, HPD, FPD, HYPER]
BUILDS = [(case, False) for case in all_cases()] + [(find(name), True) for name in PORTABLE]


def assert_equal_to_golden(case, library, inputs):
    """Every wire of every layer, and the fast path's output."""
    wires = family.run(case.spec, inputs.h, inputs.y, inputs.index)
    expected = family.named(case.spec, wires)
    found = family.named(case.spec, library.wires(inputs.h, inputs.y, inputs.index))
    comparison = compare("native", expected, found, seed=0, repeat="")
    assert comparison.equal, str(comparison)
    assert_output(library.run(inputs.h, inputs.y, inputs.index), wires[-1])


def assert_output(output, last):
    """The fast path's output equals the golden model's last layer."""
    np.testing.assert_array_equal(output.state, last.state)
    np.testing.assert_array_equal(output.bits, last.bits)
    if output.code is not None or hasattr(last, "code"):
        np.testing.assert_array_equal(output.code, last.code)


@pytest.mark.parametrize(
    ("case", "portable"), BUILDS,
    ids=[f"{case.name}{' portable' * portable}" for case, portable in BUILDS],
)  # fmt: skip
def test_native_equals_golden_at_every_snr_index(case, portable):
    pairs = case.spec.one_snr_a_block and not case.name.startswith("stress")
    inputs = case.inputs(IN_PAIRS if pairs else COUNT, 7)
    assert set(np.unique(inputs.index)) == set(range(len(case.spec.snr)))
    assert_equal_to_golden(case, Native.build(case.spec, portable=portable), inputs)


@pytest.mark.parametrize(
    "name", ["pgd", "pgd-box", "admm-box", "admm-kaq", "hpd-16qam-2bit", "fpd-4qam-1bit"]
)
def test_native_equals_golden_with_an_h_for_each_vector(name):
    case = find(name)
    inputs = case.inputs(97, 1)
    inputs = dataclasses.replace(
        inputs,
        h=np.repeat(inputs.h, inputs.y.shape[1], axis=0),
        y=inputs.y.reshape(-1, 1, case.spec.rows),
        index=inputs.index.reshape(-1, 1),
    )
    assert_equal_to_golden(case, Native.build(case.spec), inputs)


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.name)
def test_integers_beyond_their_formats_are_clamped(case):
    inputs, spec = case.inputs(COUNT, 5), case.spec
    h, y, index = inputs.h.copy(), inputs.y.copy(), inputs.index.copy()
    yf = spec.y_format
    h[:, ::2, ::3] = spec.h_format.min - 1
    h[:, 1, 1] = 10**9
    y[:, ::2, ::5] = yf.min - 1
    y[:, 1::2, ::5] = yf.max + 1
    y[:, ::3, 1] = 10**9
    index[::4] = len(spec.snr) + 1000
    clipped = [
        np.clip(part, fmt.min, fmt.max)
        for part, fmt in zip(split(spec, h).values(), (p.format for p in spec.parts), strict=True)
    ]
    expected = family.run(
        spec,
        np.concatenate(clipped, axis=1),
        np.clip(y, yf.min, yf.max),
        np.minimum(index, len(spec.snr) - 1),
    )
    assert_output(Native.build(spec).run(h, y, index), expected[-1])


FAULTS = [
    *(("pgd", name) for name in ("step", "slicer")),
    *((ADMM, name) for name in ("relaxation", "dual_step", "threshold", "inverse")),
    *((HPD, name) for name in ("thresholds", "values", "momentum", "step", "weight", "slicer")),
    *((FPD, name) for name in ("thresholds", "values", "momentum", "quartic_scale", "slicer")),
    *((HYPER, name) for name in ("weights", "biases", "levels", "momentum")),
]


def off_by_one(header, table):
    """The header with the middle integer of a table off by one."""
    body = re.search(rf" {table}(?:\[\w+\])+ = (\{{.*?\}});", header, re.DOTALL)
    numbers = list(re.finditer(r"-?\d+", body.group(1)))
    middle = numbers[len(numbers) // 2]
    start, end = (body.start(1) + place for place in middle.span())
    value = int(middle.group())
    return f"{header[:start]}{value + 1 if value < 1 else value - 1}{header[end:]}"


@pytest.mark.parametrize(("name", "table"), FAULTS)
def test_a_changed_constant_is_noticed(tmp_path, monkeypatch, name, table):
    case, header = find(name), f"firmware/{emit_cpp.HEADER}"
    files = emit_cpp.library_files(case.spec)
    files[header] = off_by_one(files[header], table)
    monkeypatch.setattr(compiler, "cache_folder", lambda: tmp_path)
    flags = ("-O1", "-fPIC", "-shared", "-fvisibility=hidden")
    build = compiler.Build(files, ("library.cpp",), ("firmware",), flags)
    library = Native.load(case.spec, compiler.compile_cached(build, "faulty.so"))
    inputs = case.inputs(COUNT, 0)
    wires = family.run(case.spec, inputs.h, inputs.y, inputs.index)
    found = family.named(case.spec, library.wires(inputs.h, inputs.y, inputs.index))
    comparison = compare("native", family.named(case.spec, wires), found, seed=0, repeat="")
    assert not comparison.equal


def test_the_type_of_the_inputs_does_not_matter(shipped):
    inputs = find(shipped.name).inputs(32, 0)
    library = Native.build(shipped)
    expected = library.run(inputs.h, inputs.y, inputs.index)
    for h, y, index in (("i1", "i2", "u1"), ("i2", "i4", "i1"), ("i4", "i8", "u8")):
        arrays = (inputs.h.astype(h), inputs.y.astype(y), inputs.index.astype(index))
        strided = (np.asfortranarray(arrays[0]), arrays[1], arrays[2])
        np.testing.assert_array_equal(library.run(*arrays).state, expected.state)
        np.testing.assert_array_equal(library.run(*strided).state, expected.state)
    unsigned = library.run(np.abs(inputs.h).astype("u8"), inputs.y, inputs.index)
    signed = library.run(np.abs(inputs.h), inputs.y, inputs.index)
    np.testing.assert_array_equal(unsigned.state, signed.state)


def test_native_is_clean_under_the_undefined_behaviour_sanitizer():
    for name in ("pgd", "stress-soft-32x32", "stress-left-8x4", ADMM, HPD, FPD, HYPER):
        command = [sys.executable, "-m", "hls.native", "--layer", "slicer", "--spec", name]
        options = ["--vectors", "1000", "--sanitize", "--json"]
        done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        assert json.loads(done.stdout)["equal"] is True


def test_a_build_of_another_spec_is_refused(tmp_path):
    library = Native.build(specs.load("pgd"))
    shutil.copy(library.path, tmp_path / "stale.so")
    with pytest.raises(ValueError, match="is stale: built from spec"):
        Native.load(specs.load("pgd-box"), tmp_path / "stale.so")


def test_a_build_of_another_graph_is_refused(monkeypatch):
    library = Native.build(specs.load("pgd"))
    monkeypatch.setattr("hls.builds.stale.graph_digest", lambda spec: "0" * 64)
    with pytest.raises(ValueError, match=r"stale: built from graph \w{64}, 0{64} expected"):
        Native.load(library.spec, library.path)


def test_a_stale_file_in_the_cache_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(native.compiler, "cache_folder", lambda: tmp_path / "cache")
    soft = Native.build(stress.spec("soft", 8, 4)).path
    box = Native.build(stress.spec("box", 8, 4)).path
    monkeypatch.setattr(native.compiler, "cache_folder", lambda: tmp_path / "stale")
    (tmp_path / "stale").mkdir()
    shutil.copy(box, tmp_path / "stale" / soft.name)
    cache.seal(tmp_path / "stale" / soft.name)
    with pytest.raises(ValueError, match="is stale"):
        Native.build(stress.spec("soft", 8, 4))


def test_libraries_of_several_specs_live_in_one_process():
    specs_ = [stress.spec("soft", 8, 4), stress.spec("box", 8, 4)]
    libraries = [Native.build(spec) for spec in specs_]
    h, y, index = extreme.vectors(specs_[0], 0, 2, 36)
    for spec, library in [*zip(specs_, libraries, strict=True)] * 2:
        expected = family.run(spec, h, y, index)[-1]
        np.testing.assert_array_equal(library.run(h, y, index).state, expected.state)


def test_a_build_is_made_once_and_anew_for_other_flags(tmp_path, monkeypatch):
    monkeypatch.setattr(native.compiler, "cache_folder", lambda: tmp_path)
    spec = stress.spec("soft", 8, 4)
    first = Native.build(spec).path
    made = first.stat().st_mtime_ns
    assert Native.build(spec).path.stat().st_mtime_ns == made
    assert Native.build(spec, portable=True).path != first
    assert len(list(tmp_path.glob("*.so"))) == 2


def test_no_file_that_is_no_library_is_loaded(tmp_path):
    (tmp_path / "text.so").write_text("not a library")
    with pytest.raises(ValueError, match="cannot be loaded"):
        Native.load(specs.load("pgd"), tmp_path / "text.so")


def test_a_missing_compiler_is_one_line_and_status_2(monkeypatch, capsys):
    monkeypatch.setenv("CXX", "/nonexistent")
    assert native_main.main(["--layer", "pgd5"]) == 2
    error = capsys.readouterr().err
    assert "/nonexistent" in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda h, y, i: (h[:, :-1], y, i), "h has the shape"),
        (lambda h, y, i: (h[0], y, i), "h has the shape"),
        (lambda h, y, i: (h, y[..., :-1], i), "y has the shape"),
        (lambda h, y, i: (h, y[:1], i), "y has the shape"),
        (lambda h, y, i: (h, y, i[:, :-1]), "index has the shape"),
        (lambda h, y, i: (h.astype(float), y, i), "h has the type float64"),
        (lambda h, y, i: (h, y, i - 100), "is negative"),
        (lambda h, y, i: (h, y[:, :0], i[:, :0]), "no vectors"),
    ],
)
def test_wrong_inputs_are_named(change, message):
    case = find("pgd")
    inputs = case.inputs(32, 0)
    library = Native.build(case.spec)
    with pytest.raises(ValueError, match=message):
        library.run(*change(inputs.h, inputs.y, inputs.index))
