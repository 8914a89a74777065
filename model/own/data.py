# SPDX-License-Identifier: Apache-2.0
"""Draws for the training of a detector of one's own."""

from __future__ import annotations

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

STREAMS = {"float": 1, "quantized": 2, "validation": 3}


class Drawn(NamedTuple):
    """What a program gets, and what was sent, (G, B, N)."""

    inputs: Inputs
    x: NDArray[np.float64]


def entries(rng: np.random.Generator, offered: range, blocks: int, vectors: int) -> IntArray:
    """An SNR entry for each block, (blocks, vectors), each as often as any other."""
    chosen = rng.permutation(np.array(offered)[np.arange(blocks) % len(offered)])
    return np.repeat(chosen[:, None], vectors, axis=1)


def sample(spec: DetectorSpec, rng: np.random.Generator, index: IntArray, rounded: bool) -> Drawn:
    """Draws at SNR entries (G, B): in integers, or, not `rounded`, as for the float twin."""
    drawn = draw_of(rng, spec, spec.snr.snr_db[index])
    if not rounded:
        return Drawn(receiver.real_inputs(spec, drawn.h, drawn.y, index).inputs, drawn.x)
    integers = receiver.matrices(spec, drawn.h, index).h, spec.converter.convert(drawn.y, index)
    return Drawn(receiver.inputs(spec, *integers, index, checked=True).inputs, drawn.x)


def by_entry(values: Tensor, index: IntArray) -> tuple[Tensor, Tensor]:
    """Values of vectors (G, B): the mean of each SNR entry drawn; which one each is of, (G, B)."""
    which, place = np.unique(index, return_inverse=True)
    at = torch.from_numpy(place.reshape(index.shape))
    sums, counts = (
        torch.zeros(len(which), dtype=values.dtype).index_add(0, at.ravel(), each.ravel())
        for each in (values, torch.ones_like(values))
    )
    return sums / counts, at
