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
    """Gray bits (…, N, bits a dimension), first bit first, of many states (…, N) at once.

    From one position to the next the Gray code changes in one bit, that of the last 1 of the upper
    position's number: a bit is the parity of the thresholds that change it and are passed.
    """
    last = bits.shape[-1] - 1
    passed: dict[int, NDArray[np.bool_]] = {}
    for above, threshold in enumerate(thresholds, 1):
        place = last - ((above & -above).bit_length() - 1)
        found = state >= threshold
        passed[place] = found ^ passed[place] if place in passed else found
    for place, parity in passed.items():
        bits[..., place] = parity


def bits_of_antennas(bits: IntArray) -> NDArray[np.int64]:
    """(…, 2Nt, b) bits of real dimensions to (…, Nt, 2b): real part first, then imaginary part."""
    real, imaginary = np.split(integers("bits", bits), 2, axis=-2)
    return np.concatenate([real, imaginary], axis=-1)
