# SPDX-License-Identifier: Apache-2.0
"""A detector's program in words: `python -m fixedpoint.program --spec admm-box`.

Each wire as a formula of other wires, its format, the bits of its worst case, and its line of the
definition. `x₋` is the wire x of the layer before, 0 in the first layer; `[snr]` an entry of a
bank; `to` the one lossy operation: round half up to a format, saturate.
"""

from __future__ import annotations

import argparse
import dataclasses
import json

from fixedpoint import cli
from fixedpoint.detectors import library as spec
from fixedpoint.detectors.registry import program
from fixedpoint.program.describe import lines
from fixedpoint.support.table import table


def main(argv: list[str] | None = None) -> int:
    """The command line; exit status 2 on a bad spec."""
    parser = cli.Parser(prog="python -m fixedpoint.program", description=__doc__,
                        formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--spec", default="pgd", help="a shipped spec or a file")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args(argv)

    def body() -> int:
        made = program(spec.load(arguments.spec))
        found = lines(made)
        if arguments.json:
            print(json.dumps([dataclasses.asdict(line) for line in found], ensure_ascii=False))
            return 0
        rows = [(f"{line.stage}.{line.wire}", line.format, line.bits, line.where, line.formula)
                for line in found]  # fmt: skip
        print(f"{made.spec.detector} of spec {made.spec.name}, {made.spec.depth} layers")
        header, rule, *shown = table(
            ("wire", "format", "bits", "line"), [r[:4] for r in rows]
        ).split("\n")
        print(f"{header}  formula", rule, sep="\n")
        for text, row in zip(shown, rows, strict=True):
            print(f"{text}  {row[4]}")
        return 0

    return cli.run(body)


if __name__ == "__main__":
    raise SystemExit(main())
