# SPDX-License-Identifier: Apache-2.0
"""A part of a program as loops: over the rows of a matrix, over columns, and what stays between.

A function runs its passes in order. One pass is products of stored vectors with stored matrices,
then a loop over rows, then one over columns. A product over columns is a dot product within the
loop over rows; one over rows adds up, row by row, in the loop that makes its factor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from fixedpoint.program import leaves, values
from fixedpoint.program.domain import DefinitionError
from fixedpoint.program.graph import Part, Program
from fixedpoint.program.values import Transformed, UnitSum, Value

INLINE = values.Negated | values.Declared
"""Written where they are read, unless they are wires."""
REPEATED = leaves.Carried | leaves.Brought
"""Leaves of each column that are copied where a wire repeats them."""
FRAMES = (
    "H in row and column passes, stored matrices in column passes, "
    "or units with a fusion node that ends the layer"
)


@dataclass
class Pass:
    """products: of stored vectors, ahead of the loops; sums: that the loop over rows adds up."""

    products: list[Transformed] = field(default_factory=list)
    rows: list[Value] = field(default_factory=list)
    sums: list[Transformed] = field(default_factory=list)
    columns: list[Value] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Function:
    """Values of one part that are computed together, in order; `wires` those that are shown."""

    name: str
    part: Part
    values: Sequence[Value]
    unit: bool

    @cached_property
    def inside(self) -> frozenset[Value]:
        """All that is computed here."""
        return frozenset(self.values)

    @cached_property
    def scalars(self) -> list[Value]:
        """One number each: computed ahead of all passes."""
        return [v for v in self.values if not v.domain.axis and not v.domain.grid]

    @cached_property
    def gridded(self) -> frozenset[Value]:
        """Computed at each point of the grid, within the sum over it."""
        return frozenset(value for value in self.values if value.domain.grid)

    @cached_property
    def level(self) -> dict[Value, int]:
        """The earliest pass of each value, from 0."""
        found: dict[Value, int] = {}
        for value in self.values:
            over = max((found.get(operand, 0) for operand in value.operands), default=0)
            found[value] = over + isinstance(value, Transformed)
        return found

    @cached_property
    def at(self) -> dict[Value, int]:
        """The latest pass in which a value can be computed: nothing waits longer than it must."""
        deepest = {axis: max((n for v, n in self.level.items() if v.domain.axis == axis), default=0)
                   for axis in ("row", "column")}  # fmt: skip
        found: dict[Value, int] = {}
        for value in reversed(self.values):
            if isinstance(value, Transformed):
                found[value] = self.level[value]
            else:
                found.setdefault(value, deepest.get(value.domain.axis, 0))
            latest = found[value] - isinstance(value, Transformed)
            for operand in value.operands:
                if operand in self.inside:
                    found[operand] = min(found.get(operand, latest), latest)
        return found

    @cached_property
    def passes(self) -> list[Pass]:
        """In order; a pass without anything is left out."""
        made = [Pass() for _ in range(1 + max(self.at.values(), default=0))]
        for value in self.values:
            if value in self.scalars or value in self.gridded:
                continue
            now = made[self.at[value]]
            if isinstance(value, Transformed) and value.transposed:
                if self.streams(value):
                    made[self.at[value.of]].sums.append(value)
                else:
                    now.products.append(value)
            if value.domain.axis == "row":
                now.rows.append(value)
            else:
                now.columns.append(value)
        return [one for one in made if one.products or one.rows or one.columns]

    def streams(self, value: Transformed) -> bool:
        """Whether the loop over rows makes the factor of a product over rows, row by row."""
        return value.of in self.inside and value.of.domain.axis == "row"

    @cached_property
    def crossing(self) -> frozenset[Value]:
        """Values that another pass reads, or a product with a matrix as a whole."""
        return frozenset(operand for value in self.values for operand in value.operands
                         if self._crosses(operand, value))  # fmt: skip

    def _crosses(self, operand: Value, value: Value) -> bool:
        if operand not in self.inside or not operand.domain.axis or is_sum(operand):
            return False
        if isinstance(value, Transformed):
            return not self.streams(value)
        return self.at[operand] != self.at[value]


def is_sum(value: Value) -> bool:
    """Whether a value is a product over rows: an array of its own, from its pass on."""
    return isinstance(value, Transformed) and value.transposed


def split(program: Program) -> tuple[list[Value], list[Value]]:
    """The layer's values, in order: those that each unit computes, and those behind the units.

    Of a single receiver, all are behind. Raises `DefinitionError` where a unit needs a sum over
    the units of its own layer.
    """
    order = computed(program.layer)
    if not any(value.domain.unit for value in order):
        return [], order
    of_units: set[Value] = set()
    needed: set[Value] = set()
    for value in reversed(order):
        if value.domain.unit or value in needed:
            if isinstance(value, UnitSum):
                raise DefinitionError(
                    "a unit computes with a sum over the units of its own layer: "
                    f"{FRAMES} expected", value.where)  # fmt: skip
            of_units.add(value)
            needed |= set(value.operands)
    units = [value for value in order if value in of_units]
    return units, [value for value in order if value not in of_units]


def computed(part: Part) -> list[Value]:
    """What a part computes, in order, without decisions; wires that repeat a leaf, too."""
    repeated = {value for value in part.wires.values() if isinstance(value, REPEATED)}
    return [value for value in part.order if value not in part.known
            and (value in repeated or value.operands)
            and not isinstance(value, values.Sliced)]  # fmt: skip


def sliced(part: Part) -> list[values.Sliced]:
    """The decisions: made apart, since no layer needs them."""
    return [value for value in part.order if isinstance(value, values.Sliced)]


def carried(part: Part) -> list[Value]:
    """Wires that the next layer reads, in order."""
    read = {value.wire for value in part.order if isinstance(value, leaves.Carried)}
    found: dict[Value, None] = {}
    for wire, value in part.wires.items():
        if wire in read:
            found.setdefault(value)
    return list(found)
