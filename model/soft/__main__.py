# SPDX-License-Identifier: Apache-2.0
"""Soft bits for a spec, and what they are worth.

    python -m model.soft add --spec admm-box --bits 6 --out soft.json
    python -m model.soft quality --spec soft.json --snr 6:22:4 --plot reliability.svg
    python -m model.soft weights --spec pgd-box --snr 6:22:8

`add` draws training vectors of the spec's system, compares every wire that soft bits can be taken
from on the same draws, and seals a spec with the best one and its constants. `quality` measures,
on other draws, the information of the integers' soft bits, of the float twin's exact max-log, and
of soft LMMSE in floating point; and whether ratios say the truth. `weights` compares weights of
streams with one of each SNR entry.

Soft bits are log p(1)/p(0) of Gray bits.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from fixedpoint.cli import Parser, run
from fixedpoint.detectors import library
from fixedpoint.support.table import table
from model.lab.arguments import snr_list
from model.soft import calibrate, quality, weights
from model.soft.draws import system_for
from model.soft.plot import reliability

MOST_VECTORS = 1_000_000


def main(argv: list[str] | None = None) -> int:
    """Exit status 0, or 2 with one line on what cannot be."""
    parser = Parser(
        prog="python -m model.soft",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    add = commands.add_parser("add", help="a spec with soft bits")
    add.add_argument("--bits", type=int, default=calibrate.BITS, help="of a soft bit, 3 to 12")
    add.add_argument("--wire", help="that soft bits are taken from: the best one by default")
    add.add_argument("--name", help="of the new spec: the old one's and -soft")
    add.add_argument("--out", type=Path, required=True, help="the new spec's file")
    measure = commands.add_parser("quality", help="information, reliability")
    measure.add_argument("--snr", default="6:22:4", help="such as 10, or 0:20:5")
    measure.add_argument("--against", help="another spec of the system, in place of soft LMMSE")
    measure.add_argument("--plot", type=Path, help="ratios against measured log odds, as SVG")
    weigh = commands.add_parser("weights", help="of streams, beside one of each SNR entry")
    weigh.add_argument("--snr", default="6:22:8", help="such as 10, or 0:20:5")
    for each in (add, measure, weigh):
        each.add_argument("--spec", required=True, help="a shipped spec or a file")
        each.add_argument("--system", help="drawn instead of the spec's own: 16x16-16qam:KEY=VALUE")
        each.add_argument("--vectors", type=int, default=calibrate.VECTORS, help="at each SNR")
        each.add_argument("--seed", type=int, default=calibrate.SEED)
        each.add_argument("--json", action="store_true")
    arguments = parser.parse_args(argv)
    torch.set_num_threads(1)
    body = BODIES[arguments.command]
    return run(lambda: body(arguments))


def _add(arguments: argparse.Namespace) -> int:
    spec, llr = library.load(arguments.spec), calibrate.llr_format(arguments.bits)
    _check(arguments)
    system, entries = system_for(spec, arguments.system), calibrate.entries_of(spec)
    found = calibrate.fits(spec, llr, entries, system, arguments.vectors, arguments.seed)
    wires = [fit.wire for fit in found]
    if arguments.wire not in (None, *wires):
        raise ValueError(f"wire {arguments.wire!r}: one of {', '.join(wires)} was expected")
    taken = found[wires.index(arguments.wire or wires[0])]
    name = arguments.name or f"{spec.name}-soft"
    made = calibrate.named(calibrate.softened(spec, taken, entries, llr), name)
    library.save(made, arguments.out)
    if arguments.json:
        print(json.dumps({
            "spec": made.name, "digest": made.digest, "seed": arguments.seed, "wire": taken.wire,
            "wires": calibrate.table(entries, found, spec),
        }))  # fmt: skip
        return 0
    print(f"spec {made.name} {made.digest}, seed {arguments.seed}, {arguments.vectors} vectors a "
          f"point; bits of information a bit, before rounding")  # fmt: skip
    head = ["wire", "mean", *(f"{spec.snr.snr_db[e]:g} dB" for e in entries)]
    rows = [[fit.wire, f"{fit.information.mean():.4f}", *(f"{x:.3f}" for x in fit.information)]
            for fit in found]  # fmt: skip
    print(table(head, rows))
    print(f"taken: {taken.wire}, soft bits {llr}; written: {arguments.out}")
    return 0


def _quality(arguments: argparse.Namespace) -> int:
    spec = library.load(arguments.spec)
    _check(arguments)
    system = system_for(spec, arguments.system)
    at = [int(e) for e in spec.snr.index(np.array(snr_list(arguments.snr)))]
    against = library.load(arguments.against) if arguments.against else None
    found = [quality.measure(spec, system, entry, arguments.vectors, arguments.seed, against)
             for entry in at]  # fmt: skip
    if arguments.plot:
        reliability(spec, [(each.snr_db, odds) for each, odds in found], arguments.plot)
    if arguments.json:
        print(json.dumps({
            "spec": spec.name, "digest": spec.digest, "seed": arguments.seed,
            "vectors": arguments.vectors, "each": [asdict(each) for each, _ in found],
            "odds": [[asdict(one) for one in odds] for _, odds in found],
        }))  # fmt: skip
        return 0
    print(f"spec {spec.name} {spec.digest}, seed {arguments.seed}, {arguments.vectors} vectors a "
          "point; bits of information a bit")  # fmt: skip
    rival = "LMMSE" if against is None else against.name
    head = ["SNR", "integers", "float twin", "soft LMMSE", f"more than {rival} (95 %)", "slope"]
    rows = [_row(each, odds) for each, odds in found]
    print(table(head, rows))
    print("slope: of measured log odds over ratios, 1 where they say the truth")
    return 0


def _row(each: quality.Quality, odds: list[quality.Odds]) -> list[str]:
    return [f"{each.snr_db:g} dB", f"{each.integers:.4f}", f"{each.twin:.4f}", f"{each.lmmse:.4f}",
            f"{each.more:+.4f} ± {1.96 * each.error:.4f}",
            f"{quality.slope(odds):.2f}"]  # fmt: skip


def _weights(arguments: argparse.Namespace) -> int:
    spec = library.load(arguments.spec)
    _check(arguments)
    system = system_for(spec, arguments.system)
    at = [int(e) for e in spec.snr.index(np.array(snr_list(arguments.snr)))]
    wire, found = weights.compare(spec, system, at, arguments.vectors, arguments.seed)
    if arguments.json:
        each = [asdict(one) | {name: getattr(one, name).tolist() for name in weights.BY_ENTRY}
                for one in found]  # fmt: skip
        print(json.dumps({
            "spec": spec.name, "digest": spec.digest, "seed": arguments.seed, "wire": wire,
            "vectors": arguments.vectors, "snr_db": spec.snr.snr_db[at].tolist(), "each": each,
        }))  # fmt: skip
        return 0
    print(f"spec {spec.name} {spec.digest}, seed {arguments.seed}, {arguments.vectors} vectors a "
          f"point, wire {wire}; bits of information a bit")  # fmt: skip
    bank, *others = found
    head = ["weight", "a constant of", *(f"{spec.snr.snr_db[e]:g} dB" for e in at), "mean"]
    rows = [[bank.weight, bank.constant, *(f"{x:.4f}" for x in bank.information),
             f"{bank.mean:.4f}"]]  # fmt: skip
    rows += [[one.weight, one.constant,
              *(f"{more:+.4f} ± {1.96 * error:.4f}"
                for more, error in zip([*one.more, one.mean_more], [*one.error, one.mean_error],
                                       strict=True))] for one in others]  # fmt: skip
    print(table(head, rows))
    print("below the bank: what a weight has more (95 %), on the same draws")
    return 0


def _check(arguments: argparse.Namespace) -> None:
    if not 2 <= arguments.vectors <= MOST_VECTORS:
        raise ValueError(f"{arguments.vectors} vectors: 2 to {MOST_VECTORS:,} were expected")
    if arguments.seed < 0:
        raise ValueError(f"seed {arguments.seed}: 0 or more was expected")


BODIES = {"add": _add, "quality": _quality, "weights": _weights}


if __name__ == "__main__":
    sys.exit(main())
