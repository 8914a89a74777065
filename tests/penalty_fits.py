# SPDX-License-Identifier: Apache-2.0
"""Many smooth terms for the exact penalty, §IV-A of the HPD/FPD paper, Lemmas 2 and 3.

A term is a sum of one function over the K coordinates, as φ is. So the error of a fit, uniform
over [−peak, peak]ᴷ, is K times that of one coordinate: every coordinate can be at its worst point
at once. Everything here is for one coordinate.

The paper's eq. (31) equates f* = min f and min(f + γ̄φ). As φ is −½ on the grid, the second is
f* − γ̄K/2. Lemma 3 holds for V_n + γ̄K/2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy.optimize import linprog
from torch import Tensor

from model.distributed.penalty import exact, grid, smooth

Term = Callable[[Tensor, int], Tensor]
"""g(x, peak), elementwise and even."""

POINTS = 400
"""Points of a fit in each unit, denser at its ends, where φ has a kink or a top."""


def quartic(eta: float) -> Term:
    """g₁ of eq. (34): −Σⱼ 1/(η(x − j)⁴ + 1)."""
    return lambda x, peak: smooth(x, peak, eta)


def gaussian(beta: float) -> Term:
    """g₂ of eq. (35): −Σⱼ exp(−β(x − j)²)."""

    def term(x: Tensor, peak: int) -> Tensor:
        points = x.new_tensor(list(grid(peak)))
        return -torch.exp(-beta * (x.unsqueeze(-1) - points).square()).sum(-1)

    return term


def log_cosine(phi: float) -> Term:
    """g₃ of eq. (36): log(cos πx + φ), φ > 1."""
    return lambda x, peak: torch.log(torch.cos(torch.pi * x) + phi)


def constant(x: Tensor, peak: int) -> Tensor:
    """1: it moves V_n and no minimiser, and lets a fit be centred."""
    return torch.ones_like(x)


FAMILY: tuple[Term, ...] = (
    quartic(100.0),
    gaussian(3.0),
    log_cosine(1.02),
    constant,
    *(log_cosine(1 + excess) for excess in (1.0, 0.2, 5e-3, 1e-3, 1e-4, 1e-5)),
)
"""The paper's ψ, a Gaussian and a log-cosine, a constant, then log-cosines of other shapes.

On [−peak, peak] φ is even and continuous with period 2, so cosine polynomials come as near to it as
one likes (Fejér), and log-cosines of enough different φ span these: ε_n → 0 for this family.
"""


@dataclass(frozen=True)
class Fit:
    """G_n = Σ α_k g_k, the member of 𝒢_n nearest to φ in the uniform norm, eqs. (24), (25).

    weights: α_k; peak: of the grid. error: ε_n, a coordinate's, over the points of the fit.
    """

    terms: tuple[Term, ...]
    weights: tuple[float, ...]
    peak: int
    error: float

    def __call__(self, x: Tensor) -> Tensor:
        """G_n, elementwise."""
        total = torch.zeros_like(x)
        for term, weight in zip(self.terms, self.weights, strict=True):
            total += weight * term(x, self.peak)
        return total


def fit(terms: Sequence[Term], peak: int) -> Fit:
    """The best uniform approximation of φ by `terms`: a linear programme on a fine grid.

    Terms and φ are even, so x ≥ 0 is enough. Raises `ArithmeticError` if the programme fails.
    """
    angle = torch.arange(POINTS, dtype=torch.float64) * (torch.pi / POINTS)
    unit = (1 - torch.cos(angle)) / 2
    x = torch.cat([unit + left for left in range(peak)] + [unit.new_tensor([peak])])
    columns = np.stack([term(x, peak).numpy() for term in terms], axis=1)
    target = exact(x, peak).numpy()
    slack = np.ones((len(x), 1))
    bounds = np.block([[columns, -slack], [-columns, -slack]])
    cost = np.zeros(len(terms) + 1)
    cost[-1] = 1.0
    free = [(None, None)] * len(terms)
    found = linprog(cost, bounds, np.concatenate([target, -target]), bounds=[*free, (0, None)])
    if not found.success:
        raise ArithmeticError(f"fit of {len(terms)} terms: {found.message}")
    return Fit(tuple(terms), tuple(found.x[:-1].tolist()), peak, float(found.x[-1]))
