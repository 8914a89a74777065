# SPDX-License-Identifier: Apache-2.0
"""What a layer did: ranges, headroom, saturations, error against the float twin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fixedpoint.numbers.format import Format, IntArray, integers


@dataclass(frozen=True)
class WireReport:
    """One wire: its format, the smallest and largest integer seen, and how often it saturated.

    `headroom_bits` = log2(largest allowed / largest seen): 0 where the wire is full.
    """

    wire: str
    format: str
    ap_fixed: str
    lowest: int
    highest: int
    headroom_bits: float
    saturated_low: int
    saturated_high: int


@dataclass(frozen=True)
class TwinError:
    """The layer's wide state against the float twin, in units of the symbols (±1, ±3, …)."""

    rms: float
    largest: float
    differing_bits: int
    bits: int


@dataclass(frozen=True)
class Seen:
    """What a wire held: the smallest and the largest integer, and how often it saturated."""

    lowest: int
    highest: int
    low: int
    high: int

    @classmethod
    def of(cls, q: IntArray, low: int, high: int) -> Seen:
        """Of integers of any type, with their counts of saturations."""
        q = integers("q", q)
        return cls(int(q.min()), int(q.max()), int(low), int(high))

    def __add__(self, other: Seen) -> Seen:
        """The two as one."""
        return Seen(
            min(self.lowest, other.lowest),
            max(self.highest, other.highest),
            self.low + other.low,
            self.high + other.high,
        )

    def row(self, wire: str, fmt: Format) -> WireReport:
        """The wire's line of a report."""
        largest = max(abs(self.lowest), abs(self.highest))
        headroom = float(np.log2(fmt.max / largest)) if largest else float(fmt.bits)
        return WireReport(
            wire, str(fmt), fmt.ap_fixed, self.lowest, self.highest, headroom, self.low, self.high
        )
