# SPDX-License-Identifier: Apache-2.0
"""Tensors of channel draws: training and validation sets of a spec's sizes and formats."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from fixedpoint.cli import check_memory
from fixedpoint.detectors.library import PgdSpec
from fixedpoint.receivers.channel import draw
from model.systems.scene import scene
from model.systems.system import System
from model.unfolded.admm import Gram, gram_of
from model.unfolded.config import TrainConfig

STREAMS = {"train": 1, "validation": 2, "choice": 3, "snr": 4}
PARTS = {"choice": "validation"}
"""Of a file's channels, by stream: that of its own name but for these."""
CHUNK = 2048


@dataclass(frozen=True)
class Batch:
    """B vectors with a channel each: h (B, M, N), y (B, M), x (B, N) float32, index (B,) int64.

    gram: of h, where the set keeps it.
    """

    h: Tensor
    y: Tensor
    x: Tensor
    index: Tensor
    gram: Gram | None = None


@dataclass(frozen=True)
class Dataset:
    """Vectors in compact storage.

    h: (n, M, N), int8 integers of H's format if it fits them, else int32, or float32 values;
    y: (n, M), int32 or float32; x: (n, N) int8; index: (n,), SNR entries. `h_step`, `y_step`:
    the value of one unit of h and y. `gram`: of the values of h, for ADMM-Net, float32.
    """

    h: Tensor
    y: Tensor
    x: Tensor
    index: Tensor
    h_step: float
    y_step: float
    gram: Gram | None = None

    def __len__(self) -> int:
        return self.h.shape[0]

    def batch(self, rows: Tensor) -> Batch:
        """The vectors `rows` as float32 values."""
        h = self.h[rows].float() * self.h_step
        y = self.y[rows].float() * self.y_step
        gram = self.gram and Gram(self.gram.values[rows], self.gram.vectors[rows])
        return Batch(h, y, self.x[rows].float(), self.index[rows], gram)

    def with_gram(self) -> Dataset:
        """The same vectors and the decomposition of every HᵀH."""
        parts = [gram_of(self.batch(rows).h) for rows in torch.arange(len(self)).split(CHUNK)]
        values, vectors = (torch.cat(tensors) for tensors in zip(*parts, strict=True))
        return replace(self, gram=Gram(values, vectors))


def dataset(
    spec: PgdSpec,
    snr_db: np.ndarray,
    seed: int,
    stream: str,
    *,
    quantized: bool,
    quantized_h: bool = True,
    system: System | None = None,
) -> Dataset:
    """Draw `len(snr_db)` vectors.

    Args:
        spec: sizes, modulation, bank, and the formats of H and y.
        snr_db: (n,), inside the bank.
        seed, stream: the same pair draws the same vectors; streams never share draws.
        quantized: H and y through the spec's input quantizers, or as float32 values.
        system: whose channels, estimates and believed SNRs these are; none: the spec's own, exact.
        quantized_h: if not, y alone is quantized: ADMM-Net's P and F are made of H as estimated.
    """
    rng = np.random.default_rng([seed, STREAMS[stream]])
    parts: list[tuple[Tensor, Tensor, Tensor]] = []
    small = torch.int8 if spec.formats.h.bits <= 8 else torch.int32
    for start in range(0, len(snr_db), CHUNK):
        chunk_db = snr_db[start : start + CHUNK, None]
        h_real, y_real, sent = _drawn(spec, system, rng, chunk_db, PARTS.get(stream, stream))
        h, y = torch.from_numpy(h_real).float(), torch.from_numpy(y_real).float()
        if quantized:
            levels = spec.converter.convert(y_real, np.zeros(len(y_real), np.int64))
            y = torch.from_numpy(levels).to(torch.int32)
        if quantized and quantized_h:
            h = torch.from_numpy(spec.h_format.quantize(h_real)).to(small)
        parts.append((h, y, torch.from_numpy(sent).to(torch.int8)))
    h, y, x = (torch.cat(tensors) for tensors in zip(*parts, strict=True))
    h_step = spec.formats.h.step if quantized and quantized_h else 1.0
    y_step = spec.formats.y.step if quantized else 1.0
    return Dataset(h, y, x, torch.from_numpy(_entries(spec, system, snr_db)), h_step, y_step)


def _drawn(
    spec: PgdSpec, system: System | None, rng: np.random.Generator, snr_db: np.ndarray, part: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """H (n, M, N) as estimated, y (n, M) and x (n, N) at SNRs (n, 1)."""
    if system is None:
        drawn = draw(rng, spec.constellation, spec.rows, spec.columns, snr_db)
        return drawn.h, drawn.y[:, 0], drawn.x[:, 0]
    seen = scene(replace(system, vectors=1), snr_db, len(snr_db), rng, part=part)
    return seen.h.numpy(), seen.received.y[:, 0].numpy(), seen.x[:, 0].numpy()


def _entries(spec: PgdSpec, system: System | None, snr_db: np.ndarray) -> np.ndarray:
    """Of the bank, by the SNRs that the receiver believes; beyond its ends the last one."""
    wrong = system.snr_mismatch_db if system else 0.0
    if not wrong:
        return spec.snr.index(snr_db)
    return spec.snr.index(np.clip(snr_db + wrong, spec.snr.first_db, spec.snr.last_db))


def dataset_of(
    spec: PgdSpec,
    gram: bool,
    snr_db: np.ndarray,
    seed: int,
    stream: str,
    *,
    quantized: bool,
    system: System | None = None,
) -> Dataset:
    """As `dataset`, for a net that takes H as it is, or as estimated with its Gram matrix."""
    data = dataset(
        spec, snr_db, seed, stream, quantized=quantized, quantized_h=not gram, system=system
    )
    return data.with_gram() if gram else data


def check_vectors(config: TrainConfig, count: int, what: str) -> None:
    """`ValueError` unless a set of so many vectors fits this machine's memory."""
    rows, columns = config.template.rows, config.template.columns
    each = rows * columns + 4 * rows + 4 * columns * (columns + 1) * config.gram
    check_memory(count * each, f"{count:,} {what}")


def uniform_snr(count: int, low_db: float, high_db: float, seed: int) -> np.ndarray:
    """`count` SNRs in dB, uniform over low_db … high_db."""
    rng = np.random.default_rng([seed, STREAMS["snr"]])
    return rng.uniform(low_db, high_db, count)
