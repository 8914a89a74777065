# SPDX-License-Identifier: Apache-2.0
"""What every part of a link's evidence has, and the words of its file.

A file holds runs: each says at which SNRs which words each detector gets wrong, packed as
hexadecimal digits: tables and intervals are made of these words, and so is their repetition.
Sionna (the extra `sionna`) is loaded where something is measured.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from fixedpoint.support.files import write_text
from model.link.outcome import Wrong

SEED = 2026
SIONNAS = {"lmmse": "LMMSE, float", "kbest:32": "K-best, K = 32, float", "ep": "EP, float"}
"""Detectors of Sionna that the integers are held against."""
Run = Mapping[str, Any]
"""`snr_db`, and `wrong` by detector; `words`, or `slots` of so many `users`."""


class Part(ABC):
    """Of `make evidence`: a file of numbers, a figure and a section of the page."""

    name: str
    note = ""
    """A sentence more for its section."""
    choice = False
    """Whether it says which core to take."""

    @property
    @abstractmethod
    def title(self) -> str:
        """Of its section."""

    @property
    @abstractmethod
    def panel(self) -> str:
        """Titles of its figure's panels, in front of what a run is."""

    @property
    @abstractmethod
    def specs(self) -> tuple[str, ...]:
        """Of the integers, shipped ones or those of `benchmarks.evidence.sealed`."""

    @abstractmethod
    def measure(self, out: Path, quick: bool, report: Callable[[float], None]) -> None:
        """Every run, into out/NAME.json. report: is told the share that is done."""

    @abstractmethod
    def again(self, data: Mapping[str, Any]) -> list[str]:
        """The first words of each run, with the integers' soft bits; a line for each difference.

        Of all detectors their bits hang least on a processor's last digits.
        """

    @abstractmethod
    def of_run(self, run: Run) -> str:
        """What is the run's own, in a few words."""

    @abstractmethod
    def said(self, run: Run) -> str:
        """What was sent, and what the intervals are."""

    def write(self, out: Path, data: Mapping[str, Any]) -> None:
        """Its file."""
        write_text(out / f"{self.name}.json", json.dumps(data, indent=1) + "\n")


def packed(wrong: Wrong) -> list[str]:
    """A detector's wrong words for a file, a row for each SNR."""
    return [np.packbits(row).tobytes().hex() for row in wrong.reshape(len(wrong), -1)]


def wrong_of(run: Run, name: str) -> Wrong:
    """A detector's wrong words of a run in a file, (SNRs, words) or (SNRs, slots, users)."""
    size = (run["words"],) if "words" in run else (run["slots"], run["users"])
    rows = [np.frombuffer(bytes.fromhex(each), np.uint8) for each in run["wrong"][name]]
    found = np.unpackbits(np.stack(rows), axis=1, count=int(np.prod(size))).astype(bool)
    return found.reshape(len(rows), *size)


def differences(title: str, old: Wrong, new: Wrong) -> list[str]:
    """A line if a detector's words are not the ones that were wrong as committed."""
    if (old == new).all():
        return []
    return [f"{title}: {old.sum()} of {old.size} words wrong as committed, {new.sum()} repeated"]
