# SPDX-License-Identifier: Apache-2.0
"""The slicer: Gray bits from the last layer's wide state by integer thresholds."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fixedpoint.numbers.format import IntArray, integers
from fixedpoint.specs.detector import DetectorSpec


def position(state: ArrayLike, thresholds: ArrayLike) -> IntArray:
    """How many of the ascending thresholds are ≤ state: a state on a threshold decides upwards.

    Both are integers, or the state is real, in the thresholds' unit. Raises as `format.integers`.
    """
    state, thresholds = np.asarray(state), np.asarray(thresholds)
    if state.dtype.kind != "f":
        state, thresholds = integers("state", state), integers("thresholds", thresholds)
    return np.searchsorted(thresholds, state, side="right").astype(np.int64)


def decide(spec: DetectorSpec, state: IntArray) -> IntArray:
    """States (…, N) to Gray bits (…, N, bits a dimension), first bit first."""
    return spec.constellation.gray(position(state, spec.slicer))


def decide_into(
    spec: DetectorSpec, state: NDArray[np.signedinteger[Any]], bits: NDArray[np.uint8]
) -> None:
    """The same of many states at once, into an array of bytes."""
    at = np.zeros(state.shape, np.uint8)
    for threshold in spec.slicer:
        at += state >= threshold
    gray = at ^ (at >> 1)
    last = spec.constellation.bits - 1
    for place in range(last + 1):
        np.bitwise_and(gray >> (last - place), 1, out=bits[..., place])


def bits_of_antennas(bits: IntArray) -> NDArray[np.int64]:
    """(…, 2Nt, b) bits of real dimensions to (…, Nt, 2b): real part first, then imaginary part."""
    real, imaginary = np.split(integers("bits", bits), 2, axis=-2)
    return np.concatenate([real, imaginary], axis=-1)
