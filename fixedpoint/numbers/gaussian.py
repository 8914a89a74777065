# SPDX-License-Identifier: Apache-2.0
"""Converters of few bits for a standard normal sample, uniform and Lloyd–Max, as real values.

What a gain control scales; the integers of a spec are in `few_bit.py`.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
ITERATIONS, TOLERANCE = 20_000, 1e-14


@dataclass(frozen=True)
class Cells:
    """2^b levels and the 2^b − 1 thresholds between them, for a sample of variance 1.

    Both ascend and are odd-symmetric; a sample on a threshold gets the upper level.
    """

    thresholds: tuple[float, ...]
    levels: tuple[float, ...]

    @property
    def distortion(self) -> float:
        """E(y − level)² of a standard normal sample: the ρ of the Bussgang model if Lloyd–Max."""
        probability, first = _moments(self.thresholds)
        levels = np.array(self.levels)
        return float(1 - 2 * (levels * first).sum() + (levels**2 * probability).sum())


@functools.cache
def lloyd_max(bits: int) -> Cells:
    """The converter of least mean squared error (Lloyd 1982, Max 1960), by Lloyd's iteration.

    Each level is its cell's centroid, each threshold the middle of its levels.
    """
    levels = np.array(uniform(bits).levels)
    for _ in range(ITERATIONS):
        probability, first = _moments(_middles(levels))
        centroids = first / probability
        centroids = (centroids - centroids[::-1]) / 2
        if np.abs(centroids - levels).max() < TOLERANCE:
            return Cells(_middles(centroids), tuple(centroids.tolist()))
        levels = centroids
    raise ArithmeticError(f"Lloyd's iteration for {bits} bits did not settle")


@functools.cache
def uniform(bits: int) -> Cells:
    """Mid-rise levels at odd numbers of half steps, the step of least mean squared error.

    There E(y·k) = step·E(k²), k the levels in steps: what remains of the derivative, since an
    error does not jump at a threshold.
    """
    steps = np.arange(2**bits) - (2**bits - 1) / 2

    def remains(step: float) -> float:
        probability, first = _moments(_middles(steps * step))
        return float((steps * first).sum() - step * (steps**2 * probability).sum())

    low, high = 1e-3, 4.0
    while (middle := (low + high) / 2) not in (low, high):
        low, high = (middle, high) if remains(middle) > 0 else (low, middle)
    levels = steps * low
    return Cells(_middles(levels), tuple(levels.tolist()))


QUANTIZERS = {"lloyd-max": lloyd_max, "uniform": uniform}


def _moments(thresholds: tuple[float, ...]) -> tuple[FloatArray, FloatArray]:
    """Probability and ∫ x·pdf of every cell of a standard normal sample."""
    edges = np.array([-np.inf, *thresholds, np.inf])
    below = np.array([math.erfc(-edge / math.sqrt(2)) / 2 for edge in edges])
    density = np.exp(-(edges**2) / 2) / math.sqrt(2 * math.pi)
    return np.diff(below), -np.diff(density)


def _middles(levels: FloatArray) -> tuple[float, ...]:
    return tuple(((levels[:-1] + levels[1:]) / 2).tolist())
