# SPDX-License-Identifier: Apache-2.0
"""Gray-coded QPSK, 16-, 64- and 256-QAM in the real-valued form.

Each real dimension carries one coordinate ±1, ±3, … (not normalised: Es = 2, 10, 42, 170). A symbol
of antenna n is the pair of columns n (real part) and n + Nt (imaginary part) of x̃ = [Re; Im].
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fixedpoint.numbers.format import Format, IntArray, integers


@dataclass(frozen=True)
class Modulation:
    """A square constellation with `bits` bits in each real dimension."""

    name: str
    bits: int

    @property
    def levels(self) -> int:
        """The number of coordinates of one real dimension."""
        return 1 << self.bits

    @property
    def symbol_energy(self) -> float:
        """Es = E|s|² of a complex symbol: 2, 10, 42, 170."""
        return 2 * (self.levels**2 - 1) / 3

    @property
    def peak(self) -> int:
        """The largest coordinate: 1, 3, 7, 15."""
        return self.levels - 1

    def thresholds(self, state: Format) -> tuple[int, ...]:
        """Decision thresholds of one real dimension, ascending, as integers of `state`."""
        middles = [2 * i - self.peak + 1 for i in range(self.peak)]
        return tuple(int(q) for q in state.quantize(np.array(middles, dtype=np.float64)))

    def gray(self, position: IntArray) -> IntArray:
        """Positions 0 … levels − 1 on the axis to Gray bits, shape (…, bits), first bit first."""
        position = integers("position", position)
        word = position ^ (position >> 1)
        return (word[..., None] >> np.arange(self.bits - 1, -1, -1)) & 1

    def modulate(self, position: IntArray) -> NDArray[np.float64]:
        """Positions to coordinates ±1, ±3, …"""
        return (2 * integers("position", position) - self.peak).astype(np.float64)


MODULATIONS = {
    m.name: m
    for m in (
        Modulation("qpsk", 1),
        Modulation("16qam", 2),
        Modulation("64qam", 3),
        Modulation("256qam", 4),
    )
}
ALIASES = {"4qam": "qpsk"}
"""Other names of the same."""


def modulation_name(text: str) -> str:
    """The name of `MODULATIONS` that is meant. `ValueError` if none is."""
    name = ALIASES.get(text.lower(), text.lower())
    if name not in MODULATIONS:
        raise ValueError(f"modulation {text!r} is not one of {', '.join((*MODULATIONS, *ALIASES))}")
    return name
