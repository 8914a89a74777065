# SPDX-License-Identifier: Apache-2.0
"""The parameters of sv/primitives.sv: requantizers, products, prox, folds, slicers of one build.

The benches take their cases from here too, so that both sides speak of the same instances.
"""

from __future__ import annotations

from dataclasses import dataclass

from fixedpoint.numbers.format import Format
from fixedpoint.numbers.modulation import MODULATIONS
from verification.traffic.stimuli import pack


@dataclass(frozen=True)
class Requantizer:
    """One instance of requantize.sv."""

    source: int
    shift: int
    target: int

    def __str__(self) -> str:
        """`20>>7>8`: 20 bits, shifted right by 7, 8 bits."""
        return f"{self.source}>>{self.shift}>{self.target}"


@dataclass(frozen=True)
class State:
    """One width of soft_threshold.sv, box.sv, fold.sv, slicer.sv, with the slicer's modulation."""

    format: Format
    modulation: str

    @property
    def bits(self) -> int:
        """The slicer's bits."""
        return MODULATIONS[self.modulation].bits

    @property
    def thresholds(self) -> tuple[int, ...]:
        """The slicer's thresholds, integers of the format."""
        return MODULATIONS[self.modulation].thresholds(self.format)


def requantizers() -> list[Requantizer]:
    """Every small width with every shift up to beyond it, then wide sources at telling shifts."""
    small = [
        Requantizer(source, shift, target)
        for source in (2, 3, 5, 8)
        for shift in range(-3, source + 3)
        for target in (2, 4, 8)
    ]
    wide = [
        Requantizer(source, shift, target)
        for source in (12, 20, 31, 33, 48, 63)
        for shift in (-3, 0, 1, 7, source - 1, source, source + 1, source + 20)
        for target in (5, 8, 16)
        if source - shift <= 63
    ]
    return small + wide


def products() -> list[tuple[int, int]]:
    """Widths of the factors of logic_product.sv: even and odd, wide and as narrow as they get."""
    return [(2, 2), (3, 5), (4, 4), (5, 3), (4, 6), (8, 13), (11, 12)]


def states() -> list[State]:
    """Narrow to wide; in the second one two thresholds lie at the ends of the format."""
    return [
        State(Format(5, 2), "qpsk"),
        State(Format(5, 3), "16qam"),
        State(Format(9, 4), "16qam"),
        State(Format(12, 7), "64qam"),
        State(Format(16, 11), "64qam"),
    ]


def parameters() -> dict[str, object]:
    """The parameters of sv/primitives.sv as Verilator takes them."""
    cases, formats = requantizers(), states()
    table = [pack([c.source, c.shift, c.target], 16, 3)[0] for c in cases]
    thresholds = [pack(s.thresholds, s.format.bits, 7)[0] for s in formats]
    return {
        "Cases": len(cases),
        "Table": _literal(table, 48),
        "Products": len(products()),
        "Factors": _literal([pack(widths, 16, 2)[0] for widths in products()], 32),
        "States": len(formats),
        "Widths": _literal([s.format.bits for s in formats], 16),
        "SlicerBits": _literal([s.bits for s in formats], 16),
        "Thresholds": _literal(thresholds, 128),
    }


def _literal(fields: list[int], bits: int) -> str:
    (word,) = pack(fields, bits, len(fields))
    return f"{bits * len(fields)}'h{word:x}"
