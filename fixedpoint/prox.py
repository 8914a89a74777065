# SPDX-License-Identifier: Apache-2.0
"""The element-wise prox of PGD-Net and ADMM-Net, eq. (8) of the KAQ paper, and its box."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

PROXES = ("soft", "box")

Number = TypeVar("Number", np.int64, np.float64)


def prox(kind: str, update: NDArray[Number], threshold: int) -> NDArray[Number]:
    """Soft threshold sgn(u)·max(|u| − λ, 0), or box clip(u, ±b); reals in the integers' unit."""
    if kind == "box":
        return np.clip(update, -threshold, threshold)
    shrunk: NDArray[Number] = np.sign(update) * np.maximum(np.abs(update) - threshold, 0)
    return shrunk
