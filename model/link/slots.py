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
from model.link.pusch import BATCH, Cell, Slots, sweep

MOST_SLOTS = 100_000


def pusch(arguments: argparse.Namespace) -> tuple[str, str]:
    """The table and the JSON. Raises `ValueError` on a user's mistake."""
    check_count(arguments.slots, MOST_SLOTS, "slots")
    check_seed(arguments.seed)
    spec, snr_db = library.load(arguments.spec), snr_list(arguments.snr)
    slots = Slots(spec, arguments.channel, arguments.resource_blocks, arguments.mcs,
                  arguments.group)  # fmt: skip
    cell = Cell(slots, arguments.seed)
    with Progress(console=Console(stderr=True), transient=True) as progress, \
            warnings.catch_warnings():  # fmt: skip
        warnings.filterwarnings("once", category=UserWarning)
        task = progress.add_task("slots", total=len(snr_db) * -(-arguments.slots // BATCH))
        found = sweep(cell, snr_db, arguments.slots, lambda: progress.advance(task))
    title = (f"PUSCH, {slots.users} users, {spec.rows // 2} antennas, {slots.model}, channels "
             f"estimated, {arguments.slots} slots a point: BLER of transport blocks")  # fmt: skip
    rows = [[name, *(f"{x.value:.3g} ({x.low:.2g}-{x.high:.2g})" for x in each)]
            for name, each in found.items()]  # fmt: skip
    data = {
        "spec": spec.name, "channel": slots.model, "slots": arguments.slots,
        "group": slots.group, "seed": arguments.seed, "snr_db": snr_db,
        "bler": {name: [x._asdict() for x in each] for name, each in found.items()},
    }  # fmt: skip
    text = table(["detector", *(f"{snr:g} dB" for snr in snr_db)], rows)
    return f"{title}\n{text}", json.dumps(data, indent=2) + "\n"
