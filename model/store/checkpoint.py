# SPDX-License-Identifier: Apache-2.0
"""Checkpoints: one safetensors file whose header carries the JSON of how it was made.

Tensors are named `net.…`, `teacher.…`, `mmd.…`, `optimizer.…`. There is no state of a random
generator to store beyond the seed: every epoch draws from generators made of (seed, stage, epoch),
and a checkpoint is written between epochs.

The JSON's `sha256` is that of the whole file with zeros in its own place: no byte can change
unseen. It finds damage and is no signature.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor, nn

from fixedpoint.support.files import write_bytes
from fixedpoint.support.reading import CHECKPOINT_BYTES, brief, parse_json, read_bytes
from model.store.entries import integer, object_of

FILE = "checkpoint.safetensors"
STAGES = ("float", "quantized")
DIGEST, ENTRIES = "sha256", ("config", "stage", "epoch")
BLANK = "0" * 64
DTYPES = ("F32", "F64", "I64")
MOST_EPOCHS, MOST_TENSORS, MOST_DIMENSIONS = 10**6, 10_000, 8
SHOWN_ERROR = 300


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

    @property
    def identity(self) -> str:
        """SHA-256 of configuration, stage, epoch and tensors, however they lie in a file."""
        entries = [self.config, self.stage, self.epoch]
        digest = hashlib.sha256(json.dumps(entries, sort_keys=True).encode())
        for name, tensor in sorted(self.tensors.items()):
            digest.update(f"\n{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
            digest.update(tensor.detach().contiguous().numpy().tobytes())
        return digest.hexdigest()

    def save(self, path: Path, notes: dict[str, Any] | None = None) -> None:
        """Write the file whole or not at all; `notes` go into the header."""
        write_bytes(path, self.to_bytes(notes))

    def to_bytes(self, notes: dict[str, Any] | None = None) -> bytes:
        """The file's bytes, sealed."""
        entries = {"config": self.config, "stage": self.stage, "epoch": self.epoch}
        entries |= {"notes": notes} if notes else {}
        text = json.dumps({**entries, DIGEST: BLANK}, sort_keys=True)
        tensors = {name: tensor.detach().contiguous() for name, tensor in self.tensors.items()}
        blank = safetensors.torch.save(tensors, metadata={"bitfold": text})
        return _replaced(blank, BLANK, hashlib.sha256(blank).hexdigest())


def load(path: Path) -> Checkpoint:
    """Read a checkpoint, or the checkpoint in a folder. `ValueError` if it is none."""
    return read(path)[0]


def notes(path: Path) -> dict[str, Any]:
    """The notes in a checkpoint's header, empty if there are none."""
    return read(path)[1]


def read(path: Path, sealed: bool = True) -> tuple[Checkpoint, dict[str, Any]]:
    """A checkpoint and its notes; not `sealed`: one that an earlier bitfold wrote, without digest.

    Raises `ValueError` that names the file, what was found and what was expected.
    """
    if path.is_dir():
        path = path / FILE
    try:
        return parse(read_bytes(path, CHECKPOINT_BYTES), sealed)
    except FileNotFoundError:
        raise ValueError(f"checkpoint {path}: no such file") from None
    except UnsealedError:
        raise ValueError(
            f"checkpoint {path}: it has no digest, an earlier bitfold wrote it: "
            f"python -m model.seal {path} adds one"
        ) from None
    except ValueError as error:
        raise ValueError(f"checkpoint {path}: not a bitfold checkpoint ({error})") from None


class UnsealedError(ValueError):
    """A checkpoint without a digest."""


def parse(data: bytes, sealed: bool = True) -> tuple[Checkpoint, dict[str, Any]]:
    """A checkpoint and its notes from a file's bytes. Raises as `read`, without the file's name."""
    header, entries = _header(data)
    if sealed:
        _check_digest(data, entries)
    elif DIGEST in entries:
        raise ValueError("it has a digest already")
    unknown = sorted(set(entries) - {*ENTRIES, "notes", DIGEST})
    missing = [name for name in ENTRIES if name not in entries]
    if unknown or missing:
        raise ValueError(f"its entries lack {missing}, {brief(unknown)} are unknown")
    config, found = (object_of(entries.get(n, {}), n) for n in ("config", "notes"))
    stage = entries["stage"]
    if stage not in STAGES:
        raise ValueError(f"stage {brief(stage)} is not one of {STAGES}")
    epoch = integer(entries["epoch"], "epoch", 0, MOST_EPOCHS)
    return Checkpoint(config, stage, epoch, _tensors(data, header)), found


def _header(data: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """The header of safetensors without its metadata, and the entries that those hold."""
    size = int.from_bytes(data[:8], "little")
    if not 2 <= size <= len(data) - 8:
        raise ValueError(f"its header has {size} bytes of {len(data)} in all")
    header = object_of(parse_json(data[8 : 8 + size]), "its header")
    metadata = object_of(header.pop("__metadata__", None), "its metadata")
    text = metadata.get("bitfold")
    if set(metadata) != {"bitfold"} or not isinstance(text, str):
        raise ValueError("its metadata are not the one text bitfold")
    return header, object_of(parse_json(text.encode()), "bitfold")


def _check_digest(data: bytes, entries: dict[str, Any]) -> None:
    if DIGEST not in entries:
        raise UnsealedError
    stored = entries[DIGEST]
    if not isinstance(stored, str) or not re.fullmatch("[0-9a-f]{64}", stored):
        raise ValueError(f"its digest {brief(stored)} is not 64 hexadecimal digits")
    found = hashlib.sha256(_replaced(data, stored, BLANK)).hexdigest()
    if found != stored:
        raise ValueError(f"it is damaged: digest {stored[:16]}... stored, {found[:16]}... found")


def _replaced(data: bytes, old: str, new: str) -> bytes:
    """The file with another digest in the place of `old`."""
    mark = f'\\"{DIGEST}\\": \\"'
    return data.replace((mark + old).encode(), (mark + new).encode(), 1)


def _tensors(data: bytes, header: dict[str, Any]) -> dict[str, Tensor]:
    if len(header) > MOST_TENSORS:
        raise ValueError(f"it has {len(header)} tensors, at most {MOST_TENSORS} were expected")
    for name, entry in header.items():
        described = object_of(entry, brief(name))
        if described.get("dtype") not in DTYPES:
            kind = brief(described.get("dtype"))
            raise ValueError(f"{brief(name)} is of type {kind}, not of {', '.join(DTYPES)}")
        shape = described.get("shape")
        if not isinstance(shape, list) or len(shape) > MOST_DIMENSIONS:
            raise ValueError(f"{brief(name)} has the shape {brief(shape)}")
    try:
        tensors = safetensors.torch.load(data)
    except (SafetensorError, RuntimeError, ValueError, TypeError, OverflowError) as error:
        raise ValueError(_line(error)) from None
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            raise ValueError(f"{brief(name)} holds NaN or infinity")
    return tensors


def _line(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= SHOWN_ERROR else f"{text[:SHOWN_ERROR]}..."


def restore(module: nn.Module, tensors: dict[str, Tensor], subject: str) -> None:
    """Load a module's tensors. `ValueError` that names what is missing, unknown or misshapen."""
    wanted = module.state_dict()
    for name, tensor in tensors.items():
        if name in wanted and tensor.dtype != wanted[name].dtype:
            kinds = f"{tensor.dtype}, {wanted[name].dtype} was expected"
            raise ValueError(f"{subject}: {name} is of type {kinds}")
    try:
        module.load_state_dict(tensors)
    except RuntimeError as error:
        raise ValueError(f"{subject}: {_line(error)}") from None


def optimizer_tensors(optimizer: torch.optim.Adam) -> dict[str, Tensor]:
    """Adam's moments and step counts, `<parameter>.<name>`."""
    state = optimizer.state_dict()["state"]
    return {f"{i}.{name}": tensor for i, entry in state.items() for name, tensor in entry.items()}


def restore_optimizer(optimizer: torch.optim.Adam, tensors: dict[str, Tensor]) -> None:
    """The inverse of `optimizer_tensors`. Raises `ValueError` on what Adam has not."""
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    shapes = {
        f"{i}.{name}": () if name == "step" else tuple(parameter.shape)
        for i, parameter in enumerate(parameters)
        for name in ("step", "exp_avg", "exp_avg_sq")
    }
    found = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    if tensors and found != shapes:
        wrong = sorted(n for n in found.keys() | shapes.keys() if found.get(n) != shapes.get(n))
        raise ValueError(f"checkpoint, optimizer: {brief(', '.join(wrong))} do not fit the net")
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        i, entry = name.split(".")
        state.setdefault(int(i), {})[entry] = tensor
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})
