# SPDX-License-Identifier: Apache-2.0
"""3GPP channels that a build draws: once, by their seed, whole, for every detector."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from bitfold import report
from bitfold.build.job import Job
from bitfold.command import main
from bitfold.system.description import load
from model import channels
from model.systems.drawing import Drawing
from model.systems.recorded import recorded
from model.systems.standard import KINDS, Setting
from tests.small_systems import SHORT, written

CHANNEL = '[channel]\nkind = "{kind}"\ndraws = 40\nseed = 3\n'


def system(folder: Path, name: str, kind: str = "cdl-c") -> Path:
    path = written(folder, name, CHANNEL.format(kind=kind) + SHORT)
    path.write_text(path.read_text().replace("samples = 1500", "samples = 250"))
    return path


def test_a_seed_gives_the_same_file_as_the_command(tmp_path: Path) -> None:
    """And torch's own draws go on as if nothing had been drawn."""
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    drawing = Drawing(Setting("tdl-b", 3, 2, subcarriers=2), 40, 7)
    found = drawing.write(tmp_path / "one.npz")
    assert torch.equal(torch.rand(3), expected)
    words = [
        "tdl-b",
        "--antennas",
        "3x2",
        "--subcarriers",
        "2",
        "--draws",
        "40",
        "--seed",
        "7",
        "--out",
    ]
    assert channels.main([*words, str(tmp_path / "other.npz")]) == 0
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "other.npz").read_bytes()
    assert found["shape"] == [40, 2, 3, 2]
    with np.load(tmp_path / "one.npz") as archive:
        assert found["mean_power"] == pytest.approx(np.mean(np.abs(archive["H"]) ** 2))
    Drawing(drawing.setting, 40, 8).write(tmp_path / "other.npz")
    assert (tmp_path / "one.npz").read_bytes() != (tmp_path / "other.npz").read_bytes()


@pytest.mark.parametrize("name", ["4x4-qpsk", "32x4-2units-3bit-fpd"])
def test_a_build_draws_once_and_counts_on_what_no_training_saw(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, folder = system(tmp_path, name), tmp_path / "build"
    assert main(["evaluate", str(path), "--out", str(folder)]) == 0
    said = capsys.readouterr().err
    assert "channels: draw 3GPP channels" in said
    drawn = json.loads((folder / "results/channels.json").read_text())
    assert (drawn["kind"], drawn["shape"][0], drawn["seed"]) == ("cdl-c", 40, 3)
    sweep = json.loads((folder / "results/evaluate.json").read_text())
    assert f"{folder}/channels.npz" in json.dumps(sweep["results"][0])
    own = Job(load(path), folder).system()
    seen = own.fading("test").draw(np.random.default_rng(0), 9, own.nr, own.nt)  # type: ignore[attr-defined]
    test = recorded(own.channel_file, "mean", "test", own.nr, own.nt).reshape(-1, own.nr, own.nt)
    assert all(np.isclose(test, h).all(axis=(1, 2)).any() for h in seen)
    text = report.page(folder)
    assert "Channels of 3GPP TR 38.901, drawn by Sionna: cdl-c, H (40," in text
    before = (folder / "channels.npz").stat().st_mtime_ns
    assert main(["evaluate", str(path), "--out", str(folder)]) == 0
    assert "nothing is left to do" in capsys.readouterr().err
    assert (folder / "channels.npz").stat().st_mtime_ns == before


def test_another_drawing_is_another_training(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, folder = system(tmp_path, "32x4-2units-3bit", "tdl-a"), tmp_path / "build"
    words = [str(path), "--out", str(folder)]
    assert main(["channels", *words]) == 0
    first = (folder / "channels.npz").read_bytes()
    path.write_text(path.read_text().replace("seed = 3", "seed = 4"))
    assert main(["train", *words]) == 0
    assert (folder / "channels.npz").read_bytes() != first
    path.write_text(path.read_text().replace("seed = 4", "seed = 3"))
    assert main(["train", *words]) == 2
    assert "holds a training of another system" in capsys.readouterr().err
    assert main(["train", *words, "--anew"]) == 0
    assert (folder / "channels.npz").read_bytes() == first
    path.write_text(path.read_text().replace("tdl-a", "iid").replace("draws = 40\nseed = 3\n", ""))
    assert main(["channels", *words]) == 2
    assert "kind: 'iid' is not drawn" in capsys.readouterr().err.splitlines()[-1]
    assert main(["train", *words, "--anew"]) == 0
    assert (folder / "channels.npz").read_bytes() == first  # somebody's own by now


def test_a_drawing_that_fails_leaves_no_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, folder = system(tmp_path, "32x4-2units-3bit"), tmp_path / "build"
    words = ["channels", str(path), "--out", str(folder)]
    monkeypatch.setitem(sys.modules, "sionna.phy.channel", None)
    assert main(words) == 2
    *_, last = capsys.readouterr().err.splitlines()
    assert last.startswith("error: 3GPP channels need Sionna, pip install sionna-no-rt")
    monkeypatch.undo()

    def stopped(path: Path, data: bytes) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("model.systems.drawing.write_bytes", stopped)
    assert main(words) == 130
    assert "goes on from here" in capsys.readouterr().err
    assert not (folder / "channels.npz").exists()
    monkeypatch.undo()
    assert main(words) == 0
    assert (folder / "channels.npz").exists()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_may_stand_in_a_file(kind: str, tmp_path: Path) -> None:
    made = load(system(tmp_path, "4x4-qpsk", kind))
    assert made.drawing == Drawing(Setting(kind, 4, 4), 40, 3)
    assert made.system.channel == "file"
