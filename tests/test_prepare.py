# SPDX-License-Identifier: Apache-2.0
"""F and P of a coherence block: against direct inverses, and of matrices that have none."""

from __future__ import annotations

import dataclasses
from math import sqrt

import numpy as np
import pytest
from numpy.typing import NDArray

from fixedpoint.detectors import library as spec
from fixedpoint.receivers import channel, receiver
from fixedpoint.receivers.inputs import split
from fixedpoint.specs import prepare
from fixedpoint.specs.admm import AdmmSpec
from fixedpoint.stress import admm as admm_stress
from tests import admm_reference as reference

FloatArray = NDArray[np.float64]
LOUDEST = 35
"""The SNR entry with the smallest ρ."""


@pytest.fixture
def made() -> AdmmSpec:
    """The shipped formats; ρ of 10 to 0.004, at whose end an entry of F could be 8."""
    shipped = spec.load_as(AdmmSpec, "admm-box")
    return shipped.replace(
        rho=tuple(shipped.formats.rho.quantize(10 * 0.8 ** np.arange(36)).tolist())
    )


def drawn(made: AdmmSpec, seed: int, blocks: int) -> FloatArray:
    """Channel matrices (G, M, N) with E|h|² = 1/Nr."""
    rng, snr_db = np.random.default_rng(seed), np.zeros((blocks, 1))
    return channel.draw(rng, made.constellation, made.rows, made.columns, snr_db).h


def own_rho(made: AdmmSpec, index: int = LOUDEST) -> float:
    return float(made.formats.rho.value(made.rho[index]))


def alone(made: AdmmSpec, h: FloatArray, index: int = LOUDEST) -> prepare.Prepared:
    """The matrices of one H, checked in everything that holds for any H."""
    found = made.prepared(h[None], np.full((1, 3), index))
    for array in (found.f, found.p, found.rho):
        assert np.isfinite(array).all()
    assert np.array_equal(found.p, found.p.transpose(0, 2, 1))
    limit = (made.formats.f.max + 0.5) * made.formats.f.step
    assert np.abs(found.f).max() < limit
    assert found.rho[0] == own_rho(made, index) * 2.0 ** found.doublings[0]
    q = split(made, reference.quantized(made, found))
    assert made.formats.f.allows(q["f"])
    assert made.formats.p.allows(q["p"])
    return found


@pytest.mark.parametrize("size", [(32, 32), (32, 8), (8, 32), (2, 2)])
def test_f_times_h_and_p_add_up_to_the_identity(size: tuple[int, int]) -> None:
    made = admm_stress.spec("box", *size)
    h = drawn(made, 0, 36) if size[0] >= size[1] else drawn(made, 0, 36) / 4
    found = made.prepared(h, np.arange(36)[:, None])
    assert np.abs(found.f @ h + found.p - np.eye(made.columns)).max() < 1e-12
    assert np.array_equal(found.p, found.p.transpose(0, 2, 1))


def test_a_good_h_gives_what_a_direct_inverse_gives(made: AdmmSpec) -> None:
    h, index = drawn(made, 1, 36), np.arange(36)[:, None]
    found = made.prepared(h, index)
    rho = made.formats.rho.value(made.rho)[:, None, None] * 2.0 ** found.doublings[:, None, None]
    h_t = h.transpose(0, 2, 1)
    w = np.linalg.inv(h_t @ h + rho * np.eye(32))
    assert np.abs(found.f - w @ h_t).max() < 1e-9
    assert np.abs(found.p - rho * w).max() < 1e-9
    assert np.array_equal(found.rho, rho[:, 0, 0])


def test_quantized_blocks_hold_f_transposed_above_p(made: AdmmSpec) -> None:
    found = made.prepared(drawn(made, 2, 3), np.zeros((3, 2), dtype=np.int64))
    q = reference.quantized(made, found)
    assert q.shape == (3, 64, 32)
    parts = split(made, q)
    assert np.array_equal(parts["f"].transpose(0, 2, 1), made.formats.f.quantize(found.f))
    assert np.array_equal(parts["p"], made.formats.p.quantize(found.p))


def test_singular_matrices_give_what_the_limit_gives(made: AdmmSpec) -> None:
    """Columns that are zero or equal: damped least squares, no NaN, nothing doubled."""
    good = drawn(made, 3, 1)[0]
    zero, equal = good.copy(), good.copy()
    zero[:, 5] = 0
    equal[:, 7] = equal[:, 6]
    for h in (zero, equal):
        found = alone(made, h, 15)
        nearby = alone(made, h + 1e-7 * drawn(made, 4, 1)[0], 15)
        assert found.doublings[0] == 0
        assert np.abs(found.f - nearby.f).max() < 1e-5
        assert np.abs(found.p - nearby.p).max() < 1e-5
    found = alone(made, zero, 15)
    assert np.abs(found.f[0, 5]).max() < 1e-12
    assert found.p[0, 5, 5] == pytest.approx(1)
    found = alone(made, equal, 15)
    assert np.abs(found.f[0, 6] - found.f[0, 7]).max() < 1e-9


def test_without_a_channel_nothing_is_estimated(made: AdmmSpec) -> None:
    for h in (np.zeros((32, 32)), np.full((32, 32), 5e-324), 1e-200 * drawn(made, 5, 1)[0]):
        found = alone(made, h)
        assert np.abs(found.f).max() < 1e-190
        assert np.allclose(found.p, np.eye(32), atol=1e-12)
        assert split(made, reference.quantized(made, found))["p"].max() == made.formats.p.max


def test_a_huge_channel_leaves_nothing_to_the_penalty(made: AdmmSpec) -> None:
    for scale in (1e200, 1e306, 1e308):
        found = alone(made, scale * np.clip(drawn(made, 6, 1)[0], -1, 1))
        assert np.abs(found.f).max() < 1e-190
        assert np.abs(found.p).max() < 1e-12
    alone(made, np.full((32, 32), 1.7e308))


@pytest.mark.parametrize("smallest", [1e-9, 1e-4, 1e-2, 0.05, 1.0])
def test_one_bad_direction_harms_nothing(made: AdmmSpec, smallest: float) -> None:
    u, s, vt = np.linalg.svd(drawn(made, 7, 1)[0])
    s[-1] = smallest
    found = alone(made, (u * s) @ vt, 20)
    assert np.abs(found.f[0] @ ((u * s) @ vt) + found.p[0] - np.eye(32)).max() < 1e-9


def steep(made: AdmmSpec, gain: float) -> FloatArray:
    """H whose F, at ρ·2^k, is gain/(gain² + ρ·2^k) at one place and 0 elsewhere."""
    h = np.zeros((made.rows, made.columns))
    h[3, 2] = gain
    return h


def test_rho_is_doubled_exactly_until_f_fits(made: AdmmSpec) -> None:
    rho, target = own_rho(made), made.formats.f
    limit = (target.max + 0.5) * target.step
    assert 1 / (2 * sqrt(rho)) > limit
    counts = set()
    for gain in sqrt(rho) * np.array([0.1, 0.4, 0.5, 0.7, 1.0, 1.5, 2.0, 2.3, 6.0, 40.0]):
        found = alone(made, steep(made, gain))
        needed = next(k for k in range(64) if gain / (gain * gain + rho * 2**k) < limit)
        assert found.doublings[0] == needed, gain
        assert found.f[0, 2, 3] == pytest.approx(gain / (gain * gain + rho * 2**needed))
        counts.add(needed)
    assert {0, 1, 2} <= counts


def test_only_the_blocks_that_need_it_are_doubled_and_counted(made: AdmmSpec) -> None:
    good, bad = drawn(made, 8, 1)[0], steep(made, sqrt(own_rho(made)))
    index = np.array([[20], [LOUDEST], [20], [LOUDEST]])
    h = np.stack([good, bad, bad, np.zeros((32, 32))])
    found = made.prepared(h, index)
    assert (found.doublings > 0).tolist() == [False, True, False, False]
    together = reference.quantized(made, found)
    for g in range(4):
        one = made.prepared(h[g : g + 1], index[g : g + 1])
        assert np.array_equal(reference.quantized(made, one)[0], together[g])
    matrices = receiver.matrices(made, h, index)
    assert matrices.raised == 1
    assert np.array_equal(matrices.h, together)


def test_a_narrow_f_still_comes_to_an_end() -> None:
    """Entries below 1/64 need ρ of about 1,000, from one of 0.004: 18 doublings."""
    base = admm_stress.spec("soft", 8, 4)
    formats = dataclasses.replace(base.formats, f=type(base.formats.f)(3, 8))
    made = base.replace(formats=formats, rho=(4,) * 36)
    counts = [int(alone(made, steep(made, gain)).doublings[0]) for gain in (0.0, 1e-9, 1.0, 30.0)]
    assert counts[:2] == [0, 0]
    assert 10 < counts[2] < 20
    assert 0 < counts[3] < 20


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_nan_and_infinity_are_refused(made: AdmmSpec, bad: float) -> None:
    h = drawn(made, 9, 2)
    h[1, 2, 3] = bad
    with pytest.raises(ValueError, match="H holds NaN or infinity"):
        made.prepared(h, np.zeros((2, 1), dtype=np.int64))


def test_two_snr_entries_in_a_block_are_refused(made: AdmmSpec) -> None:
    with pytest.raises(ValueError, match="vector 1 of block 1 has the SNR index 4, 3 was expected"):
        made.prepared(drawn(made, 9, 2), np.array([[3, 3], [3, 4]]))


class Counter:
    """Multiplications of real numbers, counted."""

    def __init__(self) -> None:
        self.count = 0

    def dot(self, a: FloatArray, b: FloatArray) -> float:
        self.count += len(a)
        return float(a @ b)

    def taken(self) -> int:
        taken, self.count = self.count, 0
        return taken


def by_cholesky(
    h: FloatArray, rho: float, counter: Counter
) -> tuple[dict[str, int], FloatArray, FloatArray]:
    """F and P as a processor without a singular value decomposition makes them."""
    m, n = h.shape
    taken = {}
    gram, low, inverse, w = (np.zeros((n, n)) for _ in range(4))
    for i in range(n):
        for j in range(i + 1):
            gram[i, j] = counter.dot(h[:, i], h[:, j]) + rho * (i == j)
    taken["gram"] = counter.taken()
    for j in range(n):
        for i in range(j, n):
            rest = gram[i, j] - counter.dot(low[i, :j], low[j, :j])
            low[i, j] = sqrt(rest) if i == j else rest / low[j, j]
    taken["factor"] = counter.taken()
    for j in range(n):
        inverse[j, j] = 1 / low[j, j]
        for i in range(j + 1, n):
            inverse[i, j] = -counter.dot(low[i, j:i], inverse[j:i, j]) / low[i, i]
    for i in range(n):
        for j in range(i + 1):
            w[i, j] = w[j, i] = counter.dot(inverse[i:, i], inverse[i:, j])
    taken["inverse"] = counter.taken()
    f = np.array([[counter.dot(w[i], h[r]) for r in range(m)] for i in range(n)])
    taken["front"] = counter.taken()
    p = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            p[i, j] = p[j, i] = counter.dot(np.array([rho]), w[i : i + 1, j])
    taken["scale"] = counter.taken()
    return taken, f, p


@pytest.mark.parametrize("size", [(8, 8), (12, 4), (4, 6), (2, 2)])
def test_operations_are_those_of_cholesky_s_factorization(size: tuple[int, int]) -> None:
    made = admm_stress.spec("box", *size)
    h = drawn(made, 10, 1) if size[0] >= size[1] else drawn(made, 10, 1) / 4
    found = made.prepared(h, np.array([[5]]))
    taken, f, p = by_cholesky(h[0], float(found.rho[0]), Counter())
    assert taken == prepare.operations(*size)
    assert np.abs(f - found.f[0]).max() < 1e-9
    assert np.abs(p - found.p[0]).max() < 1e-9


@pytest.mark.parametrize(
    ("size", "total"), [((32, 32), 67_088), ((64, 16), 27_400), ((128, 32), 216_080)]
)
def test_operations_of_the_documented_arrays(size: tuple[int, int], total: int) -> None:
    assert sum(prepare.operations(*size).values()) == total
