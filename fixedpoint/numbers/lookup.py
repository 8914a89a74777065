# SPDX-License-Identifier: Apache-2.0
"""Tables of integers in place of non-linear functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fixedpoint.numbers.format import Format, IntArray
from fixedpoint.numbers.requantize import requantize


@dataclass(frozen=True)
class Lookup:
    """f(q · 2^-address.frac) for every q of `address`, lowest first, as integers of `output`.

    An argument beyond the address's range takes the nearest end: reading a table is a
    requantization to the address, then an access.
    """

    address: Format
    output: Format
    values: tuple[int, ...]

    @classmethod
    def of(
        cls,
        function: Callable[[NDArray[np.float64]], NDArray[np.float64]],
        address: Format,
        output: Format,
    ) -> Lookup:
        """The table of a function, rounded half up and saturated."""
        x = address.value(np.arange(address.min, address.max + 1))
        return cls(address, output, tuple(output.quantize(function(x)).tolist()))

    def faults(self, path: str) -> list[str]:
        """A wrong length, or an entry outside the output's format."""
        expected = self.address.max - self.address.min + 1
        if len(self.values) != expected:
            return [f"{path}.values: {len(self.values)} entries, {expected} expected"]
        for i, value in enumerate(self.values):
            if not self.output.min <= value <= self.output.max:
                return [f"{path}.values[{i}]: {value} is outside {self.output}"]
        return []

    def index(self, q: IntArray, frac: int) -> IntArray:
        """The address, an integer of its format, of arguments q · 2^-frac."""
        return requantize(q, frac - self.address.frac, self.address)

    def read(self, q: IntArray, frac: int) -> IntArray:
        """The table at arguments q · 2^-frac, shape of q."""
        entries: IntArray = np.array(self.values, dtype=np.int64)
        return entries[self.index(q, frac) - self.address.min]
