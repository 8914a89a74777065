# SPDX-License-Identifier: Apache-2.0
"""Each example all the way, by the commands that a user would give, nothing else touched."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TRAINING = "--float-epochs 1 --epochs 1 --steps 20 --blocks 36 --validation 100"
STEPS = (
    f"model.train own --antennas 4x4{{units}} --layers 3 {TRAINING} --out trained",
    "model.export trained/checkpoint.safetensors --name mine --out mine.json",
    "fixedpoint.golden --spec mine.json --layer {name}3 --vectors 200 --out golden",
    "hls.csim --spec mine.json --vectors 200",
    "hls.csim --spec mine.json --file golden/mine-{name}3.vec",
    "hls.native --spec mine.json --layer {name}3 --vectors 2000",
    "verification.rtl --spec mine.json --lanes 8 --vectors 400",
    "verification.rtl --spec mine.json --lanes 16 --vectors 400",
    "hls.area --spec mine.json --lanes 8 --no-route",
    "hls.emit --spec mine.json --out emitted",
    "model.evaluate --spec mine.json --snr 15 --max-vectors 400 --workers 1 --json ber.json",
)


UNITS = {"cells": " --units 2"}


@pytest.mark.parametrize("name", ["momentum", "oamp", "staircase", "cells"])
def test_an_example_goes_all_the_way(name: str, tmp_path: Path) -> None:
    for step in STEPS:
        module, *words = step.format(name=name, units=UNITS.get(name, "")).split()
        command = [sys.executable, "-m", module, *words]
        plain = module not in ("hls.emit", "hls.area")  # by the variable, as one may
        named = ["--detector", str(ROOT / f"examples/{name}.py")] if plain else []
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        if not plain:
            environment["BITFOLD_DETECTORS"] = str(ROOT / f"examples/{name}.py")
        if module == "model.train":
            command[4:4], named = named, []
        done = subprocess.run([*command, *named], cwd=tmp_path, env=environment, text=True,
                              capture_output=True, check=False)  # fmt: skip
        assert done.returncode == 0, f"{step}: {done.stderr[-2000:]}{done.stdout[-2000:]}"
        if module in ("hls.csim", "hls.native", "verification.rtl"):
            assert "equal: 0 of" in done.stdout, step
    points = json.loads((tmp_path / "ber.json").read_text())
    assert points
    assert list((tmp_path / "emitted").rglob("*.sv"))
