# SPDX-License-Identifier: Apache-2.0
"""Penalties that pull an estimate to the grid, §II-B and §III-B of the HPD/FPD paper.

`peak` is the paper's M − 1, the largest of the coordinates 𝒳 = {±1, ±3, …, ±(M − 1)}.
"""

from __future__ import annotations

import functools
import itertools
import math

import torch
from scipy.integrate import quad
from torch import Tensor

ETA = 100.0
"""η of the smooth penalty (14)."""


def grid(peak: int) -> range:
    """𝒳, ascending."""
    return range(-peak, peak + 1, 2)


def exact(x: Tensor, peak: int) -> Tensor:
    """φ of eq. (6), elementwise: −½(x − j)² with the j of U = {0, ±2, …} that is within 1 of x.

    −½ on the grid, 0 in the middle between two points; ∞ outside [−peak, peak].
    """
    cell = torch.floor((x + peak) / 2).clamp(0, peak - 1)
    middle = 2 * cell + 1 - peak
    inside = -((x - middle) ** 2) / 2
    return torch.where(x.abs() <= peak, inside, math.inf)


def smooth(x: Tensor, peak: int, eta: float = ETA) -> Tensor:
    """ψ of eq. (14) and g₁ of eq. (34), elementwise: −Σⱼ 1/(η(x − j)⁴ + 1)."""
    total = torch.zeros_like(x)
    for point in grid(peak):
        total -= 1 / (eta * (x - point) ** 4 + 1)
    return total


def smooth_gradient(x: Tensor, peak: int, eta: Tensor | float = ETA) -> Tensor:
    """ψ′ of eq. (21), g₁′ of eq. (34), elementwise: Σⱼ 4η(x − j)³/(η(x − j)⁴ + 1)²."""
    total = torch.zeros_like(x)
    for point in grid(peak):
        distance = x - point
        cube = distance * distance * distance * eta
        total = total + 4 * cube / (cube * distance + 1).square()
    return total


@functools.cache
def best_weight(peak: int) -> float:
    """α* = ∫φψ/∫ψ² over [−peak, peak], eq. (16): the α of least ∫(φ − αψ)², eq. (15).

    The integrals are taken between neighbouring points of the grid, where φ is smooth.
    """

    def penalties(x: float) -> tuple[float, float]:
        point = torch.tensor(x, dtype=torch.float64)
        return float(exact(point, peak)), float(smooth(point, peak))

    pieces = list(itertools.pairwise(range(-peak, peak + 1)))
    cross = sum(quad(lambda x: math.prod(penalties(x)), a, b)[0] for a, b in pieces)
    energy = sum(quad(lambda x: penalties(x)[1] ** 2, a, b)[0] for a, b in pieces)
    return float(cross / energy)
