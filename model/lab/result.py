# SPDX-License-Identifier: Apache-2.0
"""What a sweep found: counts, and the rates, differences and flags that follow from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from fixedpoint.support.reading import brief
from model.lab import count
from model.lab.counts import Counts
from model.lab.intervals import Cluster, Interval, difference, p_value, proportion
from model.lab.plan import Plan
from model.store.entries import object_of
from model.systems.system import System

CONFIDENCE, TELLING = 0.95, 10


@dataclass(frozen=True)
class Rate:
    """Errors of a number of trials, and the rate with its limits."""

    errors: int
    trials: int
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Point:
    """A detector at one SNR: bits, complex symbols and vectors that it got wrong."""

    detector: str
    snr_db: float
    blocks: int
    vectors: int
    ber: Rate
    ser: Rate
    ver: Rate


@dataclass(frozen=True)
class Result:
    """The counts of a plan, one `Counts` for each of its SNRs.

    Everything else is computed from them: `points`, `difference`, `flags`. A rate without errors
    lies below Clopper and Pearson's limit for wrong blocks, 0 of G, times the share of a block that
    was wrong in the detector's wrong blocks at the nearest lower SNR with `TELLING` of them (all of
    the block if there is none): with more SNR wrong blocks hold fewer errors, not more.
    """

    plan: Plan
    counts: tuple[Counts, ...]
    confidence: float = CONFIDENCE

    def __post_init__(self) -> None:
        if not 0 < self.confidence < 1:
            raise ValueError(f"confidence {self.confidence} is outside 0 < confidence < 1")
        square = (len(self.plan.detectors),) * 2
        if len(self.counts) != len(self.plan.snr_db) or any(
            c.blocks.shape != square for c in self.counts
        ):
            raise ValueError("the counts of a sweep do not fit its plan")

    @cached_property
    def points(self) -> dict[tuple[str, float], Point]:
        """Every point by detector and SNR, SNR by SNR."""
        return {
            (detector, snr): self._point(place, detector, snr, counts)
            for snr, counts in zip(self.plan.snr_db, self.counts, strict=True)
            for place, detector in enumerate(self.plan.detectors)
        }

    def difference(self, a: str, b: str, snr_db: float, kind: str = "bits") -> Interval:
        """Rate of a less rate of b, over the blocks that both saw: paired."""
        return difference(self._paired(a, b, snr_db, kind), self.confidence)

    def p_value(self, a: str, b: str, snr_db: float, kind: str = "bits") -> float:
        """Of no difference between a and b; not corrected for the number of comparisons."""
        return p_value(self._paired(a, b, snr_db, kind))

    def _paired(self, a: str, b: str, snr_db: float, kind: str) -> Cluster:
        """The differences of the blocks that both saw."""
        i, j = self.plan.detectors.index(a), self.plan.detectors.index(b)
        counts, k = self.counts[self.plan.snr_db.index(snr_db)], count.KINDS.index(kind)
        return Cluster(
            blocks=int(counts.blocks[i, j]),
            size=self._sizes[k],
            first=int(counts.first[k, i, j] - counts.first[k, j, i]),
            second=int(counts.second[k, i, j] + counts.second[k, j, i] - 2 * counts.cross[k, i, j]),
            wrong=int(counts.unequal[k, i, j]) if i != j else 0,
        )

    @cached_property
    def flags(self) -> tuple[str, ...]:
        """A line for every point below its ML bound beyond the interval: a bug, not a finding.

        Compared are vector-error rates, which ML minimises, and bit error rates, for which it is
        the bound wherever it gets at least half of the vectors right: below that a detector that
        decides bit by bit may have fewer wrong bits than the most likely vector.
        """
        return tuple(
            line
            for bound in self.plan.detectors
            if bounds(bound, self.plan.system)
            for (detector, snr), _ in self.points.items()
            if detector != bound
            for line in self._below(detector, bound, snr)
        )

    def _below(self, detector: str, bound: str, snr: float) -> list[str]:
        kinds = {"vectors": "vector-error rate"}
        if self.points[bound, snr].ver.value <= 0.5:
            kinds["bits"] = "BER"
        found = {kind: self.difference(detector, bound, snr, kind) for kind in kinds}
        return [
            f"{detector} beats its bound {bound} at {snr:g} dB: {kinds[kind]} lower by "
            f"{-d.value:.2e} ({-d.high:.2e} to {-d.low:.2e})"
            for kind, d in found.items()
            if d.high < 0
        ]

    def to_json(self) -> dict[str, Any]:
        """Plan and counts, from which `from_json` makes it again, and what follows from them."""
        return {
            "plan": self.plan.to_json(),
            "digest": self.plan.digest,
            "confidence": self.confidence,
            "counts": [counts.to_json() for counts in self.counts],
            "points": [row(point) for point in self.points.values()],
            "flags": list(self.flags),
        }

    @classmethod
    def from_json(cls, data: object) -> Result:
        """What `to_json` wrote. Raises `ValueError` if it is not that."""
        found = object_of(data, "result of a sweep")
        plan, entries, confidence = (found.get(n) for n in ("plan", "counts", "confidence"))
        if not isinstance(entries, list):
            raise ValueError(f"result of a sweep: its counts {brief(entries)} are not a list")
        if type(confidence) is not float:
            raise ValueError(f"result of a sweep: confidence {brief(confidence)} is not a number")
        of = Plan.from_json(plan)
        counts = tuple(Counts.from_json(entry, len(of.detectors)) for entry in entries)
        return cls(of, counts, confidence)

    @cached_property
    def _sizes(self) -> tuple[int, ...]:
        """Bits, symbols and vectors of a coherence block."""
        system = self.plan.system
        each = count.trials(system.constellation, system.nt)
        return tuple(number * system.vectors for number in each)

    def _point(self, i: int, detector: str, snr_db: float, counts: Counts) -> Point:
        bits, symbols, vectors = (self._cluster(k, i, counts) for k in range(len(count.KINDS)))
        shares = [self._share(k, i, snr_db) for k in range(len(count.KINDS))]
        ver = self._rate(vectors, shares[2])
        ber, ser = self._rate(bits, shares[0], ver), self._rate(symbols, shares[1], ver)
        return Point(detector, snr_db, vectors.blocks, ver.trials, ber, ser, ver)

    def _cluster(self, k: int, i: int, counts: Counts) -> Cluster:
        sums = (counts.first, counts.second, counts.unequal)
        return Cluster(int(counts.blocks[i, i]), self._sizes[k], *(int(s[k, i, i]) for s in sums))

    def _rate(self, cluster: Cluster, share: float, ver: Rate | None = None) -> Rate:
        """A rate, of bits or symbols within what that of vectors allows: 1 to all of a vector's."""
        value, low, high = proportion(cluster, self.confidence)
        trials = cluster.blocks * cluster.size
        if not cluster.first:
            high *= share
        elif ver is not None:
            low, high = max(low, ver.low * ver.trials / trials), min(high, ver.high)
        return Rate(cluster.first, trials, value, low, high)

    def _share(self, k: int, i: int, snr_db: float) -> float:
        """How much of a wrong block is wrong, at the nearest lower SNR that can tell; 1 if none."""
        for snr, counts in sorted(zip(self.plan.snr_db, self.counts, strict=True), reverse=True,
                                  key=lambda entry: entry[0]):  # fmt: skip
            cluster = self._cluster(k, i, counts)
            if snr < snr_db and cluster.wrong >= TELLING:
                return cluster.first / (cluster.wrong * cluster.size)
        return 1.0


def row(point: Point) -> dict[str, str | int | float]:
    """A point as one flat record."""
    record: dict[str, str | int | float] = {
        "detector": point.detector,
        "snr_db": point.snr_db,
        "blocks": point.blocks,
        "vectors": point.vectors,
    }
    for rate, unit, of in (("ber", "bit", "bits"), ("ser", "symbol", "symbols"),
                           ("ver", "vector", None)):  # fmt: skip
        found: Rate = getattr(point, rate)
        record |= {f"{unit}_errors": found.errors} | ({of: found.trials} if of else {})
        record |= {rate: found.value, f"{rate}_low": found.low, f"{rate}_high": found.high}
    return record


BOUNDS: dict[str, Callable[[System], bool]] = {
    "ml": lambda system: not system.adc_bits and not system.csi_error,
    "1bit-ml": lambda s: s.adc_bits == 1 and not s.csi_error and not s.snr_mismatch_db,
    "few-bit-ml": lambda s: s.adc_bits > 0 and not s.csi_error and not s.snr_mismatch_db,
}
"""Detectors that no other beats, and the systems for which that holds."""


def bounds(detector: str, system: System) -> bool:
    """Whether a detector is the ML bound of a system."""
    name = detector.partition(":")[0]
    return name in BOUNDS and BOUNDS[name](system)
