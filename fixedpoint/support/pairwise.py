# SPDX-License-Identifier: Apache-2.0
"""Sums of reals that come in pieces, to the bit those that numpy gives in one piece."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

LEAF = 1 << 15


class PairwiseSum:
    """`np.sum` of a contiguous float64 array of `total` numbers that come in pieces, in order.

    numpy sums by halves, each a multiple of 8 numbers but for the rest, down to a few numbers
    (Higham, The accuracy of floating point summation, 1993). So do these: a half of up to LEAF
    numbers is numpy's own sum.
    """

    def __init__(self, total: int) -> None:
        self._total = total
        self._leaves = _leaves(total)
        self._next = next(self._leaves)
        self._sums: list[float] = []
        self._left: NDArray[np.float64] = np.empty(0)

    def add(self, values: NDArray[np.float64]) -> None:
        """The next numbers, of any shape, in C order."""
        left, at = np.concatenate([self._left, values.ravel()]), 0
        while self._next and at + self._next <= left.size:
            self._sums.append(float(np.sum(left[at : at + self._next])))
            at += self._next
            self._next = next(self._leaves, 0)
        self._left = left[at:].copy()

    def sum(self) -> float:
        """The sum, when all numbers are there."""
        assert self._next == 0
        assert self._left.size == 0
        return _joined(self._total, iter(self._sums))


def _halves(total: int) -> tuple[int, int]:
    first = total // 2
    first -= first % 8
    return first, total - first


def _leaves(total: int) -> Iterator[int]:
    if total <= LEAF:
        yield total
    else:
        for half in _halves(total):
            yield from _leaves(half)


def _joined(total: int, sums: Iterator[float]) -> float:
    if total <= LEAF:
        return next(sums)
    first, second = _halves(total)
    return _joined(first, sums) + _joined(second, sums)
