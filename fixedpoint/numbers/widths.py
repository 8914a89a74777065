# SPDX-License-Identifier: Apache-2.0
"""Worst-case bounds of intermediates, and the carriers that must hold them.

Each detector derives its own bounds from its formats alone, not from a spec's present constants, so
that a wire's width does not change when a network is trained again. They cover shifted operands and
rounding constants.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from fixedpoint.numbers.format import Format

FLOAT64 = 53


@dataclass(frozen=True)
class Bound:
    """The largest magnitude that an intermediate can take."""

    magnitude: int

    @property
    def bits(self) -> int:
        """The width of a two's-complement wire that holds ± magnitude."""
        return self.magnitude.bit_length() + 1

    def fits(self, carrier: int) -> bool:
        """True if ± magnitude is exact in a carrier of that many magnitude bits."""
        return self.magnitude.bit_length() <= carrier


def faults(bounds: Mapping[str, Bound]) -> list[str]:
    """One line for each intermediate that could pass float64's 53 bits, of fast view and twins.

    int64 and native C++ (63 bits) are wider, so that a spec without a fault cannot wrap there. A
    half below the last bit is no intermediate: where nothing is rounded, none is added.
    """
    return [
        f"formats: {name} needs {bound.magnitude.bit_length()} bits in the worst case, "
        f"at most {FLOAT64} are exact"
        for name, bound in bounds.items()
        if not bound.fits(FLOAT64)
    ]


def rounded(magnitude: int, shift: int) -> int:
    """The largest magnitude inside a requantizer: with its rounding constant, or shifted left."""
    return magnitude + (1 << shift - 1) if shift > 0 else magnitude << -shift


@dataclass(frozen=True)
class Combination:
    """A sum of terms of different points, `combine` in the golden model.

    `align` shifts each term left to the common point, in order; `shift` brings the sum to the
    target.
    """

    align: tuple[int, ...]
    shift: int

    @classmethod
    def of(cls, target: Format, *fracs: int) -> Self:
        """For terms with these fractional bits."""
        point = max(fracs)
        return cls(tuple(point - frac for frac in fracs), point - target.frac)

    def bounds(self, name: str, *magnitudes: int) -> dict[str, int]:
        """The largest exact sum of terms that large, and what the requantizer holds."""
        total = sum(m << a for m, a in zip(magnitudes, self.align, strict=True))
        return {name: total, f"{name}_rounded": rounded(total, self.shift)}
