# SPDX-License-Identifier: Apache-2.0
"""Coded block error rates over flat fading, by code rate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.evidence import sealed
from benchmarks.evidence.link.part import SEED, Part, Run, differences, packed, wrong_of
from model.link.outcome import Wrong
from model.systems.text import system_of

WORDS, QUICK_WORDS = 150, 4
AGAIN = 50
"""Words that are decoded again: the first batch of a run."""
SLOW = ("kbest:32",)
OURS = ("golden", "twin", "hard")
RATES = {0.5: "1/2", 0.75: "3/4"}


@dataclass(frozen=True)
class Coded(Part):
    """A system's words.

    detectors: as a file names them, `ep` or `golden SPEC`; runs: code rates, and the SNRs of each,
    in dB.
    """

    name: str
    array: str
    channel: str
    system: str
    detectors: tuple[str, ...]
    runs: Mapping[float, tuple[float, ...]]
    words: int = WORDS
    note: str = ""
    choice: bool = False

    @property
    def title(self) -> str:
        """Array and channel."""
        return f"Coded words, {self.array}, {self.channel}"

    @property
    def panel(self) -> str:
        """Array and channel, too."""
        return f"{self.array}, {self.channel}, "

    @property
    def specs(self) -> tuple[str, ...]:
        """Those that `detectors` name, each once."""
        parts = (text.partition(" ") for text in self.detectors)
        return tuple(dict.fromkeys(spec for name, _, spec in parts if name in OURS))

    def measure(self, out: Path, quick: bool, report: Callable[[float], None]) -> None:
        """The quick form has few words and no K-best."""
        names = [name for name in self.detectors if not (quick and name in SLOW)]
        words, runs = QUICK_WORDS if quick else self.words, []
        for done, (rate, snr_db) in enumerate(self.runs.items()):
            chosen = snr_db[len(snr_db) // 2 :][:1] if quick else snr_db
            total = -(-words // AGAIN) * len(chosen) * len(names)
            calls = iter(range(total))

            def step(done: int = done, calls: Any = calls, total: int = total) -> None:
                report((done + (next(calls) + 1) / total) / len(self.runs))

            wrong = self.decoded(names, rate, chosen, words, step)
            found = {name: packed(each) for name, each in wrong.items()}
            runs.append({"rate": rate, "snr_db": chosen, "words": words, "wrong": found})
        self.write(out, {"system": self.system, "seed": SEED, "runs": runs})

    def decoded(
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

        system, chosen = system_of(self.system), []
        for text in names:
            name, _, spec = text.partition(" ")
            chosen += entrants([name], system, [sealed.load(spec)] if spec else [])
        return sweep(Link(Code(system, rate), SEED), chosen, snr_db, words, progress)

    def again(self, data: Mapping[str, Any]) -> list[str]:
        """The first batch of each run at its middle SNR."""
        lines, names = [], [name for name in self.detectors if name.startswith("golden ")]
        for run in data["runs"]:
            place = len(run["snr_db"]) // 2
            snr_db, count = run["snr_db"][place], min(AGAIN, run["words"])
            for name, row in self.decoded(names, run["rate"], [snr_db], count).items():
                title = f"{self.name}: {name} at {snr_db:g} dB, rate {run['rate']:g}"
                lines += differences(title, wrong_of(run, name)[place, :count], row[0])
        return lines

    def of_run(self, run: Run) -> str:
        """Its code rate."""
        return f"rate {RATES[run['rate']]}"

    def said(self, run: Run) -> str:
        """Code, decoder, seed and size."""
        return (
            "5G LDPC words of at least 1,024 bits, each over vectors with channels of their own, "
            f"Sionna's encoder and sum-product decoder with 20 iterations; seed {SEED}, "
            f"{run['words']:,} words a point, the same for all; Wilson's 95% intervals, of dB "
            "those of resampled words."
        )
