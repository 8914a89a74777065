# SPDX-License-Identifier: Apache-2.0
"""A sweep on a real Dask scheduler whose worker is killed, and schedulers that can't be had."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from model.lab.cluster import connect
from model.lab.plan import Plan
from model.lab.schedule import Point
from model.lab.sweep import sweep
from model.systems.system import System

ROOT = Path(__file__).parent.parent
PLAN = Plan(System(nt=4, nr=4, modulation="16qam"), ("lmmse", "zf"), (10.0, 20.0),
            errors=10**6, max_vectors=60_000, task_vectors=1000)  # fmt: skip


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler's address and two worker processes."""
    file = tmp_path / "scheduler.json"
    common = ["--no-dashboard", "--scheduler-file", str(file)]
    with ExitStack() as stack:

        def start(name: str, *options: str) -> subprocess.Popen[bytes]:
            command = [sys.executable, "-m", f"distributed.cli.{name}", *common, *options]
            process = stack.enter_context(
                subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
            )
            stack.callback(process.kill)
            return process

        start("dask_scheduler", "--host", "127.0.0.1", "--port", "0")
        while not file.exists():
            time.sleep(0.05)
        options = ("--no-nanny", "--nthreads", "1", "--local-directory", str(tmp_path))
        workers = [start("dask_worker", *options) for _ in range(2)]
        yield json.loads(file.read_text())["address"], workers


def detectors_built() -> int:
    """Runs on a worker: it has computed tasks if it has made the detectors."""
    from model.lab import task

    return task._built.cache_info().currsize


def test_a_killed_worker_loses_nothing(
    cluster: tuple[str, list[subprocess.Popen[bytes]]],
) -> None:
    address, workers = cluster
    with connect(address) as client:
        client.wait_for_workers(2, timeout=60)
    counted: list[float] = []

    def kill_one(points: Sequence[Point], point: Point) -> None:
        counted.append(point.snr_db)
        if len(counted) == 20:
            workers[0].send_signal(signal.SIGKILL)

    found = sweep(PLAN, scheduler=address, report=kill_one)
    assert workers[0].wait(timeout=5) == -signal.SIGKILL
    assert workers[1].poll() is None
    with connect(address) as client:
        assert list(client.run(detectors_built).values()) == [2]
    assert counted.count(10.0) == counted.count(20.0) == 60
    assert found.to_json() == sweep(PLAN, workers=1).to_json()


def test_what_is_no_scheduler_is_one_line_within_seconds() -> None:
    started = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as server:
        mute = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        threading.Thread(target=server.accept, daemon=True).start()
        for address in (mute, "nowhere", "http://127.0.0.1:80"):
            with pytest.raises(ValueError, match="can't be reached") as caught:
                sweep(PLAN, scheduler=address)
            assert "\n" not in str(caught.value)
    assert time.monotonic() - started < 20
