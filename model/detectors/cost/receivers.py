# SPDX-License-Identifier: Apache-2.0
"""What a detector costs a unit, the fusion node and the fronthaul between them, for one vector.

Symbols: A = nr/C antennas a unit, Q = 2A its real rows, n = nt users, N = 2n, P points of the grid
in a dimension, L layers or iterations, W bits of a number on the fronthaul.

A complex product counts as four real ones, |·|² as two, a Hermitian matrix by its lower half. Sums
alone are not counted. Work that is the same for all vectors of a coherence block is shared by them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import comb

from model.fpd.hyper import CHANNELS, HIDDEN, NAMES
from model.systems.system import System

WORD, ENTRY = 10, 8
"""Bits of an estimate and of an entry of H on the fronthaul; both are free of loss here."""


@dataclass(frozen=True)
class Work:
    """Numbers of operations.

    products: real multiply–accumulates of matrix and inner products.
    scalings: multiplications of an entry of a vector or a matrix by a number.
    functions: evaluations of a non-linear one: sigmoid, a penalty's term, 1/x, 1/√x, asin.
    """

    products: float = 0
    scalings: float = 0
    functions: float = 0

    def __add__(self, other: Work) -> Work:
        return Work(
            self.products + other.products,
            self.scalings + other.scalings,
            self.functions + other.functions,
        )

    def __mul__(self, times: float) -> Work:
        return Work(self.products * times, self.scalings * times, self.functions * times)


@dataclass(frozen=True)
class Cost:
    """For one vector, a block's share included.

    unit: of each unit; centre: of the fusion node or central processor.
    up, down: bits from and to each unit.
    """

    unit: Work
    centre: Work
    up: float
    down: float


def hpd(system: System, layers: int = 5, word: int = WORD) -> Cost:
    """Algorithm 1: H_c z and H_cᵀr, 2QN a layer; sigmoids, NP terms of ∇ψ; μ and the weight.

    The node takes the mean and the momentum. Units send x_c, L times; they get z, L − 1 times,
    since z⁰ = 0 and the last z is not used.
    """
    rows, columns, points = _sizes(system)
    layer = Work(2 * rows * columns, 2 * columns, _sigmoids(system) + columns * points)
    return _fused(system, layer * layers, layers, word)


def fpd(system: System, layers: int = 5, word: int = WORD) -> Cost:
    """Algorithm 2 with a table of θ: HPD's products, NP terms of (38) and of (39), N of (40)."""
    rows, columns, points = _sizes(system)
    functions = _sigmoids(system) + columns * (2 * points + 1)
    layer = Work(2 * rows * columns, 4 * columns, functions)
    return _fused(system, layer * layers, layers, word)


def fpd_hyper(system: System, layers: int = 5, word: int = WORD) -> Cost:
    """Algorithm 2 with the hyper-network, which sees [H_c | y_c] of each vector."""
    rows, columns, _ = _sizes(system)
    height, width = _halved(rows), _halved(columns + 1)
    first = 9 * CHANNELS * height * width
    height, width = _halved(height), _halved(width)
    second = 9 * CHANNELS**2 * height * width
    dense = CHANNELS * height * width * HIDDEN + HIDDEN * len(NAMES) * layers
    table = fpd(system, layers, word)
    network = Work(products=first + second + dense, functions=len(NAMES) * layers)
    return Cost(table.unit + network, table.centre, table.up, table.down)


def bmmse(system: System, layers: int = 0, word: int = WORD) -> Cost:
    """Centralised: a unit only sends its Q codes, and H_c (2An entries) once a block.

    Unquantized samples take W bits. `layers` has no meaning here.
    """
    rows, _, _ = _sizes(system)
    signs = system.adc_bits == 1
    block, vector = (_bmmse_signs if signs else _bmmse_levels)(system.nr, system.nt)
    codes = rows * (system.adc_bits or word)
    matrix = rows * system.nt * ENTRY / system.vectors
    return Cost(Work(), block * (1 / system.vectors) + vector, codes + matrix, 0)


def conjugate_gradient(system: System, layers: int = 5, word: int = WORD) -> Cost:
    """Gram matrix once a block, H_cᵀy_c once, then N² an iteration.

    The node: two inner products, σ²/σx²·p, three vector updates and two divisions an iteration.
    Units send H_cᵀy_c and L images; they get L directions.
    """
    rows, columns, _ = _sizes(system)
    block = _gram(rows // 2, system.nt) * (1 / system.vectors)
    vector = Work(rows * columns + layers * columns**2)
    centre = Work(2 * columns, 4 * columns, 2) * layers
    message = columns * word
    return Cost(block + vector, centre, (layers + 1) * message, layers * message)


def distributed_admm(system: System, layers: int = 5, word: int = WORD) -> Cost:
    """(H_cᵀH_c + ρI)⁻¹ once a block, H_cᵀy_c once, then N² and ρ(s − λ_c) an iteration.

    The node divides by C + σ²/(σx²ρ). Units send z_c + λ_c, L times; they get s, L − 1 times.
    """
    rows, columns, _ = _sizes(system)
    n = system.nt
    inverse = _gram(rows // 2, n) + _cholesky(n) + _inverse_factor(n) + _factor_product(n)
    vector = Work(rows * columns + layers * columns**2, layers * columns)
    message = columns * word
    centre = Work(scalings=columns * layers)
    unit = inverse * (1 / system.vectors) + vector
    return Cost(unit, centre, layers * message, (layers - 1) * message)


COSTS: dict[str, Callable[[System, int, int], Cost]] = {
    "HPD": hpd,
    "FPD-Net, table": fpd,
    "FPD-Net, hyper-network": fpd_hyper,
    "BMMSE": bmmse,
    "CG": conjugate_gradient,
    "ADMM": distributed_admm,
}


def table(system: System, layers: int = 5, word: int = WORD) -> list[tuple[str, Cost]]:
    """A row for each detector of the HPD/FPD paper's figures."""
    return [(name, cost(system, layers, word)) for name, cost in COSTS.items()]


def _sizes(system: System) -> tuple[int, int, int]:
    """Q, N, P."""
    return system.rows // system.units, system.columns, system.constellation.levels


def _sigmoids(system: System) -> int:
    """Of one layer of a unit: two a row; one if the converter has one threshold."""
    return system.rows // system.units * (1 if system.adc_bits == 1 else 2)


def _fused(system: System, unit: Work, layers: int, word: int) -> Cost:
    message = system.columns * word
    centre = Work(scalings=2 * system.columns) * layers
    return Cost(unit, centre, layers * message, (layers - 1) * message)


def _halved(length: int) -> int:
    """Length after a convolution of stride 2, width 3 and padding 1."""
    return (length + 1) // 2


def _gram(antennas: int, n: int) -> Work:
    """HᴴH: 2 on and 4 below the diagonal, an antenna: 2An²."""
    return Work(2 * antennas * n**2)


def _cholesky(n: int) -> Work:
    """Column j: j squares, j(n − 1 − j) products, n − 1 − j multiplications by 1/l_jj."""
    return Work(n * (n - 1) + 4 * comb(n, 3), n * (n - 1), n)


def _substitute(n: int) -> Work:
    """One triangular system, with the reciprocals of the diagonal that Cholesky left."""
    return Work(2 * n * (n - 1), 2 * n)


def _inverse_factor(n: int) -> Work:
    """L⁻¹: column k is a system of n − k unknowns, of which the first is a reciprocal."""
    return Work(4 * comb(n + 1, 3), n * (n - 1))


def _factor_product(n: int) -> Work:
    """L⁻ᴴL⁻¹, lower half."""
    return Work(n * (n + 1) + 4 * comb(n + 1, 3))


def _bmmse_levels(nr: int, n: int) -> tuple[Work, Work]:
    """Of a block: D, H over the root of the disturbance, Gram, L, and L⁻¹ for the bias.

    Of a vector: matched filter, two substitutions, bias.
    """
    rows = Work(2 * nr * n, 2 * nr * n, nr)
    bias = _inverse_factor(n) + Work(n * (n + 1), 0, n)
    block = rows + _gram(nr, n) + _cholesky(n) + bias
    return block, Work(4 * nr * n, 2 * n) + _substitute(n) * 2


def _bmmse_signs(nr: int, n: int) -> tuple[Work, Work]:
    """Of a block: D^-½H, its nr×nr covariance, asin of both parts, L, L⁻¹D^-½H and the bias.

    Of a vector: one substitution, the filter, the bias.
    """
    rows = Work(2 * nr * n, 2 * nr * n, nr)
    covariance = Work(2 * n * nr * (nr - 1), 0, nr * (nr - 1))
    whitened = _substitute(nr) * n + Work(2 * nr * n, 0, n)
    block = rows + covariance + _cholesky(nr) + whitened
    return block, Work(4 * nr * n, 2 * n) + _substitute(nr)
