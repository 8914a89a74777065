# SPDX-License-Identifier: Apache-2.0
"""The benches of ADMM-Net, HPD and FPD-Net fail on a fault in the RTL; the coverage report too."""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from fixedpoint.detectors import library as specs
from fixedpoint.detectors.registry import program
from fixedpoint.specs.fpd import FpdSpec
from fixedpoint.specs.fpd_tables import SCALES
from hls import cases
from hls.builds import compiler, toolchain
from hls.verilog.emit import emitted
from verification import rtl_coverage
from verification.coverage import exceptions as coverage_exceptions
from verification.coverage.exceptions import Excepted, excused
from verification.coverage.points import LINE, TOGGLE, Counts, Point, read, shares
from verification.regression import runner, suite
from verification.regression.verdict import judge
from verification.traffic import stimuli
from verification.traffic.theta import drawn, own, theta_frame

FPD = cases.find("stress-fpd-16x4x2-qpsk-1bit").spec

FAULTS = [
    # the entries of a short frame of matrices still count when the next one comes
    ("stress-admm-box-8x4@16", "integers_are_clamped_to_the_format_of_their_own_matrix",
     "stored_matrices.sv", "taken_i && last_i)", "taken_i && last_i && !front_q)",
     "the golden model has"),
    # 63 and the bank's last entry 35 are taken for two indices
    ("stress-admm-box-8x4@16", "an_index_beyond_the_bank_is_its_last_entry_on_both_streams",
     "stored_top.sv", ".y_tag_i(within_bank(s_axis_y_tuser[IndexWidth-1:0])),",
     ".y_tag_i(s_axis_y_tuser[IndexWidth-1:0]),", "wire output.user"),
    # a vector is admitted where the decided bits alone have a place
    ("stress-admm-box-8x4@16", "each_output_stream_waits_for_its_own_reader_alone",
     "output_places.sv", "s < Streams; s++", "s < 1; s++", "64 vectors beside llr"),
    # another s of the layer before
    ("fusion-stress-hpd-16x4x2-qpsk-1bit", "answers_and_outputs_equal_the_golden_model",
     "fusion.sv", "== '0) ? '0 : kept", "== '0) ? '0 : ~kept", "the golden model has"),
    # a message that has begun waits for a full slot, which a later beat of it names
    ("fusion-stress-hpd-16x4x2-qpsk-1bit", "broken_messages_are_dropped_counted_and_flagged",
     "fusion_inbox.sv", "group != '0 || !legal", "!legal", "nothing for"),
    # a slot that waits for ever takes any answer
    ("unit-stress-hpd-16x4x2-qpsk-1bit@12", "answers_that_nobody_asked_for_are_refused",
     "unit_fronthaul.sv", "if (commit) waiting_q[down_frame_i] <= 1'b0;", "", "busy is low"),
    # a frame of y begins between the offer of a θ and its first beat
    ("unit-stress-fpd-16x4x2-qpsk-1bit@12", "a_new_theta_serves_exactly_the_vectors_after_it",
     "theta_port.sv", "open_q || offered_q;", "open_q;", "the golden model has"),
    # a beat of y that only some units can take
    ("stress-hpd-16x4x2-qpsk-1bit@4", "matrices_of_the_units_come_at_different_times",
     "units_top.sv", "s_axis_y_tready = &y_ready", "s_axis_y_tready = |y_ready", "repeat with"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "test", "file", "right", "wrong", "words"), FAULTS)
def test_a_fault_in_the_rtl_fails_its_bench(
    name: str, test: str, file: str, right: str, wrong: str, words: str
) -> None:
    text = toolchain.module_text(file.removesuffix(".sv"))
    assert text.count(right) == 1
    configuration = dataclasses.replace(suite.find(name), build=f"faulty-{os.getpid()}")
    outcome = runner.run(configuration, 0, test=test, replaced={file: text.replace(right, wrong)})
    for folder in (compiler.cache_folder() / "cocotb").glob(f"{configuration.build}-*"):
        shutil.rmtree(folder, ignore_errors=True)
    (failure,) = judge(outcome, [test]).failures
    assert words in failure


def test_a_theta_frame_holds_every_integer_of_every_layer_in_order() -> None:
    assert isinstance(FPD, FpdSpec)
    for theta in (own(FPD), drawn(np.random.default_rng(0), FPD)):
        words = [int(stimuli.unpack(beat.data, 16, 1)[0]) for beat in theta_frame(theta)]
        assert words == theta.ravel().tolist()
        assert any(word < 0 for word in words)
    for layer, row in zip(FPD.layers, own(FPD).tolist(), strict=True):
        assert row == [*(getattr(layer, name) for name in SCALES), *layer.cosine]


def test_codes_beyond_the_converter_are_sent_and_clamped() -> None:
    inputs = cases.find(FPD.name).inputs(24, 0)
    sent = stimuli.beyond(np.random.default_rng(0), FPD, inputs)
    assert int(sent.y.max()) == 255
    assert int(sent.y.min()) == 0
    assert FPD.y_format.allows(stimuli.clamped(FPD, sent).y)


def dat(tmp_path: Path, *records: tuple[str, int, str, str, int]) -> Path:
    lines = ["# SystemC::Coverage-3"]
    for module, line, kind, name, times in records:
        fields = {"f": f"/x/{module}.sv", "l": line, "n": 7, "t": kind, "page": "p", "o": name}
        text = "".join(f"\1{key}\2{value}" for key, value in fields.items())
        lines.append(f"C '{text}' {times}")
    path = tmp_path / "coverage.dat"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_points_of_all_instances_count_together(tmp_path: Path) -> None:
    path = dat(
        tmp_path,
        ("delay", 10, "toggle", "data_i[0]:0->1", 0),
        ("delay", 10, "toggle", "data_i[0]:0->1", 3),
        ("delay", 17, "line", "block", 0),
        ("primitives", 1, "line", "block", 1),
    )
    counts = read(path, {"delay.sv": toolchain.module_text("delay")})
    assert sorted(counts.values()) == [0, 3]
    toggle = next(point for point in counts if point.kind == TOGGLE)
    assert toggle == Point("delay", TOGGLE, 10, "data_i[0]:0->1")
    assert shares(counts, []) == {name: {LINE: (0, 1, 0), TOGGLE: (1, 1, 0)}
                                  for name in ("delay", "total")}  # fmt: skip


def test_a_file_without_points_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no coverage points"):
        read(dat(tmp_path), {})


def test_too_little_coverage_and_a_needless_exception_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    points = [Point("delay", TOGGLE, 10, f"data_i[{i}]:0->1") for i in range(20)]
    counts = Counts(dict.fromkeys(points, 1) | {points[0]: 0, points[1]: 0})
    needed = Excepted("delay", TOGGLE, r"data_i\[0\].*", "for the test")
    needless = Excepted("delay", TOGGLE, r"data_o.*", "for the test")
    monkeypatch.setattr(coverage_exceptions, "EXCEPTIONS", (needed, needless))
    excuses, left = excused(points[:2], {})
    assert excuses == {points[0]: needed}
    assert left == [needless]
    assert rtl_coverage.too_low(counts, {}) == [
        f"{name}: toggle coverage 18 of 20, 95% expected" for name in ("delay", "total")
    ]
    assert rtl_coverage.too_low(counts, dict.fromkeys(points[:2], needed)) == []


def test_the_coverage_run_has_every_top() -> None:
    tops = {suite.find(name).top for name in rtl_coverage.configurations()}
    assert tops == {c.top for c in suite.configurations()} - {"engine", "mac_array", "primitives"}


def test_every_exception_has_a_reason_and_the_modules_exist() -> None:
    modules = [path.stem for path in toolchain.RTL.rglob("*.sv")]
    for name in ("pgd", "admm-box", "hpd-16qam-2bit", "fpd-16qam-2bit"):
        spec = specs.load(name)
        modules += [f"{spec.detector}.{file.removesuffix('.sv')}"
                    for file in emitted(program(spec)).modules()]  # fmt: skip
    for exception in coverage_exceptions.EXCEPTIONS:
        assert len(exception.reason) > 10
        assert any(re.fullmatch(exception.modules, module) for module in modules)
