# SPDX-License-Identifier: Apache-2.0
"""The slicer: Gray bits from the last layer's wide state by integer thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fixedpoint.numbers.format import IntArray, integers


def position(state: ArrayLike, thresholds: ArrayLike) -> IntArray:
    """How many of the ascending thresholds are ≤ state: a state on a threshold decides upwards.

    Both are integers, or the state is real, in the thresholds' unit. Raises as `format.integers`.
    """
    state, thresholds = np.asarray(state), np.asarray(thresholds)
    if state.dtype.kind != "f":
        state, thresholds = integers("state", state), integers("thresholds", thresholds)
    return np.searchsorted(thresholds, state, side="right").astype(np.int64)


def decide_into(
    thresholds: Sequence[int], state: NDArray[np.signedinteger[Any]], bits: NDArray[np.uint8]
) -> None:
    """Gray bits (…, N, bits a dimension), first bit first, of many states (…, N) at once."""
    at = np.zeros(state.shape, np.uint8)
    for threshold in thresholds:
        at += state >= threshold
    gray = at ^ (at >> 1)
    last = bits.shape[-1] - 1
    for place in range(last + 1):
        np.bitwise_and(gray >> (last - place), 1, out=bits[..., place])


def bits_of_antennas(bits: IntArray) -> NDArray[np.int64]:
    """(…, 2Nt, b) bits of real dimensions to (…, Nt, 2b): real part first, then imaginary part."""
    real, imaginary = np.split(integers("bits", bits), 2, axis=-2)
    return np.concatenate([real, imaginary], axis=-1)
