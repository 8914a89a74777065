# SPDX-License-Identifier: Apache-2.0
"""What a shipped spec of HPD or FPD-Net is made of: its system, its θ, its word lengths."""

from __future__ import annotations

import dataclasses
import functools
from dataclasses import dataclass

from fixedpoint.numbers.format import Format
from model.systems.system import System
from model.systems.text import kept


@dataclass(frozen=True)
class WordLengths:
    """What is chosen; every other format follows from its values.

    state: bits of s, z, x_c, b, p and d; constants: bits of thresholds, coefficients and table
    outputs; h, residual: formats of H and of 1 − σ_up − σ_low; sigmoid, penalty, distance: the
    addresses of the sigmoid, of F and G, and of the distance from the grid.
    """

    state: int
    constants: int
    h: Format
    residual: Format
    sigmoid: Format
    penalty: Format
    distance: Format


TEN = WordLengths(
    state=10,
    constants=10,
    h=Format(8, 5),
    residual=Format(8, 6),
    sigmoid=Format(7, 3),
    penalty=Format(7, 4),
    distance=Format(7, 6),
)
EIGHT = dataclasses.replace(TEN, state=8, constants=8)
"""No word of more than 10 bits, and of more than 8."""


WORDS = {10: TEN, 8: EIGHT}
BANK = "-5:30"


@dataclass(frozen=True)
class DistributedRecipe:
    """system: its text; network: the FPD-Net whose table is θ, none for HPD.

    hyper: θ comes from that network itself, in place of its table; bank: the SNRs of the
    converters' thresholds.
    """

    system: str
    network: str = ""
    words: WordLengths = TEN
    hyper: bool = False
    bank: str = BANK

    @property
    def receiver(self) -> System:
        """The system of that text."""
        return few_bit_system(self.system)


@functools.lru_cache(maxsize=64)
def few_bit_system(text: str) -> System:
    """A system of units with converters of 1 to 4 bits; entries of H are scaled to a variance of 1.

    Raises `ValueError` on one of unquantized samples.
    """
    system = kept(text)
    if not system.adc_bits:
        raise ValueError(f"system {text}: converters of 1 to 4 bits were expected, adc_bits=2 say")
    return dataclasses.replace(system, channel_gain=1.0)
