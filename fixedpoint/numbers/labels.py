# SPDX-License-Identifier: Apache-2.0
"""Bit labels of other conventions for the same points.

Here a real dimension has a Gray code that ascends from −peak, 0…0, and an antenna the real part's
bits before the imaginary part's. 3GPP TS 38.211, section 5.1, and Sionna count from the other end,
1 − bit, and take bits of the real and of the imaginary part by turns.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from fixedpoint.numbers.format import IntArray, integers

GRAY, NR = "gray", "38.211"
Ratios = TypeVar("Ratios", IntArray, NDArray[np.float64])
Relabelling = Callable[[IntArray], IntArray]


def of_38_211(bits: IntArray) -> IntArray:
    """Gray bits of antennas (…, Nt, 2b), real part first, to the labels of TS 38.211."""
    halves = integers("bits", bits).reshape(*np.shape(bits)[:-1], 2, -1)
    return 1 - halves.swapaxes(-1, -2).reshape(np.shape(bits))


def to_gray(bits: IntArray) -> IntArray:
    """The inverse of `of_38_211`."""
    turns = integers("bits", bits).reshape(*np.shape(bits)[:-1], -1, 2)
    return 1 - turns.swapaxes(-1, -2).reshape(np.shape(bits))


def ratios(name: str, llr: Ratios) -> Ratios:
    """log p(1)/p(0) of Gray bits (…, Nt, 2b), as of a labelling's bits. As `relabelling`.

    A bit that is counted from the other end turns the ratio's sign.
    """
    if relabelling(name) is _same:
        return llr
    halves = llr.reshape(*np.shape(llr)[:-1], 2, -1)
    return -halves.swapaxes(-1, -2).reshape(np.shape(llr))


def _same(bits: IntArray) -> IntArray:
    return bits


LABELS: dict[str, Relabelling] = {GRAY: _same, NR: of_38_211}
"""From Gray bits of antennas to each labelling."""


def relabelling(name: str) -> Relabelling:
    """The one of a name. Raises `ValueError` on another."""
    if name not in LABELS:
        raise ValueError(f"labels {name!r} are not one of {', '.join(LABELS)}")
    return LABELS[name]
