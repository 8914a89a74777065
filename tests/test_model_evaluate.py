# SPDX-License-Identifier: Apache-2.0
"""`python -m model.evaluate`: its figures, its files, kill and resume, and what it refuses."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import matplotlib.image
import numpy as np
import pytest

from fixedpoint.detectors import library as specs
from fixedpoint.receivers import family
from model import evaluate
from model.detectors import catalog
from model.lab import arguments, plot, report, task
from model.lab.plan import Plan, describe
from model.lab.sweep import sweep
from model.systems.scene import scene
from model.systems.system import SYSTEMS, System
from model.unfolded.accuracy import sliced_errors

ROOT = Path(__file__).parent.parent
LARGE = SYSTEMS["16x16-16qam"]
QUICK = ["--workers", "1", "--antennas", "4x4", "--detectors", "lmmse", "zf", "--snr", "5,30",
         "--max-vectors", "2000", "--task-vectors", "500"]  # fmt: skip


@pytest.fixture
def poor_ml(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Zero forcing in the place of ML, so that another detector beats the bound."""
    monkeypatch.setitem(catalog.CATALOG, "ml", catalog.CATALOG["zf"])
    task._built.cache_clear()
    yield
    task._built.cache_clear()


def test_the_shipped_specs_reach_their_figures() -> None:
    snrs = (0.0, 5.0, 10.0, 15.0, 20.0, 25.0)
    for name, worst in (("pgd", 0.210), ("pgd-box", 0.210)):
        golden, twin = f"golden:spec={name}", f"twin:spec={name}"
        plan = Plan(LARGE, (golden, twin), snrs, errors=10**6, max_vectors=2000)
        result = sweep(plan, workers=1)
        assert np.mean([result.points[golden, snr].ber.value for snr in snrs]) <= worst
        assert result.points[golden, 25.0].ber.value <= 0.140
        for snr in snrs:
            assert result.difference(golden, twin, snr).low <= 0.001


def test_golden_counts_the_errors_of_the_reference_model() -> None:
    spec = specs.load("pgd")
    plan = Plan(LARGE, ("golden:spec=pgd",), (12.5,), seed=9, errors=1, max_vectors=200)
    point = sweep(plan, workers=1).points["golden:spec=pgd", 12.5]
    rng = np.random.Generator(np.random.SFC64([9, 1_012_500, 0]))
    drawn = scene(LARGE, 12.5, 200, rng)
    h = spec.h_format.quantize(drawn.h.numpy())
    y = spec.converter.convert(drawn.received.y.numpy(), np.zeros((200, 1), np.int64))
    index = np.full((200, 1), 13 - spec.snr.first_db)  # 12.5 dB is a tie: up
    state = family.run(spec, h, y, index)[-1].state * spec.formats.state.step
    wrong = sliced_errors(state, drawn.x.numpy(), spec.constellation)
    assert point.ber.errors == wrong.sum()
    assert point.ver.errors == np.count_nonzero(wrong)


@pytest.mark.parametrize(
    ("system", "words"),
    [
        (System(nt=8, nr=16, modulation="16qam"), "nt 8 does not fit, 16 was expected"),
        (System(nt=16, nr=16, modulation="qpsk"), "modulation 'qpsk' does not fit"),
        (System(nt=16, nr=16, modulation="16qam", adc_bits=3), "adc_bits 3 does not fit"),
        (System(nt=16, nr=16, modulation="16qam", channel_gain=1.0), "channel gain 1"),
    ],
)
def test_golden_refuses_systems_that_its_spec_is_not_for(system: System, words: str) -> None:
    for name in ("golden", "twin"):
        with pytest.raises(ValueError, match=words):
            catalog.make(name, system)


def test_outputs_agree_and_survive(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {kind: tmp_path / f"r.{kind}" for kind in ("csv", "json", "svg", "png")}
    options = ["--csv", files["csv"], "--json", files["json"], "--against", "zf"]
    options += ["--plot", files["svg"], "--plot", files["png"]]
    assert evaluate.main([*QUICK, *map(str, options)]) == 0
    shown = capsys.readouterr().out
    (result,) = report.load(files["json"])
    rows = list(csv.DictReader(files["csv"].open(encoding="utf-8")))
    assert len(rows) == len(result.points) == 4
    for row, point in zip(rows, result.points.values(), strict=True):
        assert (row["detector"], float(row["snr_db"])) == (point.detector, point.snr_db)
        assert int(row["nr"]) == 4
        assert (float(row["ber"]), float(row["ber_high"])) == (point.ber.value, point.ber.high)
        assert int(row["vector_errors"]) == point.ver.errors
        assert f"{point.ber.value:.3e}" in shown
    differences = json.loads(files["json"].read_text())["results"][0]["differences"]
    assert [d["detector"] for d in differences] == ["lmmse"] * 2
    assert differences[0]["value"] == result.difference("lmmse", "zf", 5.0).value
    assert "nan" not in (shown + files["json"].read_text() + files["csv"].read_text()).lower()
    curves = [e for e in ElementTree.parse(files["svg"]).iter()
              if e.get("id", "").startswith("curve-")]  # fmt: skip
    assert len(curves) == 2
    assert matplotlib.image.imread(files["png"]).std() > 0.05
    first = files["svg"].read_bytes()
    plot.save(plot.figure([result]), files["svg"])
    assert files["svg"].read_bytes() == first


def test_points_without_errors_are_bounds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    svg, data = tmp_path / "r.svg", tmp_path / "r.json"
    options = ["--snr", "60,90", "--plot", str(svg), "--json", str(data)]
    assert evaluate.main([*QUICK, *options]) == 0
    (result,) = report.load(data)
    point = result.points["lmmse", 90.0]
    assert (point.ber.errors, point.ber.low) == (0, 0)
    assert (1 - point.ver.high) ** 2000 == pytest.approx(0.025)
    assert point.ber.high == point.ver.high  # 60 dB has too few errors to say how they cluster
    assert f"< {point.ber.high:.1e}" in capsys.readouterr().out
    assert svg.stat().st_size > 0


def test_several_systems_are_one_sweep(capsys: pytest.CaptureFixture[str]) -> None:
    systems = ["--system", "16x16-16qam", "16x16-16qam:modulation=qpsk,vectors=4"]
    assert evaluate.main([*QUICK, *systems, "--csi-error", "0.01"]) == 0
    shown = capsys.readouterr().out
    assert "4×4 16qam, unquantized, csi_error 0.01; seed 1" in shown
    assert "4×4 qpsk, unquantized, vectors 4, csi_error 0.01; seed 1" in shown


@pytest.mark.usefixtures("poor_ml")
def test_a_detector_that_beats_its_bound_is_flagged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--detectors", "ml", "lmmse", "--snr", "16", "--json", str(tmp_path / "r.json")]
    assert evaluate.main([*QUICK, *options]) == 1
    flag = "lmmse beats its bound ml at 16 dB: vector-error rate lower by"
    assert flag in capsys.readouterr().out
    assert json.loads((tmp_path / "r.json").read_text())["results"][0]["flags"][0].startswith(flag)
    assert evaluate.main([*QUICK, *options[:5], "--csi-error", "0.001"]) == 0


def test_ml_is_not_beaten_and_fewer_wrong_bits_at_low_snr_are_no_fault() -> None:
    plan = Plan(System(nt=4, nr=4, modulation="16qam"), ("ml", "lmmse"), (0.0, 15.0),
                errors=10**6, max_vectors=3000)  # fmt: skip
    result = sweep(plan, workers=1)
    assert result.difference("lmmse", "ml", 0.0).high < 0
    assert result.difference("lmmse", "ml", 15.0).low > 0
    assert result.flags == ()


def test_a_killed_sweep_goes_on_to_the_same_digits(tmp_path: Path) -> None:
    journal, out = tmp_path / "j.jsonl", tmp_path / "r.json"
    options = ["--workers", "1", "--detectors", "lmmse", "twin:spec=pgd", "--snr", "10,20",
               "--errors", "1000000", "--max-vectors", "40000", "--task-vectors", "500",
               "--json", str(out)]  # fmt: skip
    command = [sys.executable, "-m", "model.evaluate", *options, "--journal", str(journal)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            if journal.exists() and journal.read_bytes().count(b"\n") >= 6:
                process.send_signal(signal.SIGKILL)
                break
            time.sleep(0.01)
    assert process.returncode == -signal.SIGKILL
    assert not out.exists()
    done = journal.read_bytes().count(b"\n") - 1
    assert 5 <= done < 160
    assert evaluate.main([*options, "--journal", str(journal), "--resume"]) == 0
    resumed = out.read_bytes()
    entries = [json.loads(line) for line in journal.read_text().splitlines()[1:]]
    assert sorted((e["point"], e["task"]) for e in entries) == [
        (point, index) for point in range(2) for index in range(80)
    ]
    assert evaluate.main(options) == 0
    assert out.read_bytes() == resumed


@pytest.mark.parametrize(
    ("text", "snrs"),
    [("0,5,10", (0, 5, 10)), ("0:25:5", (0, 5, 10, 15, 20, 25)), ("-5:0:2.5", (-5, -2.5, 0)),
     ("0,5,10:20:5", (0, 5, 10, 15, 20)), ("0:0.3:0.1", (0, 0.1, 0.2, 0.3)), ("0:4:3", (0, 3))],
)  # fmt: skip
def test_lists_of_snrs(text: str, snrs: tuple[float, ...]) -> None:
    assert arguments.snr_list(text) == snrs


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--snr", ""], "'' is not a number"),
        (["--snr", "5,ten"], "'ten' is not a number"),
        (["--snr", "nan"], "'nan' is not a number"),
        (["--snr", "0:5"], "first:last:step"),
        (["--snr", "5:0:1"], "first <= last"),
        (["--snr", "0:5:0"], "a step above 0"),
        (["--snr", "0:1e9:1e-3"], "at most 1000"),
        (["--snr", "5,5"], "more than once"),
        (["--detectors", "magic"], "'magic' is not one of"),
        (["--detectors", "kbest:q=4"], "unknown option q"),
        (["--system", "moon"], "system 'moon' is not one of"),
        (["--system", "16x16-16qam:moon=1"], "'moon' is not one of"),
        (["--system", "16x16-16qam:nt=x"], "nt 'x' is not an integer"),
        (["--modulation", "8psk"], "modulation '8psk'"),
        (["--antennas", "64"], "antennas '64'"),
        (["--adc-bits", "9"], "adc_bits 9"),
        (["--limit", "zf"], "NAME=VECTORS"),
        (["--limit", "ml=5"], "limit of 'ml'"),
        (["--plot", "x.pdf"], "neither .png nor .svg"),
        (["--against", "ml"], "against 'ml'"),
        (["--confidence", "1"], "confidence 1.0"),
        (["--device", "moon"], "device 'moon'"),
        (["--resume"], "needs a journal"),
        (["--scheduler", "nowhere"], "scheduler 'nowhere' can't be reached"),
        (["--antennas", "16x16", "--detectors", "golden", "--snr", "40"],
         "snr_db 40.0 is outside the bank"),
        (["--antennas", "64x8", "--modulation", "64qam", "--adc-bits", "1",
          "--detectors", "1bit-ml"], "candidates"),
    ],
)  # fmt: skip
def test_bad_options_exit_2_with_one_line(
    options: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate.main([*QUICK, *options]) == 2
    message = capsys.readouterr().err
    assert words in message
    assert message.count("\n") == 1


def test_systems_are_described_receive_antennas_first() -> None:
    assert describe(SYSTEMS["64x8-4qam-1bit"]) == (
        "64×8 qpsk, 1-bit lloyd-max (statistics AGC), units 4"
    )
