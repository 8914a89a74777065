# SPDX-License-Identifier: Apache-2.0
"""The element-wise prox, eq. (8) of the KAQ paper, and its box."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from fixedpoint.numbers.format import integers

PROXES = ("soft", "box")

Number = TypeVar("Number", np.int64, np.float64)


def prox(kind: str, update: NDArray[Number], threshold: int) -> NDArray[Number]:
    """Soft threshold sgn(u)·max(|u| − λ, 0), or box clip(u, ±b); reals in the integers' unit.

    Integers of any type give int64. Raises as `format.integers`.
    """
    u: NDArray[Any] = np.asarray(update)
    if u.dtype.kind != "f":
        u = integers("update", u)
    result: NDArray[Number]
    if kind == "box":
        result = np.clip(u, -threshold, threshold)
    else:
        result = np.sign(u) * np.maximum(np.abs(u) - threshold, 0)
    return result
