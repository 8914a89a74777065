# SPDX-License-Identifier: Apache-2.0
"""Worst-case bounds and sums written by hand, which those of the programs are held against.

`pgd_widths.py`, `admm_widths.py` and `distributed_widths.py` derive them from formats alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from fixedpoint.numbers.format import Format, IntArray, integers
from fixedpoint.numbers.requantize import requantize


@dataclass(frozen=True)
class Bound:
    """The largest magnitude that an intermediate can take."""

    magnitude: int

    @property
    def bits(self) -> int:
        """The width of a two's-complement wire that holds ± magnitude."""
        return self.magnitude.bit_length() + 1


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


def exact_sum(*terms: tuple[IntArray, int]) -> tuple[IntArray, int]:
    """The sum of terms (q, frac), each q · 2^-frac, exact, with its frac.

    They meet at the point of the one with the most fractional bits, by left shifts.
    """
    point = max(frac for _, frac in terms)
    total: IntArray = sum(  # type: ignore[assignment]
        integers("q", q) * np.int64(1 << (point - frac)) for q, frac in terms
    )
    return total, point


def combine(target: Format, *terms: tuple[IntArray, int]) -> IntArray:
    """The sum of terms (q, frac), requantized to `target`: exact but for that one rounding."""
    total, point = exact_sum(*terms)
    return requantize(total, point - target.frac, target)
