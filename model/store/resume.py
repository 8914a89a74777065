# SPDX-License-Identifier: Apache-2.0
"""A training in a folder: its checkpoint and its log, and whether it may go on there."""

from __future__ import annotations

import contextlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Generic, TypeVar

from torch import Tensor

from fixedpoint.support.files import write_text
from fixedpoint.support.lock import locked
from fixedpoint.support.reading import RESULT_BYTES, brief, parse_json, read_bytes
from model.store import checkpoint as checkpoints
from model.store.checkpoint import Checkpoint
from model.store.config import Config
from model.store.entries import integer, object_of

LOG = "log.jsonl"
Report = Callable[[str, int, int, int], None]
"""Called after a step with the stage, the epoch, and how many of its steps are done."""


def previous(config: Config, out: Path, resume: bool) -> Checkpoint | None:
    """The checkpoint in `out` from which to resume, None if a training starts.

    Raises `ValueError` if `out` holds a checkpoint and `resume` is false, or if it holds one of
    another configuration, or none at all and `resume` is true.
    """
    if not (out / checkpoints.FILE).exists():
        if resume:
            raise ValueError(f"{out} holds no {checkpoints.FILE} to resume")
        return None
    if not resume:
        raise ValueError(f"{out} holds a checkpoint: --resume goes on, another --out starts anew")
    saved = checkpoints.load(out)
    wanted, found = vars(config), vars(config.from_json(saved.config))
    changed = sorted(k for k in wanted if wanted[k] != found[k])
    if changed:
        described = ", ".join(f"{k} {found[k]!r} not {wanted[k]!r}" for k in changed)
        raise ValueError(f"{out} holds a checkpoint of another configuration: {described}")
    return saved


@contextlib.contextmanager
def alone(config: Config, out: Path, saved: Checkpoint | None) -> Iterator[None]:
    """Hold the folder of a training that was found to stand at `saved`.

    Raises `ValueError` if another process holds it, or has written to it since.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValueError(f"{out} cannot be written: {error.strerror}") from None
    try:
        with locked(out):
            now = previous(config, out, saved is not None)
            if (now and now.identity) != (saved and saved.identity):
                raise ValueError(f"{out} was written by another process just now: start again")
            yield
    finally:
        with contextlib.suppress(OSError):
            out.rmdir()  # Only an empty folder goes: one in which nothing was trained.


def read_log(out: Path) -> list[dict[str, Any]]:
    """The log of the training in a folder, one entry an epoch.

    Raises `ValueError` on a file that is none, or on a line that names no stage and epoch.
    """
    entries = []
    try:
        lines = read_bytes(out / LOG, RESULT_BYTES).splitlines()
        for number, line in enumerate(lines, start=1):
            entry = object_of(parse_json(line), f"line {number}")
            if entry.get("stage") not in checkpoints.STAGES:
                raise ValueError(f"line {number}: stage {brief(entry.get('stage'))}")
            integer(entry.get("epoch"), f"line {number}: epoch", 0, checkpoints.MOST_EPOCHS)
            entries.append(entry)
    except FileNotFoundError:
        raise ValueError(f"{out / LOG} cannot be read: there is no such file") from None
    except ValueError as error:
        raise ValueError(f"{out / LOG} cannot be read: {error}") from None
    return entries


C = TypeVar("C", bound=Config)


class Training(ABC, Generic[C]):
    """One training in one folder; `run` does what is left of it, epoch by epoch.

    Args:
        config: what to train.
        out: the folder of checkpoint and log.
        resume: go on from the checkpoint in `out`.
        report: called after every step, for a progress bar.

    Raises `ValueError` if `out` holds a checkpoint and `resume` is false, or if it holds one of
    another configuration, or none at all and `resume` is true.
    """

    def __init__(self, config: C, out: Path, resume: bool, report: Report) -> None:
        self.config, self.out, self.report = config, out, report
        self.saved = previous(config, out, resume)
        self.log: list[dict[str, Any]] = read_log(out) if self.saved else []

    def run(self) -> Checkpoint:
        """Train to the end; returns the last checkpoint, which also lies in the folder.

        Raises `ValueError` if another process trains in the folder.
        """
        with alone(self.config, self.out, self.saved):
            self.train()
            return checkpoints.load(self.out)

    @abstractmethod
    def train(self) -> None:
        """What is left of all epochs; each ends with `keep`."""

    def keep(
        self, stage: str, epoch: int, entry: dict[str, Any], parts: Mapping[str, dict[str, Tensor]]
    ) -> None:
        """Log an epoch, and save the tensors of its parts."""
        entry = {"stage": stage, "epoch": epoch, "seed": self.config.seed} | entry
        key = (stage, epoch)
        self.log = [e for e in self.log if (e["stage"], e["epoch"]) != key] + [entry]
        # The log first: an epoch that is logged and not yet in the checkpoint is trained again.
        write_text(self.out / LOG, "".join(json.dumps(e) + "\n" for e in self.log))
        tensors = {f"{name}.{k}": v for name, part in parts.items() for k, v in part.items()}
        saved = Checkpoint(self.config.to_json(), stage, epoch, tensors)
        saved.save(self.out / checkpoints.FILE)
