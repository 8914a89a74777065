# SPDX-License-Identifier: Apache-2.0
"""The exact comparison of another view with the golden model, wire by wire, zero tolerance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fixedpoint.numbers.format import IntArray, integers


@dataclass(frozen=True)
class Mismatch:
    """The first integer that differs. `vector` counts over all blocks, from 0."""

    view: str
    seed: int
    vector: int
    wire: str
    index: tuple[int, ...]
    expected: int
    found: int
    repeat: str

    def __str__(self) -> str:
        """One line with everything that is needed to see it again."""
        return (
            f"{self.view}: seed {self.seed}, vector {self.vector}, wire {self.wire}"
            f"{list(self.index)}: {self.found}, the golden model has {self.expected}; "
            f"repeat with: {self.repeat}"
        )


@dataclass(frozen=True)
class Comparison:
    """How many integers of each wire were compared, how many differed, and the first that did."""

    view: str
    compared: Mapping[str, int]
    differing: Mapping[str, int]
    first: Mismatch | None

    @property
    def equal(self) -> bool:
        """True if something was compared and nothing differed; no integers at all is a failure."""
        return self.total > 0 and min(self.compared.values()) > 0 and self.first is None

    @property
    def total(self) -> int:
        """All integers compared."""
        return sum(self.compared.values())

    def __add__(self, other: Comparison) -> Comparison:
        """The two runs as one."""
        return Comparison(
            self.view,
            _sum(self.compared, other.compared),
            _sum(self.differing, other.differing),
            self.first or other.first,
        )

    def __str__(self) -> str:
        """The verdict in one line."""
        if self.first is not None:
            return f"DIFFERS: {sum(self.differing.values())} of {self.total} integers; {self.first}"
        if not self.equal:
            return f"FAILED: {self.view} compared no integers"
        return f"equal: 0 of {self.total} integers differ"


def compare(
    view: str,
    golden: Mapping[str, IntArray],
    other: Mapping[str, IntArray],
    *,
    seed: int,
    repeat: str,
    first_vector: int = 0,
) -> Comparison:
    """Compare every wire of `golden` with the same wire of `other`, both (G, B, …), exactly.

    `repeat` is the command that shows the mismatch again; `{vector}` in it becomes the vector's
    number. `first_vector` is the number of vectors compared before. Integers may have any type.
    Raises `ValueError` if the other view lacks a wire or has it in another shape.
    """
    compared, differing = {}, {}
    golden, other = (
        {wire: integers(wire, array) for wire, array in wires.items()} for wires in (golden, other)
    )
    found: list[Mismatch] = []
    for wire, expected in golden.items():
        if wire not in other:
            raise ValueError(f"{view} has no wire {wire}")
        if other[wire].shape != expected.shape:
            raise ValueError(
                f"{view}: wire {wire} has the shape {other[wire].shape}, {expected.shape} expected"
            )
        compared[wire] = expected.size
        where = np.argwhere(other[wire] != expected)
        differing[wire] = len(where)
        if len(where):
            at = tuple(int(i) for i in where[0])
            vector = first_vector + at[0] * expected.shape[1] + at[1]
            found.append(
                Mismatch(
                    view,
                    seed,
                    vector,
                    wire,
                    at[2:],
                    int(expected[at]),
                    int(other[wire][at]),
                    repeat.replace("{vector}", str(vector)),
                )
            )
    first = min(found, key=lambda m: m.vector, default=None)
    return Comparison(view, compared, differing, first)


def _sum(a: Mapping[str, int], b: Mapping[str, int]) -> dict[str, int]:
    return {name: a.get(name, 0) + b.get(name, 0) for name in {**a, **b}}
