# SPDX-License-Identifier: Apache-2.0
"""Find the narrowest word lengths of a spec that lose little, against the area that they save.

    python -m bitfold.words --spec NAME --out FOLDER [--loss-db .1] [--ber 1e-2] [--lanes 32]
                            [--seed 0] [--quick]

Writes spec.json, front.json and front.png; the same command goes on where it was stopped.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bitfold.words import QUICK, Effort, search
from fixedpoint import cli
from fixedpoint.detectors import library
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.support.table import table
from model.detectors.golden import expected
from model.systems.system import System

HEADER = ("", "LUT", "memory", "DSP", "cost", "by Yosys", "dB", "95% interval")


def system_of(spec: DetectorSpec) -> System:
    """What a spec is made for, on i.i.d. channels."""
    return System(channel_gain=spec.entry_variance, **expected(spec))  # type: ignore[arg-type]


def main(argv: list[str] | None = None) -> int:
    """The command line; exit status 2 and one line on a user's mistake."""
    parser = cli.Parser(prog="python -m bitfold.words", description=__doc__,
                        formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--spec", required=True, help="a shipped spec, or a file")
    parser.add_argument("--out", required=True, type=Path, metavar="FOLDER", help="of the results")
    parser.add_argument("--loss-db", type=float, default=0.1, help="dB to lose at most (.1)")
    parser.add_argument("--ber", type=float, default=1e-2, help="bit error rate (.01)")
    parser.add_argument("--lanes", type=int, default=0, help="of the core (the least that fit)")
    parser.add_argument("--seed", type=int, default=0, help="of all draws (0)")
    parser.add_argument("--quick", action="store_true", help="few draws and samples: a first look")
    arguments = parser.parse_args(argv)
    return cli.run(lambda: _main(arguments))


def _main(arguments: argparse.Namespace) -> int:
    cli.check_seed(arguments.seed)
    spec = library.load(arguments.spec)
    found = search(
        spec, system_of(spec), arguments.out, loss_db=arguments.loss_db, ber=arguments.ber,
        seed=arguments.seed, lanes=arguments.lanes,
        effort=QUICK if arguments.quick else Effort(),
        report=lambda line: print(line, file=sys.stderr, flush=True),
    )  # fmt: skip
    summary = found.summary
    chosen = summary["chosen"]
    named = [("given", summary["given"]),
             *(("chosen" if point["words"] == chosen["words"] else f"front {i}", point)
               for i, point in enumerate(summary["front"], 1))]  # fmt: skip
    rows = [
        (name, f"{point['lut']:,.0f}", f"{point['memory']:,.0f}", f"{point['dsp']:.0f}",
         f"{point['cost']:,.0f}",
         f"{point['yosys_cost']:,.0f}" if "yosys_cost" in point else "–",
         f"{point['loss_db']:+.3f}", f"{point['low']:+.3f} to {point['high']:+.3f}")
        for name, point in named
    ]  # fmt: skip
    print(f"spec {spec.name}, {summary['lanes']} lanes, BER {summary['ber']:g}, seed "
          f"{arguments.seed}; cost: LUT + memory + {summary['dsp_luts']} DSP, a block RAM as "
          f"{summary['ram_luts']} LUT of memory")  # fmt: skip
    print(table(HEADER, rows))
    print(f"chosen: {chosen['words']}")
    print(f"{arguments.out}: spec.json, front.json, front.png")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
