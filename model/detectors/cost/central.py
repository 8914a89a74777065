# SPDX-License-Identifier: Apache-2.0
"""What the detectors of one receiver cost, in real operations: a coherence block, and a vector.

Symbols: M = 2·nr rows, N = 2·nt columns, L layers, P points of the grid in a dimension. A symmetric
matrix counts by its lower half; sums of products are not counted apart.
`fixedpoint.specs.prepare` says
how F and P of ADMM-Net are made; the QR of K-best is modified Gram–Schmidt of the M + N rows of
[H; √ρI]. Divisions and roots are not counted.
"""

from __future__ import annotations

from dataclasses import dataclass

from fixedpoint.specs.prepare import operations
from model.systems.system import System

ELEMENTWISE = 4
"""Multiplications of an entry by a number in a layer: PGD-Net's, and ADMM-Net's."""


@dataclass(frozen=True)
class CentralCost:
    """Numbers of operations.

    block: multiplications once a coherence block; products: of a vector; shift_adds: additions of a
    number times a grid point, which needs no multiplier; squares: of branch metrics; sorted_paths:
    K where a level sorts PK paths for the best K, else 0.
    """

    block: int
    products: int
    shift_adds: int = 0
    squares: int = 0
    sorted_paths: int = 0


def lmmse(system: System) -> CentralCost:
    """F = (HᵀH + ρI)⁻¹Hᵀ; F·y."""
    work = operations(system.rows, system.columns)
    return CentralCost(sum(work.values()) - work["scale"], system.rows * system.columns)


def pgd(system: System, layers: int = 5) -> CentralCost:
    """H·x and Hᵀ·e a layer, x = 0 in the first."""
    m, n = system.rows, system.columns
    return CentralCost(0, (2 * layers - 1) * m * n + layers * ELEMENTWISE * n)


def admm(system: System, layers: int = 5) -> CentralCost:
    """LMMSE's F and P = ρW; F·y and P·d a layer, d = 0 in the first."""
    m, n = system.rows, system.columns
    products = m * n + (layers - 1) * n * n + layers * ELEMENTWISE * n
    return CentralCost(sum(operations(m, n).values()), products)


def kbest(system: System, k: int) -> CentralCost:
    """QR once; Qᵀy, then at each of N levels K paths' interference and the metrics of PK paths."""
    m, n, points = system.rows, system.columns, system.constellation.levels
    kept = paths(points, k, n)
    interference = sum(parents * level for level, parents in enumerate(kept))
    squares = sum(parents * points for parents in kept)
    return CentralCost((m + n) * n * n, m * n, interference, squares, k)


def paths(points: int, k: int, levels: int) -> list[int]:
    """Partial vectors that each level starts from: 1, then P times as many, K at most."""
    return [min(k, points**level) for level in range(levels)]


def table(system: System) -> list[tuple[str, CentralCost]]:
    """A row for each detector of the 16×16 tables."""
    rows = [("LMMSE", lmmse(system)), ("PGD-Net", pgd(system)), ("ADMM-Net", admm(system))]
    return [*rows, *((f"K-best, K = {k}", kbest(system, k)) for k in (4, 8, 16))]
