# SPDX-License-Identifier: Apache-2.0
"""Specs that the evidence needs beside the shipped ones, and how each is made.

    python -m benchmarks.evidence.sealed                   # all, into benchmarks/evidence/specs
    python -m benchmarks.evidence.sealed admm-8x8-64qam    # one

Soft bits of a shipped spec are calibrated, as `python -m model.soft add` does it; a build of a
system's file trains its detector, as `bitfold words` does it. Deterministic on one machine: the
last bits of a float differ between processors, and another one may seal another spec.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import torch

from fixedpoint.cli import Parser, run
from fixedpoint.detectors import library
from fixedpoint.specs.detector import DetectorSpec

FOLDER = Path(__file__).parent / "specs"
SOFT = {
    "admm-box-llr4": ("admm-box", 4),
    "admm-box-llr5": ("admm-box", 5),
    "admm-box-llr8": ("admm-box", 8),
    "pm5-16x16-16qam-llr4": ("pm5-16x16-16qam", 4),
    "pm5-16x16-16qam-llr5": ("pm5-16x16-16qam", 5),
    "pm5-16x16-16qam-llr8": ("pm5-16x16-16qam", 8),
    "hpd-16qam-2bit-soft": ("hpd-16qam-2bit", 6),
    "fpd-16qam-2bit-soft": ("fpd-16qam-2bit", 6),
}
"""Of a shipped spec, with soft bits of so many bits."""
BUILT = ("admm-8x8-64qam",)
"""By a build of the file of that name."""
NAMES = (*SOFT, *BUILT)


def source(name: str) -> str:
    """What `library.load` takes of a spec of the evidence: a shipped name, or a file."""
    return str(FOLDER / f"{name}.json") if name in NAMES else name


def path(name: str) -> Path:
    """The file of a spec of the evidence."""
    return (FOLDER if name in NAMES else library.SHIPPED) / f"{name}.json"


def load(name: str) -> DetectorSpec:
    """A shipped spec, or one of these."""
    return library.load(source(name))


def softened(name: str) -> DetectorSpec:
    """One of `SOFT`, calibrated anew."""
    from model.soft import calibrate, draws

    base, bits = SOFT[name]
    spec, llr = library.load(base), calibrate.llr_format(bits)
    entries, system = calibrate.entries_of(spec), draws.system_for(spec)
    found = calibrate.fits(spec, llr, entries, system, calibrate.VECTORS, calibrate.SEED)
    return calibrate.named(calibrate.softened(spec, found[0], entries, llr), name)


def built(name: str) -> DetectorSpec:
    """One of `BUILT`, trained anew."""
    from bitfold import command

    with tempfile.TemporaryDirectory() as folder:
        if command.main(["words", str(FOLDER / f"{name}.toml"), "--out", folder]):
            raise ValueError(f"bitfold words {FOLDER / name}.toml failed")
        return library.load(Path(folder) / "spec.json")


def main(argv: list[str] | None = None) -> int:
    """Exit status 0, or 2 with one line on an unknown name or a folder that cannot be written."""
    parser = Parser(
        prog="python -m benchmarks.evidence.sealed",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--out", type=Path, default=FOLDER, help="the folder that they go to")
    arguments = parser.parse_args(argv)
    torch.set_num_threads(1)

    def body() -> int:
        unknown = sorted(set(arguments.names) - set(NAMES))
        if unknown:
            raise ValueError(f"name {', '.join(unknown)}: one of {', '.join(NAMES)} was expected")
        for name in arguments.names or NAMES:
            out = arguments.out / f"{name}.json"
            library.save(softened(name) if name in SOFT else built(name), out)
            print(f"{out} {library.load(out).digest}", flush=True)
        return 0

    return run(body)


if __name__ == "__main__":
    raise SystemExit(main())
