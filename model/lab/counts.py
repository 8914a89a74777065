# SPDX-License-Identifier: Apache-2.0
"""Integer sums from which every rate, interval and paired difference of one SNR follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from fixedpoint.format import IntArray
from model.lab.count import KINDS


class Sums(NamedTuple):
    """Sums over the coherence blocks of one task, for its d detectors and the kinds of error.

    errors: (3, d), Σ e_a; products: (3, d, d), Σ e_a·e_b; unequal: (3, d, d), blocks with
    e_a ≠ e_b, on the diagonal blocks with e_a ≠ 0.
    """

    errors: IntArray
    products: IntArray
    unequal: IntArray

    @classmethod
    def of(cls, errors: IntArray) -> Sums:
        """The sums of (3, d, G) errors of each block."""
        unequal = (errors[:, :, None] != errors[:, None]).sum(axis=-1)
        every = np.arange(errors.shape[1])
        unequal[:, every, every] = np.count_nonzero(errors, axis=-1)
        return cls(errors.sum(axis=-1), errors @ errors.transpose(0, 2, 1), unequal)

    def select(self, places: list[int]) -> Sums:
        """Those of some of the detectors."""
        pairs: Any = np.ix_(places, places)
        return Sums(self.errors[:, places], self.products[:, *pairs], self.unequal[:, *pairs])

    def to_json(self) -> list[Any]:
        """Nested lists."""
        return [part.tolist() for part in self]

    @classmethod
    def from_json(cls, data: list[Any]) -> Sums:
        """What `to_json` wrote."""
        return cls(*(np.array(part, dtype=np.int64) for part in data))


@dataclass
class Counts:
    """Sums over the coherence blocks that detectors a and b both saw: the shorter prefix of two.

    blocks: (D, D), how many; first: (3, D, D), Σ e_a; second: Σ e_a²; cross: Σ e_a·e_b; unequal:
    blocks with e_a ≠ e_b. The diagonal is a detector's own, of `unequal` its blocks with errors.
    """

    blocks: IntArray
    first: IntArray
    second: IntArray
    cross: IntArray
    unequal: IntArray

    @classmethod
    def empty(cls, detectors: int) -> Counts:
        """Nothing counted yet."""
        square = (detectors, detectors)
        sums = [np.zeros((len(KINDS), *square), dtype=np.int64) for _ in range(4)]
        return cls(np.zeros(square, dtype=np.int64), *sums)

    def add(self, running: list[int], blocks: int, sums: Sums) -> None:
        """Count a task of `blocks` coherence blocks; `sums` are of the detectors `running`."""
        pairs: Any = np.ix_(running, running)
        squares = np.diagonal(sums.products, axis1=1, axis2=2)
        self.blocks[pairs] += blocks
        self.first[:, *pairs] += sums.errors[:, :, None]
        self.second[:, *pairs] += squares[:, :, None]
        self.cross[:, *pairs] += sums.products
        self.unequal[:, *pairs] += sums.unequal

    def to_json(self) -> dict[str, Any]:
        """Nested lists."""
        return {name: getattr(self, name).tolist() for name in self.__dataclass_fields__}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Counts:
        """What `to_json` wrote. Raises `ValueError` if it is not that."""
        try:
            arrays = [np.array(data[name], dtype=np.int64) for name in cls.__dataclass_fields__]
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"not the counts of a sweep: {error}") from None
        return cls(*arrays)
