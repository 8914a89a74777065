# SPDX-License-Identifier: Apache-2.0
"""The cost of an exact search is said before it starts; Ctrl-C keeps the points that are done."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from model import evaluate
from model.detectors.catalog import make
from model.lab import cost, report
from model.lab.plan import Plan
from model.lab.schedule import Point
from model.lab.sweep import Interrupted, sweep
from model.systems.scene import scene
from model.systems.system import System
from tests.signals import default_signals

ROOT = Path(__file__).parent.parent
SMALL = System(nt=2, nr=2, modulation="qpsk")
LONG = System(nt=8, nr=8, modulation="64qam")


def stop_when(done: int) -> evaluate.Report:
    """Ctrl-C as soon as so many points have ended."""

    def show(points: Sequence[Point], point: Point) -> None:
        if sum(not one.running for one in points) >= done:
            raise KeyboardInterrupt

    return show


def test_an_interrupted_sweep_has_the_points_that_were_done() -> None:
    plan = Plan(SMALL, ("lmmse", "zf"), (0.0, 5.0, 10.0), max_vectors=4000, errors=10**9)
    whole = sweep(plan, workers=1)
    with pytest.raises(Interrupted) as caught:
        sweep(plan, workers=1, report=stop_when(1))
    (part,) = caught.value.results
    assert 1 <= len(part.plan.snr_db) < 3
    assert len(caught.value.under_way) == 3 - len(part.plan.snr_db)
    for snr in part.plan.snr_db:
        for detector in plan.detectors:
            assert part.points[detector, snr] == whole.points[detector, snr]
    with pytest.raises(Interrupted) as caught:
        sweep(plan, workers=1, report=stop_when(0))
    assert caught.value.results == []
    assert len(caught.value.under_way) == 3


def test_ctrl_c_prints_and_writes_what_is_done(tmp_path: Path) -> None:
    """At 30 dB ML takes no time, at -5 dB it takes longer than anybody waits."""
    out = tmp_path / "r.json"
    options = ["--antennas", "8x8", "--modulation", "64qam", "--detectors", "ml", "--snr=30,-5",
               "--max-vectors", "200", "--workers", "2", "--json", str(out)]  # fmt: skip
    said = tmp_path / "said"
    with said.open("wb") as file, subprocess.Popen(
        [sys.executable, "-m", "model.evaluate", *options],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=file, preexec_fn=default_signals,
    ) as process:  # fmt: skip
        try:
            end = time.monotonic() + 120
            while b"1 of 2 points" not in said.read_bytes() and time.monotonic() < end:
                assert process.poll() is None, said.read_text()
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            printed = process.communicate(timeout=60)[0].decode()
        finally:
            process.kill()
    lines = said.read_text().splitlines()
    assert process.returncode == 128 + signal.SIGINT, lines
    assert lines[0].startswith("ml: a vector takes > ")
    assert " at -5 dB, about " in lines[0]
    assert "-5 dB is not done: 0 vectors, 0 errors of the detector with the fewest" in lines
    assert lines[-1] == "ended by SIGINT"
    assert "ml" in printed
    (result,) = report.load(out)
    assert result.plan.snr_db == (30.0,)
    assert json.loads(out.read_text())["results"][0]["points"][0]["vectors"] == 200


def test_nodes_are_counted_and_a_search_is_given_up_at_its_bound() -> None:
    detector = make("ml", LONG)
    assert isinstance(detector, cost.Search)
    drawn = scene(LONG, 30.0, 20, np.random.default_rng(0))
    nodes = detector.nodes(drawn.received, drawn.h, drawn.noise, 10**6)
    assert nodes.shape == (20,)
    assert (nodes >= LONG.columns).all()
    least = int(nodes.min())
    bounded = detector.nodes(drawn.received, drawn.h, drawn.noise, least)
    assert (bounded == least).all()
    assert np.array_equal(detector.nodes(drawn.received, drawn.h, drawn.noise, 10**7), nodes)


def test_only_a_search_has_a_line() -> None:
    plan = Plan(SMALL, ("lmmse", "ml"), tuple(map(float, range(20))), max_vectors=500)
    (line,) = cost.lines(plan)
    assert line.startswith("ml: a vector takes about ")
    assert line.count(" dB") == cost.SHOWN
    assert "500 to 500 vectors a point" in line
