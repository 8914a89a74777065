# SPDX-License-Identifier: Apache-2.0
"""ADMM-Net by the Python API: real samples in, bits out."""

from __future__ import annotations

import numpy as np
import pytest

from fixedpoint.detector import Detector
from fixedpoint.detectors import library as spec
from fixedpoint.receivers import family, inputs
from fixedpoint.receivers.channel import real_matrix, real_vector
from fixedpoint.specs.admm import AdmmSpec
from fixedpoint.vectors import layers as golden


def complex_inputs(seed: int, *shape: int) -> tuple[np.ndarray, np.ndarray]:
    """H of one block (16, 16), y of so many vectors."""
    rng = np.random.default_rng(seed)
    h = (rng.standard_normal((16, 16)) + 1j * rng.standard_normal((16, 16))) / np.sqrt(32)
    return h, rng.standard_normal((*shape, 16)) + 1j * rng.standard_normal((*shape, 16))


def test_detector_takes_one_matrix_one_a_vector_and_blocks_alike() -> None:
    h, y = complex_inputs(4, 10)
    detector = Detector.load("admm-box")
    one = detector.run(h, y, 12.0)
    assert one.bits.shape == (10, 16, 4)
    assert one.code is not None
    assert one.code.shape == one.state.shape == (10, 32)
    real = detector.run(real_matrix(h), real_vector(y), np.full(10, 12.0))
    each = detector.run(np.repeat(h[None], 10, 0), y, 12.0)
    blocks = detector.run(h[None], y[None], 12.0)
    for other in (real, each):
        assert np.array_equal(one.bits, other.bits)
        assert np.array_equal(one.state, other.state)
    assert np.array_equal(one.bits, blocks.bits[0])


def test_an_snr_for_each_vector_needs_a_matrix_for_each() -> None:
    h, y = complex_inputs(5, 6)
    detector, snr_db = Detector.load("admm-box"), np.array([0.0, 5, 10, 15, 20, 25])
    with pytest.raises(ValueError, match="vector 1 of block 0 has the SNR index"):
        detector.run(h, y, snr_db)
    each = detector.run(np.repeat(h[None], 6, 0), y, snr_db)
    for i in range(6):
        alone = detector.run(h, y[i : i + 1], snr_db[i])
        assert np.array_equal(alone.state[0], each.state[i])


def test_detector_s_integers_are_those_of_the_golden_model() -> None:
    made = spec.load_as(AdmmSpec, "admm-box")
    drawn = golden.draw(made, 48, 6, None)
    found = Detector(made).quantize(drawn.h, drawn.y, drawn.snr_db)
    assert found.h.shape == (3, 64, 32)
    assert inputs.split(made, found.h).keys() == {"f", "p"}
    last = family.run(made, found.h, found.y, found.index)[-1]
    output = Detector(made).run_integers(found.h, found.y, found.index)
    for wire in ("state", "code", "bits"):
        assert np.array_equal(getattr(output, wire), getattr(last, wire))
    assert "front.filtered" in Detector(made).wires(found.h, found.y, found.index)
