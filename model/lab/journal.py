# SPDX-License-Identifier: Apache-2.0
"""The journal of a sweep: a line for each counted task, so that a killed sweep goes on.

The first line holds the plans. A line that a kill tore is dropped when the sweep goes on; every
whole one is counted again by the same rule that counted it first.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from model.lab.counts import Sums
from model.lab.plan import Plan
from model.lab.schedule import Schedule
from model.lab.task import Outcome, Task

SYNC_SECONDS = 1.0
"""A kill of the process loses no line; a power cut loses those of this time."""


class Journal:
    """An open journal.

    Args:
        path: the file. It must not exist, unless `resume`.
        plans: of the sweep; those of an existing file must be the same.
        schedule: counts what an existing file holds.
        resume: go on with a file that exists; one that doesn't is begun.

    Raises `ValueError` that names what does not fit.
    """

    def __init__(self, path: Path, plans: Sequence[Plan], schedule: Schedule, resume: bool) -> None:
        self._synced = time.monotonic()
        exists = path.exists() and path.stat().st_size > 0
        if exists and not resume:
            raise ValueError(f"journal {path} exists: --resume goes on with it")
        whole = _replay(path, plans, schedule) if exists else 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file: IO[bytes] = path.open("r+b" if path.exists() else "w+b")
            self._file.truncate(whole)
            self._file.seek(whole)
        except OSError as error:
            raise ValueError(f"journal {path} cannot be written: {error.strerror}") from None
        if not whole:
            self._write({"plans": [plan.to_json() for plan in plans]})

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.fsync(self._file.fileno())
        self._file.close()

    def append(self, outcome: Outcome) -> None:
        """Add a counted task."""
        task = outcome.task
        entry = {"point": task.point, "task": task.index, "detectors": list(task.detectors)}
        self._write(entry | {"sums": outcome.sums.to_json()})

    def _write(self, entry: dict[str, Any]) -> None:
        self._file.write(json.dumps(entry, separators=(",", ":")).encode() + b"\n")
        self._file.flush()
        if time.monotonic() - self._synced >= SYNC_SECONDS:
            os.fsync(self._file.fileno())
            self._synced = time.monotonic()


def _replay(path: Path, plans: Sequence[Plan], schedule: Schedule) -> int:
    """Count every whole line of an existing journal; returns the bytes that they take."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ValueError(f"journal {path} is not readable: {error.strerror}") from None
    lines = data.split(b"\n")[:-1]
    if not lines:
        return 0
    _same_plans(path, lines[0], plans)
    for number, line in enumerate(lines[1:], start=2):
        try:
            counted = schedule.accept(_outcome(json.loads(line), schedule))
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise ValueError(f"journal {path}, line {number}: {error}") from None
        if counted is None:
            raise ValueError(f"journal {path}, line {number}: its point had ended before")
    return sum(len(line) + 1 for line in lines)


def _same_plans(path: Path, line: bytes, plans: Sequence[Plan]) -> None:
    try:
        stored = json.loads(line)["plans"]
    except (KeyError, TypeError, ValueError):
        raise ValueError(f"{path} is not the journal of a sweep") from None
    if len(stored) != len(plans):
        raise ValueError(f"journal {path} is of another sweep: systems {len(stored)} not "
                         f"{len(plans)}")  # fmt: skip
    for plan, other in zip(plans, stored, strict=True):
        if other != json.loads(json.dumps(plan.to_json())):
            raise ValueError(f"journal {path} is of another sweep: {plan.differences(other)}")


def _outcome(entry: dict[str, Any], schedule: Schedule) -> Outcome:
    """The outcome that `append` wrote."""
    point = schedule.points[entry["point"]]
    task = Task(
        point=entry["point"],
        system=point.plan.system,
        detectors=tuple(entry["detectors"]),
        snr_db=point.snr_db,
        seed=point.plan.seed,
        index=entry["task"],
        blocks=point.plan.task_blocks,
        device="",
    )
    return Outcome(task, Sums.from_json(entry["sums"]))
