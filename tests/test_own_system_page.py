# SPDX-License-Identifier: Apache-2.0
"""docs/own-system.md, all of it: its file is written, its commands are run, its build is whole."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np

from bitfold.build.plan import STAGES
from bitfold.system.description import load
from model.systems.drawing import Drawing
from model.systems.standard import Setting

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/own-system.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^    bitfold (.*)$", PAGE, re.MULTILINE)
COMPARED = ("csim", "native", "rtl")


def bitfold(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "bitfold", *command.split()]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True,
                          check=False)  # fmt: skip


def test_every_command_of_the_page_runs(tmp_path: Path) -> None:
    assert [command.split()[0] for command in COMMANDS] == ["new", "build", "rtl"]
    text = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)[0]
    new, *others = COMMANDS
    done = bitfold(new, tmp_path)
    assert done.returncode == 0, done.stderr
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    for command in others:
        done = bitfold(command, tmp_path)
        assert done.returncode == 0, f"{command}: {done.stderr[-2000:]}"
    assert "nothing is left to do" in done.stderr
    folder = tmp_path / "build/mine"
    for stage in COMPARED:
        found = json.loads((folder / f"results/{stage}.json").read_text())
        for record in found if isinstance(found, list) else [found]:
            assert sum(record["compared"].values()) > 10_000
            assert sum(record["differing"].values()) == 0
    shown = (folder / "report.html").read_text(encoding="utf-8")
    assert "Not run" not in shown
    assert record["digest"] in shown


def test_the_channels_of_the_page_are_channels(tmp_path: Path) -> None:
    first, *channels = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    np.savez(tmp_path / "channels.npz", H=np.ones((40, 4, 4), complex))
    found = []
    for text in channels:
        (tmp_path / "mine.toml").write_text(f"{first}\n{text}", encoding="utf-8")
        made = load(tmp_path / "mine.toml")
        assert (made.system.nr, made.system.nt, made.system.modulation) == (4, 4, "qpsk")
        assert (made.system.channel, Path(made.system.channel_file).name) == (
            "file",
            "channels.npz",
        )
        found.append(made.drawing)
    assert found[0] is None
    assert found[1] == Drawing(Setting("cdl-c", 4, 4))


def test_the_page_names_every_stage() -> None:
    rows = "".join(re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE))
    for stage in STAGES:
        assert f"`{stage.name}`" in rows, stage.name
