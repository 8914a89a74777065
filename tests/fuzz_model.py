# SPDX-License-Identifier: Apache-2.0
"""Changed checkpoints and journals, those that are sealed again too, for `tests.fuzz_files`."""

from __future__ import annotations

import hashlib
import json
import random
import re
import tempfile
from pathlib import Path

import safetensors.torch
import torch

from model.fpd import shipped as fpd_shipped
from model.lab import journal
from model.lab.plan import Plan
from model.lab.schedule import Schedule
from model.lab.sweep import sweep
from model.recipes import registry
from model.store import checkpoint as checkpoints
from model.store import shipped
from model.store.checkpoint import BLANK, Checkpoint
from model.systems.system import System
from model.unfolded.nets import net_of
from tests.fuzz_files import HOSTILE, Kind, change_bytes, change_json

NETWORKS = ("pgd-soft-int8-qat", "pgd-box", "admm-box-int8-kaq", "fpd-4qam-1bit")
SEALED = {name: (shipped.FOLDER / f"{name}.safetensors").read_bytes() for name in NETWORKS}
NUMBERS = (0.0, -1.0, 1e-30, 1e38, float("nan"), float("inf"), -3e38, 100.0)


def reseal(data: bytes) -> bytes:
    """The digest made that of the file, where there is a place for one."""
    place = re.search(rb'\\"sha256\\": \\"([0-9a-f]{64})', data)
    if place is None:
        return data
    blank = data[: place.start(1)] + BLANK.encode() + data[place.end(1) :]
    digest = hashlib.sha256(blank).hexdigest().encode()
    return data[: place.start(1)] + digest + data[place.end(1) :]


def make_checkpoint(rng: random.Random) -> bytes:
    """A changed checkpoint: four of five have the digest of what they hold."""
    data = SEALED[rng.choice(NETWORKS)]
    kind, size = rng.randrange(5), int.from_bytes(data[:8], "little")
    if kind == 0:
        return change_bytes(rng, data)
    header, body = json.loads(data[8 : 8 + size]), data[8 + size :]
    if kind == 1:
        return reseal(data[: 8 + size] + change_bytes(rng, body))
    if kind == 2:
        header = change_json(rng, header)
    elif kind == 3:
        entries = json.loads(header["__metadata__"]["bitfold"])
        if rng.random() < 0.5:
            entries["config"][rng.choice(list(entries["config"]))] = rng.choice(HOSTILE)
        else:
            entries = change_json(rng, entries)
        text = json.dumps(entries, sort_keys=True)
        header["__metadata__"]["bitfold"] = text.replace("1", "[" * 500, rng.random() < 0.02)
    else:
        return reseal(_retensored(rng, data, header["__metadata__"]))
    made = json.dumps(header).encode()
    return reseal(len(made).to_bytes(8, "little") + made + body)


def _retensored(rng: random.Random, data: bytes, metadata: dict[str, str]) -> bytes:
    tensors = safetensors.torch.load(data)
    for _ in range(rng.choice((1, 1, 3))):
        name = rng.choice(list(tensors))
        old, kind = tensors[name], rng.randrange(5)
        if kind == 0 and old.numel() and old.is_floating_point():
            old.reshape(-1)[rng.randrange(old.numel())] = rng.choice(NUMBERS)
        elif kind == 1:
            tensors[name] = old.to(rng.choice((torch.float64, torch.int64, torch.bool)))
        elif kind == 2:
            tensors[name] = old.reshape(-1)[: rng.randrange(old.numel() + 1)].clone()
        elif kind == 3 and len(tensors) > 1:
            del tensors[name]
        else:
            tensors[rng.choice((f"net.{name}", "table", "net.", "\x1b"))] = old.clone()
    return safetensors.torch.save(tensors, metadata=metadata)


def read_checkpoint(path: Path) -> Checkpoint:
    """A checkpoint, whose net can be made and, if quantized, exported."""
    made = checkpoints.load(path)
    if "system" in made.config:
        fpd_shipped.table_of(made, "network")
        fpd_shipped.net_of(made)
    elif made.stage == "quantized":
        registry.owner(made).export(made, "fuzz").save(path.with_suffix(".json"))
    else:
        net_of(made)
    return made


def check_checkpoint(path: Path, made: Checkpoint) -> None:
    """It is what would be written of it."""
    assert checkpoints.parse(made.to_bytes())[0].identity == made.identity
    assert all(bool(torch.isfinite(t).all()) for t in made.tensors.values())
    assert reseal(path.read_bytes()) == path.read_bytes()


PLAN = Plan(System(nt=2, nr=2, modulation="qpsk", vectors=2), ("zf", "lmmse"), (5.0, 9.0),
            seed=3, errors=60, max_vectors=400, min_vectors=20, task_vectors=20)  # fmt: skip


def _journal() -> bytes:
    with tempfile.TemporaryDirectory() as scratch:
        sweep(PLAN, workers=1, journal=Path(scratch, "j"))
        return Path(scratch, "j").read_bytes()


JOURNAL = _journal()


def make_journal(rng: random.Random) -> bytes:
    """A changed journal: its bytes, or its lines."""
    lines = JOURNAL.splitlines(keepends=True)
    at, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    kind = rng.randrange(5)
    if kind < 2:
        return change_bytes(rng, JOURNAL)
    if kind == 2:
        del lines[at]
    elif kind == 3:
        lines.insert(other, lines[at])
    else:
        lines[at], lines[other] = lines[other], lines[at]
    return b"".join(lines)


def make_sealed_journal(rng: random.Random) -> bytes:
    """A journal with other entries, whose checks are right."""
    entries = [json.loads(line) for line in JOURNAL.splitlines()]
    for entry in entries:
        del entry["check"]
    entries = change_json(rng, entries)
    before, lines = journal.START, []
    for entry in entries:
        body = json.dumps(entry, separators=(",", ":")).encode()
        before = journal.check(before, body)
        lines.append(body[:-1] + journal.CHECK % before.encode() + b"\n")
    return b"".join(lines)


def read_journal(path: Path) -> Schedule:
    """What its lines count."""
    schedule = Schedule((PLAN,), "cpu")
    journal.replay(path, (PLAN,), schedule)
    return schedule


def check_journal(path: Path, made: Schedule) -> None:
    """It has lost nothing but lines at its end."""
    data = path.read_bytes()
    assert JOURNAL.startswith(data[: data.rfind(b"\n") + 1])
    check_sealed_journal(path, made)


def check_sealed_journal(path: Path, made: Schedule) -> None:
    """Its counts are ones that tasks have."""
    for point in made.points:
        counts, blocks = point.counts, point.counted * PLAN.task_blocks
        assert 0 <= counts.blocks.min() <= counts.blocks.max() <= blocks
        assert counts.first.min() >= 0 <= counts.second.min()
        assert counts.unequal.min() >= 0 <= counts.cross.min()


KINDS = {
    "checkpoint": Kind(".safetensors", make_checkpoint, read_checkpoint, check_checkpoint),
    "journal": Kind(".jsonl", make_journal, read_journal, check_journal),
    "sealed-journal": Kind(".sealed", make_sealed_journal, read_journal, check_sealed_journal),
}
