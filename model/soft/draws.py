# SPDX-License-Identifier: Apache-2.0
"""Draws of a spec's system with the bits that were sent, for calibration and measurement."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fixedpoint.detectors.library import DetectorSpec
from fixedpoint.numbers.format import IntArray
from fixedpoint.receivers import family, receiver
from model.detectors.golden import blocks_of, expected, must_fit
from model.systems.scene import scene
from model.systems.system import System
from model.systems.text import system_of

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Draws:
    """Vectors at one SNR entry.

    h: (G, M, N), y: (G, B, M), real; index: (G, B); bits: (G, B, N, b), Gray, as sent; noise: the
    variance in one real dimension.
    """

    h: FloatArray
    y: FloatArray
    index: IntArray
    bits: IntArray
    noise: float


def system_for(spec: DetectorSpec, text: str | None = None) -> System:
    """The system that a spec is made for; or another one of its sizes, by its text.

    Raises `ValueError` on one that does not fit.
    """
    if text is not None:
        found = system_of(text)
        must_fit(f"golden:spec={spec.name}", found, spec)
        return found
    wanted: dict[str, Any] = dict(expected(spec))
    if not math.isclose(spec.entry_variance, 2 / spec.rows):
        wanted["channel_gain"] = spec.entry_variance
    return System(**wanted)


def draws(
    spec: DetectorSpec, system: System, entry: int, vectors: int, seed: int, part: str = "test"
) -> Draws:
    """So many vectors at an entry of the bank; of a file's channels those of a part."""
    snr_db, size = float(spec.snr.snr_db[entry]), system.vectors
    blocks = -(-vectors // size)
    drawn = scene(system, snr_db, blocks, np.random.default_rng((seed, entry)), part=part)
    index = np.full((blocks, size), entry)
    h, y, index = blocks_of(spec, drawn.h.numpy(), drawn.received.y.numpy(), index)
    x = drawn.x.numpy().reshape(*index.shape, spec.columns)
    position = np.round((x + spec.constellation.peak) / 2).astype(np.int64)
    return Draws(h, y, index, spec.constellation.gray(position), float(drawn.noise[0, 0]))


@dataclass(frozen=True)
class Last:
    """The last layer's wires as real values, and the block's matrices by name."""

    wires: Mapping[str, FloatArray]
    matrices: Mapping[str, FloatArray]


def golden(spec: DetectorSpec, drawn: Draws) -> Last:
    """By the golden model."""
    h = receiver.matrices(spec, drawn.h, drawn.index).h
    codes = spec.converter.convert(drawn.y, drawn.index)
    last = family.run(spec, h, codes, drawn.index)[-1]
    formats = family.wire_formats(spec)
    wires = {name: fmt.value(getattr(last, name)) for name, fmt in formats.items()
             if name != "bits"}  # fmt: skip
    ends = np.cumsum([part.rows for part in spec.parts])[:-1]
    pieces = zip(spec.parts, np.split(h, ends, axis=1), strict=True)
    return Last(wires, {part.name: part.format.value(q) for part, q in pieces})


def float_twin(spec: DetectorSpec, drawn: Draws) -> Last:
    """By the float twin: the same constants and clipping, no rounding."""
    last = family.float_twin(spec, drawn.h, drawn.y, drawn.index)[-1]
    formats = family.wire_formats(spec)
    wires = {name: getattr(last, name) * fmt.step for name, fmt in formats.items()
             if name != "bits"}  # fmt: skip
    return Last(wires, spec.brought(drawn.h, drawn.index))
