# SPDX-License-Identifier: Apache-2.0
"""What soft bits cost in LUTs: a top with them against the same without, over a few neighbours.

    python -m benchmarks.soft_area [--spec admm-box-soft] [--lanes 32] [--samples 8] [--json]

A mapper's result moves when anything else changes: one bit more of an error counter, which costs
one LUT, and Yosys' map of the rest is tens of LUTs larger or smaller. So both are mapped with error
counters of `samples` widths, 16 bits (the default) first, and the mean of the differences stands
with its 95 % interval.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

import numpy as np
from scipy import stats

from fixedpoint import cli
from fixedpoint.detectors import library
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.support.table import table
from hls import lanes as sizes
from hls import tops
from hls.project.rtl import design_files
from hls.synthesis.cells import XILINX, map_files

WIDTH, MOST = 16, 24


def widths(samples: int) -> list[int]:
    """Of the error counters: 16, then 15, 17, 14, 18 …"""
    return sorted(range(WIDTH - samples // 2, WIDTH + (samples + 1) // 2),
                  key=lambda width: (abs(width - WIDTH), width))  # fmt: skip


def luts(spec: DetectorSpec, lanes: int, width: int) -> tuple[int, int]:
    """Of logic, and with those of RAM and shift registers."""
    top = tops.of(spec).whole
    parameters = sizes.parameters(spec, lanes, False) | {"CountWidth": width}
    area = map_files(*design_files(spec, top), top, XILINX, parameters).area
    return area.lut_logic, area.lut_logic + area.lut_memory


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command. Exit status 2 on a user's mistake."""
    parser = cli.Parser(prog="python -m benchmarks.soft_area", description=__doc__)
    parser.add_argument(
        "--spec", default="admm-box-soft", help="with soft bits; its whole detector"
    )
    parser.add_argument("--lanes", type=int, default=32, help="products a cycle (default 32)")
    parser.add_argument("--samples", type=int, default=8, help="widths of counters (default 8)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")

    def body() -> int:
        arguments = parser.parse_args(argv)
        if not 2 <= arguments.samples <= MOST:
            raise ValueError(f"samples {arguments.samples} are outside 2 to {MOST}")
        return compare(arguments)

    return cli.run(body)


def compare(arguments: argparse.Namespace) -> int:
    """Map and print. Raises `ValueError` on a spec without soft bits."""
    spec = library.load(arguments.spec)
    if spec.soft is None:
        raise ValueError(f"spec {arguments.spec} has no soft bits; `python -m model.soft add` "
                         "gives it some")  # fmt: skip
    bare = spec.replace(soft=None).sealed()
    sizes.check(spec, arguments.lanes, False)
    found = {width: (luts(bare, arguments.lanes, width), luts(spec, arguments.lanes, width))
             for width in widths(arguments.samples)}  # fmt: skip
    rows = [(str(width), f"{hard[0]:,}", f"{soft[0]:,}", f"{soft[0] - hard[0]:+,}",
             f"{soft[1] - hard[1]:+,}") for width, (hard, soft) in found.items()]  # fmt: skip
    pairs = np.array(list(found.values()), np.float64)
    more, base = pairs[:, 1] - pairs[:, 0], pairs[:, 0].mean(axis=0)
    mean = more.mean(axis=0)
    half = stats.sem(more) * stats.t.ppf(0.975, len(more) - 1)
    if arguments.json:
        print(json.dumps({"luts": found, "mean": mean.tolist(), "half": half.tolist()}))
        return 0
    print(f"spec {arguments.spec}, {arguments.lanes} lanes, Yosys for Xilinx 7")
    print(table(("counters, bits", "LUT without", "with", "more", "with LUT RAM"), rows))
    for what, i in (("LUT", 0), ("LUT and LUT RAM", 1)):
        print(f"{what}: {mean[i]:+.0f} ± {half[i]:.0f}, {mean[i] / base[i]:+.1%} of {base[i]:,.0f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
