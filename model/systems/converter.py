# SPDX-License-Identifier: Apache-2.0
"""Few-bit converters for Gaussian samples, uniform and Lloyd–Max, with automatic gain control.

Thresholds and levels are computed for a standard normal sample; the gain control scales them. The
integer converter of the hardware is `fixedpoint.numbers.adc`.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import ndtr
from torch import Tensor

FloatArray = NDArray[np.float64]
ITERATIONS, TOLERANCE = 20_000, 1e-14


@dataclass(frozen=True)
class Converter:
    """2^b levels and the 2^b − 1 thresholds between them, for a sample of variance 1.

    Both ascend and are odd-symmetric; a sample on a threshold gets the upper level.
    """

    thresholds: tuple[float, ...]
    levels: tuple[float, ...]

    def codes(self, y: Tensor, scale: Tensor) -> Tensor:
        """Samples to codes 0 … 2^b − 1; `scale` broadcasts against y."""
        inner = y.new_tensor(self.thresholds)
        return torch.bucketize(y / scale, inner, right=True)

    def values(self, codes: Tensor, scale: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Codes to level, q_low and q_up; open thresholds are −∞ and ∞. Shapes of `codes`."""
        edges = scale.new_tensor([-np.inf, *self.thresholds, np.inf])
        levels = scale.new_tensor(self.levels)
        return levels[codes] * scale, edges[codes] * scale, edges[codes + 1] * scale

    @property
    def distortion(self) -> float:
        """E(y − level)² of a standard normal sample: the ρ of the Bussgang model if Lloyd–Max."""
        probability, first = _moments(self.thresholds)
        levels = np.array(self.levels)
        return float(1 - 2 * (levels * first).sum() + (levels**2 * probability).sum())


def _moments(thresholds: tuple[float, ...]) -> tuple[FloatArray, FloatArray]:
    """Probability and ∫ x·pdf of every cell of a standard normal sample."""
    edges = np.array([-np.inf, *thresholds, np.inf])
    density = np.exp(-(edges**2) / 2) / np.sqrt(2 * np.pi)
    return np.diff(ndtr(edges)), -np.diff(density)


@functools.cache
def lloyd_max(bits: int) -> Converter:
    """The converter of least mean squared error (Lloyd 1982, Max 1960), by Lloyd's iteration.

    Each level is its cell's centroid, each threshold the middle of its levels.
    """
    levels = np.array(uniform(bits).levels)
    for _ in range(ITERATIONS):
        probability, first = _moments(_middles(levels))
        centroids = first / probability
        centroids = (centroids - centroids[::-1]) / 2
        if np.abs(centroids - levels).max() < TOLERANCE:
            return Converter(_middles(centroids), tuple(centroids.tolist()))
        levels = centroids
    raise ArithmeticError(f"Lloyd's iteration for {bits} bits did not settle")


@functools.cache
def uniform(bits: int) -> Converter:
    """Mid-rise levels at odd numbers of half steps, the step of least mean squared error."""

    def converter(step: float) -> Converter:
        levels = (np.arange(2**bits) - (2**bits - 1) / 2) * step
        return Converter(_middles(levels), tuple(levels.tolist()))

    best = minimize_scalar(
        lambda step: converter(step).distortion, bounds=(1e-3, 4.0), options={"xatol": 1e-12}
    )
    return converter(float(best.x))


CONVERTERS = {"lloyd-max": lloyd_max, "uniform": uniform}


def _middles(levels: FloatArray) -> tuple[float, ...]:
    return tuple(((levels[:-1] + levels[1:]) / 2).tolist())


def measured_scale(y: Tensor, unit_rows: NDArray[np.int64]) -> Tensor:
    """Root mean square of each unit's samples over its coherence block.

    Args:
        y: (G, B, M) samples.
        unit_rows: (C, M / C), the rows of each unit.

    Returns (G, 1, M), the scale of each row.
    """
    rows = torch.from_numpy(unit_rows).to(y.device)
    power = y[:, :, rows].square().mean(dim=(1, 3))
    scale = y.new_empty(len(y), 1, y.shape[-1])
    scale[:, 0, rows.ravel()] = power.sqrt().repeat_interleave(rows.shape[1], dim=1)
    return scale
