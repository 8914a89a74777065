# SPDX-License-Identifier: Apache-2.0
"""Draws for a training by the graph."""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fixedpoint.numbers.format import IntArray
from fixedpoint.program.views.interpret import Inputs
from fixedpoint.receivers import receiver
from fixedpoint.receivers.channel import draw_of
from fixedpoint.specs.detector import DetectorSpec
from model.systems.scene import scene
from model.systems.system import System

STREAMS = {"float": 1, "quantized": 2, "validation": 3, "kappa": 4}


class Drawn(NamedTuple):
    """What a program gets, and what was sent, (G, B, N)."""

    inputs: Inputs
    x: NDArray[np.float64]


def entries(rng: np.random.Generator, offered: range, blocks: int, vectors: int) -> IntArray:
    """An SNR entry for each block, (blocks, vectors), each as often as any other."""
    chosen = rng.permutation(np.array(offered)[np.arange(blocks) % len(offered)])
    return np.repeat(chosen[:, None], vectors, axis=1)


def sample(
    spec: DetectorSpec,
    rng: np.random.Generator,
    index: IntArray,
    rounded: bool,
    system: System | None = None,
    part: str = "train",
) -> Drawn:
    """Draws at SNR entries (G, B): in integers, or, not `rounded`, as for the float twin.

    system: whose channels, estimates and believed SNRs these are; none: the spec's own, exact.
    part: of a file's channels, see `model.systems.recorded`.
    """
    h, y, x, index = _drawn(spec, rng, index, system, part)
    if not rounded:
        return Drawn(receiver.real_inputs(spec, h, y, index).inputs, x)
    integers = receiver.matrices(spec, h, index).h, spec.converter.convert(y, index)
    return Drawn(receiver.inputs(spec, *integers, index, checked=True).inputs, x)


def _drawn(
    spec: DetectorSpec, rng: np.random.Generator, index: IntArray, system: System | None, part: str
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], IntArray]:
    """H as estimated, y before any converter, x, and the SNR entries that the receiver believes."""
    snr_db = spec.snr.snr_db[index]
    if system is None:
        drawn = draw_of(rng, spec, snr_db)
        return drawn.h, drawn.y, drawn.x, index
    raw = dataclasses.replace(system, adc_bits=0, vectors=index.shape[1],
                              channel_gain=spec.entry_variance)  # fmt: skip
    seen = scene(raw, snr_db, len(index), rng, part=part)
    believed = np.clip(snr_db + system.snr_mismatch_db, spec.snr.first_db, spec.snr.last_db)
    h, y, x = (values.numpy() for values in (seen.h, seen.received.y, seen.x))
    return h, y, x, spec.snr.index(believed)


def by_entry(values: Tensor, index: IntArray) -> tuple[Tensor, Tensor]:
    """Values of vectors (G, B): the mean of each SNR entry drawn; which one each is of, (G, B)."""
    which, place = np.unique(index, return_inverse=True)
    at = torch.from_numpy(place.reshape(index.shape))
    sums, counts = (
        torch.zeros(len(which), dtype=values.dtype).index_add(0, at.ravel(), each.ravel())
        for each in (values, torch.ones_like(values))
    )
    return sums / counts, at
