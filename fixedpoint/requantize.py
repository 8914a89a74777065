"""The only lossy operation of the integer contract."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from fixedpoint.format import Format, IntArray


def shift_right_half_up(q: ArrayLike, shift: int) -> IntArray:
    """Round q / 2^shift half up: (q + 2^(shift−1)) >> shift; a left shift if `shift` is negative.

    Exact for every |q| < 2^62 and every shift, beyond the width of q too.
    """
    q = np.asarray(q, dtype=np.int64)
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
