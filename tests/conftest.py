# SPDX-License-Identifier: Apache-2.0
"""Shared inputs of the tests."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import numpy as np
import pytest

from fixedpoint.detector import Detector, Integers
from fixedpoint.detectors import library as spec
from fixedpoint.detectors.library import DetectorSpec, PgdSpec
from fixedpoint.numbers import slicer
from fixedpoint.numbers.format import IntArray
from fixedpoint.receivers import channel
from fixedpoint.stress import extreme
from fixedpoint.stress import pgd as stress

SHIPPED = ("pgd", "pgd-box")
os.environ.setdefault("BITFOLD_OPTIMISE", "1")  # RTL libraries of tests run for less than a second


def channel_inputs(detector: DetectorSpec, seed: int, blocks: int, vectors: int) -> Integers:
    """Channel draws over the whole SNR bank, through the converters."""
    rng = np.random.default_rng(seed)
    index = np.arange(blocks * vectors).reshape(blocks, vectors) % len(detector.snr)
    snr_db = detector.snr.snr_db[index]
    drawn = channel.draw(rng, detector.constellation, detector.rows, detector.columns, snr_db)
    gain = np.sqrt(detector.entry_variance * detector.rows / 2)
    return Detector(detector).quantize(drawn.h * gain, drawn.y * gain, drawn.snr_db)


def stress_inputs(detector: DetectorSpec, seed: int, blocks: int, vectors: int) -> Integers:
    """Extreme vectors of a stress spec."""
    return Integers(*extreme.vectors(detector, seed, blocks, vectors))


@pytest.fixture(params=SHIPPED)
def shipped(request: pytest.FixtureRequest) -> PgdSpec:
    """Each shipped spec of PGD-Net."""
    return spec.load_as(PgdSpec, request.param)


@pytest.fixture(params=[("soft", 32, 32), ("box", 32, 32), ("soft", 32, 16), ("box", 16, 16)])
def stressed(request: pytest.FixtureRequest) -> PgdSpec:
    """Stress specs of both proxes of PGD-Net, square and tall."""
    return stress.spec(*request.param)


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny KAQ training: SNR-driven Δ and the MMD loss. Needs torch."""
    from tests.training import TINY, run

    out = tmp_path_factory.mktemp("trained")
    run(dataclasses.replace(TINY, mmd="bounded", epsilon=100.0), out)
    return out


def decide(made: DetectorSpec, state: IntArray) -> IntArray:
    """The slicer's bits of states (…, N), (…, N, bits a dimension)."""
    bits = np.empty((*np.shape(state), made.constellation.bits), np.uint8)
    slicer.decide_into(made.slicer, np.asarray(state), bits)
    return bits.astype(np.int64)
