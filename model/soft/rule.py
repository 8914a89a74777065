# SPDX-License-Identifier: Apache-2.0
"""Soft bits in floating point: the max-log rule, soft LMMSE, and what soft bits are worth.

All are L = log p(1)/p(0) of Gray bits. The information that they carry of a bit is measured as

    I = 1 − E[ log2(1 + exp(−L)) | 1 was sent ] = 1 − E[ log2(1 + exp((1 − 2b)·L)) ]

which is what a receiver that believes them can use: 1 at most, less for ratios that are too large.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fixedpoint.numbers.format import IntArray
from fixedpoint.numbers.modulation import Modulation

FloatArray = NDArray[np.float64]


def max_log(w: FloatArray, weight: FloatArray | float, modulation: Modulation) -> FloatArray:
    """L of each bit, (…, b), of w (…) = symbol + a disturbance of the variance 1/weight."""
    points = modulation.modulate(np.arange(modulation.levels))
    squares = (w[..., None] - points) ** 2
    words = modulation.gray(np.arange(modulation.levels))
    ratios = [squares[..., words[:, b] == 0].min(-1) - squares[..., words[:, b] == 1].min(-1)
              for b in range(modulation.bits)]  # fmt: skip
    return np.stack(ratios, -1) * (np.asarray(weight) / 2)[..., None]


def lmmse(h: FloatArray, y: FloatArray, noise: float, modulation: Modulation) -> FloatArray:
    """L (G, B, N, b) of soft LMMSE on real H (G, M, N) and y (G, B, M), by exact variances.

    With A = (HᵀH + σ²/p·I)⁻¹ and d_i = 1 − A_ii·σ²/p, x̂_i/d_i = x_i + a disturbance of the
    variance p·(1 − d_i)/d_i, p the power of a coordinate.
    """
    power = modulation.symbol_energy / 2
    gram = h.transpose(0, 2, 1) @ h
    ridge = noise / power
    inverse = np.linalg.inv(gram + ridge * np.eye(h.shape[2]))
    estimate = np.einsum("gbn,gnk->gbk", y @ h, inverse)
    share = np.diagonal(inverse, axis1=1, axis2=2)[:, None] * ridge
    gain = 1 - share
    return max_log(estimate / gain, np.broadcast_to(gain / share / power, estimate.shape),
                   modulation)  # fmt: skip


def information(llr: FloatArray, bits: IntArray) -> float:
    """Bits of information a bit that ratios carry."""
    return float(1 - np.logaddexp(0, (1 - 2 * bits) * llr).mean() / np.log(2))
