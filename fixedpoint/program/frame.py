# SPDX-License-Identifier: Apache-2.0
"""The hardware that a program asks for, and what that hardware shows of it.

There are three frames, and a program has one of them by its products:

    PASSES   H·v and Hᵀ·r in every layer: row passes and column passes over one matrix
    STORED   a product ahead of the layers, another matrix's in every layer: column passes alone
    UNITS    the two products of PASSES on each unit's own rows, and a sum over all units
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from fixedpoint.program import soft
from fixedpoint.program.domain import DefinitionError
from fixedpoint.program.graph import LAYER, Part, Program
from fixedpoint.program.leaves import Carried
from fixedpoint.program.values import Sliced, Transformed, UnitSum, Value

OUTPUT = ("state", "code", "bits")
"""What leaves of a column, the lowest bits first; the code where a program has one. Soft bits
follow, if there are any.
"""
DECISION = "bits"
"""The one of these that says where a layer ends."""


class Frame(Enum):
    """What holds a detector's functions."""

    PASSES = "H in row and column passes"
    STORED = "stored matrices in column passes"
    UNITS = "units with a fusion node"


@dataclass(frozen=True)
class Field:
    """A wire in an element of the trace: its lowest bit and its width.

    name: `residual` of a layer, `front.filtered` of a stage.
    """

    name: str
    offset: int
    bits: int
    signed: bool


@dataclass(frozen=True)
class Point:
    """Where hardware shows wires: all those of a row or of a column at a time, side by side.

    name: row, column, fusion or front; rows: whether an element is a row; by_unit: whether each
    unit has such a point; layered: whether every layer is shown.
    """

    name: str
    fields: tuple[Field, ...]
    rows: bool = False
    by_unit: bool = False
    layered: bool = True

    @property
    def bits(self) -> int:
        """Of an element."""
        return sum(field.bits for field in self.fields)


def fits(program: Program) -> Frame | None:
    """The frame of a program, if it fits one."""
    ahead = [product for part in program.once for product in products(part)]
    layer = products(program.layer)
    across = [product.transposed for product in layer]
    stored = {product.matrix for product in layer}
    units = sum(isinstance(value, UnitSum) for value in program.layer.order)
    if not ahead and across == [False, True] and len(stored) == 1 and units <= 1:
        return Frame.UNITS if units else Frame.PASSES
    if [product.transposed for product in ahead] == across == [True] and not units:
        return Frame.STORED
    return None


def frame(program: Program) -> Frame:
    """The frame of a program. Raises `DefinitionError` if it fits none."""
    found = fits(program)
    if found is not None:
        return found
    expected = ", ".join(each.value for each in Frame)
    stages = [product for part in (*program.once, program.layer) for product in products(part)]
    last = [*program.layer.wires.values(), *stages][-1]
    raise DefinitionError(f"its products fit no frame of the hardware: {expected}", last.where)


def points(program: Program) -> tuple[Point, ...]:
    """All points, in the order in which a vector passes them."""
    kind, layer = frame(program), program.layer
    if kind is Frame.STORED:
        stage = next(part for part in program.once if products(part))
        front = Point("front", _fields(stage, list(stage.wires)), layered=False)
        return front, Point("column", _fields(layer, _columns(layer)))
    rows = [name for name, value in layer.wires.items() if value.domain.axis == "row"]
    fused = _fused(layer)
    own = [name for name in _columns(layer) if name not in fused]
    units = kind is Frame.UNITS
    row = Point("row", _fields(layer, rows), rows=True, by_unit=units)
    column = Point("column", _fields(layer, own), by_unit=units)
    return (row, column, Point("fusion", _fields(layer, fused))) if units else (row, column)


def output(program: Program) -> tuple[str, ...]:
    """The wires of the last layer that leave, the lowest bits of a beat first."""
    layer = program.layer
    return (*(name for name in OUTPUT if name in layer.wires), *soft.wires(layer))


def wire_bits(part: Part, name: str) -> int:
    """The width of a wire; of decided bits that of a column's, side by side."""
    value = part.wires[name]
    if isinstance(value, Sliced):
        return len(value.thresholds).bit_length()
    return part.formats[name].bits


def by_name(shown: Sequence[Point]) -> Mapping[str, tuple[Point, Field]]:
    """Each wire by its name, with the point that shows it."""
    return {field.name: (point, field) for point in shown for field in point.fields}


def products(part: Part) -> list[Transformed]:
    """The products with a block's matrices that a stage or a layer makes, in order."""
    return [v for v in part.order if isinstance(v, Transformed) and v not in part.known]


def fronthaul(program: Program) -> tuple[str, str]:
    """The wires that a unit sends to the fusion node, and that the node answers with."""
    layer = program.layer
    summed = {value.of for value in layer.order if isinstance(value, UnitSum)}
    up = next(name for name, value in layer.wires.items() if value in summed)
    down = next(product.of.wire for product in products(layer) if isinstance(product.of, Carried))
    return up, down


def _columns(layer: Part) -> list[str]:
    return [name for name, value in layer.wires.items() if value.domain.axis == "column"]


def _fused(layer: Part) -> list[str]:
    """The wires that hang on a sum over the units."""
    found: set[Value] = set()
    for value in layer.order:
        if isinstance(value, UnitSum) or found.intersection(value.operands):
            found.add(value)
    return [name for name, value in layer.wires.items() if value in found]


def _fields(part: Part, names: Sequence[str]) -> tuple[Field, ...]:
    made: list[Field] = []
    for name in names:
        offset = made[-1].offset + made[-1].bits if made else 0
        full = name if part.name == LAYER else f"{part.name}.{name}"
        made.append(Field(full, offset, wire_bits(part, name), part.formats[name].signed))
    return tuple(made)
