# SPDX-License-Identifier: Apache-2.0
"""The folder of a training: its checkpoint and its log, and whether a training may go on in it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol, Self

from fixedpoint.lock import locked
from fixedpoint.reading import RESULT_BYTES, brief, parse_json, read_bytes
from model import checkpoint as checkpoints
from model.checkpoint import Checkpoint
from model.entries import integer, object_of

LOG = "log.jsonl"


class Config(Protocol):
    """What a training is made of."""

    def to_json(self) -> dict[str, Any]:
        """Its entries."""
        ...

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The inverse of `to_json`; `ValueError` on unknown entries."""
        ...


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
    wanted, found = config.to_json(), config.from_json(saved.config).to_json()
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
