# SPDX-License-Identifier: Apache-2.0
"""The command line of the spec: `python -m fixedpoint.spec seal FILE`, `… steps SPEC`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fixedpoint import spec
from fixedpoint.cli import Parser, run
from fixedpoint.detector_spec import DetectorSpec
from fixedpoint.table import table

SHOWN_DB, LOW_DB, HIGH_DB = 5, 0, 25


def main(argv: list[str] | None = None) -> int:
    """Run a command; exit status 2 and one line on a spec that is not valid."""
    parser = Parser(prog="python -m fixedpoint.spec", description=spec.__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    sealing = commands.add_parser("seal", help="check an edited spec and store its new digest")
    sealing.add_argument("file", type=Path)
    showing = commands.add_parser("steps", help="how the step size Δ of each layer follows the SNR")
    showing.add_argument("spec", help="a shipped spec or a file")
    showing.add_argument("--json", action="store_true", help="every entry of the bank")
    arguments = parser.parse_args(argv)

    def body() -> int:
        if arguments.command == "seal":
            sealed = spec.seal(arguments.file)
            print(f"{arguments.file}: sealed as {sealed.digest}")
            return 0
        chosen = spec.load(arguments.spec)
        found = steps(chosen)
        if arguments.json:
            print(json.dumps({"snr_db": chosen.snr.snr_db.tolist(), "steps": found.tolist()}))
        else:
            print(text(chosen, found))
        return 0

    return run(body)


def steps(chosen: DetectorSpec) -> NDArray[np.float64]:
    """Δ of each layer at every entry of the SNR bank, (layers, entries).

    Raises `ValueError` on a spec whose layers have no codes.
    """
    layers = getattr(chosen, "layers", ())
    if not layers or not all(isinstance(getattr(layer, "step", None), tuple) for layer in layers):
        raise ValueError(
            f"spec {chosen.name}: a layer of {chosen.detector} has no bank of step sizes Δ; "
            "a spec of pgd or admm was expected"
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
