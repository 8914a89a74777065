# SPDX-License-Identifier: Apache-2.0
"""What each core costs, and how fast it is, by open tools.

    python -m hls.area [--tops NAME,…] [--spec NAME] [--lanes 32,64] [--slots N] [--packed]
                       [--no-route] [--json FILE]

LUTs, registers, multipliers and block RAMs by Yosys for Xilinx 7 and ECP5; the clock of an ECP5 of
speed 8 after place and route by nextpnr (the median, if there are several seeds); cycles a vector
at the bound and what sets it, products or a stream; Mb/s of the whole detector at that clock, or at
--clock. All of it is an estimate.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from fixedpoint import cli
from fixedpoint.detectors import library as specs
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.support import files
from fixedpoint.support.reading import brief
from fixedpoint.support.table import table
from fixedpoint.vectors.layers import DEFAULTS
from hls import defaults, tops
from hls import lanes as sizes
from hls.builds import toolchain
from hls.cases import find
from hls.project import rtl as emit_rtl
from hls.synthesis import cells as synthesis
from hls.synthesis import route, throughput
from hls.synthesis.cells import Area
from hls.synthesis.throughput import Bound

DIGITS = 9
NOTE = "estimates of open tools, not a vendor's; unit_top is one unit, its Mb/s the detector's"
HEADER = ("top", "spec", "lanes", "slots", "packed", "LUT", "LUT RAM", "FF", "DSP", "RAMB18",
          "DSP/lane", "LUT", "LUT RAM", "FF", "DSP", "DP16KD", "cycles (wall)", "MHz",
          "Mb/s")  # fmt: skip


@dataclass(frozen=True)
class Core:
    """One top of a spec at a number of lanes, and what was measured of it.

    slots: vectors in flight; packed: two vectors share the multipliers, so that a DSP of Xilinx 7
    serves two lanes; areas: by the names of `synthesis.TARGETS`; clocks_mhz: by nextpnr's seed;
    clock_mhz: their median, or the one that was asked for, None without any.
    """

    spec: DetectorSpec
    top: str
    lanes: int
    slots: int
    packed: bool
    areas: Mapping[str, Area]
    clocks_mhz: Mapping[int, float]
    clock_mhz: float | None

    @property
    def mbit_s(self) -> float | None:
        """Throughput at the clock and the bound; None without a clock."""
        if self.clock_mhz is None:
            return None
        return throughput.mbit_s(self.spec, self.lanes, self.clock_mhz, self.packed)

    @property
    def bound(self) -> Bound:
        """The cycles a vector at best."""
        return Bound.of(self.spec, self.lanes, self.packed)

    @property
    def dsp_a_lane(self) -> float:
        """Multipliers of the whole top by its products a cycle, Xilinx 7."""
        return self.areas["xilinx7"].dsp / self.lanes

    def as_json(self) -> dict[str, object]:
        """What --json holds of it."""
        return {
            "top": self.top,
            "spec": self.spec.name,
            "digest": self.spec.digest,
            "lanes": self.lanes,
            "slots": self.slots,
            "packed": self.packed,
            "xilinx7_dsp_a_lane": self.dsp_a_lane,
            "area": {name: asdict(area) for name, area in self.areas.items()},
            "bound_cycles": self.bound.cycles,
            "bound_by": self.bound.wall,
            "padding": throughput.padding(self.spec, self.lanes, self.packed),
            "vector_bits": throughput.vector_bits(self.spec),
            "routed_mhz": {str(seed): clock for seed, clock in self.clocks_mhz.items()},
            "clock_mhz": self.clock_mhz,
            "mbit_s": self.mbit_s,
        }


def measure(
    spec: DetectorSpec,
    top: str,
    lanes: int,
    slots: int | None,
    packed: bool,
    seeds: Sequence[int],
    clock_mhz: float | None,
) -> Core:
    """Map a core to every target; route it on ECP5 with each seed (none: not at all).

    slots: by default the top's own.
    """
    mapped = {
        name: synthesis.synthesize(spec, top, lanes, packed, target, slots)
        for name, target in synthesis.TARGETS.items()
    }
    clocks = {seed: route.clock_mhz(mapped["ecp5"], top, seed) for seed in seeds}
    if clock_mhz is None and clocks:
        clock_mhz = statistics.median(clocks.values())
    areas = {name: core.area for name, core in mapped.items()}
    made = tops.of(spec).slots if slots is None else slots
    return Core(spec, top, lanes, made, packed, areas, clocks, clock_mhz)


def chosen(wanted: Sequence[str] | None, name: str | None) -> list[tuple[DetectorSpec, str]]:
    """The tops to measure with their specs, by default that of each detector's layers.

    Raises `ValueError` for an unknown top, for a spec without RTL, and for a top that is not the
    spec's.
    """
    for top in wanted or ():
        if top not in tops.NAMES:
            raise ValueError(f"top {top!r} is unknown: one of {', '.join(tops.NAMES)}")
    if name is not None:
        spec = find(name).spec
        if not emit_rtl.has_rtl(spec):
            raise ValueError(f"spec {spec.name} has no RTL")
        own = tops.of(spec).names
        for top in wanted or ():
            if top not in own:
                raise ValueError(f"top {top} is not of spec {spec.name}: {', '.join(own)}")
        return [(spec, top) for top in wanted or own]
    every = [specs.load(name) for name in dict.fromkeys(DEFAULTS.values())]
    return [
        (spec, top)
        for spec in every
        if emit_rtl.has_rtl(spec)
        for top in tops.of(spec).names
        if wanted is None or top in wanted
    ]


def render(cores: Sequence[Core], seeds: Sequence[int]) -> str:
    """The table, marked as what it is."""
    rows = [
        (core.top, core.spec.name, core.lanes, core.slots,
         "yes" if core.packed else "no",
         *asdict(core.areas["xilinx7"]).values(), f"{core.dsp_a_lane:.3f}",
         *asdict(core.areas["ecp5"]).values(),
         str(core.bound),
         "–" if core.clock_mhz is None else f"{core.clock_mhz:.1f}",
         "–" if core.mbit_s is None else f"{core.mbit_s:.1f}")
        for core in cores
    ]  # fmt: skip
    routed = f"routed with seed {', '.join(map(str, seeds))}" if seeds else "not routed"
    return "\n".join([
        NOTE,
        f"area of Xilinx 7 (LUT to DSP/lane), of ECP5 (LUT to DP16KD); {route.DEVICE}, {routed}",
        "",
        table(HEADER, rows),
    ])  # fmt: skip


def summary(cores: Sequence[Core]) -> dict[str, object]:
    """What --json holds."""
    tools = {
        name: importlib.metadata.version(name) for name in (toolchain.YOSYS, toolchain.NEXTPNR)
    }
    return {
        "estimate": NOTE,
        "tools": tools,
        "device": route.DEVICE,
        "target_mhz": route.TARGET_MHZ,
        "cores": [core.as_json() for core in cores],
    }


def main(argv: list[str] | None = None) -> int:
    """The command line; exit status 2 and one line on a user's mistake."""
    parser = cli.Parser(
        prog="python -m hls.area",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--tops", help="top modules, by commas (default: all)")
    parser.add_argument("--spec", help="a shipped spec, a stress spec, or a file")
    parser.add_argument(
        "--lanes", help="products a cycle of a unit, by commas (default: the best up to 32)"
    )
    parser.add_argument("--slots", type=int, help="vectors (or pairs) in flight (the top's own)")
    parser.add_argument(
        "--packed", action="store_true", help="two vectors at a time, two products in a DSP"
    )
    parser.add_argument(
        "--seed", default="1", help="of the placer, by commas: the median counts (1)"
    )
    parser.add_argument("--no-route", action="store_true", help="no clock: areas alone")
    parser.add_argument(
        "--clock", type=float, metavar="MHZ", help="for Mb/s, in place of the routed"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all of it there too")
    arguments = parser.parse_args(argv)
    return cli.run(lambda: _main(arguments))


def _main(arguments: argparse.Namespace) -> int:
    asked = None if arguments.lanes is None else _numbers("lanes", arguments.lanes, 1)
    seeds = [] if arguments.no_route else _numbers("seed", arguments.seed, 0)
    if arguments.clock is not None and not 0 < arguments.clock < float("inf"):
        raise ValueError(f"clock {arguments.clock} MHz: more than 0 was expected")
    if arguments.json is not None and arguments.json.is_dir():
        raise ValueError(f"{arguments.json} is a folder: a file was expected")
    designs = chosen(arguments.tops.split(",") if arguments.tops else None, arguments.spec)
    lanes = {spec.name: _lanes(spec, asked, arguments.packed) for spec, _ in designs}
    if arguments.slots is not None:
        for spec, _ in designs:
            defaults.chosen_slots(spec, lanes[spec.name][0], arguments.slots, arguments.packed)
    toolchain.wheel_program(toolchain.YOSYS)
    if seeds:
        toolchain.wheel_program(toolchain.NEXTPNR)
    cores = []
    for spec, top in designs:
        for count in lanes[spec.name]:
            print(f"{top}, spec {spec.name}, {count} lanes …", file=sys.stderr, flush=True)
            cores.append(measure(spec, top, count, arguments.slots, arguments.packed, seeds,
                                 arguments.clock))  # fmt: skip
    if arguments.json is not None:
        files.write_text(arguments.json, json.dumps(summary(cores), indent=1) + "\n")
    print(render(cores, seeds))
    return 0


def _lanes(spec: DetectorSpec, asked: Sequence[int] | None, packed: bool) -> list[int]:
    """Those that are built, each once, with a line about any padding."""
    built = []
    for count in asked or [defaults.lanes(spec, packed)]:
        sizes.check(spec, count, packed)
        built.append(sizes.built(spec, count, packed))
        for line in throughput.padded(spec, count, built[-1], packed):
            print(f"spec {spec.name}, {line}", file=sys.stderr)
    return list(dict.fromkeys(built))


def _numbers(what: str, text: str, least: int) -> list[int]:
    numbers = [int(p) if p.isdecimal() and len(p) <= DIGITS else -1 for p in text.split(",")]
    if min(numbers) < least:
        expected = f"integers from {least} on, of up to {DIGITS} digits, by commas, were expected"
        raise ValueError(f"{what} {brief(text)}: {expected}")
    return numbers


if __name__ == "__main__":
    raise SystemExit(main())
