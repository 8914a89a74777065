# SPDX-License-Identifier: Apache-2.0
"""Run plans to their ends: tasks out, outcomes in, counted in index order and journaled."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from fixedpoint.support import processes
from model.lab import runner
from model.lab.journal import Journal
from model.lab.plan import Plan
from model.lab.result import Result
from model.lab.schedule import Point, Schedule

MOST_WORKERS = 1024
Report = Callable[[Sequence[Point], Point], None]
"""Called with all points, and the one for which a task was just counted."""


class Interrupted(KeyboardInterrupt):
    """A sweep was ended by a signal.

    results: of the points that were done, of each plan that has one; under_way: the others.
    """

    def __init__(self, plans: Sequence[Plan], points: Sequence[Point]) -> None:
        super().__init__("the sweep was interrupted")
        self.under_way = [point for point in points if point.running]
        self.results: list[Result] = []
        for plan in plans:
            done = [point for point in points if point.plan is plan and not point.running]
            if done:
                part = dataclasses.replace(plan, snr_db=tuple(point.snr_db for point in done))
                self.results.append(Result(part, tuple(point.counts for point in done)))


def sweep(
    plan: Plan,
    workers: int = 0,
    scheduler: str | None = None,
    journal: Path | None = None,
    resume: bool = False,
    device: str = "cpu",
    report: Report | None = None,
) -> Result:
    """Run one plan; see `sweeps`."""
    return sweeps((plan,), workers, scheduler, journal, resume, device, report)[0]


def sweeps(
    plans: Sequence[Plan],
    workers: int = 0,
    scheduler: str | None = None,
    journal: Path | None = None,
    resume: bool = False,
    device: str = "cpu",
    report: Report | None = None,
) -> list[Result]:
    """Run plans together; the digits depend on the plans (and the device) alone.

    Args:
        plans: what to do.
        workers: processes on this machine; 0 for one a core, 1 for this process.
        scheduler: address of a Dask scheduler, whose workers are used instead.
        journal: a file that records every counted task.
        resume: go on with an existing journal.
        device: where detectors run, a name of torch.
        report: told of progress.

    Raises `ValueError` on a detector that can't serve its system, a device, scheduler or journal
    that can't be had, and an estimate that is not finite; `Interrupted` after a signal.
    """
    if workers < 0:
        raise ValueError(f"workers {workers} is below 0")
    if workers > MOST_WORKERS:
        raise ValueError(f"workers {workers} is above {MOST_WORKERS}")
    if resume and journal is None:
        raise ValueError("resume needs a journal to go on from")
    check_device(device)
    for plan in plans:
        plan.check()
    schedule = Schedule(plans, device)
    threads = torch.get_num_threads()
    with contextlib.ExitStack() as stack:
        stack.callback(torch.set_num_threads, threads)
        book = stack.enter_context(Journal(journal, plans, schedule, resume)) if journal else None
        try:
            if not schedule.finished:
                for outcome in runner.stream(schedule, workers or runner.cores(), scheduler):
                    point = schedule.accept(outcome)
                    if point is not None and book is not None:
                        book.append(outcome)
                    if point is not None and report is not None:
                        report(schedule.points, point)
        except (KeyboardInterrupt, ValueError) as end:
            # a signal ends the workers, too, and their loss may be noticed before it
            if isinstance(end, ValueError) and not processes.ending():
                raise
            raise Interrupted(plans, schedule.points) from None
        if not schedule.finished:
            raise ValueError("workers were lost in mid-sweep; with a journal, --resume goes on")
    counts = iter(point.counts for point in schedule.points)
    return [Result(plan, tuple(next(counts) for _ in plan.snr_db)) for plan in plans]


def check_device(device: str) -> None:
    """`ValueError` unless torch has the device here."""
    try:
        torch.zeros(1, dtype=torch.float64, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"device {device!r} can't be had here: {reason}") from None
