# SPDX-License-Identifier: Apache-2.0
"""Block error rates of 5G PUSCH slots with estimated channels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.evidence import sealed
from benchmarks.evidence.link.part import SEED, Part, Run, differences, packed, wrong_of
from model.link.outcome import Wrong

QUICK_SLOTS = 2
AGAIN = 10
"""Slots that are decoded again: the first batch of a run."""


@dataclass(frozen=True)
class Pusch(Part):
    """A channel model's slots.

    spec: shipped, with soft bits; setting: its users, antennas and symbols in words; groups: of
    subcarriers that share a preparation.
    """

    name: str
    spec: str
    setting: str
    model: str
    snr_db: tuple[float, ...]
    slots: int
    groups: tuple[int, ...] = (1,)
    note: str = ""

    @property
    def title(self) -> str:
        """Channel model and setting."""
        return f"5G PUSCH over {self.model.upper()}, {self.setting}"

    @property
    def panel(self) -> str:
        """The setting."""
        return f"PUSCH, {self.setting}, "

    @property
    def specs(self) -> tuple[str, ...]:
        """The one."""
        return (self.spec,)

    def measure(self, out: Path, quick: bool, report: Callable[[float], None]) -> None:
        """The quick form has few slots, of one SNR."""
        snr_db, slots = self.snr_db, self.slots
        if quick:
            snr_db, slots = snr_db[len(snr_db) // 2 :][:1], QUICK_SLOTS
        total = -(-slots // AGAIN) * len(snr_db)
        calls = iter(range(total))
        wrong = self.decoded(snr_db, slots, lambda: report((next(calls) + 1) / total))
        users = next(iter(wrong.values())).shape[-1]
        found = {name: packed(each) for name, each in wrong.items()}
        run = {"channel": self.model, "snr_db": snr_db, "slots": slots, "users": users,
               "wrong": found}  # fmt: skip
        self.write(out, {"spec": self.spec, "seed": SEED, "runs": [run]})

    def decoded(
        self, snr_db: Sequence[float], slots: int, progress: Callable[[], None] = lambda: None
    ) -> dict[str, Wrong]:
        """Which transport blocks each receiver gets wrong, (SNRs, slots, users)."""
        from model.link.pusch import Cell, Slots, sweep  # need Sionna, which pages do not

        made = Slots(sealed.load(self.spec), self.model, groups=self.groups)
        return sweep(Cell(made, SEED), snr_db, slots, progress)

    def again(self, data: Mapping[str, Any]) -> list[str]:
        """The first batch of slots at the middle SNR."""
        lines = []
        for run in data["runs"]:
            place = len(run["snr_db"]) // 2
            snr_db, count = run["snr_db"][place], min(AGAIN, run["slots"])
            for name, each in self.decoded([snr_db], count).items():
                if name.startswith("golden "):
                    title = f"{self.name}: {name} at {snr_db:g} dB"
                    lines += differences(title, wrong_of(run, name)[place, :count], each[0])
        return lines

    def of_run(self, run: Run) -> str:
        """Its channel model."""
        return str(run["channel"]).upper()

    def said(self, run: Run) -> str:
        """Slots, channel, seed and size."""
        return (
            "Slots of several users with a layer and a DMRS port each, MCS 12 of table 1, 4 "
            "resource blocks, a delay spread of 100 ns, 3 m/s, channels estimated by least squares "
            f"and linear interpolation, Sionna's receiver; seed {SEED}, {run['slots']:,} slots of "
            f"{run['users']} transport blocks a point, the same for all; 95% intervals that take "
            "a slot together, of dB those of resampled slots."
        )
