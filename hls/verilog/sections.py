# SPDX-License-Identifier: Apache-2.0
"""A program cut into functions: at products with matrices and at sums over the units.

What lies between two cuts is computed for one row or one column at a time, so that it can be a
pipeline. A value that hangs on nothing of its layer but wires of the layer before is computed
where it is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fixedpoint.program.frame import output
from fixedpoint.program.graph import LAYER, Part, Program
from fixedpoint.program.leaves import Bank, Brought, Carried, Constant, Given, Integer, Supplied
from fixedpoint.program.values import Grid, Transformed, UnitSum, Value

FIXED = (Constant, Bank, Integer, Grid)
"""Leaves that are the same for all rows or columns of a vector."""
FUSION = "fusion"


@dataclass(frozen=True, eq=False)
class Function:
    """What one pipeline computes for a row or a column.

    part: the stage or the layer that it belongs to; inputs: what comes from outside, by unit below
    a sum over the units; wires: those of the part that it shows, by name, inputs among them;
    outputs: what other functions take that is no wire.
    """

    name: str
    part: Part
    inputs: tuple[Value, ...]
    wires: dict[str, Value]
    outputs: tuple[Value, ...]

    @property
    def computed(self) -> bool:
        """Whether it has any operation."""
        return not set(self.wires.values()) <= set(self.inputs) or bool(self.outputs)


@dataclass(frozen=True)
class Section:
    """Where a value is computed: behind how many cuts, and over what."""

    depth: int
    axis: str
    fused: bool


def functions(program: Program) -> tuple[Function, ...]:
    """Those of the stages, then the layer's; none that compute nothing."""
    found = [function for part in (*program.once, program.layer) for function in _of(part)]
    return tuple(function for function in found if function.computed)


def _of(part: Part) -> Iterator[Function]:
    sections = _sections(part)
    order = dict.fromkeys(sections[value] for value in part.order if value in sections)
    axes = [_name(part, section) for section in order]
    for number, section in enumerate(order):
        name = axes[number]
        if axes.count(name) > 1:
            name += str(axes[: number + 1].count(name))
        yield _function(name, part, section, sections)


def _name(part: Part, section: Section) -> str:
    return part.name or (FUSION if section.fused else section.axis)


def _function(
    name: str, part: Part, section: Section, sections: dict[Value, Section]
) -> Function:  # fmt: skip
    own = [value for value in part.order if sections.get(value) == section]
    inside = {value for value in own if not isinstance(value, Transformed)}
    inputs: dict[Value, None] = {v: None for v in own if isinstance(v, Transformed) and any(
        v in user.operands for user in inside)}  # fmt: skip
    for value in own:
        if value in inside:
            inputs |= dict.fromkeys(_needs(part, value, inside, sections))
    wires = {wire: value for wire, value in part.wires.items() if value in own}
    shown = (Given, Carried, Transformed)
    inputs |= dict.fromkeys(v for v in wires.values() if isinstance(v, shown))
    taken = {operand for value in part.order if sections.get(value) != section or
             isinstance(value, Transformed) for operand in value.operands}  # fmt: skip
    unseen = inside - set(wires.values())
    outputs = tuple(value for value in own if value in unseen and value in taken)
    return Function(name, part, tuple(inputs), wires, outputs)


def _needs(
    part: Part, value: Value, inside: set[Value], sections: dict[Value, Section]
) -> Iterator[Value]:
    """The operands from outside, those of numbers that are computed anew included."""
    for operand in value.operands:
        if operand in part.known or isinstance(operand, Given | Brought | Carried | Supplied):
            yield operand
        elif operand in sections:
            if operand not in inside:
                yield operand
        elif not isinstance(operand, FIXED):
            yield from _needs(part, operand, inside, sections)


def _sections(part: Part) -> dict[Value, Section]:
    """Of all values that are of a row or a column; of wires from the stages ahead none."""
    depth: dict[Value, int] = {}
    fused: set[Value] = set()
    for value in part.order:
        before = 0 if value in part.known else max((depth[v] for v in value.operands), default=0)
        cut = isinstance(value, Transformed | UnitSum) and value not in part.known
        depth[value] = before + cut
        if isinstance(value, UnitSum) or (not isinstance(value, Transformed)
                                          and fused.intersection(value.operands)):  # fmt: skip
            fused.add(value)
    placed = {value: Section(depth[value], value.domain.axis, value in fused)
              for value in part.order if value.domain.axis and value not in part.known}  # fmt: skip
    leaves = {value for value in placed if not value.operands}
    _sink(part, placed, leaves)
    wires = set(part.wires.values())
    return {value: section for value, section in placed.items()
            if value not in leaves or value in wires}  # fmt: skip


def _sink(part: Part, placed: dict[Value, Section], leaves: set[Value]) -> None:
    """Values behind no cut go where they are used first, or to the first function of their axis."""
    users: dict[Value, list[Value]] = {value: [] for value in part.order}
    for value in part.order:
        for operand in value.operands if value not in part.known else ():
            users[operand].append(value)
    for value in reversed(part.order):
        if value in placed and placed[value].depth == 0:
            users_of = [user for user in users[value] if user in placed]
            cut = any(isinstance(user, Transformed | UnitSum) for user in users_of)
            if cut and value not in leaves:
                continue
            later = [placed[user] for user in users_of] or _first(placed, value)
            same = [section for section in later if section.axis == value.domain.axis]
            if same:
                placed[value] = min(same, key=lambda section: section.depth)


def _first(placed: dict[Value, Section], value: Value) -> list[Section]:
    """The first function of the value's axis."""
    axis = value.domain.axis
    found = [section for section in placed.values() if section.axis == axis and section.depth]
    return sorted(found, key=lambda section: section.depth)[:1]


def taken(program: Program, function: Function) -> list[Value]:
    """What others take of a function: products, sums over units, the next layer, the output."""
    parts = (*program.once, program.layer)
    order = [value for part in parts for value in part.order]
    carried = {value.wire for value in order if isinstance(value, Carried)}
    cut = {value.of for value in order if isinstance(value, Transformed | UnitSum)}
    named = {*carried, *output(program)} if layered(function) else set(function.wires)
    wires = function.wires.items()
    return [*function.outputs, *(v for name, v in wires if name in named or v in cut)]


def layered(function: Function) -> bool:
    """Whether it runs in every layer."""
    return function.part.name == LAYER
