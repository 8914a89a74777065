# SPDX-License-Identifier: Apache-2.0
"""What the commands of all trainings have in common: options, the progress bar, the last line."""

from __future__ import annotations

import argparse
import dataclasses
import resource
import shlex
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from model.store import checkpoint as checkpoints
from model.store.checkpoint import Checkpoint
from model.store.config import Config
from model.store.resume import Report, Training

C = TypeVar("C")


def add_options(
    parser: argparse.ArgumentParser,
    kind: Any,
    out: Path | None,
    but: Sequence[str] = (),
    choices: Mapping[str, tuple[str, ...]] | None = None,
    resumed: bool = True,
) -> None:
    """The options of a training; the defaults are those of its configuration.

    out: the default folder; but: entries that are no options; choices: of those that have some;
    resumed: whether it goes on after an interruption when asked to.
    """
    for field in dataclasses.fields(kind):
        if field.name in but:
            continue
        offered, typed = (choices or {}).get(field.name), type(field.default)
        parser.add_argument(
            "--" + field.name.replace("_", "-"),
            type=typed,
            default=field.default,
            choices=offered,
            metavar=None if offered else typed.__name__.upper(),
            help=f"default {field.default!r}",
        )
    parser.add_argument("--out", type=Path, default=out)
    if resumed:
        words = "go on from the checkpoint in --out"
        parser.add_argument("--resume", action="store_true", help=words)


def config_of(kind: type[C], arguments: argparse.Namespace) -> C:
    """The configuration that parsed options describe; `ValueError` if they don't fit."""
    names = [field.name for field in dataclasses.fields(kind)]  # type: ignore[arg-type]
    return kind(**{name: getattr(arguments, name) for name in names})


def command_line(command: str, config: Any, but: Sequence[str] = ()) -> str:
    """The words that train `config`: what differs from the defaults, and the seed."""
    words = [command]
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        if field.name not in but and (value != field.default or field.name == "seed"):
            words.append(f"--{field.name.replace('_', '-')} {shlex.quote(str(value))}")
    return " ".join(words)


def trained_in(
    folder: Path, config: Config, trainer: Callable[[Any, Path, bool, Report], Training[Any]]
) -> Checkpoint:
    """Train what is left of a training in its folder, which names it; its last checkpoint."""
    resume = (folder / checkpoints.FILE).exists()
    if resume and finished(checkpoints.load(folder), config):
        return checkpoints.load(folder)
    started = time.process_time()
    with progress_bar() as progress:
        last = trainer(config, folder, resume, reporter(progress, folder.name)).run()
    print(f"{folder.name}: {time.process_time() - started:.0f} s of CPU", flush=True)
    return last


def finished(saved: Checkpoint, config: Config) -> bool:
    """True if nothing of a training is left to do."""
    same = config.from_json(saved.config) == config
    return same and (saved.stage, saved.epoch) == config.end


def by_snr(last: Mapping[str, Any]) -> list[str]:
    """The BER of an epoch's log, whose entries are SNRs in dB."""
    return [f"  {snr_db:>5} dB  BER {ber:.2e}" for snr_db, ber in last["ber"].items()]


def train(
    title: str,
    out: Path,
    make: Callable[[Report], Training[Any]],
    shown: Callable[[Mapping[str, Any]], Sequence[str]] = by_snr,
) -> int:
    """Train to the end, and say where it lies and how good it is."""
    started = time.process_time()
    progress = progress_bar()
    training = make(reporter(progress, title))
    with progress:
        training.run()
    last = training.log[-1]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"seed {last['seed']}, {last['stage']} epoch {last['epoch']}: loss {last['loss']:.4f}")
    print("\n".join([*shown(last), "on validation vectors"]))
    print(f"{time.process_time() - started:.0f} s of CPU, {memory:.2f} GiB at most; {out}")
    return 0


def progress_bar() -> Progress:
    """One line: stage, epoch, steps, time left."""
    text = TextColumn("{task.description}")
    return Progress(text, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())


def reporter(progress: Progress, title: str) -> Report:
    """A callback that draws one bar for the epoch under way."""
    task = progress.add_task(title, total=None)

    def report(stage: str, epoch: int, done: int, total: int) -> None:
        text = f"{title}: {stage} epoch {epoch + 1}"
        progress.update(task, description=text, completed=done, total=total)

    return report
