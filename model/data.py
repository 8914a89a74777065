"""Tensors of channel draws: training and validation sets of a spec's sizes and formats."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from fixedpoint import adc
from fixedpoint.channel import draw
from fixedpoint.spec import DetectorSpec

STREAMS = {"train": 1, "validation": 2, "choice": 3, "snr": 4}
CHUNK = 2048


@dataclass(frozen=True)
class Batch:
    """B vectors with a channel each: h (B, M, N), y (B, M), x (B, N) float32, index (B,) int64."""

    h: Tensor
    y: Tensor
    x: Tensor
    index: Tensor


@dataclass(frozen=True)
class Dataset:
    """Vectors in compact storage.

    h: (n, M, N), int8 integers of H's format if it fits them, else int32, or float32 values;
    y: (n, M), int32 or float32; x: (n, N) int8; index: (n,), SNR entries. `h_step`, `y_step`:
    the value of one unit of h and y.
    """

    h: Tensor
    y: Tensor
    x: Tensor
    index: Tensor
    h_step: float
    y_step: float

    def __len__(self) -> int:
        return self.h.shape[0]

    def batch(self, rows: Tensor) -> Batch:
        """The vectors `rows` as float32 values."""
        h = self.h[rows].float() * self.h_step
        y = self.y[rows].float() * self.y_step
        return Batch(h, y, self.x[rows].float(), self.index[rows])


def dataset(
    spec: DetectorSpec, snr_db: np.ndarray, seed: int, stream: str, *, quantized: bool
) -> Dataset:
    """Draw `len(snr_db)` vectors.

    Args:
        spec: sizes, modulation, bank, and the formats of H and y.
        snr_db: (n,), inside the bank.
        seed, stream: the same pair draws the same vectors; streams never share draws.
        quantized: H and y through the spec's input quantizers, or as float32 values.
    """
    rng = np.random.default_rng([seed, STREAMS[stream]])
    parts: list[tuple[Tensor, Tensor, Tensor]] = []
    small = torch.int8 if spec.formats.h.bits <= 8 else torch.int32
    for start in range(0, len(snr_db), CHUNK):
        chunk_db = snr_db[start : start + CHUNK, None]
        drawn = draw(rng, spec.constellation, spec.rows, spec.columns, chunk_db)
        h_real, y_real = drawn.h, drawn.y[:, 0]
        if quantized:
            h = torch.from_numpy(adc.estimate(h_real, spec)).to(small)
            y = torch.from_numpy(adc.sample(y_real, spec)).to(torch.int32)
        else:
            h, y = torch.from_numpy(h_real).float(), torch.from_numpy(y_real).float()
        parts.append((h, y, torch.from_numpy(drawn.x[:, 0]).to(torch.int8)))
    h, y, x = (torch.cat(tensors) for tensors in zip(*parts, strict=True))
    steps = (spec.formats.h.step, spec.formats.y.step) if quantized else (1.0, 1.0)
    return Dataset(h, y, x, torch.from_numpy(spec.snr.index(snr_db)), *steps)


def uniform_snr(count: int, low_db: float, high_db: float, seed: int) -> np.ndarray:
    """`count` SNRs in dB, uniform over low_db … high_db."""
    rng = np.random.default_rng([seed, STREAMS["snr"]])
    return rng.uniform(low_db, high_db, count)
