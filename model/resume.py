# SPDX-License-Identifier: Apache-2.0
"""The folder of a training: its checkpoint and its log, and whether a training may go on in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Protocol, Self

from model import checkpoint as checkpoints
from model.checkpoint import Checkpoint

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


def read_log(out: Path) -> list[dict[str, Any]]:
    """The log of the training in a folder, one entry an epoch."""
    try:
        return [json.loads(line) for line in (out / LOG).read_text("utf-8").splitlines()]
    except (OSError, json.JSONDecodeError) as error:
        raise ValueError(f"{out / LOG} cannot be read: {error}") from None
