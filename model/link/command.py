# SPDX-License-Identifier: Apache-2.0
"""The command `coded`: its options to a sweep, and the sweep to a table and JSON."""

from __future__ import annotations

import argparse
import json
import warnings
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.progress import Progress

from fixedpoint.cli import check_count, check_seed
from fixedpoint.detectors import library
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.support.table import table
from model.lab.arguments import snr_list
from model.link.coded import BATCH, Code, Link, sweep
from model.link.detectors import entrants
from model.link.outcome import RATES, Wrong, at_rate, bler, gain
from model.systems.system import System
from model.systems.text import system_of, text_of

MOST_WORDS = 1_000_000


def coded(arguments: argparse.Namespace) -> tuple[str, str]:
    """The table and the JSON. Raises `ValueError` on a user's mistake."""
    check_count(arguments.words, MOST_WORDS, "words")
    check_seed(arguments.seed)
    specs = [library.load(each) for each in arguments.spec]
    system = system_for(specs, arguments.system)
    snr_db = snr_list(arguments.snr)
    soft = any(spec.soft for spec in specs)
    default = ["lmmse", *(["golden", "twin"] if soft else []), *(["hard"] if specs else [])]
    chosen = entrants(arguments.detectors or default, system, specs, arguments.outside)
    code = Code(system, arguments.rate, arguments.length)
    batches = -(-arguments.words // BATCH)
    with Progress(console=Console(stderr=True), transient=True) as progress, \
            warnings.catch_warnings():  # fmt: skip
        warnings.filterwarnings("once", category=UserWarning)
        task = progress.add_task("code words", total=batches * len(snr_db) * len(chosen))
        wrong = sweep(Link(code, arguments.seed), chosen, snr_db, arguments.words,
                      lambda: progress.advance(task))  # fmt: skip
    made = summary(code, arguments.words, arguments.seed, snr_db, wrong)
    return _text(code, snr_db, wrong), json.dumps(made, indent=2) + "\n"


def system_for(specs: Sequence[DetectorSpec], text: str | None) -> System:
    """The one named, or that of the specs. `ValueError` if they differ or nothing is named."""
    named = ([text] if text else []) + [_name(spec) for spec in specs]
    if not named:
        raise ValueError("nothing says which system: --spec or --system was expected")
    systems = [system_of(each) for each in named]
    for name, each in zip(named, systems, strict=True):
        if (each.nr, each.nt, each.modulation) != (
            systems[0].nr, systems[0].nt, systems[0].modulation,
        ):  # fmt: skip
            raise ValueError(f"{named[0]} and {name} are two systems, one was expected")
    return systems[0]


def _name(spec: DetectorSpec) -> str:
    return f"{spec.rows // 2}x{spec.columns // 2}-{spec.modulation}"


def _gains(snr_db: tuple[float, ...], wrong: dict[str, Wrong]) -> list[object]:
    first, *others = wrong
    return [gain(each, first, rate, snr_db, wrong) for rate in RATES for each in others]


def _text(code: Code, snr_db: tuple[float, ...], wrong: dict[str, Wrong]) -> str:
    """BLER of each detector at each SNR, dB at the rates, dB ahead of the first."""
    system = code.system
    title = (f"{text_of(system)}, rate {code.k}/{code.n}, "
             f"a word over {code.vectors} vectors with channels of their own, "
             f"{next(iter(wrong.values())).shape[1]} words a point")  # fmt: skip
    header = ["detector", *(f"{snr:g} dB" for snr in snr_db),
              *(f"dB at {rate:g}" for rate in RATES)]  # fmt: skip
    rows = []
    for name, found in wrong.items():
        at = (at_rate(rate, snr_db, found) for rate in RATES)
        rows.append([name, *(_cell(row) for row in found),
                     *("-" if x is None else f"{x:.2f}" for x in at)])  # fmt: skip
    return "\n".join([title, table(header, rows), *map(str, _gains(snr_db, wrong))])


def _cell(wrong: Wrong) -> str:
    value, low, high = bler(wrong)
    return f"{value:.3g} ({low:.2g}-{high:.2g})"


def summary(
    code: Code, words: int, seed: int, snr_db: tuple[float, ...], wrong: dict[str, Wrong]
) -> dict[str, Any]:
    """All of a sweep for JSON, the limits of intervals too; dB ahead of the first detector."""
    return {
        "system": text_of(code.system),
        "code": {"k": code.k, "n": code.n, "vectors": code.vectors},
        "words": words,
        "seed": seed,
        "snr_db": snr_db,
        "bler": {name: [bler(row)._asdict() for row in each] for name, each in wrong.items()},
        "db_at": {name: {f"{rate:g}": at_rate(rate, snr_db, each) for rate in RATES}
                  for name, each in wrong.items()},
        "ahead": [vars(each) for each in _gains(snr_db, wrong)],
    }  # fmt: skip
