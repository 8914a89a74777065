# SPDX-License-Identifier: Apache-2.0
"""The only lossy operation of the integer contract."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from fixedpoint.numbers.format import Format, IntArray, integers


def shift_right_half_up(q: ArrayLike, shift: int) -> IntArray:
    """Round q / 2^shift half up: (q + 2^(shift−1)) >> shift; a left shift if `shift` is negative.

    Exact for every |q| < 2^62 and every shift, beyond the width of q too. q may have any integer
    type, here and below: the result is int64. Raises as `format.integers`.
    """
    q = integers("q", q)
    if shift <= 0:
        return q * np.int64(1 << -shift)
    if shift > 62:
        return np.zeros_like(q)
    return (q + np.int64(1 << (shift - 1))) >> shift


def requantize(q: ArrayLike, shift: int, target: Format) -> IntArray:
    """Drop `shift` fractional bits (round half up), then saturate to `target`.

    A shift of 0 saturates only; a negative one is an exact left shift, then saturation.
    """
    result: IntArray = np.clip(shift_right_half_up(q, shift), target.min, target.max)
    return result


def requantize_each(q: ArrayLike, shifts: ArrayLike, target: Format) -> IntArray:
    """`requantize` with a shift of its own for each integer: `shifts` broadcasts against q."""
    q, shifts = np.broadcast_arrays(integers("q", q), integers("shifts", shifts))
    result = np.empty(q.shape, dtype=np.int64)
    for shift in np.unique(shifts):
        chosen = shifts == shift
        result[chosen] = requantize(q[chosen], int(shift), target)
    return result
