# SPDX-License-Identifier: Apache-2.0
"""Many vectors a thousand at a time: the golden model's wires take tens of KiB each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

VECTORS = 1024
ALIGNED = 64
"""Long blocks are cut at multiples of this: BLAS then sums the float twin as in one piece."""


@dataclass(frozen=True)
class Chunk:
    """Whole blocks, or vectors of one long block."""

    blocks: slice
    vectors: slice

    @property
    def part(self) -> tuple[slice, slice]:
        """What it takes of an array (G, B, …)."""
        return self.blocks, self.vectors

    @property
    def opens(self) -> bool:
        """False if a block goes on, whose matrices an earlier chunk brought."""
        first: int = self.vectors.start
        return first == 0


def chunks(blocks: int, vectors: int, most: int = VECTORS) -> Iterator[Chunk]:
    """All of G blocks of B vectors in order, about `most` vectors at a time.

    Sizes differ by as little as they can: none is of a single vector unless all are, which numpy
    would sum in another order.
    """
    if vectors > most:
        for g in range(blocks):
            for part in _cuts(vectors, most, ALIGNED):
                yield Chunk(slice(g, g + 1), part)
    else:
        for part in _cuts(blocks, most // vectors, 1):
            yield Chunk(part, slice(0, vectors))


def _cuts(total: int, most: int, unit: int) -> Iterator[slice]:
    pieces = -(-total // most)
    ends = [total * i // pieces // unit * unit for i in range(pieces)] + [total]
    for start, end in itertools.pairwise(ends):
        yield slice(start, end)
