# SPDX-License-Identifier: Apache-2.0
"""One meaning for each shape of `snr_db`, whatever the sizes; one vector alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fixedpoint.detector import Detector
from fixedpoint.receivers.inputs import snr_of_vectors

NAMES = ("pgd", "admm-box", "hpd-4qam-1bit", "fpd-4qam-1bit-hyper")


def blocks(name: str, count: int, vectors: int) -> tuple[Detector, Any, Any, Any]:
    """Complex H (G, Nr, Nt), y (G, B, Nr), and another SNR in each block, (G,)."""
    detector, rng = Detector.load(name), np.random.default_rng(0)
    nr, nt = detector.spec.rows // 2, detector.spec.columns // 2
    gain = np.sqrt(detector.spec.entry_variance / 2)

    def normal(*shape: int) -> Any:
        return gain * (rng.standard_normal(shape) + 1j * rng.standard_normal(shape))

    h = normal(count, nr, nt)
    y = normal(count, vectors, nr) * np.sqrt(nt)
    return detector, h, y, detector.spec.snr.snr_db[3 * np.arange(count)]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("vectors", [4, 3], ids=["as many blocks as vectors", "fewer vectors"])
def test_one_snr_a_block_is_that_of_all_its_vectors(name: str, vectors: int) -> None:
    detector, h, y, snr_db = blocks(name, 4, vectors)
    expected = detector.run(h, y, np.repeat(snr_db[:, None], vectors, axis=1))
    found = detector.run(h, y, snr_db)
    assert np.array_equal(found.state, expected.state)
    assert np.array_equal(found.bits, expected.bits)
    for g in range(4):
        alone = detector.run(h[g], y[g], snr_db[g])
        assert np.array_equal(alone.state, expected.state[g])


@pytest.mark.parametrize("name", NAMES)
def test_one_vector_alone_has_the_outputs_of_one_vector(name: str) -> None:
    detector, h, y, snr_db = blocks(name, 1, 1)
    expected, one = detector.run(h, y, snr_db), detector.run(h[0], y[0, 0], float(snr_db[0]))
    columns, bits = detector.spec.columns, detector.spec.constellation.bits
    assert one.state.shape == one.symbols.shape == (columns,)
    assert one.bits.shape == (columns // 2, 2 * bits)
    assert np.array_equal(one.state, expected.state[0, 0])
    assert np.array_equal(one.bits, expected.bits[0, 0])
    assert (one.code is None) == (expected.code is None)
    assert one.code is None or one.code.shape == (columns,)
    assert detector.quantize(h[0], y[0, 0], snr_db[0]).y.shape == (1, 1, detector.spec.rows)


def test_one_vector_with_several_matrices_is_refused() -> None:
    detector, h, y, _ = blocks("pgd", 2, 2)
    with pytest.raises(ValueError, match="one vector needs one matrix; several need y"):
        detector.run(h, y[0, 0], 10.0)
    with pytest.raises(ValueError, match=r"snr_db has the shape \(1,\), a number was expected"):
        detector.run(h[0], y[0, 0], [10.0])


@pytest.mark.parametrize(
    ("shape", "leading", "expected"),
    [
        ((4, 1), (4, 4), r"a number or \(4,\) \(one for each block\) or \(4, 4\) \(one for each v"),
        ((1, 4), (4, 4), r"a number or \(4,\)"),
        ((3,), (4, 3), r"a number or \(4,\)"),
        ((1,), (4, 4), r"a number or \(4,\)"),
        ((4, 4, 1), (4, 4), r"a number or \(4,\)"),
        ((1,), (5,), r"a number or \(5,\) \(one for each vector\) was"),
        ((5, 1), (5,), r"a number or \(5,\)"),
        ((2, 3), (2, 3, 4), r"a number or \(2,\)"),
        ((0,), (5,), r"a number or \(5,\)"),
    ],
)
def test_any_other_shape_is_refused_with_those_that_are_accepted(
    shape: tuple[int, ...], leading: tuple[int, ...], expected: str
) -> None:
    with pytest.raises(ValueError, match=expected):
        snr_of_vectors(np.full(shape, 10.0), leading)


@pytest.mark.parametrize("vectors", [4, 3])
def test_the_shape_of_a_row_of_vectors_is_never_taken_for_blocks(vectors: int) -> None:
    """(B,) beside y (G, B, …): refused, or one for each block where G = B, never along vectors."""
    detector, h, y, _ = blocks("pgd", 4, vectors)
    snr_db = np.arange(float(vectors))
    if vectors == 4:
        index = detector.quantize(h, y, snr_db).index
        assert np.array_equal(index, np.repeat(index[:, :1], 4, axis=1))
        assert len(np.unique(index)) == 4
    else:
        with pytest.raises(ValueError, match=r"snr_db has the shape \(3,\)"):
            detector.quantize(h, y, snr_db)


@pytest.mark.parametrize(
    ("snr_db", "kind"),
    [
        (10 + 0j, "complex128"),
        (np.full(5, 10, np.complex64), "complex64"),
        (True, "bool"),
        ("10", "<U2"),
        ([None] * 5, "object"),
        (np.array(["2026-01-01"] * 5, dtype="datetime64[D]"), "datetime64"),
    ],
)
def test_an_snr_that_is_no_real_number_is_refused(snr_db: Any, kind: str) -> None:
    detector, h, y, _ = blocks("pgd", 1, 5)
    with pytest.raises(ValueError, match=f"snr_db has the type {kind}.*, real numbers were expec"):
        detector.run(h[0], y[0], snr_db)


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int64, np.float16, np.float32])
def test_an_snr_of_any_real_type_is_the_same(kind: type) -> None:
    detector, h, y, _ = blocks("pgd", 2, 5)
    expected = detector.run(h, y, [10.0, 12.0])
    found = detector.run(h, y, np.array([10, 12], dtype=kind))
    assert np.array_equal(found.state, expected.state)


def test_the_lab_gives_a_noise_variance_the_same_meaning() -> None:
    import torch

    from fixedpoint.detectors import library as spec
    from model.detectors.golden import snr_index
    from model.systems.system import System

    system, made = System(nt=16, nr=16, modulation="16qam"), spec.load("pgd")
    noise = torch.from_numpy(system.signal_variance / 10 ** (np.array([0.0, 5.0, 9.0]) / 10))
    by_block = snr_index(made, system, noise, (3, 3))
    assert np.array_equal(by_block, np.repeat([[5], [10], [14]], 3, axis=1))
    every = noise[:, None].expand(3, 3)
    assert np.array_equal(snr_index(made, system, every, (3, 3)), by_block)
    with pytest.raises(ValueError, match="snr_db has the shape"):
        snr_index(made, system, noise[None], (3, 3))
