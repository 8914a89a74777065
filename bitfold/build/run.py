# SPDX-License-Identifier: Apache-2.0
"""Run the stages of a build that are left, in order, and say how long the rest may take."""

from __future__ import annotations

import contextlib
import shutil
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from bitfold.build import state as states
from bitfold.build.job import Job, MismatchError, RefusedError, say
from bitfold.build.plan import DRAW, STAGES, Stage
from bitfold.build.stages import BODIES
from bitfold.build.state import State
from bitfold.system.description import Description
from bitfold.system.tables import DRAWN
from fixedpoint.cli import MISMATCH, USER_ERROR
from fixedpoint.support.files import write_bytes
from fixedpoint.support.lock import locked
from model.systems.standard import KINDS

COPY = "system.toml"
FIRST, LAST = "train", "report"
STEADY_S = 10.0
"""Stages shorter than this say nothing about the speed of a machine."""


def run(made: Description, folder: Path, wanted: Collection[str], anew: bool = False) -> int:
    """Run the wanted stages and those that they need, as far as they are not done yet.

    anew: from the first stage on, whatever the folder of this build holds. Returns 0, 1 if a
    comparison failed, 2 if a command refused. Raises `ValueError` on a folder of something else,
    on one whose training is another one, and on a drawing of channels that are not drawn.
    """
    if list(wanted) == [DRAW] and made.drawing is None:
        raise ValueError(f"{made.path}, [channel], kind: {made.system.channel!r} is not drawn "
                         f"before a training; one of {', '.join(KINDS)} was expected")  # fmt: skip
    state, digests = states.load(folder, made.name), states.digests(made)
    if anew:
        state = State(made.name)
    elif state.begun.get(FIRST, digests[FIRST]) != digests[FIRST]:
        raise ValueError(
            f"{folder} holds a training of another system, detector, bank or [training]: another "
            "--out was expected, or --anew to train again"
        )
    job = Job(made, folder)
    _ = job.config  # what is wrong with it is said before anything is made
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder):
        if anew:
            _empty(folder, digests)
        write_bytes(folder / COPY, made.path.read_bytes())
        state.save(folder)
        left = _left(state, digests, folder, wanted)
        return _run(job, state, digests, left)


def needed(wanted: Collection[str]) -> list[Stage]:
    """The stages to run for some of them, in order."""
    names = set(wanted)
    for stage in reversed(STAGES):
        if stage.name in names:
            names |= set(stage.needs)
    return [stage for stage in STAGES if stage.name in names]


def _left(
    state: State, digests: Mapping[str, str], folder: Path, wanted: Collection[str]
) -> list[Stage]:
    left = [stage for stage in needed(wanted) if stage.name in digests
            and not state.finished(stage, digests[stage.name], folder)]  # fmt: skip
    report = next(stage for stage in STAGES if stage.name == LAST)
    if left and LAST in wanted and report not in left:
        left.append(report)
    return left


def _run(job: Job, state: State, digests: Mapping[str, str], left: list[Stage]) -> int:
    if not left:
        print(f"{job.folder}: nothing is left to do", file=sys.stderr)
    status = 0
    for number, stage in enumerate(left):
        rest = _time(sum(_expected(state, left[number:])))
        say(f"[{number + 1}/{len(left)}] {stage.name}: {stage.title}; about {rest} left")
        started = time.monotonic()
        _begin(job.folder, state, stage, digests[stage.name])
        try:
            with _goes_on(job):
                BODIES[stage.name](job)
        except RefusedError:
            return USER_ERROR
        except MismatchError as found:
            say(f"error: {found}")
            status = MISMATCH
            continue
        state.seconds[stage.name] = time.monotonic() - started
        state.done[stage.name] = digests[stage.name]
        state.save(job.folder)
    print(job.folder / "report.html" if status == 0 and _is_last(left) else job.folder)
    return status


def _begin(folder: Path, state: State, stage: Stage, digest: str) -> None:
    """A stage goes on with what an interrupted one of the same left, and with nothing else."""
    if state.begun.get(stage.name) != digest:
        _remove(folder, stage.works)
    state.begun[stage.name] = digest
    state.done.pop(stage.name, None)
    state.save(folder)


def _is_last(left: list[Stage]) -> bool:
    return bool(left) and left[-1].name == LAST


@contextlib.contextmanager
def _goes_on(job: Job) -> Iterator[None]:
    """An interruption says how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        say(f"bitfold build {job.made.path} --out {job.folder} goes on from here")
        raise


def _expected(state: State, left: list[Stage]) -> list[float]:
    """Seconds of each stage, scaled by how fast this machine was so far; or as it took before."""
    done = [stage for stage in STAGES if state.seconds.get(stage.name, 0) > STEADY_S]
    spent = sum(state.seconds[stage.name] for stage in done)
    pace = spent / sum(stage.seconds for stage in done) if done else 1.0
    return [state.seconds.get(stage.name, stage.seconds * pace) for stage in left]


def _time(seconds: float) -> str:
    minutes = seconds / 60
    return f"{max(round(seconds), 1)} s" if minutes < 2 else f"{minutes:.0f} min"


def _empty(folder: Path, stages: Collection[str]) -> None:
    """Remove what stages made; channels that are not drawn are somebody's own."""
    for stage in STAGES:
        names = (*stage.makes, *stage.works)
        _remove(folder, [name for name in names if name != DRAWN or DRAW in stages])


def _remove(folder: Path, names: Sequence[str]) -> None:
    for name in names:
        path = folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
