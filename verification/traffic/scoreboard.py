# SPDX-License-Identifier: Apache-2.0
"""The scoreboard: what the golden model expects against what a simulator shows, integer by integer.

It fails on the first wrong integer, on a vector that nobody sent, on one that never came, and when
it compared nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from fixedpoint.numbers.format import IntArray
from fixedpoint.vectors.compare import Comparison, compare


class MismatchError(AssertionError):
    """A comparison that failed; its text names view, seed, vector, wire, index and integers."""


@dataclass
class Scoreboard:
    """One test's expectations, by wire and vector, and what has been compared so far.

    Vectors are numbered as they are expected, from 0. `repeat` is the command that runs the test
    again with a waveform. moments: how often a claim did at random what it claims about, by stream;
    behind: the vectors that were exact behind those.
    """

    view: str
    seed: int
    repeat: str
    moments: Counter[str] = field(default_factory=Counter)
    behind: int = 0
    _expected: dict[str, dict[int, IntArray]] = field(default_factory=dict)
    _result: Comparison = field(init=False)
    _next: int = 0

    def __post_init__(self) -> None:
        self._result = Comparison(self.view, {}, {}, None)

    @property
    def expected_vectors(self) -> int:
        """How many vectors have been expected, those forgotten included."""
        return self._next

    @property
    def total(self) -> int:
        """How many integers have been compared."""
        return self._result.total

    @property
    def pending(self) -> int:
        """How many arrays are still expected, over all wires."""
        return sum(map(len, self._expected.values()))

    def expect(self, wires: Mapping[str, ArrayLike]) -> int:
        """Expect one more vector, on every one of these wires; returns its number."""
        vector = self._next
        for wire, q in wires.items():
            self._expected.setdefault(wire, {})[vector] = np.asarray(q, dtype=np.int64)
        self._next += 1
        return vector

    def observe(self, wire: str, q: ArrayLike, vector: int | None = None) -> None:
        """Compare what a wire shows with its oldest expectation, or with that of one vector.

        Raises `MismatchError` if it differs or was not expected.
        """
        expected = self._expected.get(wire, {})
        if vector is None and expected:
            vector = next(iter(expected))
        if vector is None or vector not in expected:
            raise MismatchError(
                f"{self.view}: seed {self.seed}, wire {wire}: "
                f"{'a vector' if vector is None else f'vector {vector}'} that was not expected; "
                f"repeat with: {self.repeat}"
            )
        wanted, found = expected.pop(vector), np.asarray(q, dtype=np.int64)
        try:
            result = compare(
                self.view,
                {wire: wanted[None, None]},
                {wire: found[None, None]},
                seed=self.seed,
                repeat=self.repeat,
                first_vector=vector,
            )
        except ValueError as error:
            raise MismatchError(f"{error}; vector {vector}; repeat with: {self.repeat}") from None
        self._result = self._result + result
        if result.first is not None:
            raise MismatchError(str(result.first))

    def forget(self) -> None:
        """Drop every expectation, as a reset does with the vectors in flight."""
        self._expected.clear()

    def finish(self) -> Comparison:
        """The verdict. Raises `MismatchError` on leftovers, or if nothing was compared."""
        for wire, left in self._expected.items():
            if left:
                raise MismatchError(
                    f"{self.view}: seed {self.seed}, wire {wire}: {len(left)} expected vectors "
                    f"never came, the first is {min(left)}; repeat with: {self.repeat}"
                )
        if not self._result.equal:
            raise MismatchError(f"{self._result}; repeat with: {self.repeat}")
        return self._result
