# SPDX-License-Identifier: Apache-2.0
"""The journal of a sweep: a line for each counted task, so that a killed sweep goes on.

The first line holds the plans. Each line ends in a check: the start of the SHA-256 of itself and of
the check of the line before, so that no line can change, be dropped, doubled or moved unseen. A
line that a kill tore is dropped when the sweep goes on; every whole one is counted again by the
same rule that counted it first. One process at a time holds a journal.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from fixedpoint.support.lock import locked
from fixedpoint.support.reading import JOURNAL_BYTES, MIB, brief, open_file, parse_json
from model.lab import count
from model.lab.counts import Sums
from model.lab.plan import Plan
from model.lab.schedule import Schedule
from model.lab.task import Outcome, Task
from model.store.entries import integer, object_of

SYNC_SECONDS = 1.0
"""A kill of the process loses no line; a power cut loses those of this time."""
START = "bitfold journal 1"
CHECK = b',"check":"%s"}'
CHECK_DIGITS = 16


class Journal:
    """An open journal.

    Args:
        path: the file. It must not exist, unless `resume`.
        plans: of the sweep; those of an existing file must be the same.
        schedule: counts what an existing file holds.
        resume: go on with a file that exists; one that doesn't is begun.

    Raises `ValueError` that names what does not fit, or the process that works on the file.
    """

    def __init__(self, path: Path, plans: Sequence[Plan], schedule: Schedule, resume: bool) -> None:
        self._path, self._synced = path, time.monotonic()
        with contextlib.ExitStack() as stack:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise self._unwritable(error) from None
            stack.enter_context(locked(path))
            exists = path.exists() and (not path.is_file() or path.stat().st_size > 0)
            if exists and not resume:
                raise ValueError(f"journal {path} exists: --resume goes on with it")
            whole, self._check = replay(path, plans, schedule) if exists else (0, START)
            try:
                self._file = stack.enter_context(
                    path.open("r+b" if path.exists() else "w+b", buffering=0)
                )
                self._file.truncate(whole)
                self._file.seek(whole)
            except OSError as error:
                raise self._unwritable(error) from None
            if not whole:
                self._write({"plans": [plan.to_json() for plan in plans]})
            self._held = stack.pop_all()

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._held:
            try:
                os.fsync(self._file.fileno())
            except OSError as fault:
                raise self._unwritable(fault) from None

    def append(self, outcome: Outcome) -> None:
        """Add a counted task. Raises `ValueError` if that is not possible."""
        task = outcome.task
        entry = {"point": task.point, "task": task.index, "detectors": list(task.detectors)}
        self._write(entry | {"sums": outcome.sums.to_json()})

    def _write(self, entry: dict[str, Any]) -> None:
        body = json.dumps(entry, separators=(",", ":"), allow_nan=False).encode()
        self._check = check(self._check, body)
        line = memoryview(_sealed(body, self._check) + b"\n")
        try:
            while line:
                line = line[self._file.write(line) :]
            if time.monotonic() - self._synced >= SYNC_SECONDS:
                os.fsync(self._file.fileno())
                self._synced = time.monotonic()
        except OSError as error:
            raise self._unwritable(error) from None

    def _unwritable(self, error: OSError) -> ValueError:
        return ValueError(f"journal {self._path} cannot be written: {error.strerror}")


def check(before: str, body: bytes) -> str:
    """The check of a line: of the one before it, and of its JSON without the check."""
    return hashlib.sha256(before.encode() + body).hexdigest()[:CHECK_DIGITS]


def _sealed(body: bytes, of: str) -> bytes:
    return body[:-1] + CHECK % of.encode()


def _body(line: bytes, before: str) -> tuple[bytes, str] | None:
    """A line's JSON without its check, and the check; None if it is not the one behind `before`."""
    body = line[: -len(CHECK % (b"0" * CHECK_DIGITS))] + b"}"
    of = check(before, body)
    return (body, of) if line == _sealed(body, of) else None


def replay(path: Path, plans: Sequence[Plan], schedule: Schedule) -> tuple[int, str]:
    """Count every whole line of an existing journal; the bytes that they take, the last check."""
    try:
        with open_file(path, JOURNAL_BYTES) as file:
            return _counted(file, plans, schedule)
    except (OSError, ValueError) as error:
        raise ValueError(f"journal {path}{_reason(error)}") from None


def _reason(error: Exception) -> str:
    text = error.strerror or "" if isinstance(error, OSError) else str(error)
    return text if text.startswith((",", " ")) else f": {text}"


def _counted(file: BinaryIO, plans: Sequence[Plan], schedule: Schedule) -> tuple[int, str]:
    whole, number, before = 0, 0, START
    while line := file.readline(MIB + 1):
        number += 1
        if len(line) > MIB:
            raise ValueError(f", line {number}: it has more than {MIB} bytes")
        found = _body(line[:-1], before)
        if not line.endswith(b"\n"):
            if found is not None:
                raise ValueError(f", line {number}: it is damaged at its end")
            break
        if found is None:
            raise ValueError(_damage(number, line))
        entry = object_of(parse_json(found[0]), f", line {number}")
        if number == 1:
            _same_plans(entry, plans)
        else:
            try:
                counted = schedule.accept(_outcome(entry, schedule))
            except ValueError as error:
                raise ValueError(f", line {number}: {error}") from None
            if counted is None:
                raise ValueError(f", line {number}: its point had ended before")
        whole, before = whole + len(line), found[1]
    return whole, before


def _damage(number: int, line: bytes) -> str:
    if number == 1 and line.startswith(b'{"plans"') and b'"check"' not in line:
        return " has no checks, an earlier bitfold wrote it: count anew into another --journal"
    if number == 1 and not line.startswith(b'{"plans"'):
        return " is not the journal of a sweep"
    return (f", line {number}: it is damaged, or the one before it is missing; what stands before "
            f"it is whole: with lines 1 to {number - 1} alone, --resume goes on")  # fmt: skip


def _same_plans(entry: dict[str, Any], plans: Sequence[Plan]) -> None:
    stored = entry.get("plans")
    if not isinstance(stored, list) or not all(isinstance(other, dict) for other in stored):
        raise ValueError(" is not the journal of a sweep")
    if len(stored) != len(plans):
        raise ValueError(f" is of another sweep: systems {len(stored)} not {len(plans)}")
    for plan, other in zip(plans, stored, strict=True):
        if other != json.loads(json.dumps(plan.to_json())):
            raise ValueError(f" is of another sweep: {plan.differences(other)}")


def _outcome(entry: dict[str, Any], schedule: Schedule) -> Outcome:
    """The outcome that `append` wrote. Raises `ValueError` on what no task of the plans has."""
    if set(entry) != {"point", "task", "detectors", "sums"}:
        raise ValueError(f"its entries are {brief(sorted(entry))}")
    number = integer(entry["point"], "point", 0, len(schedule.points) - 1)
    point, detectors = schedule.points[number], entry["detectors"]
    running = [point.plan.detectors[d] for d in point.running]
    if not isinstance(detectors, list) or not all(isinstance(text, str) for text in detectors):
        raise ValueError(f"detectors {brief(detectors)} is not a list of names")
    if len(set(detectors)) < len(detectors) or not (
        set(running) <= set(detectors) <= set(point.plan.detectors)
    ):
        raise ValueError(f"detectors {brief(detectors)}, at least {running} were expected")
    system, blocks = point.plan.system, point.plan.task_blocks
    trials = tuple(n * system.vectors for n in count.trials(system.constellation, system.nt))
    task = Task(
        point=number,
        system=system,
        detectors=tuple(detectors),
        snr_db=point.snr_db,
        seed=point.plan.seed,
        index=integer(entry["task"], "task", 0, 1 << 53),
        blocks=blocks,
        device="",
    )
    return Outcome(task, Sums.from_json(entry["sums"], trials, len(detectors), blocks))
