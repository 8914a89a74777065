# SPDX-License-Identifier: Apache-2.0
"""Operations counted on numbers that count, in the algorithms written out; messages likewise."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from model.detectors.cost import receivers as cost
from model.detectors.cost.receivers import Cost, Work
from model.distributed.fpd import observed
from model.distributed.hpd import HPD
from model.fpd.hyper import HyperNetwork
from model.systems.scene import scene
from model.systems.system import SYSTEMS, System

torch.set_num_threads(1)
ONE_BIT, TWO_BITS = SYSTEMS["64x8-4qam-1bit"], SYSTEMS["64x8-16qam-2bit"]
SMALL = System(nt=3, nr=8, modulation="16qam", adc_bits=2, units=2, channel_gain=1.0)


@dataclass
class Counter:
    """Counts real operations of complex linear algebra that is carried out entry by entry."""

    products: int = 0
    scalings: int = 0
    functions: int = 0
    real: bool = False

    def dot(self, a: np.ndarray, b: np.ndarray) -> complex:
        self.products += len(a) * (1 if self.real else 4)
        return complex(sum(x * y for x, y in zip(a, b, strict=True)))

    def energy(self, a: np.ndarray) -> float:
        self.products += 2 * len(a)
        return float(sum(abs(x) ** 2 for x in a))

    def scale(self, a: complex, number: float) -> complex:
        self.scalings += 1 if self.real else 2
        return a * number

    def function(self, value: float) -> float:
        self.functions += 1
        return value

    def cholesky(self, c: np.ndarray) -> np.ndarray:
        n = len(c)
        factor = np.zeros((n, n), dtype=complex)
        for j in range(n):
            pivot = (c[j, j] - self.energy(factor[j, :j])).real
            reciprocal = self.function(pivot**-0.5)
            factor[j, j] = pivot**0.5
            for i in range(j + 1, n):
                rest = c[i, j] - self.dot(factor[i, :j], factor[j, :j].conj())
                factor[i, j] = self.scale(rest, reciprocal)
        return factor

    def substitute(self, factor: np.ndarray, y: np.ndarray) -> np.ndarray:
        x = np.zeros(len(y), dtype=complex)
        for i in range(len(y)):
            x[i] = self.scale(y[i] - self.dot(factor[i, :i], x[:i]), 1 / factor[i, i].real)
        return x

    def inverse(self, factor: np.ndarray) -> np.ndarray:
        n = len(factor)
        inverse = np.zeros((n, n), dtype=complex)
        for k in range(n):
            inverse[k, k] = 1 / factor[k, k]
            for i in range(k + 1, n):
                rest = -self.dot(factor[i, k:i], inverse[k:i, k])
                inverse[i, k] = self.scale(rest, 1 / factor[i, i].real)
        return inverse

    def hermitian(self, a: np.ndarray, triangular: bool = False) -> np.ndarray:
        """AᴴA by its lower half; a lower triangular A has no entries above row i of column i."""
        n = a.shape[1]
        product = np.zeros((n, n), dtype=complex)
        for i in range(n):
            filled = slice(i if triangular else 0, None)
            product[i, i] = self.energy(a[filled, i])
            for j in range(i):
                product[i, j] = self.dot(a[filled, i].conj(), a[filled, j])
        return product + np.tril(product, -1).conj().T

    @property
    def work(self) -> Work:
        return Work(self.products, self.scalings, self.functions)


def normal(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return rng.standard_normal(shape) + 1j * rng.standard_normal(shape)


def test_hpd_multiplies_what_its_products_count() -> None:
    for system in (ONE_BIT, TWO_BITS, SMALL):
        seen = scene(system, 10.0, 7, np.random.default_rng(0))
        with FlopCounterMode(display=False) as flops:
            HPD(system, layers=5)(seen.received, seen.h, seen.noise)
        counted = flops.get_total_flops() / 2 / 7 / system.units
        assert cost.hpd(system, 5).unit.products == counted
    assert cost.hpd(ONE_BIT, 5).unit.products == 5120


def test_the_hyper_network_multiplies_what_its_products_count() -> None:
    for system, layers in ((ONE_BIT, 5), (SMALL, 3)):
        rows, columns = system.rows // system.units, system.columns
        network = HyperNetwork(rows, columns, layers).double()
        seen = scene(system, 10.0, 1, np.random.default_rng(0))
        with FlopCounterMode(display=False) as flops, torch.no_grad():
            network(observed(system, seen.received, seen.h))
        extra = (
            cost.fpd_hyper(system, layers).unit.products - cost.fpd(system, layers).unit.products
        )
        assert extra == flops.get_total_flops() / 2 / system.units
    assert cost.fpd_hyper(ONE_BIT).unit.products - 5120 == 56_128


def one_layer(system: System, penalties: tuple[str, ...]) -> Counter:
    """A unit's layer on real numbers: (19) to (21), or (37) to (40)."""
    rows, columns = system.rows // system.units, system.columns
    rng, count = np.random.default_rng(0), Counter(real=True)
    h, z = rng.standard_normal((rows, columns)), rng.standard_normal(columns)
    closed = 1 if system.adc_bits == 1 else 2
    images = [count.dot(row, z).real for row in h]
    bracket = np.array([sum(count.function(a) for _ in range(closed)) for a in images])
    step = np.array([count.scale(count.dot(h[:, k], bracket).real, 0.2) for k in range(columns)])
    for kind in penalties:
        terms = system.constellation.levels if kind == "grid" else 1
        pull = [sum(count.function(z[k]) for _ in range(terms)) for k in range(columns)]
        step = step + np.array([count.scale(p, 0.03) for p in pull])
    return count


@pytest.mark.parametrize("system", [ONE_BIT, TWO_BITS, SMALL])
def test_a_layer_of_hpd_and_of_fpd(system: System) -> None:
    assert cost.hpd(system, 1).unit == one_layer(system, ("grid",)).work
    assert cost.fpd(system, 1).unit == one_layer(system, ("grid", "grid", "cosine")).work
    assert cost.fpd(system, 4).unit == cost.fpd(system, 1).unit * 4


def test_bmmse_of_levels() -> None:
    nr, n, count, rng = SMALL.nr, SMALL.nt, Counter(), np.random.default_rng(0)
    h, y = normal(rng, nr, n), normal(rng, nr)
    disturbance = np.array([0.1 + 0.1 * count.energy(row) for row in h])
    roots = [count.function(d**-0.5) for d in disturbance]
    weighted = np.array(
        [[count.scale(a, root) for a in row] for row, root in zip(h, roots, strict=True)]
    )
    gram = count.hermitian(weighted) + np.eye(n)
    factor = count.cholesky(gram)
    inverse = count.inverse(factor)
    bias = [count.function(1 - count.energy(inverse[k:, k])) for k in range(n)]
    matched = np.array([count.dot(weighted[:, k].conj(), y) for k in range(n)])
    forward = count.substitute(factor, matched)
    reverse = factor.conj().T[::-1, ::-1]
    estimate = count.substitute(reverse, forward[::-1])[::-1]
    assert np.allclose(gram @ estimate, matched)
    assert np.allclose([1 - b for b in bias], np.diag(np.linalg.inv(gram)))
    for value in estimate:
        count.scale(value, 1.0)
    assert cost.bmmse(SMALL).centre == count.work


def test_bmmse_of_signs() -> None:
    nr, n, count, rng = SMALL.nr, SMALL.nt, Counter(), np.random.default_rng(0)
    h, y = normal(rng, nr, n), normal(rng, nr)
    roots = [count.function((1 + count.energy(row)) ** -0.5) for row in h]
    rows = np.array(
        [[count.scale(a, root) for a in row] for row, root in zip(h, roots, strict=True)]
    )
    covariance = np.eye(nr, dtype=complex)
    for i in range(nr):
        for j in range(i):
            r = count.dot(rows[i], rows[j].conj())
            covariance[i, j] = count.function(np.arcsin(r.real)) + 1j * count.function(
                np.arcsin(r.imag)
            )
    factor = count.cholesky(2 / np.pi * (covariance - np.eye(nr)) + np.eye(nr))
    white = np.stack([count.substitute(factor, rows[:, k]) for k in range(n)], axis=1)
    bias = [count.function(count.energy(white[:, k])) for k in range(n)]
    samples = count.substitute(factor, y)
    for k in range(n):
        count.scale(count.dot(white[:, k].conj(), samples), 1 / bias[k])
    assert cost.bmmse(dataclasses.replace(SMALL, adc_bits=1)).centre == count.work


def test_cg_and_admm_of_a_unit() -> None:
    antennas, n, rng = SMALL.nr // SMALL.units, SMALL.nt, np.random.default_rng(0)
    h, y = normal(rng, antennas, n), normal(rng, antennas)
    count = Counter()
    gram = count.hermitian(h)
    for k in range(n):
        count.dot(h[:, k].conj(), y)
    shared = count.work
    for _ in range(3):
        for k in range(n):
            count.dot(gram[k], h[0])
    assert cost.conjugate_gradient(SMALL, 3).unit == count.work
    inverse = count.hermitian(count.inverse(count.cholesky(gram + np.eye(n))), triangular=True)
    assert np.allclose(inverse, np.linalg.inv(gram + np.eye(n)))
    for _ in range(3 * n):
        count.scale(1.0, 0.5)
    assert cost.distributed_admm(SMALL, 3).unit == count.work
    assert shared.scalings == shared.functions == 0


def messages(found: Cost) -> tuple[float, float]:
    return found.up / cost.WORD / SMALL.columns, found.down / cost.WORD / SMALL.columns


def test_messages_of_each_algorithm() -> None:
    """Up: estimates. Down: what a unit lacks: z⁰ = 0 is known, the last z is not used."""
    assert messages(cost.hpd(SMALL, 5)) == messages(cost.fpd_hyper(SMALL, 5)) == (5, 4)
    assert messages(cost.distributed_admm(SMALL, 5)) == (5, 4)
    assert messages(cost.conjugate_gradient(SMALL, 5)) == (6, 5)
    block = dataclasses.replace(ONE_BIT, vectors=100)
    assert cost.bmmse(ONE_BIT).up == 32 + 32 * 8 * 8
    assert cost.bmmse(block).up == 32 + 32 * 8 * 8 / 100
    assert cost.bmmse(dataclasses.replace(block, adc_bits=0)).up == 320 + 20.48


def test_a_blocks_work_is_shared_by_its_vectors() -> None:
    def products(vectors: int) -> float:
        system = dataclasses.replace(SMALL, vectors=vectors)
        return cost.conjugate_gradient(system).unit.products

    assert products(1) - products(4) == 0.75 * 2 * 4 * 3**2


def test_the_table_has_a_row_for_every_detector_of_the_paper() -> None:
    rows = dict(cost.table(TWO_BITS))
    assert list(rows) == list(cost.COSTS)
    assert rows["HPD"] == cost.hpd(TWO_BITS, 5)
    assert rows["BMMSE"].unit == Work()
    assert rows["BMMSE"].down == 0
