# SPDX-License-Identifier: Apache-2.0
"""What a shipped spec of HPD or FPD-Net is made of: its system, its θ, its word lengths."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from fixedpoint.numbers.format import Format
from model.systems.system import SYSTEMS, System


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


@dataclass(frozen=True)
class DistributedRecipe:
    """system: a name of `SYSTEMS`; network: the FPD-Net whose table is θ, none for HPD.

    hyper: θ comes from that network itself, in place of its table.
    """

    system: str
    network: str = ""
    words: WordLengths = TEN
    hyper: bool = False

    @property
    def receiver(self) -> System:
        """The system by that name."""
        return SYSTEMS[self.system]
