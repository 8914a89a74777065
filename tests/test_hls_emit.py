"""hls.emit: what the folder holds, that it appears whole or not at all, and bad input."""

from __future__ import annotations

import re

import pytest

from fixedpoint import spec, stress, vectors, widths
from hls import emit, emit_cpp, lint, vitis
from hls.cases import all_cases


def numbers(header):
    """The plain integers of an emitted header by name."""
    return {
        name: int(value)
        for name, value in re.findall(r"static constexpr int (\w+) = (-?\d+);", header)
    }


def table(header, name):
    """The integers of one emitted table, in order."""
    body = re.search(rf" {name}(?:\[\w+\])+ = (\{{.*?\}});", header, re.DOTALL).group(1)
    return [int(q) for q in re.findall(r"-?\d+", body)]


def test_the_folder_holds_firmware_bench_vectors_rtl_and_a_vitis_project(tmp_path, shipped):
    emit.emit(shipped, tmp_path / "out")
    names = {str(p.relative_to(tmp_path / "out")) for p in (tmp_path / "out").rglob("*.*")}
    headers = {path.name for path in (emit_cpp.HERE / "include" / "bitfold").glob("*.hpp")}
    assert names >= {f"firmware/bitfold/{name}" for name in headers}
    assert names >= {"firmware/bitfold_spec.hpp", "firmware/pgd.cpp", "tb/testbench.cpp"}
    assert names >= {"tb_data/pgd5.vec", "run_hls.tcl", "hls_config.cfg", "rtl/bitfold_pkg.sv"}
    assert (tmp_path / "out" / "DIGEST").read_text() == f"{shipped.digest}\n"
    assert vectors.read(tmp_path / "out/tb_data/pgd5.vec", shipped.digest).layer == "pgd5"


def test_generated_files_say_from_which_spec_in_their_first_line(tmp_path, shipped):
    emit.emit(shipped, tmp_path / "out")
    generated = [tmp_path / "out/firmware/bitfold_spec.hpp", *(tmp_path / "out/rtl").iterdir()]
    assert len(generated) > 4
    for path in generated:
        first = path.read_text().splitlines()[0]
        assert first == f"// Generated from spec {shipped.digest}. Do not edit.", path
    for name in ("run_hls.tcl", "hls_config.cfg"):
        first = (tmp_path / "out" / name).read_text().splitlines()[0]
        assert first == f"# Generated from spec {shipped.digest}. Do not edit."


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.name)
def test_the_header_holds_the_numbers_of_the_spec(case):
    header, made = emit_cpp.header(case.spec), case.spec
    found, formats, shifts = numbers(header), made.formats, widths.shifts(made)
    assert (found["rows"], found["columns"]) == (made.rows, made.columns)
    assert (found["layers"], found["bank"]) == (len(made.layers), len(made.snr))
    for name in ("h", "y", "residual", "state", "code", "step", "inverse", "eta"):
        assert found[f"{name}_bits"] == getattr(formats, name).bits
    for name in emit_cpp.DERIVED:
        assert found[f"{name}_bits"] == widths.bounds(made)[name].bits
    assert (found["y_align"], found["x_align"]) == (shifts.y_align, shifts.x_align)
    assert (found["residual_shift"], found["update_shift"]) == (shifts.residual, shifts.update)
    assert (found["code_shift"], found["g_align"]) == (shifts.code, shifts.g_align)
    assert table(header, "eta") == [layer.eta for layer in made.layers]
    assert table(header, "threshold") == [layer.threshold for layer in made.layers]
    assert table(header, "step") == [q for layer in made.layers for q in layer.step]
    assert table(header, "inverse") == [q for layer in made.layers for q in layer.inverse]
    assert table(header, "slicer") == list(made.slicer)
    assert f'digest[] = "{made.digest}"' in header


def test_the_header_holds_no_logic():
    header = emit_cpp.header(spec.load("pgd"))
    words = set(re.findall(r"[a-z]+", re.sub(r'//.*|".*"', "", header)))
    assert not words & {"if", "for", "while", "return", "template", "auto", "operator"}
    assert not re.search(r"[?+*/%&|<>]", re.sub(r'//.*|".*"|<cstdint>', "", header))


def test_the_vitis_project_names_every_emitted_source_and_says_it_was_not_run(tmp_path):
    made = spec.load("pgd")
    emit.emit(made, tmp_path / "out")
    for name, text in vitis.project_files(made).items():
        assert "NOT RUN" in text, name
        for path in re.findall(r"(?:firmware|tb|tb_data)/[\w.]+", text):
            assert (tmp_path / "out" / path).is_file(), f"{name} names {path}"
    assert all(f"tb/{name}" in vitis.tcl(made) for name in emit_cpp.BENCH)


def test_an_older_emission_is_replaced(tmp_path):
    emit.emit(spec.load("pgd"), tmp_path / "out")
    (tmp_path / "out" / "stale.txt").write_text("old")
    emit.emit(spec.load("pgd-box"), tmp_path / "out")
    assert (tmp_path / "out/DIGEST").read_text().strip() == spec.load("pgd-box").digest
    assert not (tmp_path / "out" / "stale.txt").exists()
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
    said = {
        lint.header(path, mode) for path in lint.HEADERS.glob("*.hpp") for mode in (False, True)
    }
    assert said == {""}
    (tmp_path / "bitfold").mkdir()
    careless = tmp_path / "bitfold" / "careless.hpp"
    careless.write_text("#pragma once\ninline int f(int a) { int unused; return a; }\n")
    assert "unused" in lint.header(careless, False)
