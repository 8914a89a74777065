# SPDX-License-Identifier: Apache-2.0
"""How many cycles each primitive takes: the one table, held against their simulation by a test."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Parameters = Mapping[str, int | str]


def _levels(count: int, base: int) -> int:
    """How often groups of `base` become one until one is left."""
    levels = 0
    while count > 1:
        count = -(-count // base)
        levels += 1
    return levels


CYCLES: Mapping[str, Callable[[Parameters], int]] = {
    "product": lambda p: 2,
    "either_product": lambda p: 2,
    "short_product": lambda p: 1,
    "requantize_stages": lambda p: 2,
    "requantize_stage": lambda p: 1,
    "aligned_sum": lambda p: max(_levels(int(p["Count"]), 3), 1),
    "adder_tree": lambda p: _levels(int(p["Count"]), 2),
    "table_read": lambda p: 2,
    "quotient": lambda p: 8,
    "constant_rom": lambda p: 1,
    "bank_rom": lambda p: 3,
    "layer_table": lambda p: 1,
    "loaded_constant": lambda p: 1,
    "loaded_table": lambda p: 1,
    "box": lambda p: 0,
    "soft_threshold": lambda p: 0,
    "fold": lambda p: 0,
    "slicer": lambda p: 0,
    "grid_distance": lambda p: 0,
    "choose": lambda p: 0,
}
"""By module."""
REGISTERED = frozenset({"box", "soft_threshold", "fold", "slicer", "grid_distance"})
"""Those without a clock whose result a register takes up at once."""
CLOCKLESS = REGISTERED | {"choose"}


def cycles(module: str, parameters: Parameters) -> int:
    """Of an instance with these parameters, without a register behind."""
    return CYCLES[module](parameters)


@dataclass(frozen=True)
class Style:
    """Where registers stand, so that one primitive or another serves an operation.

    short: units answer one another in every layer, so that their stages are few: a requantization
    is one, and so is a product whose factors have at most `narrow` bits each.
    """

    short: bool
    narrow: int = 12

    def product(self, one: int, other: int) -> str:
        """The module for factors of these bits."""
        return "short_product" if self.short and max(one, other) <= self.narrow else "product"

    @property
    def requantize(self) -> str:
        """The module."""
        return "requantize_stage" if self.short else "requantize_stages"
