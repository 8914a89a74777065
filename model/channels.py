# SPDX-License-Identifier: Apache-2.0
"""Channels of 3GPP TR 38.901 as a file of channels, drawn once.

    python -m model.channels cdl-c --antennas 8x8 --draws 5000 --out cdl.npz
    python -m model.channels umi --antennas 16x4 --draws 5000 --out umi.npz
    python -m model.evaluate --antennas 8x8 --channel file --channel-file cdl.npz --detectors lmmse

The file holds H, complex (draws, receive antennas, users), as `model.systems.recorded` reads it.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from fixedpoint.cli import Parser, run
from model.systems.drawing import DRAWS, Drawing, line
from model.systems.standard import KINDS, Setting
from model.systems.text import antennas


def parser() -> Parser:
    """The options."""
    made = Parser(
        prog="python -m model.channels",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add, usual = made.add_argument, Setting("umi", 1, 1)
    add("kind", metavar="KIND", help=", ".join(KINDS))
    add("--antennas", required=True, metavar="RxT", help="receive antennas x users, as 64x8")
    add("--draws", type=int, default=DRAWS, help="coherence blocks")
    add("--carrier-ghz", type=float, default=usual.carrier_ghz)
    add("--delay-spread-ns", type=float, default=usual.delay_spread_ns, help="of TDL and CDL")
    add("--subcarriers", type=int, default=1, help="matrices of each block")
    add("--spacing-khz", type=float, default=usual.spacing_khz, help="of the subcarriers")
    add("--seed", type=int, default=0)
    add("--out", type=Path, required=True, help="the .npz to write")
    add("--json", action="store_true")
    return made


def draw(arguments: argparse.Namespace) -> int:
    """Draw, and write the file whole or not at all."""
    sizes = antennas(arguments.antennas)
    setting = Setting(
        arguments.kind.lower(), int(str(sizes["nr"])), int(str(sizes["nt"])),
        arguments.carrier_ghz, arguments.delay_spread_ns, arguments.subcarriers,
        arguments.spacing_khz,
    )  # fmt: skip
    if arguments.out.suffix != ".npz":
        raise ValueError(f"out {arguments.out}: a file .npz was expected")
    found = Drawing(setting, arguments.draws, arguments.seed).write(arguments.out)
    print(json.dumps(found) if arguments.json else f"{arguments.out}: {line(found)}")
    return 0


def main(argv: list[str] | None = None) -> int:
    """Exit status 0, or 2 with one line on bad options."""
    arguments = parser().parse_args(argv)
    return run(lambda: draw(arguments))


if __name__ == "__main__":
    raise SystemExit(main())
