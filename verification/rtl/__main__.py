# SPDX-License-Identifier: Apache-2.0
"""The command line of the RTL library: `python -m verification.rtl`.

Compares every wire of every layer, and what leaves on m_axis_x and m_axis_llr, with the golden
model; measures cycles a vector. Without --block, chunks of vectors are in turn one long coherence
block and blocks of 14. A vector of the first chunk can be replayed into a waveform.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from fixedpoint import cli
from fixedpoint.detectors.library import DetectorSpec
from fixedpoint.detectors.registry import program
from fixedpoint.program.frame import Frame, frame
from fixedpoint.support.table import table
from hls import defaults
from hls.cases import find
from hls.lanes import group_columns
from hls.project.rtl import has_rtl
from hls.synthesis.throughput import Bound, padded, padding
from verification.rtl.check import Tally, check, draw, plan
from verification.rtl.model import Rtl, SimulationError, Traffic


@dataclass(frozen=True)
class Fronthaul:
    """The streams between one unit and the fusion node, estimates up and z down.

    width: bits of a beat on each, its integers packed, padded to whole bytes; up, down: bits a
    vector, without the padding.
    """

    width: int
    up: int
    down: int

    @classmethod
    def of(cls, spec: DetectorSpec, lanes: int, packed: bool) -> Fronthaul | None:
        """From the sizes; z of the last layer is not sent. None for a detector of one piece."""
        if frame(program(spec)) is not Frame.UNITS:
            return None
        bits = spec.state_format.bits
        beat = 8 * -(-group_columns(spec, lanes, packed) * bits // 8)
        message = spec.columns * bits
        return cls(beat, spec.depth * message, (spec.depth - 1) * message)


def main(argv: list[str] | None = None) -> int:
    """The command line; exit status 1 if an integer differs, 2 on a user's mistake."""
    parser = cli.Parser(prog="python -m verification.rtl", description=__doc__)
    parser.add_argument("--spec", default="pgd", help="a shipped spec, a stress spec, or a file")
    parser.add_argument("--lanes", type=int, help="products a cycle of a unit (the best up to 32)")
    parser.add_argument("--slots", type=int, help="vectors (or pairs) in flight (enough for these)")
    parser.add_argument("--packed", action="store_true", help="two vectors share each multiplier")
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
    cli.check_count(arguments.vectors)
    case = find(arguments.spec)
    chunks = list(plan(arguments.vectors, arguments.block, arguments.seed))
    if (arguments.vector is None) != (arguments.waveform is None):
        raise ValueError("--vector and --waveform go together")
    if arguments.waveform is not None and not 0 <= arguments.vector < chunks[0].count:
        raise ValueError(f"vector {arguments.vector} is outside 0 to {chunks[0].count - 1}")
    if arguments.waveform is not None:
        prepare(arguments.waveform)
    lanes, slots = core(case.spec, arguments.lanes, arguments.slots, arguments.packed)
    rtl = Rtl.build(case.spec, lanes=lanes, slots=slots,
                    packed=arguments.packed, waveform=arguments.waveform is not None)  # fmt: skip
    try:
        if arguments.waveform is not None:
            inputs = draw(case, chunks[0])
            os.truncate(arguments.waveform, 0)
            traffic = Traffic(chunks[0].seed, arguments.stalls, watch=arguments.vector,
                              waveform=arguments.waveform)  # fmt: skip
            rtl.run(inputs.h, inputs.y, inputs.index, traffic)
            if arguments.waveform.stat().st_size == 0:
                raise ValueError(f"{arguments.waveform} could not be written")
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


def core(
    spec: DetectorSpec, lanes: int | None, slots: int | None, packed: bool
) -> tuple[int, int]:  # fmt: skip
    """The lanes that are built of so many, and the slots; by default those of `hls.defaults`.

    Raises `ValueError` if they do not fit, or if there is no RTL.
    """
    if not has_rtl(spec):
        raise ValueError(f"spec {spec.name} has a hyper-network, which is golden and C++ only")
    lanes = defaults.chosen(spec, lanes, packed)
    return lanes, defaults.chosen_slots(spec, lanes, slots, packed)


def prepare(waveform: Path) -> None:
    """Make the folder of a file that the simulator will open, and see that it can be written.

    The simulator itself says nothing. Raises `ValueError`.
    """
    try:
        waveform.parent.mkdir(parents=True, exist_ok=True)
        if waveform.exists() and not waveform.is_file():
            raise ValueError(f"{waveform} is not a regular file: a new VCD file was expected")
        waveform.open("ab").close()
    except OSError as error:
        raise ValueError(f"{waveform} cannot be written: {error.strerror}") from None


def _mean(measured: list[tuple[int, float]]) -> float | None:
    """Weighted by the vectors of each chunk."""
    total = sum(vectors for vectors, _ in measured)
    return sum(vectors * cycles for vectors, cycles in measured) / total if total else None


def _summary(
    rtl: Rtl, arguments: argparse.Namespace, tally: Tally, missed: list[str]
) -> dict[str, object]:
    fronthaul = Fronthaul.of(rtl.spec, rtl.lanes, rtl.packed)
    bound = Bound.of(rtl.spec, rtl.lanes, rtl.packed)
    return {
        "spec": rtl.spec.name,
        "digest": rtl.spec.digest,
        "lanes": rtl.lanes,
        "slots": rtl.slots,
        "packed": rtl.packed,
        "vectors": tally.vectors,
        "seed": arguments.seed,
        "stalls": arguments.stalls,
        "compared": dict(tally.comparison.compared),
        "differing": dict(tally.comparison.differing),
        "events": tally.events,
        "missed": missed,
        "equal": tally.comparison.equal,
        "bound_cycles": bound.cycles,
        "bound_by": bound.wall,
        "padding": padding(rtl.spec, rtl.lanes, rtl.packed),
        "long_block_cycles": _mean(tally.long_cycles),
        "short_blocks_cycles": _mean(tally.block_cycles),
        "first_latency_cycles": tally.first_latency,
        "fronthaul": None if fronthaul is None else asdict(fronthaul),
        "vectors_per_second": tally.vectors / tally.seconds,
    }


def _render(rtl: Rtl, arguments: argparse.Namespace, tally: Tally, missed: list[str]) -> str:
    kinds = ("saturated low", "saturated high", "tie")
    rows = [
        (wire, count, tally.comparison.differing[wire],
         *(tally.events.get(f"{wire} {kind}", "") for kind in kinds))
        for wire, count in tally.comparison.compared.items()
    ]  # fmt: skip
    spec, best = rtl.spec, Bound.of(rtl.spec, rtl.lanes, rtl.packed)
    lines = [
        f"RTL of spec {spec.name}, digest {spec.digest}",
        f"{rtl.size}, {rtl.slots} slots, {tally.vectors:,} vectors, seed {arguments.seed}"
        f"{', random stalls' if arguments.stalls else ''}",
        f"library {rtl.path}",
        "",
        table(("wire", "compared", "differ", "sat. low", "sat. high", "ties"), rows),
        "",
    ]
    lines += padded(spec, arguments.lanes, rtl.lanes, rtl.packed)
    long, short = _mean(tally.long_cycles), _mean(tally.block_cycles)
    for what, cycles in (("one long block", long), ("short blocks, H loading counted", short)):
        if cycles is not None and not arguments.stalls:
            ratio = f"bound {best}, {cycles / best.cycles:.3f} of it"
            lines.append(f"{what}: {cycles:.2f} cycles a vector, {ratio}")
    fronthaul = Fronthaul.of(spec, rtl.lanes, rtl.packed)
    if fronthaul is not None:
        lines.append(f"fronthaul of a unit: {fronthaul.width} bits a beat each way, a vector "
                     f"{fronthaul.up} bits up and {fronthaul.down} down")  # fmt: skip
    lines += [
        f"first vector: {tally.first_latency} cycles from its first beat in to its last beat out",
        f"simulated at {tally.vectors / tally.seconds:,.0f} vectors/s of CPU time, one core",
        "",
        str(tally.comparison),
    ]
    return "\n".join(lines + ([f"FAILED, never hit: {', '.join(missed)}"] if missed else []))


if __name__ == "__main__":
    raise SystemExit(main())
