# SPDX-License-Identifier: Apache-2.0
"""The command `pusch`: its options to a sweep, and the sweep to a table and JSON."""

from __future__ import annotations

import argparse
import json
import warnings

from rich.console import Console
from rich.progress import Progress

from fixedpoint.cli import check_count, check_seed
from fixedpoint.detectors import library
from fixedpoint.support.table import table
from model.lab.arguments import snr_list
from model.lab.intervals import Interval
from model.link.outcome import RATES, Gain, Wrong, at_rate, bler, gain
from model.link.pusch import BATCH, Cell, Slots, sweep

MOST_SLOTS = 100_000


def pusch(arguments: argparse.Namespace) -> tuple[str, str]:
    """The table and the JSON. Raises `ValueError` on a user's mistake."""
    check_count(arguments.slots, MOST_SLOTS, "slots")
    check_seed(arguments.seed)
    spec, snr_db = library.load(arguments.spec), snr_list(arguments.snr)
    slots = Slots(spec, arguments.channel, arguments.resource_blocks, arguments.mcs,
                  tuple(arguments.group))  # fmt: skip
    cell = Cell(slots, arguments.seed)
    with Progress(console=Console(stderr=True), transient=True) as progress, \
            warnings.catch_warnings():  # fmt: skip
        warnings.filterwarnings("once", category=UserWarning)
        task = progress.add_task("slots", total=len(snr_db) * -(-arguments.slots // BATCH))
        wrong = sweep(cell, snr_db, arguments.slots, lambda: progress.advance(task))
    return _text(cell, snr_db, wrong), _json(cell, arguments, snr_db, wrong)


def _text(cell: Cell, snr_db: tuple[float, ...], wrong: dict[str, Wrong]) -> str:
    """BLER of each receiver at each SNR, dB at the rates, dB ahead of LMMSE."""
    slots = cell.slots
    count = next(iter(wrong.values())).shape[1]
    title = (f"PUSCH, {slots.users} users, {slots.spec.rows // 2} antennas, {slots.model}, "
             f"channels estimated, {count} slots a point: BLER of transport blocks")  # fmt: skip
    header = ["detector", *(f"{snr:g} dB" for snr in snr_db), *(f"dB at {x:g}" for x in RATES)]
    rows = []
    for name, each in wrong.items():
        found = (at_rate(x, snr_db, each) for x in RATES)
        rows.append([name, *(_cell(bler(row)) for row in each),
                     *("-" if x is None else f"{x:.2f}" for x in found)])  # fmt: skip
    return "\n".join([title, table(header, rows), *map(str, _gains(snr_db, wrong))])


def _cell(found: Interval) -> str:
    return f"{found.value:.3g} ({found.low:.2g}-{found.high:.2g})"


def _gains(snr_db: tuple[float, ...], wrong: dict[str, Wrong]) -> list[Gain]:
    first, *others = wrong
    return [gain(each, first, x, snr_db, wrong) for x in RATES for each in others]


def _json(
    cell: Cell, arguments: argparse.Namespace, snr_db: tuple[float, ...], wrong: dict[str, Wrong]
) -> str:
    """All of it, the limits of intervals too."""
    slots = cell.slots
    found = {
        "spec": slots.spec.name, "channel": slots.model, "slots": arguments.slots,
        "groups": slots.groups, "seed": arguments.seed, "snr_db": snr_db,
        "bler": {name: [bler(row)._asdict() for row in each] for name, each in wrong.items()},
        "db_at": {name: {f"{x:g}": at_rate(x, snr_db, each) for x in RATES}
                  for name, each in wrong.items()},
        "ahead": [vars(each) for each in _gains(snr_db, wrong)],
    }  # fmt: skip
    return json.dumps(found, indent=2) + "\n"
