# SPDX-License-Identifier: Apache-2.0
"""What a detector is given: one channel, one call, for every detector of the lab."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor

from fixedpoint.receivers.channel import Draw, draw, real_matrix
from model.systems.converter import CONVERTERS, measured_scale
from model.systems.system import System


class Received(NamedTuple):
    """What the converters deliver for B vectors of each of G coherence blocks, (G, B, M) each.

    y: levels of the converters, or the samples themselves if they are not quantized.
    low, up: the thresholds q_low, q_up around each sample, −∞ and ∞ where the cell is open. With
    unquantized samples both are y.
    """

    y: Tensor
    low: Tensor
    up: Tensor


class Detector(Protocol):
    """The one call. A detector is made for a `System` and refuses one that it can't serve."""

    def __call__(self, received: Received, h: Tensor, noise: Tensor) -> Tensor:
        """Estimates of the sent coordinates.

        Args:
            received: G blocks of B vectors.
            h: (G, M, N), the channel estimate in real form.
            noise: (G, B), the noise variance in one real dimension that the receiver believes.

        Returns (G, B, N), in units of the grid ±1, ±3, …; the caller slices it.
        """
        ...


class Scene(NamedTuple):
    """One draw: what the detectors get (`received`, `h`, `noise`) and what was sent.

    x: (G, B, N) coordinates ±1, ±3, …
    """

    received: Received
    h: Tensor
    noise: Tensor
    x: Tensor


def scene(
    system: System,
    snr_db: float | np.ndarray,
    blocks: int,
    rng: np.random.Generator,
    device: str = "cpu",
    part: str = "test",
) -> Scene:
    """Draw `blocks` coherence blocks of `system.vectors` vectors each, float64.

    `snr_db`: one SNR, or one for each vector, shape (blocks, system.vectors). The same generator
    state gives the same scene on every device. `part`: of a file's channels those for training,
    validation or tests.
    """
    shape = (blocks, system.vectors)
    snrs = np.broadcast_to(np.asarray(snr_db, dtype=np.float64), shape)
    drawn = draw(rng, system.constellation, system.rows, system.columns, snrs, system.fading(part))
    amplitude = np.sqrt(system.gain * system.nr)  # `draw` has E|h|² = 1/nr
    y = _scaled(drawn.y, amplitude).to(device)
    estimate = _scaled(_estimate(system, drawn, rng), amplitude).to(device)
    believed = 10 ** ((snrs + system.snr_mismatch_db) / 10)
    noise = torch.from_numpy(system.signal_variance / believed).to(device)
    x = torch.from_numpy(drawn.x).to(device)
    true_variance = torch.from_numpy(system.signal_variance * (1 + 10 ** (-snrs / 10))).to(device)
    return Scene(convert(system, y, true_variance.sqrt()), estimate, noise, x)


def _scaled(values: np.ndarray, amplitude: float) -> Tensor:
    """values · amplitude; a copy of H saved is a tenth of a scene's time."""
    return torch.from_numpy(values if amplitude == 1 else values * amplitude)


def convert(system: System, y: Tensor, deviation: Tensor) -> Received:
    """Samples (G, B, M) through the system's converters.

    `deviation`: (G, B), the samples' standard deviation by the statistics of signal and noise.
    """
    if not system.adc_bits:
        return Received(y, y, y)
    converter = CONVERTERS[system.quantizer](system.adc_bits)
    if system.agc == "measured":
        scale = measured_scale(y, system.unit_rows())
    else:
        scale = deviation.unsqueeze(-1)
    return Received(*converter.values(converter.codes(y, scale), scale))


def _estimate(system: System, drawn: Draw, rng: np.random.Generator) -> np.ndarray:
    """H plus an error of `csi_error` times the variance of an entry (1/nr here)."""
    if not system.csi_error:
        return drawn.h
    shape = (2, len(drawn.h), system.nr, system.nt)
    parts = rng.standard_normal(shape) * np.sqrt(system.csi_error / (2 * system.nr))
    return np.asarray(drawn.h + real_matrix(parts[0] + 1j * parts[1]))
