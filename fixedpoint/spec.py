# SPDX-License-Identifier: Apache-2.0
"""The command line of the spec: `python -m fixedpoint.spec seal FILE`, `… steps`, `… new`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fixedpoint.cli import Parser, run
from fixedpoint.detectors import library as spec
from fixedpoint.detectors.own_spec import OwnSpec
from fixedpoint.detectors.own_start import sizes, start
from fixedpoint.numbers.modulation import MODULATIONS
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.support.table import table

SHOWN_DB, LOW_DB, HIGH_DB = 5, 0, 25


def main(argv: list[str] | None = None) -> int:
    """Run a command; exit status 2 and one line on a spec that is not valid."""
    parser = Parser(prog="python -m fixedpoint.spec", description=spec.__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    sealing = commands.add_parser("seal", help="check an edited spec and store its new digest")
    sealing.add_argument("file", type=Path)
    sealing.add_detector()
    starting = commands.add_parser("new", help="the untrained spec of a detector of your own")
    starting.add_detector(required=True)
    starting.add_argument("--antennas", default="16x16", help="receive x transmit (default 16x16)")
    starting.add_argument("--units", type=int, default=0, help="distributed ones (default: 1 where "
                          "the definition has any)")  # fmt: skip
    starting.add_argument("--modulation", default="16qam", help=", ".join(MODULATIONS))
    starting.add_argument("--layers", type=int, default=0, help="(default: the definition's own)")
    starting.add_argument("--name", default="", help="of the spec (default: the detector's)")
    starting.add_argument("--out", type=Path, required=True, help="the file to write")
    showing = commands.add_parser("steps", help="how the step size Δ of each layer follows the SNR")
    showing.add_argument("spec", help="a shipped spec or a file")
    showing.add_argument("--json", action="store_true", help="every entry of the bank")
    arguments = parser.parse_args(argv)

    def body() -> int:
        if arguments.command == "seal":
            sealed = spec.seal(arguments.file)
            print(f"{arguments.file}: sealed as {sealed.digest}")
            return 0
        if arguments.command == "new":
            made = new(arguments)
            made.save(arguments.out)
            print(f"{arguments.out}: {made.name}, untrained, digest {made.digest}")
            return 0
        chosen = spec.load(arguments.spec)
        found = steps(chosen)
        if arguments.json:
            print(json.dumps({"snr_db": chosen.snr.snr_db.tolist(), "steps": found.tolist()}))
        else:
            print(text(chosen, found))
        return 0

    return run(body)


def new(arguments: argparse.Namespace) -> OwnSpec:
    """The untrained spec that was asked for. Raises `ValueError` on what cannot be one."""
    return start(arguments.detector, *sizes(arguments.antennas), arguments.modulation,
                 arguments.name, arguments.layers, arguments.units)  # fmt: skip


def steps(chosen: DetectorSpec) -> NDArray[np.float64]:
    """Δ of each layer at every entry of the SNR bank, (layers, entries).

    Raises `ValueError` on a spec whose layers have no codes.
    """
    layers = getattr(chosen, "layers", ())
    if not layers or not all(isinstance(getattr(layer, "step", None), tuple) for layer in layers):
        raise ValueError(
            f"spec {chosen.name}: a layer of {chosen.detector} has no bank of step sizes Δ; "
            "one whose layers have codes was expected"
        )
    unit = chosen.formats.step.step  # type: ignore[attr-defined]
    found: NDArray[np.float64] = np.array([layer.step for layer in layers]) * unit
    return found


def text(chosen: DetectorSpec, found: NDArray[np.float64]) -> str:
    """A line a layer, Δ every 5 dB, and by how much it changes from 0 to 25 dB."""
    snrs = chosen.snr.snr_db
    places = [i for i, snr in enumerate(snrs) if snr % SHOWN_DB == 0]
    ends = [int(chosen.snr.index(snr)) for snr in (LOW_DB, HIGH_DB)]
    rows = [
        [f"layer {k}", *(f"{row[i]:.5f}" for i in places), f"{row[ends[1]] / row[ends[0]]:.3f}"]
        for k, row in enumerate(found, start=1)
    ]
    ratio = f"{HIGH_DB} dB / {LOW_DB} dB"
    head = [chosen.name, *(f"{snrs[i]:g} dB" for i in places), ratio]
    return table(head, rows)


if __name__ == "__main__":
    raise SystemExit(main())
