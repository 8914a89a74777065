# SPDX-License-Identifier: Apache-2.0
"""Coherence blocks that nobody names: vectors with equal channels, found by their bytes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fixedpoint.numbers.format import IntArray


def equal_rows(values: NDArray[Any]) -> list[IntArray]:
    """Where equal rows of (V, …) stand: one ascending array of places each, in order of the first.

    Equal is bit for bit, so that −0 and 0 are two values.
    """
    flat = np.ascontiguousarray(values.reshape(len(values), -1))
    _, first, inverse = np.unique(
        flat.view(np.dtype((np.void, flat.dtype.itemsize * flat.shape[1])))[:, 0],
        return_index=True, return_inverse=True,
    )  # fmt: skip
    order = np.argsort(inverse, kind="stable")
    ends = np.cumsum(np.bincount(inverse, minlength=len(first)))[:-1]
    places = np.split(order, ends)
    return [places[i] for i in np.argsort(first, kind="stable")]


def of_one_size(blocks: list[IntArray]) -> list[IntArray]:
    """The blocks with the same number of vectors B below each other, (G, B), small B first."""
    sizes = sorted({len(block) for block in blocks})
    return [np.stack([block for block in blocks if len(block) == size]) for size in sizes]
