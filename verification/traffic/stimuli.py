# SPDX-License-Identifier: Apache-2.0
"""Seeded stimuli of the benches: corner integers, frames whole, short and long, stall patterns."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from fixedpoint.detector import Integers
from fixedpoint.detectors.library import DetectorSpec
from fixedpoint.numbers.format import Format, IntArray
from fixedpoint.receivers.inputs import split

H_BEAT_BYTES = 8


@dataclass(frozen=True)
class Beat:
    """One transfer of a stream; `user` counts with the last beat of a frame."""

    data: int
    last: bool
    user: int = 0


Frame = list[Beat]


def generator(seed: int, purpose: str) -> np.random.Generator:
    """A generator of its own for each purpose, so that no test depends on the order of others."""
    return np.random.default_rng([seed, zlib.crc32(purpose.encode("ascii"))])


def exhaustive(bits: int) -> IntArray:
    """Every two's-complement integer of a width."""
    return np.arange(-(1 << bits - 1), 1 << bits - 1, dtype=np.int64)


def corners(bits: int) -> IntArray:
    """±2^k − 2 … ±2^k + 2 for every k, and both ends, within a two's-complement width."""
    low, high = -(1 << bits - 1), (1 << bits - 1) - 1
    powers = [sign << k for k in range(bits) for sign in (1, -1)]
    near = {power + offset for power in (*powers, 0) for offset in range(-2, 3)}
    return np.array(sorted(q for q in near | {low, high} if low <= q <= high), dtype=np.int64)


def integers(rng: np.random.Generator, bits: int, count: int) -> IntArray:
    """Two's-complement integers of all magnitudes: as many of 3 bits as of `bits` bits."""
    q = rng.integers(-(1 << bits - 1), 1 << bits - 1, count, dtype=np.int64)
    return q >> rng.integers(0, bits - 1, count)


def never() -> Iterator[bool]:
    """No stall at all."""
    while True:
        yield False


def stalls(rng: np.random.Generator, fraction: float) -> Iterator[bool]:
    """A stall in each cycle with that probability."""
    while True:
        yield from (rng.random(1024) < fraction).tolist()


def bursts(rng: np.random.Generator, longest: int) -> Iterator[bool]:
    """Runs of 1 … `longest` cycles, stalled and free in turn."""
    while True:
        for stalled in (True, False):
            for _ in range(int(rng.integers(1, longest + 1))):
                yield stalled


def frame(words: list[int], user: int = 0) -> Frame:
    """A frame of these words, TLAST on the last one, the same TUSER in all."""
    last = len(words) - 1
    return [Beat(word, i == last, user) for i, word in enumerate(words)]


def message(rng: np.random.Generator, q: ArrayLike, bits: int, per_beat: int, user: int) -> Frame:
    """Integers of the fronthaul, `per_beat` a beat without gaps; any bits up to whole bytes.

    In the last beat any integers stand above the last one.
    """
    used, q = bits * per_beat, np.asarray(q)
    if over := -q.size % per_beat:
        q = np.concatenate([q, rng.integers(-(1 << bits - 1), 1 << bits - 1, over)])
    words = [word | int(rng.integers(1 << -used % 8)) << used for word in pack(q, bits, per_beat)]
    return frame(words, user)


def h_frame(
    spec: DetectorSpec, matrix: ArrayLike, beat_bytes: int = H_BEAT_BYTES, user: int = 0
) -> Frame:
    """H (R, N) row by row, as many entries a beat as its bytes hold, the first one lowest."""
    entry_bits = 8 * _bytes(spec.h_format.bits)
    words = pack(np.asarray(matrix).reshape(-1), entry_bits, 8 * beat_bytes // entry_bits)
    return frame(words, user)


def y_frame(spec: DetectorSpec, vector: ArrayLike, user: int) -> Frame:
    """y (M,), an element a beat; `user` is {block, SNR index}."""
    words = pack(np.asarray(vector), 8 * _bytes(spec.y_format.bits), 1)
    return frame(words, user)


def beyond(rng: np.random.Generator, spec: DetectorSpec, inputs: Integers) -> Integers:
    """The inputs with a fifth of the integers anything that the streams' bytes hold.

    Of the furthest integers of the bytes, like −128 or the code 255, there are some in any case; so
    are SNR indices beyond the bank.
    """
    index = rng.integers(0, 1 << spec.snr.index_bits, inputs.index.shape)
    if spec.one_snr_a_block:
        index = np.repeat(index[:, :1], index.shape[1], axis=1)
    return Integers(
        _outside(rng, inputs.h, spec.h_format), _outside(rng, inputs.y, spec.y_format), index
    )


def clamped(spec: DetectorSpec, inputs: Integers) -> Integers:
    """What C++ and RTL make of inputs that no format allows."""
    y, matrices = spec.y_format, split(spec, inputs.h)
    held = [matrices[part.name].clip(part.format.min, part.format.max) for part in spec.parts]
    return Integers(
        np.concatenate(held, axis=1),
        inputs.y.clip(y.min, y.max),
        inputs.index.clip(0, len(spec.snr) - 1),
    )


def short(frame: Frame, rng: np.random.Generator) -> Frame:
    """The frame cut after at least one beat, TLAST on the beat before the cut."""
    kept = frame[: int(rng.integers(1, len(frame)))]
    return [*kept[:-1], replace(kept[-1], last=True)]


def long(frame: Frame, rng: np.random.Generator) -> Frame:
    """The frame with 1 … its own length more beats, TLAST on the last of them."""
    more = int(rng.integers(1, len(frame) + 1))
    body = [replace(beat, last=False) for beat in (*frame, *frame[:more])]
    return [*body[:-1], replace(body[-1], last=True)]


def pack(q: Iterable[int], bits: int, per_word: int) -> list[int]:
    """Integers in two's complement, `per_word` side by side, the first one lowest."""
    mask = (1 << bits) - 1
    fields = [int(value) & mask for value in q]
    return [
        sum(field << bits * i for i, field in enumerate(fields[at : at + per_word]))
        for at in range(0, len(fields), per_word)
    ]


def unpack(word: int, bits: int, count: int, *, signed: bool = True) -> IntArray:
    """The inverse of `pack` for one word."""
    mask, sign = (1 << bits) - 1, (1 << bits - 1) if signed else 0
    fields = [((word >> bits * i & mask) ^ sign) - sign for i in range(count)]
    return np.array(fields, dtype=np.int64)


def _outside(rng: np.random.Generator, q: IntArray, fmt: Format) -> IntArray:
    bits = 8 * _bytes(fmt.bits)
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if fmt.signed else (0, (1 << bits) - 1)
    wild = rng.integers(low, high + 1, q.shape)
    mixed = np.where(rng.random(q.shape) < 0.2, wild, q)
    mixed.flat[:: q.size // 40 + 1] = low if fmt.signed else high
    return mixed


def _bytes(bits: int) -> int:
    return (bits + 7) // 8
