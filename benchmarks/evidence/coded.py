# SPDX-License-Identifier: Apache-2.0
"""Coded block error rates of the shipped specs with soft bits: what is measured, and how.

A file holds, for each code rate, which words each detector gets wrong at each SNR, packed as
hexadecimal digits: tables and intervals are made of these words, and so is their repetition.
Sionna (the extra `sionna`) is loaded where something is measured.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fixedpoint.detectors import library
from fixedpoint.support.files import write_text
from model.link.outcome import Wrong
from model.systems.text import system_of

SEED, WORDS, QUICK_WORDS = 2026, 150, 4
AGAIN = 50
"""Words that are decoded again: the first batch of a run."""
SIONNAS = {"lmmse": "LMMSE, float", "kbest:32": "K-best, K = 32, float", "ep": "EP, float"}
"""Detectors of Sionna that the integers are held against."""
SLOW = ("kbest:32",)


@dataclass(frozen=True)
class Coded:
    """A system's words. specs: of the integers; runs: code rates, and the SNRs of each, in dB."""

    name: str
    array: str
    channel: str
    system: str
    specs: tuple[str, ...]
    runs: Mapping[float, tuple[float, ...]]

    @property
    def title(self) -> str:
        """Of its section."""
        return f"Coded words, {self.array}, {self.channel}"

    def measure(self, out: Path, quick: bool, report: Callable[[float], None]) -> None:
        """Every run, into out/NAME.json; the quick form has few words and no K-best."""
        names = [name for name in (*SIONNAS, "golden") if not (quick and name in SLOW)]
        words, runs = QUICK_WORDS if quick else WORDS, []
        for done, (rate, snr_db) in enumerate(self.runs.items()):
            chosen = snr_db[len(snr_db) // 2 :][:1] if quick else snr_db
            total = -(-words // AGAIN) * len(chosen) * (len(names) - 1 + len(self.specs))
            calls = iter(range(total))

            def step(done: int = done, calls: Any = calls, total: int = total) -> None:
                report((done + (next(calls) + 1) / total) / len(self.runs))

            wrong = self.words(names, rate, chosen, words, step)
            packed = {name: [_packed(row) for row in rows] for name, rows in wrong.items()}
            runs.append({"rate": rate, "snr_db": chosen, "words": words, "wrong": packed})
        found = {"system": self.system, "seed": SEED, "runs": runs}
        write_text(out / f"{self.name}.json", json.dumps(found, indent=1) + "\n")

    def words(
        self,
        names: Sequence[str],
        rate: float,
        snr_db: Sequence[float],
        words: int,
        progress: Callable[[], None] = lambda: None,
    ) -> dict[str, Wrong]:
        """Which words of a code of that rate each detector gets wrong, (SNRs, words)."""
        from model.link.coded import Code, Link, sweep  # need Sionna, which pages do not
        from model.link.detectors import entrants

        system, specs = system_of(self.system), [library.load(each) for each in self.specs]
        chosen = entrants(names, system, specs)
        return sweep(Link(Code(system, rate), SEED), chosen, snr_db, words, progress)

    def again(self, data: Mapping[str, Any]) -> list[str]:
        """The first words of each run, with the integers' soft bits; a line for each difference.

        Of all detectors their bits hang least on a processor's last digits.
        """
        lines = []
        for run in data["runs"]:
            place = len(run["snr_db"]) // 2
            snr_db, count = run["snr_db"][place], min(AGAIN, run["words"])
            for name, row in self.words(["golden"], run["rate"], [snr_db], count).items():
                old = wrong_of(run, name)[place, :count]
                if (old != row[0]).any():
                    lines.append(f"{self.name}: {name} at {snr_db:g} dB, rate {run['rate']:g}: "
                                 f"{old.sum()} of {count} words wrong as committed, {row.sum()} "
                                 "repeated")  # fmt: skip
        return lines


def wrong_of(run: Mapping[str, Any], name: str) -> Wrong:
    """A detector's wrong words of a run in a file, (SNRs, words)."""
    rows = [np.frombuffer(bytes.fromhex(each), np.uint8) for each in run["wrong"][name]]
    return np.unpackbits(np.stack(rows), axis=1, count=run["words"]).astype(bool)


def _packed(row: Wrong) -> str:
    return np.packbits(row).tobytes().hex()


def _range(first: float, step: float, points: int = 5) -> tuple[float, ...]:
    return tuple(first + step * i for i in range(points))


CORES = ("admm-box-soft", "pm5-16x16-16qam-soft", "pm10-16x16-16qam-soft")
CODED = (
    Coded(
        "coded-16x16",
        "16×16, 16-QAM",
        "independent entries",
        "16x16-16qam",
        CORES,
        {0.5: _range(11.5, 0.75), 0.75: (15.5, 16.5, 17.5, 18.5, 20.5, 22.5)},
    ),
    Coded(
        "coded-16x16-correlated",
        "16×16, 16-QAM",
        "correlation .7",
        "16x16-16qam:receive_correlation=0.7,transmit_correlation=0.7",
        CORES,
        {0.5: _range(18.0, 1.5), 0.75: _range(22.0, 2.0, 6)},
    ),
    Coded(
        "coded-64x8",
        "64×8, 16-QAM",
        "independent entries",
        "64x8-16qam",
        ("pm5-64x8-16qam-soft",),
        {0.5: _range(-2.75, 0.375), 0.75: _range(1.0, 0.5)},
    ),
)
BY_NAME = {part.name: part for part in CODED}
