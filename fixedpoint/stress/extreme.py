# SPDX-License-Identifier: Apache-2.0
"""Vectors that drive every branch, saturation and tie of a stress spec."""

from __future__ import annotations

import numpy as np

from fixedpoint.numbers.format import IntArray
from fixedpoint.receivers.inputs import split
from fixedpoint.specs.block import MatrixPart
from fixedpoint.specs.detector import DetectorSpec


def vectors(
    spec: DetectorSpec, seed: int, blocks: int, vectors: int
) -> tuple[IntArray, IntArray, IntArray]:
    """Extreme inputs h (G, R, N), y (G, B, M), index (G, B), over the whole of their formats.

    Blocks in turn: uniform, sparse, and ±max entries; in each, vectors are uniform, small, and
    aligned with a column of H at full scale, so that sums reach their worst case with both signs.
    The SNR index runs through the bank.
    """
    rng = np.random.default_rng(seed)
    yf = spec.y_format
    h = np.concatenate([_matrix(rng, part, blocks, spec.columns) for part in spec.parts], axis=1)
    y = rng.integers(yf.min, yf.max + 1, (blocks, vectors, spec.rows))
    column = rng.integers(0, spec.columns, (blocks, vectors))
    sign = rng.choice((-1, 1), (blocks, vectors, 1))
    parts = split(spec, h)
    first = next(parts[part.name] for part in spec.parts if part.rows == spec.rows)
    first = first.transpose(0, 2, 1)
    aligned = sign * np.take_along_axis(first, column[..., None], axis=1)
    shape = np.arange(vectors)[None, :, None] % 4
    if yf.signed:
        y = np.where(shape == 1, y // 8, y)
        y = np.where(shape == 2, np.sign(aligned) * yf.max, y)
        y = np.where(shape == 3, np.clip(aligned * 2, yf.min, yf.max), y)
    else:
        y = np.where(shape >= 2, np.where(aligned > 0, yf.max, 0), y)
    index = np.arange(blocks * vectors).reshape(blocks, vectors) % len(spec.snr)
    if spec.one_snr_a_block:
        turn = np.arange(blocks) + np.arange(blocks) // len(spec.snr)  # other matrices next time
        index = np.repeat(turn[:, None] % len(spec.snr), vectors, axis=1)
    return h.astype(np.int64), y.astype(np.int64), index


def _matrix(rng: np.random.Generator, part: MatrixPart, blocks: int, columns: int) -> IntArray:
    """Blocks in turn uniform, sparse and ±max, (G, rows, N)."""
    fmt, kind = part.format, np.arange(blocks)[:, None, None] % 3
    h = rng.integers(fmt.min, fmt.max + 1, (blocks, part.rows, columns))
    h = np.where(kind == 1, h * (rng.random(h.shape) < 0.1), h)
    return np.where(kind == 2, np.where(h >= 0, fmt.max, fmt.min), h)
