# SPDX-License-Identifier: Apache-2.0
"""F and P by complex Gram matrices: the integers of the singular values' way, or left to it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from numpy.typing import NDArray

from fixedpoint.detectors import library
from fixedpoint.numbers.format import Format
from fixedpoint.receivers import channel
from fixedpoint.specs import gram
from fixedpoint.specs.admm import AdmmSpec
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.stress import admm as admm_stress

FloatArray = NDArray[np.float64]
SHIPPED = [name for name in library.shipped() if isinstance(library.load(name), AdmmSpec)]
BLOCKS = 1500


def drawn(made: DetectorSpec, seed: int, blocks: int) -> tuple[FloatArray, NDArray[np.int64]]:
    """Channels of a spec's variance over its whole bank, and their entries (G, 1)."""
    rng = np.random.default_rng(seed)
    snr = rng.choice(made.snr.snr_db, (blocks, 1))
    return channel.draw_of(rng, made, snr).h, made.snr.index(snr)


def rho_of(made: AdmmSpec, index: NDArray[np.int64]) -> FloatArray:
    found: FloatArray = made.formats.rho.value(made.rho)[index[:, 0]]
    return found


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_specs_keep_their_integers_and_nearly_all_blocks_are_sure(name: str) -> None:
    made = library.load_as(AdmmSpec, name)
    h, index = drawn(made, 1, BLOCKS)
    expected, raised = DetectorSpec.quantized_matrices(made, h, index)
    found, count = made.quantized_matrices(h, index)
    assert np.array_equal(found, expected)
    assert count == raised
    alone = gram.quantized(made.formats.f, made.formats.p, h, rho_of(made, index))
    assert np.array_equal(alone.matrices[alone.sure], expected[alone.sure])
    assert alone.sure.mean() > 0.99


@pytest.mark.parametrize("size", [(2, 2), (8, 4), (4, 6), (10, 14), (34, 6)])
def test_every_size_keeps_its_integers(size: tuple[int, int]) -> None:
    made = admm_stress.spec("soft", *size)
    h, index = drawn(made, 2, 300)
    h[::7] *= 100
    h[1::7] /= 100
    h[2::7] = 0
    expected, raised = DetectorSpec.quantized_matrices(made, h, index)
    found, count = made.quantized_matrices(h, index)
    assert np.array_equal(found, expected)
    assert count == raised


def test_both_ways_differ_by_far_less_than_the_guard() -> None:
    """The worst of the shipped bank, in last bits of F and of P; the bound holds 16 times over."""
    made = library.load_as(AdmmSpec, "admm-box")
    h, index = drawn(made, 3, 400)
    index[:] = int(np.argmin(made.rho))
    found, rho = made.prepared(h, index), rho_of(made, index)
    n = made.columns // 2
    c = h[:, :n, :n] + 1j * h[:, n:, :n]
    adjoint = c.conj().transpose(0, 2, 1)
    eye = rho[:, None, None] * np.eye(n)
    right = np.concatenate([adjoint, eye + np.zeros_like(adjoint)], axis=2)
    solved = np.linalg.solve(adjoint @ c + eye, right)
    f, p = solved[..., :n], solved[..., n:]
    off_f = np.abs(f.real - found.f[:, :n, :n]).max() / made.formats.f.step
    off_p = np.abs(p.imag - found.p[:, n:, :n]).max() / made.formats.p.step
    assert 0 < max(off_f, off_p) < gram.NEAR * gram.MARGIN / 16


@pytest.mark.parametrize("off", [0.0, 2.0**-24, -(2.0**-24)])
def test_an_entry_near_a_boundary_is_left_to_the_other_way(off: float) -> None:
    """One antenna: f = h/(h² + ρ), made to lie half a last bit above 5."""
    front, penalty = Format(8, 4), Format(10, 9)
    rho = 0.25
    f = (5.5 + off) * front.step
    gain = (1 + np.sqrt(1 - 4 * f * f * rho)) / (2 * f)
    h = np.stack([gain * np.eye(2), 1.1 * gain * np.eye(2)])
    sure = gram.quantized(front, penalty, h, np.full(2, rho)).sure
    assert sure.tolist() == [False, True]


def test_what_is_no_complex_matrix_or_ill_conditioned_or_does_not_fit_is_left() -> None:
    made = library.load_as(AdmmSpec, "admm-box")
    h, index = drawn(made, 4, 40)
    index[:] = 20
    at = rho_of(made, index)
    sure = gram.quantized(made.formats.f, made.formats.p, h, at).sure
    first = int(np.flatnonzero(sure)[0])
    for spoil in ("real", "huge", "infinite", "wide"):
        bad, front = h.copy(), made.formats.f
        if spoil == "real":
            bad[first, 0, 0] += 2.0**-30
        elif spoil == "wide":
            front = dataclasses.replace(front, bits=4)
        else:
            bad[first] *= 1e8 if spoil == "huge" else 1e200
        assert not gram.quantized(front, made.formats.p, bad, at).sure[first], spoil


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nan_infinity_and_two_entries_are_refused_as_before(bad: float) -> None:
    made = library.load_as(AdmmSpec, "admm-box")
    h, index = drawn(made, 5, 3)
    with pytest.raises(ValueError, match="vector 1 of block 0 has the SNR index"):
        made.quantized_matrices(h, np.array([[3, 4], [3, 3], [3, 3]]))
    h[2, 1, 0] = bad
    with pytest.raises(ValueError, match="H holds NaN or infinity"):
        made.quantized_matrices(h, index)


def test_doubled_blocks_are_counted_among_sure_ones() -> None:
    base = admm_stress.spec("soft", 8, 4)
    made = base.replace(formats=dataclasses.replace(base.formats, f=Format(3, 8)), rho=(4,) * 36)
    h, index = drawn(made, 6, 20)
    h[5:9] *= 1e-9
    found, count = made.quantized_matrices(h, index)
    expected, raised = DetectorSpec.quantized_matrices(made, h, index)
    assert count == raised == int(np.count_nonzero(made.prepared(h, index).doublings)) > 0
    assert np.array_equal(found, expected)
