# SPDX-License-Identifier: Apache-2.0
"""Sets of integers that a wire can carry in the worst case: a range and a spacing."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd

import numpy as np

from fixedpoint.format import Format, IntArray
from fixedpoint.requantize import requantize


@dataclass(frozen=True)
class Lattice:
    """low, low + unit, low + 2·unit, …, high; a unit of 0 where both are equal."""

    low: int
    high: int
    unit: int = 1

    @classmethod
    def of(cls, values: IntArray) -> Lattice:
        """The smallest one that holds these integers."""
        low = int(values.min())
        return cls(low, int(values.max()), int(np.gcd.reduce(np.unique(values) - low)))

    @classmethod
    def symmetric(cls, limit: int, unit: int) -> Lattice:
        """Multiples of `unit` from −limit to limit, itself a multiple."""
        return cls(-limit, limit, unit if limit else 0)

    def __mul__(self, factor: int) -> Lattice:
        """Every integer times a constant."""
        low, high = sorted((self.low * factor, self.high * factor))
        return Lattice(low, high, self.unit * abs(factor))

    def __add__(self, other: Lattice) -> Lattice:
        """Sums of two integers that vary independently."""
        unit = gcd(self.unit, other.unit)
        return Lattice(self.low + other.low, self.high + other.high, unit)

    def values(self) -> IntArray:
        """All of them, ascending."""
        return np.arange(self.low, self.high + 1, max(self.unit, 1), dtype=np.int64)

    def requantized(self, shift: int, target: Format) -> IntArray:
        """What a requantization makes of them, ascending.

        A spacing no wider than the target's skips no integer between the ends.
        """
        low, high = requantize(np.array([self.low, self.high]), shift, target).tolist()
        scale = 1 << max(shift, 0)
        if shift >= 0 and self.unit <= scale:
            return np.arange(low, high + 1, dtype=np.int64)
        beyond, unit = (target.max + 2) * scale, max(self.unit, 1)
        first = self.low + max(0, -beyond - self.low) // unit * unit
        inner = np.arange(first, min(self.high, beyond) + 1, unit, dtype=np.int64)
        return np.unique(np.concatenate([[low], requantize(inner, shift, target), [high]]))

    def samples(self, period: int) -> IntArray:
        """Both ends, the integers around 0, and one of each residue modulo `period`."""
        unit = max(self.unit, 1)
        last = (self.high - self.low) // unit
        residues = np.arange(min(last + 1, period // gcd(unit, period)), dtype=np.int64)
        middle = np.clip(-self.low // unit + np.arange(2), 0, last)
        return self.low + unit * np.concatenate([residues, middle, [last]])
