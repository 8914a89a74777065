# SPDX-License-Identifier: Apache-2.0
"""A TLAST that is lost, early or late, and what it costs by the rules of docs/rtl.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fixedpoint.numbers.format import IntArray
from verification.traffic.stimuli import Beat, Frame

GOES, VOID, ABSENT = 0, 1, 2
"""A vector that is detected; one whose H is lost; one whose own frame is."""


@dataclass(frozen=True)
class Damage:
    """Stream `stream` (those of H, then y): TLAST is turned at these beats, counted from the first.

    One beat within a frame: TLAST comes early. A frame's last one: it is missing. Both: it is late.
    """

    stream: int
    beats: tuple[int, ...]

    @classmethod
    def draw(cls, rng: np.random.Generator, stream: int, size: int, frames: int) -> Damage:
        """Of a stream of so many frames of `size` beats; it reaches into one more at the most."""
        frame = int(rng.integers(frames))
        last = frame * size + size - 1
        kind = int(rng.integers(3))
        if kind == 0 and size > 1:
            return cls(stream, (frame * size + int(rng.integers(size - 1)),))
        if kind == 1 and size > 1:
            return cls(stream, (last, last + 1 + int(rng.integers(size - 1))))
        return cls(stream, (last,))

    def of(self, stream: int, beats: Frame) -> Frame:
        """The beats of a stream with this damage."""
        if stream != self.stream:
            return beats
        return [replace(b, last=b.last != (i in self.beats)) for i, b in enumerate(beats)]


@dataclass(frozen=True)
class Cost:
    """Bad frames of each stream, those of H, then y, and each vector's fate (G, B)."""

    bad: tuple[int, ...]
    fate: IntArray


def whole(beats: Sequence[Beat], size: int) -> tuple[list[int], int]:
    """The numbers of the frames of `size` beats that arrive whole, and how many bad ones there are.

    A frame is bad if TLAST comes at another beat than its last; a longer one ends at its TLAST.
    """
    found, bad, start, dropping = [], 0, 0, False
    for i, beat in enumerate(beats):
        end = i - start == size - 1
        if not dropping:
            if beat.last and end:
                found.append(start // size)
            bad += beat.last != end
            dropping = end and not beat.last
        if beat.last:
            start, dropping = i + 1, False
    return found, bad


def cost(h: Sequence[Frame], y: Frame, shape: tuple[int, int]) -> Cost:
    """Of G blocks of B vectors, from the beats of the units' H and of y; the last H is whole."""
    blocks, vectors = shape
    arrived = [whole(beats, len(beats) // blocks) for beats in h]
    there = set.intersection(*(set(found) for found, _ in arrived))
    came, bad = whole(y, len(y) // (blocks * vectors))
    fate = np.full(blocks * vectors, ABSENT)
    fate[came] = [GOES if v // vectors in there else VOID for v in came]
    return Cost((*(n for _, n in arrived), bad), fate.reshape(shape))
