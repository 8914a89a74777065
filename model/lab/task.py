# SPDX-License-Identifier: Apache-2.0
"""One task of a sweep: a seeded number of coherence blocks through some detectors."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from model.detectors.catalog import make
from model.lab import count
from model.lab.counts import Sums
from model.systems.scene import Detector, Scene, scene
from model.systems.system import System

CHUNK_VECTORS = 500
"""Vectors that are drawn and detected at once: what they need stays in a core's cache."""
KEY_OFFSET = 1_000_000


@dataclass(frozen=True)
class Task:
    """Coherence blocks `index` · `blocks` … of one SNR, for the detectors that still run there.

    `point` says to whom the outcome belongs; it has no part in it.
    """

    point: int
    system: System
    detectors: tuple[str, ...]
    snr_db: float
    seed: int
    index: int
    blocks: int
    device: str

    def generator(self) -> np.random.Generator:
        """The task's own randomness: of seed, SNR in thousandths of a dB, and index, no more.

        SFC64 draws normal samples a sixth faster than numpy's default.
        """
        words = [self.seed, KEY_OFFSET + snr_key(self.snr_db), self.index]
        return np.random.Generator(np.random.SFC64(words))


class Outcome(NamedTuple):
    """A task and what its detectors got wrong."""

    task: Task
    sums: Sums


def snr_key(snr_db: float) -> int:
    """An SNR as a whole number of thousandths of a dB."""
    return round(snr_db * 1000)


def run(task: Task) -> Outcome:
    """Run a task in this process, with one thread of torch.

    Raises `ValueError` on an estimate that is not finite, naming detector, SNR and block.
    """
    torch.set_num_threads(1)
    rng, detectors = task.generator(), [_built(text, task.system) for text in task.detectors]
    chunk = max(1, CHUNK_VECTORS // task.system.vectors)
    parts = []
    for start in range(0, task.blocks, chunk):
        blocks = min(chunk, task.blocks - start)
        drawn = scene(task.system, task.snr_db, blocks, rng, task.device)
        parts.append(_errors(task, detectors, drawn, start))
    return Outcome(task, Sums.of(np.concatenate(parts, axis=-1)))


@functools.cache
def _built(text: str, system: System) -> Detector:
    """A detector, made once a process."""
    return make(text, system)


def _errors(task: Task, detectors: list[Detector], drawn: Scene, start: int) -> NDArray[np.int64]:
    """(3, D, G) errors of every detector in every coherence block of a draw."""
    m = task.system.constellation
    sent = count.gray_words(drawn.x, m)
    found = []
    for text, detector in zip(task.detectors, detectors, strict=True):
        with torch.no_grad():
            estimate = detector(drawn.received, drawn.h, drawn.noise)
        if estimate.shape != drawn.x.shape:
            raise ValueError(f"detector {text} gave the shape {tuple(estimate.shape)}, "
                             f"{tuple(drawn.x.shape)} was expected")  # fmt: skip
        finite = torch.isfinite(estimate).all(dim=2).all(dim=1)
        if not bool(finite.all()):
            block = task.index * task.blocks + start + int(torch.nonzero(~finite)[0])
            raise ValueError(f"detector {text} at {task.snr_db:g} dB, coherence block {block} of "
                             f"seed {task.seed}: the estimate is not finite")  # fmt: skip
        found.append(count.errors(estimate, sent, m))
    return torch.stack(found, dim=1).cpu().numpy()
