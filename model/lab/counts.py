# SPDX-License-Identifier: Apache-2.0
"""Integer sums from which every rate, interval and paired difference of one SNR follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from fixedpoint.numbers.format import IntArray
from fixedpoint.support.reading import LARGEST, brief
from model.lab.count import KINDS
from model.store.entries import integer, object_of


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
    def from_json(cls, data: object, trials: tuple[int, ...], detectors: int, blocks: int) -> Sums:
        """What `to_json` wrote of `blocks` coherence blocks of `trials` bits, symbols, vectors.

        Raises `ValueError` on numbers that no task of that size has.
        """
        if not isinstance(data, list) or len(data) != len(cls._fields):
            raise ValueError(f"sums: {brief(data)} are not {len(cls._fields)} lists")
        square = (len(KINDS), detectors, detectors)
        sums = cls(*(counted(part, shape, name) for part, shape, name in zip(
            data, (square[:2], square, square), cls._fields, strict=True)))  # fmt: skip
        most = np.array(trials, dtype=object)
        limits = most * blocks, most**2 * blocks, most * 0 + blocks
        for part, limit, name in zip(sums, limits, cls._fields, strict=True):
            if np.any(part.reshape(len(KINDS), -1) > limit[:, None]):
                raise ValueError(f"{name} beyond the {blocks} blocks of a task")
        for part, name in zip(sums[1:], cls._fields[1:], strict=True):
            if not np.array_equal(part, part.transpose(0, 2, 1)):
                raise ValueError(f"{name} of a and b are not those of b and a")
        return sums


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
    def from_json(cls, data: object, detectors: int) -> Counts:
        """What `to_json` wrote of that many detectors. Raises `ValueError` if it is not that."""
        entries, names = object_of(data, "counts of a sweep"), list(cls.__dataclass_fields__)
        if set(entries) != set(names):
            raise ValueError(f"counts of a sweep: {brief(sorted(entries))}, not {names}")
        square = (detectors, detectors)
        cube = (len(KINDS), *square)
        return cls(*(counted(entries[name], square if name == "blocks" else cube, name)
                     for name in names))  # fmt: skip


def counted(data: object, shape: tuple[int, ...], subject: str) -> IntArray:
    """Nested lists of counts, 0 to 2^63 − 1, as an array. `ValueError` if they are not."""
    found = np.zeros(shape, dtype=np.int64)
    _fill(found, data, subject)
    return found


def _fill(found: IntArray, data: object, subject: str) -> None:
    if not isinstance(data, list) or len(data) != len(found):
        raise ValueError(f"{subject}: {brief(data)} is not a list of {len(found)}")
    for i, item in enumerate(data):
        if found.ndim == 1:
            found[i] = integer(item, subject, 0, LARGEST)
        else:
            _fill(found[i], item, subject)
