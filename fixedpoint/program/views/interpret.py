# SPDX-License-Identifier: Apache-2.0
"""Walk a program layer by layer; a view brings the rule of each operation.

An array has five axes: blocks, vectors, units, rows or columns, points of the grid; one that a
value does not have is of length 1 or missing in front. A wire has blocks, vectors, units if each
has its own, and rows or columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np

from fixedpoint.numbers.format import IntArray, integers
from fixedpoint.program.graph import Part, Program
from fixedpoint.program.leaves import (
    Bank,
    Brought,
    Carried,
    Constant,
    Given,
    Integer,
    Supplied,
)
from fixedpoint.program.values import Grid, Sliced, Value

Array = Any
"""Integers or reals: the view's."""


class Wires(SimpleNamespace):
    """The wires of one layer: an array for each, by its name."""


@dataclass(frozen=True)
class Inputs:
    """What some vectors bring.

    matrices: (G, C, R, N) by name; given: (G, B, C, R) by name; index: (G, B), their SNR entries;
    supplied: numbers of each unit and layer, (G, B, C, L) by name; columns: how many a vector has,
    where that are not the spec's.
    """

    matrices: Mapping[str, Array]
    given: Mapping[str, Array]
    index: IntArray
    supplied: Mapping[str, Array] = field(default_factory=dict)
    columns: int = 0


@dataclass(frozen=True)
class Layer:
    """What one layer is computed from, and what has been found of it.

    number: from 0; before: the wires of the layer before.
    """

    program: Program
    inputs: Inputs
    number: int
    before: Mapping[str, Array]
    found: dict[Value, Array] = field(default_factory=dict)

    def __getitem__(self, value: Value) -> Array:
        return self.found[value]


Rule = Callable[[Value, Layer], Array]
"""The array of an operation from those of its operands."""
Source = Callable[[Value, Layer, Rule], Array]
"""A leaf's array, or that of an operation by the rule."""


def layers(
    program: Program, inputs: Inputs, rule: Rule, source: Source | None = None
) -> Iterator[tuple[str, Part, Layer]]:
    """Every stage and layer in turn, whole: its name (`front`, `NAME1`, …), part and arrays.

    source: of leaves that are no numpy arrays; by default `leaf`.
    """
    source = source or leaf
    before: Mapping[str, Array] = {}
    known: dict[Value, Array] = {}
    for name, part, number in program.parts:
        layer = Layer(program, inputs, number, before, dict(known))
        for value in part.order:
            if value not in layer.found:
                layer.found[value] = source(value, layer, rule)
        if part.name:
            known |= {value: layer[value] for value in part.wires.values()}
        before = {wire: layer[value] for wire, value in part.wires.items()}
        yield name, part, layer


def leaf(value: Value, layer: Layer, rule: Rule) -> Array:
    """A leaf's array, or that of an operation by the rule."""
    inputs, number = layer.inputs, layer.number
    match value:
        case Given():
            return inputs.given[value.name][..., None]
        case Brought():
            return inputs.matrices[value.name][:, None, :, 0, :, None]
        case Carried():
            if number:
                return layer.before[value.wire]
            columns = inputs.columns or layer.program.spec.columns
            return np.zeros((*inputs.index.shape, 1, columns, 1), np.int64)
        case Supplied():
            return inputs.supplied[value.name][..., number, None, None]
        case Constant():
            return value.values[number]
        case Bank():
            if value.before and not number:
                return 0
            row = np.array(value.values[number - value.before], np.int64)
            return row[inputs.index][..., None, None, None]
        case Integer():
            return value.number
        case Grid():
            return np.array(value.points, np.int64)
        case _:
            return rule(value, layer)


def wire(value: Value, array: Array) -> Array:
    """The array of a wire without the axes that it does not have."""
    unit, bits = value.domain.unit, isinstance(value, Sliced)
    array = array if bits else array[..., 0]
    return array if unit else array[:, :, 0]


def inside(value: Value, array: Array) -> Array:
    """A wire's array with all five axes, as int64."""
    q = integers("wire", array)
    return (q if value.domain.unit else q[:, :, None])[..., None]
