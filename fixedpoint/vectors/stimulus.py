# SPDX-License-Identifier: Apache-2.0
"""Where the vectors of `fixedpoint.golden` come from: real inputs, in one piece or in chunks.

`Drawn` gives in chunks the very numbers that `draw` gives in one piece, of any count of vectors.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from fixedpoint.numbers.format import IntArray
from fixedpoint.receivers import channel as channels
from fixedpoint.receivers.channel import Draw
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.support.chunks import Chunk, chunks

FloatArray = NDArray[np.float64]
LONGEST_BLOCK = 16
Rows = Callable[[np.random.Generator, int], NDArray[Any]]
"""Draws the next so many blocks of an array."""


@dataclass(frozen=True)
class Stimulus:
    """Real inputs: h (G, M, N), y (G, B, M), snr_db (G, B), and what was sent, if known."""

    h: FloatArray
    y: FloatArray
    snr_db: FloatArray
    bits: IntArray | None


class Source(Protocol):
    """Vectors in chunks."""

    @property
    def shape(self) -> tuple[int, int]:
        """G and B: blocks, and the vectors of each."""

    def parts(self) -> Iterator[tuple[Chunk, Stimulus]]:
        """All of them in order."""


def draw(spec: DetectorSpec, count: int, seed: int, snr_db: float | None) -> Stimulus:
    """Channel draws: coherence blocks of the largest size up to 16 that divides `count`.

    Without `snr_db` every vector draws an entry of the bank, or every block where its vectors share
    one. Raises `ValueError` if `count` is less than 1, and on an SNR outside the bank.
    """
    blocks, size = _shape(count)
    rng = np.random.default_rng(seed)
    snr = _snr(spec, size, snr_db, rng, blocks)
    return _stimulus(spec, channels.draw(rng, spec.constellation, spec.rows, spec.columns, snr))


@dataclass(frozen=True)
class Drawn:
    """The vectors of `draw`, chunk by chunk. Raises as `draw`."""

    spec: DetectorSpec
    count: int
    seed: int
    snr_db: float | None

    def __post_init__(self) -> None:
        _shape(self.count)
        if self.snr_db is not None:
            self.spec.snr.index(self.snr_db)

    @property
    def shape(self) -> tuple[int, int]:
        """Blocks, and the vectors of each."""
        return _shape(self.count)

    def parts(self) -> Iterator[tuple[Chunk, Stimulus]]:
        """See `Source`."""
        arrays = self._arrays()
        for chunk in chunks(*self.shape):
            blocks = chunk.blocks.stop - chunk.blocks.start
            snr, real, imaginary, positions, noise = (array(blocks) for array in arrays)
            parts = np.stack([real, imaginary])
            drawn = channels.received(self.spec.constellation, parts, positions, noise, snr)
            yield chunk, _stimulus(self.spec, drawn)

    def _arrays(self) -> list[Callable[[int], NDArray[Any]]]:
        """The arrays that `draw` draws one after the other, each with a generator of its own.

        How many random words an array takes depends on the words: a copy of the generator is made
        at each array's first number, which the one before is drawn, and dropped, to get to.
        """
        spec, (blocks, size) = self.spec, self.shape
        entries = (spec.rows // 2, spec.columns // 2)
        levels = spec.constellation.levels
        normal = np.random.Generator.standard_normal
        rows: list[Rows] = [
            partial(_snr, spec, size, self.snr_db),
            *[lambda rng, n: normal(rng, (n, *entries))] * 2,
            lambda rng, n: rng.integers(0, levels, (n, size, spec.columns)),
            lambda rng, n: normal(rng, (n, size, spec.rows)),
        ]
        found: list[Callable[[int], NDArray[Any]]] = []
        rng = np.random.default_rng(self.seed)
        for draw_rows in rows:
            found.append(partial(draw_rows, copy.deepcopy(rng)))
            if draw_rows is not rows[-1]:
                for chunk in chunks(blocks, size):
                    draw_rows(rng, chunk.blocks.stop - chunk.blocks.start)
        return found


def _shape(count: int) -> tuple[int, int]:
    if count < 1:
        raise ValueError(f"{count} vectors: at least 1 was expected")
    size = next(b for b in range(LONGEST_BLOCK, 0, -1) if count % b == 0)
    return count // size, size


def _snr(
    spec: DetectorSpec, size: int, snr_db: float | None, rng: np.random.Generator, blocks: int
) -> FloatArray:
    """The SNR of each vector, (G, B)."""
    if snr_db is not None:
        spec.snr.index(snr_db)
        return np.full((blocks, size), float(snr_db))
    if spec.one_snr_a_block:
        return np.repeat(rng.choice(spec.snr.snr_db, (blocks, 1)), size, axis=1)
    return rng.choice(spec.snr.snr_db, (blocks, size))


def _stimulus(spec: DetectorSpec, drawn: Draw) -> Stimulus:
    found = channels.scaled(spec, drawn)
    return Stimulus(found.h, found.y, found.snr_db, found.bits)
