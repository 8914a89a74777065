# SPDX-License-Identifier: Apache-2.0
"""What a sweep is to do: the system, the detectors, the SNRs, the seed and the stop rule."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fixedpoint.cli import COUNTS
from fixedpoint.support.reading import brief
from model.detectors.catalog import make
from model.store.entries import object_of, typed
from model.systems.recorded import digest
from model.systems.system import System

TASK_VECTORS, SMALL_TASK_VECTORS = 2000, 200
SEARCHES = ("ml", "1bit-ml", "few-bit-ml", "logistic-ml")
"""Detectors that may take milliseconds a vector: their tasks are small."""
LARGEST_SEED = (1 << 53) - 1
NAMED, QUOTES = 10, "'\""
"""How many differences an error names."""
BLOCK_ENTRIES, MOST_TASK_VECTORS = 1 << 27, 10_000_000
"""Of H, y and x, drawn at once; a GiB in float64. A task is counted as a whole."""
CHANNELS = "channel_digest"
"""Of the file of channels, in a plan's JSON: a file that was changed is another sweep."""
SNR_LIMIT_DB, MOST_SNRS = 200.0, 1000


@dataclass(frozen=True)
class Plan:
    """One sweep over SNRs, the same to the last digit wherever it is run.

    A detector's point ends after the first task at which it has `errors` bit errors and
    `min_vectors` vectors, or else `max_vectors` vectors (`limits`, if it has an entry there). Tasks
    are counted in index order and are never cut: numbers of vectors are rounded up to whole tasks.

    Args:
        system: what is simulated.
        detectors: `NAME:key=value,…` of the catalog, each once.
        snr_db: E‖Hx‖²/E‖n‖² in dB, to a thousandth; each once.
        seed: of all random numbers, together with SNR and task.
        limits: the most vectors of a detector, by its text or its name.
        task_vectors: vectors of a task; 0 chooses by the detectors and the limits. Plans with
            another size draw other channels: set it to compare results of two plans exactly.

    Raises `ValueError` that names the entry, its value and what was expected.
    """

    system: System
    detectors: tuple[str, ...]
    snr_db: tuple[float, ...]
    seed: int = 1
    errors: int = 1000
    max_vectors: int = 100_000
    min_vectors: int = 1000
    limits: Mapping[str, int] = field(default_factory=dict)
    task_vectors: int = 0

    def __post_init__(self) -> None:
        for name, entries in (("detectors", self.detectors), ("snr_db", self.snr_db)):
            if not entries:
                raise ValueError(f"{name} is empty, at least one was expected")
            twice = sorted({str(e) for e in entries if entries.count(e) > 1})
            if twice:
                raise ValueError(f"{name} names {', '.join(twice)} more than once")
        if not all(abs(snr) <= SNR_LIMIT_DB for snr in self.snr_db):
            raise ValueError(f"snr_db {self.snr_db} is not within ±{SNR_LIMIT_DB:g} dB")
        for name, least in (
            ("seed", 0),
            ("errors", 1),
            ("max_vectors", 1),
            ("min_vectors", 0),
            ("task_vectors", 0),
        ):
            if getattr(self, name) < least:
                raise ValueError(f"{name} {getattr(self, name)} is below {least}")
            most = LARGEST_SEED if name == "seed" else COUNTS
            if getattr(self, name) > most:
                raise ValueError(f"{name} {getattr(self, name)} is above {most}")
        names = {_name(text) for text in self.detectors} | set(self.detectors)
        for name, limit in self.limits.items():
            if name not in names:
                known = ", ".join(self.detectors)
                raise ValueError(f"limit of {name!r}, which is not one of {known}")
            if not 1 <= limit <= COUNTS:
                raise ValueError(f"limit {limit} of {name} is not 1 to {COUNTS}")

    def check(self) -> None:
        """`ValueError` if a detector is unknown or can't serve the system: builds each of them."""
        system = self.system
        entries = system.rows * system.columns + system.vectors * (system.rows + system.columns)
        if entries > BLOCK_ENTRIES:
            raise ValueError(
                f"a coherence block of {system.vectors:,} vectors of {system.nr}x{system.nt} "
                f"antennas has {entries:,} real entries, at most {BLOCK_ENTRIES:,} were expected"
            )
        if self.task_blocks * system.vectors > MOST_TASK_VECTORS:
            raise ValueError(f"task_vectors {self.task_vectors} is above {MOST_TASK_VECTORS}")
        for text in self.detectors:
            make(text, self.system)

    def limit(self, detector: str) -> int:
        """The most vectors of a detector, before rounding up to whole tasks."""
        own = self.limits.get(detector, self.limits.get(_name(detector), self.max_vectors))
        return min(own, self.max_vectors)

    @property
    def task_blocks(self) -> int:
        """Coherence blocks of a task."""
        vectors = self.task_vectors
        if not vectors:
            search = any(_name(text) in SEARCHES for text in self.detectors)
            shortest = min(self.limit(text) for text in self.detectors)
            vectors = min(SMALL_TASK_VECTORS if search else TASK_VECTORS, shortest)
        return math.ceil(vectors / self.system.vectors)

    def last_task(self, detector: str) -> int:
        """Tasks after which a detector's point ends, however few errors it has."""
        return math.ceil(self.limit(detector) / (self.task_blocks * self.system.vectors))

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON of everything that decides the digits."""
        text = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """The entries as a dictionary that JSON can hold, the size of a task as it was chosen."""
        entries = {name: getattr(self, name) for name in self.__dataclass_fields__}
        entries |= {"system": self.system.to_json(), "detectors": list(self.detectors)}
        entries |= {"snr_db": list(self.snr_db), "limits": dict(self.limits)}
        if self.system.channel_file:
            entries[CHANNELS] = digest(self.system.channel_file)
        return entries | {"task_vectors": self.task_blocks * self.system.vectors}

    @classmethod
    def from_json(cls, data: object) -> Plan:
        """The plan that `to_json` wrote. Raises `ValueError` if it is none."""
        entries = object_of(data, "plan of a sweep")
        system = System.from_json(entries.get("system"))
        entries = {name: value for name, value in entries.items() if name != CHANNELS}
        plan = typed(cls, entries, "plan of a sweep", system=system)
        return dataclasses.replace(plan, detectors=tuple(plan.detectors), snr_db=tuple(plan.snr_db))

    def differences(self, other: Mapping[str, Any]) -> str:
        """What `other` (a plan's JSON) has otherwise: `errors 100 not 1000, …`."""
        mine, theirs = _flat(self.to_json()), _flat(other)
        names = sorted(name for name in mine.keys() | theirs.keys()
                       if mine.get(name) != theirs.get(name))  # fmt: skip
        found = [f"{brief(name).strip(QUOTES)} {brief(theirs.get(name)).strip(QUOTES)} "
                 f"not {mine.get(name)}" for name in names[:NAMED]]  # fmt: skip
        return ", ".join([*found, *(["…"] if len(names) > NAMED else [])])


def describe(system: System) -> str:
    """A system in words: `16×16 16qam, unquantized`, receive antennas first as the papers do."""
    words = [f"{system.nr}×{system.nt} {system.modulation}"]
    if system.adc_bits:
        words.append(f"{system.adc_bits}-bit {system.quantizer} ({system.agc} AGC)")
    else:
        words.append("unquantized")
    for entry in ("units", "vectors", "receive_correlation", "transmit_correlation", "csi_error",
                  "snr_mismatch_db"):  # fmt: skip
        default = {f.name: f.default for f in dataclasses.fields(System)}[entry]
        if getattr(system, entry) != default:
            words.append(f"{entry} {getattr(system, entry):g}")
    return ", ".join(words)


def _name(detector: str) -> str:
    return detector.partition(":")[0]


def _flat(entries: Mapping[str, Any]) -> dict[str, Any]:
    """The entries with those of `system` beside them."""
    flat = dict(entries)
    system = flat.pop("system", {})
    return flat | (dict(system) if isinstance(system, Mapping) else {"system": system})
