# SPDX-License-Identifier: Apache-2.0
"""The rows of each distributed unit, §II-C of the paper on few-bit units."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def split_h(h: Tensor, rows: NDArray[np.int64]) -> Tensor:
    """H_c of every unit.

    Args:
        h: (G, M, N).
        rows: (C, M / C), `System.unit_rows`.

    Returns (G, C, M / C, N), contiguous.
    """
    return _take(h, 1, rows).unflatten(1, rows.shape)


def split_y(y: Tensor, rows: NDArray[np.int64]) -> Tensor:
    """Samples or thresholds of every unit, (G, B, M) → (G, C, B, M / C)."""
    return _take(y, 2, rows).unflatten(2, rows.shape).transpose(1, 2)


def _take(array: Tensor, dim: int, rows: NDArray[np.int64]) -> Tensor:
    return array.index_select(dim, torch.from_numpy(rows.ravel()).to(array.device))
