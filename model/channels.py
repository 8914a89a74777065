# SPDX-License-Identifier: Apache-2.0
"""Channels of 3GPP TR 38.901 as a file of channels, drawn once.

    python -m model.channels cdl-c --antennas 8x8 --draws 5000 --out cdl.npz
    python -m model.channels umi --antennas 16x4 --draws 5000 --out umi.npz
    python -m model.evaluate --antennas 8x8 --channel file --channel-file cdl.npz --detectors lmmse

The file holds H, complex (draws, receive antennas, users), as `model.systems.recorded` reads it.
"""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path

import numpy as np
import torch
from rich.progress import Progress

from fixedpoint.cli import Parser, check_count, check_seed, run
from fixedpoint.support.files import write_bytes
from fixedpoint.support.reading import ARCHIVE_BYTES
from model.systems.recorded import FEWEST
from model.systems.standard import KINDS, Setting, drawn
from model.systems.text import antennas

MOST = 10**6
BYTES = 8
"""Of a complex number of the file."""


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
    add("--draws", type=int, default=5000, help="coherence blocks")
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
    setting.check()
    check_seed(arguments.seed)
    check_count(arguments.draws, MOST, "draws")
    if arguments.draws < FEWEST:
        raise ValueError(f"{arguments.draws} draws: at least {FEWEST} were expected, or a part of "
                         "the file has next to none")  # fmt: skip
    size = arguments.draws * setting.subcarriers * setting.nr * setting.nt * BYTES
    if size > ARCHIVE_BYTES - 2**16:
        raise ValueError(f"{arguments.draws} draws take {size} bytes, at most {ARCHIVE_BYTES} were "
                         "expected: fewer draws or subcarriers")  # fmt: skip
    if arguments.out.suffix != ".npz":
        raise ValueError(f"out {arguments.out}: a file .npz was expected")
    torch.set_num_threads(1)
    parts = []
    with Progress(transient=True) as progress:
        task = progress.add_task(setting.kind, total=arguments.draws)
        for h in drawn(setting, arguments.draws, arguments.seed):
            parts.append(h)
            progress.advance(task, len(h))
    h = np.concatenate(parts)
    buffer = io.BytesIO()
    np.savez(buffer, H=h)
    write_bytes(arguments.out, buffer.getvalue())
    power = np.mean(np.abs(h) ** 2, axis=tuple(range(1, h.ndim)))
    found = {"kind": setting.kind, "shape": list(h.shape), "seed": arguments.seed,
             "mean_power": float(power.mean()), "power_spread_db": _spread(power)}  # fmt: skip
    if arguments.json:
        print(json.dumps(found))
    else:
        apart = f"10% to 90% of draws {found['power_spread_db']:.1f} dB apart"
        print(f"{arguments.out}: {setting.kind}, H {h.shape}, seed {arguments.seed}; E|h|² "
              f"{found['mean_power']:.3g}, {apart}")  # fmt: skip
    return 0


def _spread(power: np.ndarray) -> float:
    """From the 10th to the 90th percentile of the draws' power, dB."""
    low, high = np.percentile(power, [10, 90])
    return float(10 * np.log10(high / low)) if low > 0 else float("inf")


def main(argv: list[str] | None = None) -> int:
    """Exit status 0, or 2 with one line on bad options."""
    arguments = parser().parse_args(argv)
    return run(lambda: draw(arguments))


if __name__ == "__main__":
    raise SystemExit(main())
