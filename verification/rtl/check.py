# SPDX-License-Identifier: Apache-2.0
"""The long comparison of the RTL library with the golden model, chunk by chunk.

Every wire of every layer, and what leaves on m_axis_x and m_axis_llr; cycles a vector are measured
on the way.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from fixedpoint.detector import Detector, Integers
from fixedpoint.program import coverage
from fixedpoint.receivers import channel, family
from fixedpoint.stress import extreme
from fixedpoint.vectors.compare import Comparison, compare
from hls.cases import Case
from verification.rtl import runs
from verification.rtl.model import Rtl, Traffic
from verification.rtl.runs import RtlRun

CHUNK = 4096
SLOT_BLOCK = 14


@dataclass(frozen=True)
class Chunk:
    """`blocks` coherence blocks of `vectors` vectors, drawn and stalled with `seed`."""

    seed: int
    blocks: int
    vectors: int

    @property
    def count(self) -> int:
        """All its vectors."""
        return self.blocks * self.vectors


@dataclass
class Tally:
    """What was compared and measured over the chunks of one command."""

    comparison: Comparison
    events: coverage.Events
    long_cycles: list[tuple[int, float]]  # vectors, cycles a vector in the steady state
    block_cycles: list[tuple[int, float]]  # vectors, cycles a vector with H loading counted
    first_latency: int = 0
    vectors: int = 0
    seconds: float = 0.0


def plan(count: int, block: int | None, seed: int) -> Iterator[Chunk]:
    """Chunks of `count` vectors in all; chunk i has the seed `seed` + i."""
    if count < 1:
        raise ValueError(f"{count} vectors: at least 1 was expected")
    if block is not None and not 1 <= block <= CHUNK:
        raise ValueError(f"block {block} is outside 1 to {CHUNK}")
    largest = CHUNK if block else min(CHUNK, max(1, count // 2))
    done, i = 0, 0
    while done < count:
        rest = min(largest, count - done)
        size = block or (SLOT_BLOCK if i % 2 and rest >= SLOT_BLOCK else rest)
        size = min(size, rest)
        chunk = Chunk(seed + i, rest // size, size)
        yield chunk
        done, i = done + chunk.count, i + 1


def draw(case: Case, chunk: Chunk) -> Integers:
    """Channel draws over the SNR bank for a shipped spec, extreme vectors for a stress spec."""
    spec = case.spec
    if case.exhaustive:
        return Integers(*extreme.vectors(spec, chunk.seed, chunk.blocks, chunk.vectors))
    rng = np.random.default_rng(chunk.seed)
    index = rng.integers(0, len(spec.snr), (chunk.blocks, chunk.vectors))
    if spec.one_snr_a_block:
        index = np.repeat(index[:, :1], chunk.vectors, axis=1)
    drawn = channel.draw_of(rng, spec, spec.snr.snr_db[index])
    return Detector(spec).quantize(drawn.h, drawn.y, drawn.snr_db, quiet=True)


def check(rtl: Rtl, case: Case, chunks: Iterator[Chunk], stalls: bool, total: int) -> Tally:
    """Compare and measure chunk by chunk, with progress on a terminal; stops at a mismatch."""
    view = f"RTL, {rtl.size}"
    tally = Tally(Comparison(view, {}, {}, None), {}, [], [])
    for chunk in chunks:
        inputs = draw(case, chunk)
        golden = runs.golden(rtl.spec, inputs)
        start = time.thread_time()
        found = rtl.run(inputs.h, inputs.y, inputs.index, Traffic(chunk.seed, stalls))
        tally.seconds += time.thread_time() - start
        tally.comparison += compare(view, golden.wires, found.wires, seed=chunk.seed,
                                    repeat=_repeat(rtl, case, chunk, stalls))  # fmt: skip
        counted = family.count(rtl.spec, inputs.h, inputs.y, inputs.index, golden.layers)
        tally.events = coverage.add(tally.events, counted)
        _measure(tally, chunk, found)
        if sys.stderr.isatty() and total > CHUNK:
            end = "\r" if tally.vectors < total else "\n"
            print(f"{tally.vectors:,} of {total:,} vectors", end=end, file=sys.stderr)
        if tally.comparison.first is not None:
            break
    return tally


def _measure(tally: Tally, chunk: Chunk, found: RtlRun) -> None:
    tally.first_latency = tally.first_latency or found.first_latency
    tally.vectors += chunk.count
    if chunk.blocks > 1:
        tally.block_cycles.append((chunk.count, found.cycles / chunk.count))
    elif chunk.count >= 8:
        tally.long_cycles.append((chunk.count, found.steady_cycles))


def _repeat(rtl: Rtl, case: Case, chunk: Chunk, stalls: bool) -> str:
    options = "".join(
        f" --{name}" for name, on in (("packed", rtl.packed), ("stalls", stalls)) if on
    )
    return (
        f"python -m verification.rtl --spec {case.name} --lanes {rtl.lanes}"
        f" --slots {rtl.slots} --seed {chunk.seed} --vectors {chunk.count}"
        f" --block {chunk.vectors}{options}"
        " --vector {vector} --waveform rtl.vcd"
    )
