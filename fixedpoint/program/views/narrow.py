# SPDX-License-Identifier: Apache-2.0
"""What depends on one wire of few bits alone is a table of that wire, for the fast view.

The golden view fills it: each integer that the wire can be, once a spec and layer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fixedpoint.numbers.format import IntArray
from fixedpoint.program import leaves, values
from fixedpoint.program.graph import Part, Program
from fixedpoint.program.values import Value
from fixedpoint.program.views.golden import evaluate, operation
from fixedpoint.program.views.interpret import Inputs, Layer

OPAQUE = values.Transformed | values.UnitSum | values.Sliced | values.Chosen
LARGEST = 1 << 12
"""Of a wire that a table is made for."""


@dataclass(frozen=True, eq=False)
class Narrow:
    """A value as a function of a wire `of`: its integers for −largest … largest, by layer."""

    of: Value
    tables: tuple[IntArray, ...]


def narrow(program: Program, part: Part) -> dict[Value, Narrow]:
    """Every value of a part that costs a table read, or more, and depends on one small wire."""
    sources = _sources(part)
    layers = range(program.spec.depth if part is program.layer else 1)
    return {
        value: Narrow(source, tuple(_table(program, value, source, k) for k in layers))
        for value, source in sources.items()
    }


def _sources(part: Part) -> dict[Value, Value]:
    """The wire that a value depends on, where that is one, and small."""
    support: dict[Value, Value | None] = {}
    reads: dict[Value, bool] = {}
    for value in part.order:
        operands = () if value in part.known else value.operands
        found = {support[operand] for operand in operands} - {None}
        constant = isinstance(value, leaves.Constant | leaves.Integer | values.Grid)
        opaque = not constant and (not operands or isinstance(value, OPAQUE))
        reads[value] = isinstance(value, values.Read) or any(reads[o] for o in operands)
        if constant or (not opaque and not found):
            support[value] = None
        elif opaque or len(found) > 1:
            support[value], reads[value] = value, False
        else:
            (support[value],) = found
        source = support[value]
        if source is not None and source.largest > LARGEST and value.largest <= LARGEST:
            support[value], reads[value] = value, False
    return {
        value: source
        for value, source in support.items()
        if source is not None and source is not value and reads[value] and _small(source)
        if not value.domain.grid
    }


def _small(source: Value) -> bool:
    return source.largest <= LARGEST and not source.domain.grid


def _table(program: Program, value: Value, source: Value, layer: int) -> IntArray:
    """The value for every integer of its source."""
    at = np.arange(-source.largest, source.largest + 1, dtype=np.int64)[:, None]
    found: dict[Value, Any] = {source: at}
    empty: Mapping[str, Any] = {}
    made = Layer(program, Inputs(empty, empty, np.zeros((1, 1), np.int64)), layer, empty, found)
    evaluate(made, [value])
    table: IntArray = np.broadcast_to(found[value], at.shape)[:, 0]
    return table


def fixed(program: Program, order: Iterable[Value], layer: int) -> dict[Value, float]:
    """The values that are one number in a layer: what starts from 0 in the first one, too."""
    numbers: dict[Value, float] = {}
    empty: Mapping[str, Any] = {}
    nothing = Inputs(empty, empty, np.zeros((1, 1), np.int64))

    def number(value: Value) -> float | None:
        if value in numbers:
            return numbers[value]
        match value:
            case leaves.Constant():
                return float(value.values[layer])
            case leaves.Integer():
                return float(value.number)
            case leaves.Carried():
                return None if layer else 0.0
            case leaves.Bank():
                return 0.0 if value.before and not layer else None
            case values.Product() if 0.0 in map(number, value.operands):
                return 0.0
            case values.Transformed() | values.UnitSum() if number(value.of) == 0:
                return 0.0
            case values.Transformed() | values.UnitSum() | values.Sliced() | values.Chosen():
                return None
        if value.domain.grid or not value.operands or value in program.layer.known:
            return None
        found = {operand: number(operand) for operand in value.operands}
        if any(q is None for q in found.values()):
            return None
        exact = {operand: np.array([[int(q)]]) for operand, q in found.items() if q is not None}
        made = Layer(program, nothing, layer, empty, exact)
        return float(operation(value, made).ravel()[0])

    for value in values.walk(list(order), program.layer.known):
        if (q := number(value)) is not None:
            numbers[value] = q
    return numbers
