# SPDX-License-Identifier: Apache-2.0
"""A file of 3GPP channels: what is drawn into it, by which seed, and the drawing itself."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console
from rich.progress import Progress

from fixedpoint.cli import check_count, check_seed
from fixedpoint.support.files import write_bytes
from fixedpoint.support.reading import ARCHIVE_BYTES
from model.systems.recorded import FEWEST
from model.systems.standard import Setting, drawn
from model.systems.threads import one_thread

DRAWS = 5000
MOST = 10**6
BYTES = 8
"""Of a complex number of the file."""
HEAD = 1 << 16
"""Bytes of a file beside its numbers, at most."""


@dataclass(frozen=True)
class Drawing:
    """Coherence blocks of a setting, by a seed: the same file from the same release of Sionna."""

    setting: Setting
    draws: int = DRAWS
    seed: int = 0

    def check(self) -> None:
        """`ValueError` that names the entry, its value and what was expected."""
        self.setting.check()
        check_seed(self.seed)
        check_count(self.draws, MOST, "draws")
        if self.draws < FEWEST:
            raise ValueError(f"{self.draws} draws: at least {FEWEST} were expected, or a part of "
                             "the file has next to none")  # fmt: skip
        size = self.draws * self.setting.subcarriers * self.setting.nr * self.setting.nt * BYTES
        if size > ARCHIVE_BYTES - HEAD:
            raise ValueError(f"{self.draws} draws take {size} bytes, at most {ARCHIVE_BYTES} were "
                             "expected: fewer draws or subcarriers")  # fmt: skip

    def write(self, path: Path) -> dict[str, Any]:
        """Draw H into an .npz, whole or not at all; what was drawn, and its power.

        Raises `ValueError` as `check` and `model.systems.standard.drawn`.
        """
        self.check()
        with _alone(), _bar(self.setting.kind, self.draws) as advance:
            parts = []
            for h in drawn(self.setting, self.draws, self.seed):
                parts.append(h)
                advance(len(h))
        h = np.concatenate(parts)
        buffer = io.BytesIO()
        np.savez(buffer, H=h)
        write_bytes(path, buffer.getvalue())
        power = np.mean(np.abs(h) ** 2, axis=tuple(range(1, h.ndim)))
        return {"kind": self.setting.kind, "shape": list(h.shape), "seed": self.seed,
                "mean_power": float(power.mean()), "power_spread_db": _spread(power)}  # fmt: skip


def line(found: dict[str, Any]) -> str:
    """What `Drawing.write` found, for the reader."""
    return (f"{found['kind']}, H {tuple(found['shape'])}, seed {found['seed']}; E|h|² "
            f"{found['mean_power']:.3g}, 10% to 90% of draws "
            f"{found['power_spread_db']:.1f} dB apart")  # fmt: skip


def _spread(power: np.ndarray) -> float:
    """From the 10th to the 90th percentile of the draws' power, dB."""
    low, high = np.percentile(power, [10, 90])
    return float(10 * np.log10(high / low)) if low > 0 else float("inf")


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """One thread, and torch's generator as it was: a training that follows draws its own."""
    with one_thread(), torch.random.fork_rng():
        yield


@contextlib.contextmanager
def _bar(title: str, total: int) -> Iterator[Callable[[int], None]]:
    """Draws done, on standard error where that is a terminal."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(title, total=total)
        yield lambda count: progress.advance(task, count)
