"""The command line of the RTL library: `python -m verification.library`.

Compares every wire of every layer, and what leaves on m_axis_x, with the golden model; measures
cycles a vector. Without --block, chunks of vectors are in turn one long coherence block and blocks
of 14. A vector of the first chunk can be replayed into a waveform.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fixedpoint import channel, cli, coverage, pgd, stress
from fixedpoint.compare import Comparison, compare
from fixedpoint.detector import Detector, Integers, named
from fixedpoint.spec import DetectorSpec
from fixedpoint.table import table
from hls.cases import Case, find
from verification.library import SLOTS, Rtl, SimulationError
from verification.rtl_run import RtlRun, output_wires

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
        return Integers(*stress.vectors(spec, chunk.seed, chunk.blocks, chunk.vectors))
    rng = np.random.default_rng(chunk.seed)
    index = rng.integers(0, len(spec.snr), (chunk.blocks, chunk.vectors))
    snr_db = spec.snr.snr_db[index]
    drawn = channel.draw(rng, spec.constellation, spec.rows, spec.columns, snr_db)
    return Detector(spec).quantize(drawn.h, drawn.y, drawn.snr_db)


def check(rtl: Rtl, case: Case, chunks: Iterator[Chunk], stalls: bool, total: int) -> Tally:
    """Compare and measure chunk by chunk, with progress on a terminal; stops at a mismatch."""
    view = f"RTL, {rtl.lanes} lanes"
    tally = Tally(Comparison(view, {}, {}, None), {}, [], [])
    for chunk in chunks:
        inputs = draw(case, chunk)
        wires = pgd.run(rtl.spec, inputs.h, inputs.y, inputs.index)
        start = time.thread_time()
        found = rtl.run(inputs.h, inputs.y, inputs.index, seed=chunk.seed, stalls=stalls)
        tally.seconds += time.thread_time() - start
        expected = named(rtl.spec, wires) | output_wires(wires, inputs.index, rtl.spec)
        tally.comparison += compare(view, expected, found.wires(rtl.spec), seed=chunk.seed,
                                    repeat=_repeat(rtl, case, chunk, stalls))  # fmt: skip
        counted = coverage.count(rtl.spec, inputs.y, inputs.index, wires)
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
    return (
        f"python -m verification.library --spec {case.name} --lanes {rtl.lanes}"
        f" --slots {rtl.slots} --seed {chunk.seed} --vectors {chunk.count}"
        f" --block {chunk.vectors}{' --stalls' if stalls else ''}"
        " --vector {vector} --waveform rtl.vcd"
    )


def bound(spec: DetectorSpec, lanes: int) -> float:
    """Cycles a vector if every multiplier works in every cycle: two products a layer."""
    return 2 * len(spec.layers) * spec.rows * spec.columns / lanes


def main(argv: list[str] | None = None) -> int:
    """The command line; exit status 1 if an integer differs, 2 on a user's mistake."""
    parser = cli.Parser(prog="python -m verification.library", description=__doc__)
    parser.add_argument("--spec", default="pgd", help="a shipped spec, a stress spec, or a file")
    parser.add_argument("--lanes", type=int, default=32, help="multipliers: 32, 64, 128")
    parser.add_argument("--slots", type=int, default=SLOTS, help="vectors in flight")
    parser.add_argument("--vectors", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--block", type=int, help="vectors a coherence block")
    parser.add_argument("--stalls", action="store_true", help="stall all streams at random")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    parser.add_argument("--vector", type=int, help="the vector that goes to --waveform")
    parser.add_argument("--waveform", type=Path, help="a VCD file: replay the first chunk alone")
    arguments = parser.parse_args(argv)
    return cli.run(lambda: _main(arguments))


def _main(arguments: argparse.Namespace) -> int:
    case = find(arguments.spec)
    chunks = list(plan(arguments.vectors, arguments.block, arguments.seed))
    if (arguments.vector is None) != (arguments.waveform is None):
        raise ValueError("--vector and --waveform go together")
    if arguments.waveform is not None and not 0 <= arguments.vector < chunks[0].count:
        raise ValueError(f"vector {arguments.vector} is outside 0 to {chunks[0].count - 1}")
    rtl = Rtl.build(case.spec, lanes=arguments.lanes, slots=arguments.slots,
                    waveform=arguments.waveform is not None)  # fmt: skip
    try:
        if arguments.waveform is not None:
            inputs = draw(case, chunks[0])
            rtl.run(inputs.h, inputs.y, inputs.index, seed=chunks[0].seed, stalls=arguments.stalls,
                    watch=arguments.vector, waveform=arguments.waveform)  # fmt: skip
            chunks = chunks[:1]
        tally = check(rtl, case, iter(chunks), arguments.stalls, arguments.vectors)
    except SimulationError as error:
        print(f"FAILED: {error}", file=sys.stderr)
        return cli.MISMATCH
    missed = case.missed(tally.events, tally.vectors)
    if arguments.json:
        print(json.dumps(_summary(rtl, arguments, tally, missed)))
    else:
        print(_render(rtl, arguments, tally, missed))
    return 0 if tally.comparison.equal and not missed else cli.MISMATCH


def _mean(measured: list[tuple[int, float]]) -> float | None:
    """Weighted by the vectors of each chunk."""
    total = sum(vectors for vectors, _ in measured)
    return sum(vectors * cycles for vectors, cycles in measured) / total if total else None


def _summary(
    rtl: Rtl, arguments: argparse.Namespace, tally: Tally, missed: list[str]
) -> dict[str, object]:
    return {
        "spec": rtl.spec.name,
        "digest": rtl.spec.digest,
        "lanes": rtl.lanes,
        "slots": rtl.slots,
        "vectors": tally.vectors,
        "seed": arguments.seed,
        "stalls": arguments.stalls,
        "compared": dict(tally.comparison.compared),
        "differing": dict(tally.comparison.differing),
        "events": tally.events,
        "missed": missed,
        "equal": tally.comparison.equal,
        "bound_cycles": bound(rtl.spec, rtl.lanes),
        "long_block_cycles": _mean(tally.long_cycles),
        "short_blocks_cycles": _mean(tally.block_cycles),
        "first_latency_cycles": tally.first_latency,
        "vectors_per_second": tally.vectors / tally.seconds,
    }


def _render(rtl: Rtl, arguments: argparse.Namespace, tally: Tally, missed: list[str]) -> str:
    kinds = ("saturated low", "saturated high", "tie")
    rows = [
        (wire, count, tally.comparison.differing[wire],
         *(tally.events.get(f"{wire} {kind}", "") for kind in kinds))
        for wire, count in tally.comparison.compared.items()
    ]  # fmt: skip
    spec, best = rtl.spec, bound(rtl.spec, rtl.lanes)
    lines = [
        f"RTL of spec {spec.name}, digest {spec.digest}",
        f"{rtl.lanes} lanes, {rtl.slots} slots, {tally.vectors:,} vectors, seed {arguments.seed}"
        f"{', random stalls' if arguments.stalls else ''}",
        f"library {rtl.path}",
        "",
        table(("wire", "compared", "differ", "sat. low", "sat. high", "ties"), rows),
        "",
    ]
    long, short = _mean(tally.long_cycles), _mean(tally.block_cycles)
    for what, cycles in (("one long block", long), ("short blocks, H loading counted", short)):
        if cycles is not None and not arguments.stalls:
            ratio = f"bound {best:.0f} ({cycles / best:.3f} of it)"
            lines.append(f"{what}: {cycles:.2f} cycles a vector, {ratio}")
    lines += [
        f"first vector: {tally.first_latency} cycles from its first beat in to its last beat out",
        f"simulated at {tally.vectors / tally.seconds:,.0f} vectors/s of CPU time, one core",
        "",
        str(tally.comparison),
    ]
    return "\n".join(lines + ([f"FAILED, never hit: {', '.join(missed)}"] if missed else []))
