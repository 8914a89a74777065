# SPDX-License-Identifier: Apache-2.0
"""Shipped networks: the tensors of a net, and in the header how and by which command it was made.

`model/networks/NAME.safetensors` is a checkpoint (`model.store.checkpoint`) of the net alone,
without optimizer, and of its frozen table where it has one; its header's notes hold the command,
the torch version and the log of every epoch.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import torch

from model.store import checkpoint as checkpoints
from model.store.checkpoint import Checkpoint
from model.store.config import Config

FOLDER = Path(__file__).parent.parent / "networks"
KEPT = ("net", "table")


def names() -> list[str]:
    """Every shipped network."""
    return sorted(p.stem for p in FOLDER.glob("*.safetensors"))


def locate(source: str) -> Path:
    """The file of a shipped network, or `source` as a path."""
    return FOLDER / f"{source}.safetensors" if source in names() else Path(source)


def store(
    checkpoint: Checkpoint, path: Path, config: Config, command: str, log: list[dict[str, Any]]
) -> None:
    """Write the net of a checkpoint, without its training state, whole or not at all.

    `config`: the checkpoint's own, with `start` and `teacher` by name; `log`: of its epochs.
    """
    tensors = {k: v for k, v in checkpoint.tensors.items() if k.split(".")[0] in KEPT}
    kept = dataclasses.replace(checkpoint, config=config.to_json(), tensors=tensors)
    version = torch.__version__.split("+")[0]
    path.parent.mkdir(parents=True, exist_ok=True)
    kept.save(path, {"command": command, "torch": version, "log": log})


def checkpoint_of(name: str) -> Checkpoint:
    """A shipped network's checkpoint. `ValueError` on a name that is not shipped."""
    if name not in names():
        raise ValueError(f"network {name!r} is not one of {', '.join(names())}")
    return checkpoints.load(locate(name))


def log(name: str) -> list[dict[str, Any]]:
    """The log of a shipped network's training, one entry an epoch: stage, loss, BER by SNR."""
    entries: list[dict[str, Any]] = checkpoints.notes(locate(name)).get("log", [])
    return entries
