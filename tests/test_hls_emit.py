# SPDX-License-Identifier: Apache-2.0
"""hls.emit: what the folder holds, that it appears whole or not at all, and bad input."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from pathlib import Path

import pytest

from fixedpoint.detectors import library as spec
from fixedpoint.receivers import family
from fixedpoint.specs import hyper as hyper_spec
from fixedpoint.specs.fpd_tables import SCALES
from fixedpoint.stress import pgd as stress
from fixedpoint.vectors import files as vectors
from hls import emit, lint
from hls.cases import all_cases
from hls.project import cpp as emit_cpp
from hls.project import prefix, vitis
from hls.project import rtl as emit_rtl

CASES = {
    detector: [case for case in all_cases() if case.spec.detector == detector]
    for detector in ("pgd", "admm", "hpd", "fpd")
}


def numbers(header):
    """The plain integers of an emitted header, or of a part of it, by name."""
    return {
        name: int(value)
        for name, value in re.findall(r"static constexpr int (\w+) = (-?\d+);", header)
    }


def table(header, name):
    """The integers of one emitted table, in order."""
    body = re.search(rf" {name}(?:\[\w+\])+ = (\{{.*?\}});", header, re.DOTALL).group(1)
    return [int(q) for q in re.findall(r"-?\d+", body)]


def part(header, name):
    """The text of the struct of that name inside `Spec`."""
    return re.search(rf"  struct {name} \{{\n(.*?)\n  \}};", header, re.DOTALL).group(1)


def assert_lookup(header, name, *tables):
    """The struct of a table holds its entries and its address."""
    found = part(header, name)
    assert table(found, "values") == [q for one in tables for q in one.values]
    assert numbers(found)["lowest"] == tables[0].address.min
    assert numbers(found)["entries"] == len(tables[0].values)


def test_the_folder_holds_firmware_bench_vectors_rtl_and_a_vitis_project(tmp_path, shipped):
    emit.emit(shipped, tmp_path / "out")
    names = {str(p.relative_to(tmp_path / "out")) for p in (tmp_path / "out").rglob("*.*")}
    headers = {path.name for path in (emit_cpp.HERE / "include" / "bitfold").glob("*.hpp")}
    assert names >= {f"firmware/bitfold/{name}" for name in headers}
    assert names >= {"firmware/bitfold_spec.hpp", "firmware/bitfold_program.hpp"}
    assert names >= {"firmware/pgd.cpp", "tb/testbench.cpp"}
    assert names >= set(emit_cpp.bench_files(shipped))
    assert names >= {"tb_data/pgd5.vec", "run_hls.tcl", "hls_config.cfg"}
    assert f"rtl/{prefix.default(shipped)}_bitfold_pkg.sv" in names
    assert (tmp_path / "out" / "DIGEST").read_text() == f"{shipped.digest}\n"
    assert vectors.read(tmp_path / "out/tb_data/pgd5.vec", shipped).layer == "pgd5"


def test_generated_files_say_from_which_spec_in_their_first_line(tmp_path, shipped):
    emit.emit(shipped, tmp_path / "out")
    generated = [*(tmp_path / "out/firmware").glob("*.?pp"), *(tmp_path / "out/rtl").iterdir()]
    assert len(generated) > 4
    for path in generated:
        first = path.read_text().splitlines()[0]
        assert first == f"// Generated from spec {shipped.digest}. Do not edit.", path
    for name in ("run_hls.tcl", "hls_config.cfg"):
        first = (tmp_path / "out" / name).read_text().splitlines()[0]
        assert first == f"# Generated from spec {shipped.digest}. Do not edit."


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.name)
def test_the_header_holds_the_sizes_and_formats_of_every_spec(case):
    header, made = emit_cpp.header(case.spec), case.spec
    found = numbers(header)
    assert (found["rows"], found["columns"]) == (made.rows, made.columns)
    assert (found["layers"], found["bank"]) == (made.depth, len(made.snr))
    assert (found["entry_bits"], found["y_bits"]) == (made.h_format.bits, made.y_format.bits)
    assert table(header, "slicer") == list(made.slicer)
    assert f'digest[] = "{made.digest}"' in header
    for matrix in made.parts:
        assert f'{matrix.name}_format[] = "{matrix.format}"' in header
        if not made.unit_count:
            assert found[f"{matrix.name}_rows"] == matrix.rows
    if made.unit_count:
        assert (found["units"], found["unit_size"]) == (made.unit_count, made.unit_size)
        assert table(header, "thresholds") == [q for row in made.adc.thresholds for q in row]
        assert table(header, "momentum") == list(made.momentum)
        assert table(header, "mean") == [made.mean] * made.depth
        assert_lookup(header, "SigmoidUp", made.sigmoid)


LAYERED = {
    "pgd": (("eta", "threshold"), ("step", "inverse")),
    "admm": (("relaxation", "dual_step", "threshold"), ("step", "inverse")),
    "hpd": (("step", "weight"), ()),
}
"""The constants of a layer, and its banks."""


@pytest.mark.parametrize("case", CASES["pgd"] + CASES["admm"] + CASES["hpd"],
                         ids=lambda case: case.name)  # fmt: skip
def test_the_header_holds_the_constants_of_every_layer(case):
    header, made = emit_cpp.header(case.spec), case.spec
    constants, banks = LAYERED[made.detector]
    for name in constants:
        assert table(header, name) == [getattr(layer, name) for layer in made.layers]
    for name in banks:
        assert table(header, name) == [q for layer in made.layers for q in getattr(layer, name)]


@pytest.mark.parametrize("case", CASES["hpd"] + CASES["fpd"], ids=lambda case: case.name)
def test_the_header_holds_the_tables_of_hpd_and_fpd_net(case):
    header, made = emit_cpp.header(case.spec), case.spec
    if made.detector == "hpd":
        assert_lookup(header, "Pull", made.pull)
        return
    assert_lookup(header, "Quartic", made.quartic)
    assert_lookup(header, "Gaussian", made.gaussian)
    if made.hyper is None:
        assert_lookup(header, "Cosine", *(made.cosine(k) for k in range(made.depth)))
        for name in SCALES:
            assert table(header, name) == [getattr(layer, name) for layer in made.layers]


@pytest.mark.parametrize(
    "case", [case for case in CASES["fpd"] if case.spec.hyper], ids=lambda case: case.name
)
def test_the_header_holds_the_numbers_of_the_hyper_network(case):
    header, made, network = emit_cpp.header(case.spec), case.spec, case.spec.hyper
    for name in hyper_spec.AFFINE:
        found, layer = part(header, name.capitalize()), getattr(network, name)
        assert sorted(table(found, "weights")) == sorted(layer.weights)
        assert table(found, "weights")[: len(layer.biases)] == list(
            layer.weights[:: len(layer.weights) // len(layer.biases)]
        )
        assert table(found, "biases") == list(layer.biases)
        assert numbers(found)["shift"] == layer.shift
        assert numbers(found)["inputs"] * numbers(found)["outputs"] == len(layer.weights)
    for name in hyper_spec.HEADS:
        assert_lookup(header, f"{name.title().replace('_', '')}Head", getattr(network, name))
    assert_lookup(header, "Sine", network.sine)
    assert_lookup(header, "Cosine", network.cosine)
    assert_lookup(header, "ThirdReciprocal", network.reciprocal)
    assert table(header, "levels") == [q for row in made.adc.levels for q in row]


LAYER = """\
    const auto estimate_1 = sum<21, 5, 0>(front.estimate[j], product[j]);
    // admm.py:{}: to(front.estimate + product, s16.11)
    const auto estimate = requantize<0, 21, 16>(estimate_1);
    const auto relaxed_1 = sum<17, 0, 0>(estimate, negated<16>(carried.decoded[j]));
    const auto relaxed_2 = multiply<28>(relaxation, relaxed_1);
    const auto relaxed_3 = sum<29, 9, 0>(carried.decoded[j], relaxed_2);
    // admm.py:{}: to(decoded₋ + relaxation·(estimate − decoded₋), s16.11)
    const auto relaxed = requantize<9, 29, 16>(relaxed_3);
"""


def test_a_layer_is_an_operation_a_line_with_the_definitions_names_and_lines():
    text = emit_cpp.firmware_files(spec.load("admm-box"))[f"firmware/{emit_cpp.PROGRAM}"]
    source = (emit_cpp.HERE.parent / "fixedpoint/detectors/admm.py").read_text().splitlines()
    lines = [next(i for i, line in enumerate(source, 1) if f'wire("{wire}", (' in line and at < i)
             for wire, at in (("estimate", 36), ("relaxed", 36))]  # fmt: skip
    assert LAYER.format(*lines) in text
    assert max(map(len, text.splitlines())) <= 110


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.name)
def test_every_wire_is_shown_with_the_golden_files_format(case):
    text = emit_cpp.firmware_files(case.spec)[f"firmware/{emit_cpp.PROGRAM}"]
    shown = re.findall(r'visit(?:\.\w+)?\("(\w+)", (?:"([\w.-]+)"|Spec::(\w+))', text)
    header = emit_cpp.header(case.spec)
    words = dict(re.findall(r'char (\w+)\[\] = "(.*)";', header))
    layers = list(family.layer_formats(case.spec).values())
    expected = [pair for formats in layers[: 1 - case.spec.depth or None]
                for pair in formats.items()]  # fmt: skip
    assert [(wire, fmt or words[name]) for wire, fmt, name in shown] == [
        (wire, str(fmt)) for wire, fmt in expected
    ]
    stages = list(family.layer_formats(case.spec))[: -case.spec.depth]
    listed = ", ".join(f'"{stage}"' for stage in stages) or '""'
    assert f"constexpr int stages = {len(stages)};" in text
    assert f"stage_names[] = {{{listed}}};" in text


@pytest.mark.parametrize("name", ["pgd", "admm-box", "hpd-16qam-2bit", "fpd-16qam-2bit"])
def test_the_header_holds_no_logic(name):
    header = emit_cpp.header(spec.load(name))
    words = set(re.findall(r"[a-z]+", re.sub(r'//.*|".*"', "", header)))
    assert not words & {"if", "for", "while", "return", "template", "auto", "operator"}
    assert not re.search(r"[?+*/%&|<>]", re.sub(r'//.*|".*"|<cstdint>', "", header))


def test_only_a_spec_with_a_hyper_network_has_no_rtl(tmp_path):
    for name in spec.shipped():
        made = spec.load(name)
        assert emit_rtl.has_rtl(made) == (not name.endswith("-hyper"))
        rtl = [path for path in emit.text_files(made, "own") if path.startswith("rtl/")]
        assert bool(rtl) == emit_rtl.has_rtl(made), name


@pytest.mark.parametrize("name", ["pgd", "admm-box", "hpd-4qam-1bit", "fpd-4qam-1bit-hyper"])
def test_the_vitis_project_names_every_emitted_source_and_says_it_was_not_run(tmp_path, name):
    made = spec.load(name)
    emit.emit(made, tmp_path / "out")
    for name, text in vitis.project_files(made).items():
        assert "NOT RUN" in text, name
        for path in re.findall(r"(?:firmware|tb|tb_data)/[\w.]+", text):
            assert (tmp_path / "out" / path).is_file(), f"{name} names {path}"
    assert all(path in vitis.tcl(made) for path in emit_cpp.bench_files(made))


def tree(folder):
    """Every file below a folder with its bytes."""
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_an_older_emission_is_replaced_and_what_tools_wrote_is_kept(tmp_path):
    out = tmp_path / "out"
    emit.emit(spec.load("pgd"), out)
    (out / "pgd_hls/solution/empty").mkdir(parents=True)
    (out / "pgd_hls/solution/csynth.rpt").write_text("a report")
    (out / "rtl/wave.vcd").write_text("a waveform")
    (out / "link").symlink_to("/nowhere")
    (out / "rtl/pgd_bitfold_pkg.sv").unlink()
    inode = (out / "pgd_hls/solution/csynth.rpt").stat().st_ino
    emit.emit(spec.load("fpd-4qam-1bit-hyper"), out)
    assert (out / "DIGEST").read_text().strip() == spec.load("fpd-4qam-1bit-hyper").digest
    assert (out / "pgd_hls/solution/csynth.rpt").read_text() == "a report"
    assert (out / "pgd_hls/solution/csynth.rpt").stat().st_ino == inode
    assert (out / "pgd_hls/solution/empty").is_dir()
    assert [path.name for path in (out / "rtl").iterdir()] == ["wave.vcd"]
    assert (out / "link").readlink() == Path("/nowhere")
    assert not (out / "firmware/pgd.cpp").exists()
    emit.emit(spec.load("fpd-4qam-1bit-hyper"), tmp_path / "fresh")
    fresh = tree(tmp_path / "fresh")
    assert {path: data for path, data in tree(out).items() if path in fresh} == fresh
    assert [p.name for p in sorted(tmp_path.iterdir())] == ["fresh", "out"]


def test_the_manifest_names_every_file_as_sha256sum_does(tmp_path):
    emit.emit(spec.load("admm-box"), tmp_path / "out")
    files = tree(tmp_path / "out")
    del files[Path("MANIFEST")]
    found = {str(path): hashlib.sha256(data).hexdigest() for path, data in files.items()}
    lines = (tmp_path / "out/MANIFEST").read_text().splitlines()
    assert dict(reversed(line.split("  ")) for line in lines) == found


def other_files(out):
    """What may stand in a folder that is no emission, or no more; by what the refusal says."""
    emit.emit(spec.load("pgd"), out)
    manifest = out / "MANIFEST"
    return {
        "no MANIFEST": manifest.unlink,
        "is not a digest and a path": lambda: manifest.write_text("rm -rf /\n"),
        "cannot be used": lambda: (manifest.unlink(), manifest.symlink_to("/dev/zero")),
        "out/run_hls.tcl was changed": lambda: (out / "run_hls.tcl").write_text("set_part mine\n"),
        "out/DIGEST was changed": lambda: ((out / "DIGEST").unlink(), (out / "DIGEST").mkdir()),
        "out/rtl was not written by": lambda: (shutil.rmtree(out / "rtl"), (out / "rtl").touch()),
        "out/firmware was not": lambda: (
            (out / "firmware").rename(out / "mine"), (out / "firmware").symlink_to("mine")
        ),
        "out/tb_data/admm5.vec was not": lambda: (out / "tb_data/admm5.vec").write_text("mine"),
    }  # fmt: skip


@pytest.mark.parametrize("number", range(8))
def test_a_folder_where_files_would_be_lost_is_refused(tmp_path, number):
    message, change = list(other_files(tmp_path / "out").items())[number]
    change()
    before = tree(tmp_path / "out")
    with pytest.raises(ValueError, match=message):
        emit.emit(spec.load("admm-box"), tmp_path / "out")
    assert tree(tmp_path / "out") == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("path", ["../mine", "/etc/passwd", "a/../../mine", "./a", "a//b", ""])
def test_a_manifest_names_nothing_outside_its_folder(tmp_path, path):
    (tmp_path / "mine").write_text("mine")
    emit.emit(spec.load("pgd"), tmp_path / "out")
    digest = hashlib.sha256(b"mine").hexdigest()
    with (tmp_path / "out/MANIFEST").open("a") as file:
        file.write(f"{digest}  {path}\n")
    with pytest.raises(ValueError, match="is not a digest and a path"):
        emit.emit(spec.load("pgd"), tmp_path / "out")
    assert (tmp_path / "mine").read_text() == "mine"


def test_a_folder_that_cannot_be_put_in_place_is_put_back(tmp_path, monkeypatch):
    out = tmp_path / "out"
    emit.emit(spec.load("pgd"), out)
    (out / "report").write_text("mine")
    before, replace = tree(out), os.replace

    def broken(source, target):
        if Path(source).name == "new":
            raise OSError(5, "Input/output error")
        replace(source, target)

    monkeypatch.setattr(emit.os, "replace", broken)
    with pytest.raises(ValueError, match="cannot be written: Input/output error"):
        emit.emit(spec.load("pgd-box"), out)
    assert tree(out) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_failure_leaves_the_older_emission_whole(tmp_path, monkeypatch):
    emit.emit(spec.load("pgd"), tmp_path / "out")
    before = {p: p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file()}

    def disk_full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(emit.vectors, "write", disk_full)
    with pytest.raises(ValueError, match="cannot be written: No space left"):
        emit.emit(spec.load("pgd-box"), tmp_path / "out")
    with pytest.raises(ValueError, match="cannot be written: No space left"):
        emit.emit(spec.load("pgd-box"), tmp_path / "new")
    assert before == {p: p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file()}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_folder_of_other_files_is_refused(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(ValueError, match="was not written by"):
        emit.emit(stress.spec("soft", 8, 4), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--spec", "pdg"], "pdg"),
        (["--out", "file/below"], "file/below"),
        (["--out", "file"], "file"),
        (["--unknown"], "--unknown"),
        ([], "--out"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(tmp_path, monkeypatch, capsys, options, named):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("a file")
    if "--out" not in options and named != "--out":
        options = [*options, "--out", "out"]
    try:
        status = emit.main(options)
    except SystemExit as leaving:
        status = leaving.code
    error = capsys.readouterr().err
    assert status == 2
    assert named in error
    assert error.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_lint_reads_every_header_by_itself_and_refuses_a_warning(tmp_path):
    headers = list(lint.HEADERS.glob("*.hpp"))
    assert len(headers) == 15
    assert {lint.header(path, mode) for path in headers for mode in (False, True)} == {""}
    (tmp_path / "bitfold").mkdir()
    careless = tmp_path / "bitfold" / "careless.hpp"
    careless.write_text("#pragma once\ninline int f(int a) { int unused; return a; }\n")
    assert "unused" in lint.header(careless, False)
