# SPDX-License-Identifier: Apache-2.0
"""Checkpoints: one safetensors file whose header carries the JSON of how it was made.

Tensors are named `net.…`, `teacher.…`, `mmd.…`, `optimizer.…`. There is no state of a random
generator to store beyond the seed: every epoch draws from generators made of (seed, stage, epoch),
and a checkpoint is written between epochs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from fixedpoint.files import write_bytes

FILE = "checkpoint.safetensors"
STAGES = ("float", "quantized")


@dataclass(frozen=True)
class Checkpoint:
    """Where a training stands: `epoch` epochs of `stage` are done under `config`."""

    config: dict[str, Any]
    stage: str
    epoch: int
    tensors: dict[str, Tensor]

    def part(self, prefix: str) -> dict[str, Tensor]:
        """The tensors named `prefix.…`, without the prefix."""
        start = prefix + "."
        return {k.removeprefix(start): v for k, v in self.tensors.items() if k.startswith(start)}

    def save(self, path: Path, notes: dict[str, Any] | None = None) -> None:
        """Write the file whole or not at all; `notes` go into the header."""
        entries = {"config": self.config, "stage": self.stage, "epoch": self.epoch}
        entries |= {"notes": notes} if notes else {}
        header = {"bitfold": json.dumps(entries, sort_keys=True)}
        tensors = {name: tensor.detach().contiguous() for name, tensor in self.tensors.items()}
        write_bytes(path, safetensors.torch.save(tensors, metadata=header))


def load(path: Path) -> Checkpoint:
    """Read a checkpoint, or the checkpoint in a folder. `ValueError` if it is none."""
    if path.is_dir():
        path = path / FILE
    if not path.is_file():
        raise ValueError(f"checkpoint {path}: no such file")
    try:
        with safe_open(path, framework="pt") as file:
            header = json.loads((file.metadata() or {})["bitfold"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        checkpoint = Checkpoint(header["config"], header["stage"], header["epoch"], tensors)
    except (SafetensorError, KeyError, TypeError, json.JSONDecodeError, OSError) as error:
        raise ValueError(f"checkpoint {path}: not a bitfold checkpoint ({error})") from None
    if checkpoint.stage not in STAGES:
        raise ValueError(f"checkpoint {path}: stage {checkpoint.stage!r} is not one of {STAGES}")
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            raise ValueError(f"checkpoint {path}: {name} holds NaN or infinity")
    return checkpoint


def notes(path: Path) -> dict[str, Any]:
    """The notes in a checkpoint's header, empty if there are none."""
    try:
        with safe_open(path, framework="pt") as file:
            found: dict[str, Any] = json.loads(file.metadata()["bitfold"]).get("notes", {})
            return found
    except (SafetensorError, KeyError, TypeError, json.JSONDecodeError, OSError) as error:
        raise ValueError(f"checkpoint {path}: not a bitfold checkpoint ({error})") from None


def restore(module: nn.Module, tensors: dict[str, Tensor], subject: str) -> None:
    """Load a module's tensors. `ValueError` that names what is missing, unknown or misshapen."""
    try:
        module.load_state_dict(tensors)
    except RuntimeError as error:
        raise ValueError(f"{subject}: {error}") from None


def optimizer_tensors(optimizer: torch.optim.Adam) -> dict[str, Tensor]:
    """Adam's moments and step counts, `<parameter>.<name>`."""
    state = optimizer.state_dict()["state"]
    return {f"{i}.{name}": tensor for i, entry in state.items() for name, tensor in entry.items()}


def restore_optimizer(optimizer: torch.optim.Adam, tensors: dict[str, Tensor]) -> None:
    """The inverse of `optimizer_tensors`."""
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        i, entry = name.split(".")
        state.setdefault(int(i), {})[entry] = tensor
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})
