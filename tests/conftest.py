"""Shared inputs of the tests."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from fixedpoint import channel, spec, stress
from fixedpoint.detector import Detector, Integers
from fixedpoint.spec import DetectorSpec

SHIPPED = ("pgd", "pgd-box")


def channel_inputs(detector: DetectorSpec, seed: int, blocks: int, vectors: int) -> Integers:
    """Channel draws over the whole SNR bank, through the ADC."""
    rng = np.random.default_rng(seed)
    index = np.arange(blocks * vectors).reshape(blocks, vectors) % len(detector.snr)
    snr_db = detector.snr.snr_db[index]
    drawn = channel.draw(rng, detector.constellation, detector.rows, detector.columns, snr_db)
    return Detector(detector).quantize(drawn.h, drawn.y, drawn.snr_db)


def stress_inputs(detector: DetectorSpec, seed: int, blocks: int, vectors: int) -> Integers:
    """Extreme vectors of a stress spec."""
    return Integers(*stress.vectors(detector, seed, blocks, vectors))


@pytest.fixture(params=SHIPPED)
def shipped(request: pytest.FixtureRequest) -> DetectorSpec:
    """Each shipped spec."""
    return spec.load(request.param)


@pytest.fixture(params=[("soft", 32, 32), ("box", 32, 32), ("soft", 32, 16), ("box", 16, 16)])
def stressed(request: pytest.FixtureRequest) -> DetectorSpec:
    """Stress specs of both proxes, square and tall."""
    return stress.spec(*request.param)


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny KAQ training: SNR-driven Δ and the MMD loss. Needs torch."""
    from tests.training import TINY, run

    out = tmp_path_factory.mktemp("trained")
    run(dataclasses.replace(TINY, mmd="bounded", epsilon=100.0), out)
    return out
