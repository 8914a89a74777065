# SPDX-License-Identifier: Apache-2.0
"""What carries an intermediate in the worst case, and what a requantizer adds to it."""

from __future__ import annotations

FLOAT64 = 53
"""Bits of a magnitude that are exact in float64, of fast view and twins.

int64 and native C++ (63 bits) are wider, so that what fits here cannot wrap there. A half below the
last bit is no intermediate: where nothing is rounded, none is added.
"""


def rounded(magnitude: int, shift: int) -> int:
    """The largest magnitude inside a requantizer: with its rounding constant, or shifted left."""
    return magnitude + (1 << shift - 1) if shift > 0 else magnitude << -shift


def needed(magnitude: int) -> str:
    """What is wrong with an intermediate that large, or nothing."""
    bits = magnitude.bit_length()
    if bits <= FLOAT64:
        return ""
    return f"needs {bits} bits in the worst case, at most {FLOAT64} are exact"
