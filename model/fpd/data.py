# SPDX-License-Identifier: Apache-2.0
"""Draws for the training of FPD-Net: every vector has a channel and an SNR of its own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from model.distributed.fpd import Observed, observed
from model.fpd.config import FpdConfig
from model.systems.scene import scene

STREAMS = {"train": 1, "validation": 2, "table": 3, "polish": 4}
CHUNK = 1000


def uniform_snr(config: FpdConfig, rng: np.random.Generator, vectors: int) -> NDArray[np.float64]:
    """SNRs in dB, uniform over the configuration's range, (vectors, 1)."""
    return rng.uniform(config.snr_low_db, config.snr_high_db, (vectors, 1))


def sample(
    config: FpdConfig, rng: np.random.Generator, snr_db: NDArray[np.float64], part: str = "train"
) -> tuple[Observed, Tensor]:
    """One vector for each SNR (G, 1): what the units see and what was sent, float32."""
    drawn = scene(config.receiver, snr_db, len(snr_db), rng, part=part)
    seen = observed(config.receiver, drawn.received, drawn.h)
    return Observed(*(part.float() for part in seen)), drawn.x.float()
