# SPDX-License-Identifier: Apache-2.0
"""The golden view: a program in int64, exact, every wire by its name: the reference of all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import singledispatch

import numpy as np

from fixedpoint.numbers.format import IntArray
from fixedpoint.numbers.requantize import requantize, requantize_each
from fixedpoint.numbers.slicer import position
from fixedpoint.program import values
from fixedpoint.program.graph import Program
from fixedpoint.program.values import Value, walk
from fixedpoint.program.views.interpret import (
    Array,
    Inputs,
    Layer,
    Wires,
    inside,
    layers,
    leaf,
    wire,
)


def run(program: Program, inputs: Inputs) -> dict[str, Wires]:
    """Every wire of every stage and layer, by their names, in order."""
    found = {}
    for name, part, layer in layers(program, inputs, operation):
        arrays = {at: wire(value, layer[value]) for at, value in part.wires.items()}
        found[name] = Wires(**arrays)
    return found


def resume(
    program: Program,
    number: int,
    known: Mapping[str, IntArray],
    before: Mapping[str, IntArray],
    wanted: Sequence[str],
    inputs: Inputs,
) -> Wires:
    """Some wires of a layer, numbered from 0, by others, by the layer before and by its inputs.

    As `resumed`, in a wire's shape.
    """
    layer = resumed(program, number, known, before, wanted, inputs)
    values = {name: program.layer.wires[name] for name in wanted}
    return Wires(**{name: wire(value, layer[value]) for name, value in values.items()})


def resumed(
    program: Program,
    number: int,
    known: Mapping[str, IntArray],
    before: Mapping[str, IntArray],
    wanted: Sequence[str],
    inputs: Inputs,
) -> Layer:
    """A layer in which the wanted wires are found, and what they need.

    known: wires of the layer, and `front.estimate` and the like of stages ahead. All have a wire's
    shape. Only what the wanted wires need must be among these.
    """
    part = program.layer
    wires = {f"{stage.name}.{name}": value for stage in program.once
             for name, value in stage.wires.items()} | part.wires  # fmt: skip
    found = {wires[name]: inside(wires[name], q) for name, q in known.items()}
    earlier = {name: inside(part.wires[name], q) for name, q in before.items()}
    layer = Layer(program, inputs, number, earlier, found)
    evaluate(layer, [part.wires[name] for name in wanted])
    return layer


def evaluate(layer: Layer, wanted: Sequence[Value]) -> None:
    """Find values of a layer, from all that has been found of it."""
    for value in walk(wanted, frozenset(layer.found)):
        if value not in layer.found:
            layer.found[value] = leaf(value, layer, operation)


@singledispatch
def operation(value: Value, layer: Layer) -> Array:
    """The integers of an operation."""
    raise values.unknown(value, "golden view")


@operation.register
def _(value: values.Total, layer: Layer) -> Array:
    terms = zip(value.terms, value.left, strict=True)
    return sum(layer[term] * np.int64(1 << left) for term, left in terms)


@operation.register
def _(value: values.Negated, layer: Layer) -> Array:
    return -layer[value.of]


@operation.register
def _(value: values.Product, layer: Layer) -> Array:
    return layer[value.one] * layer[value.other]


@operation.register
def _(value: values.Declared, layer: Layer) -> Array:
    return layer[value.of]


@operation.register
def _(value: values.Rounded, layer: Layer) -> Array:
    return requantize(layer[value.of], value.shift, value.target)


@operation.register
def _(value: values.Clipped, layer: Layer) -> Array:
    return np.clip(layer[value.of], -layer[value.limit], layer[value.limit])


@operation.register
def _(value: values.Softened, layer: Layer) -> Array:
    q = layer[value.of]
    return np.sign(q) * np.maximum(np.abs(q) - layer[value.threshold], 0)


@operation.register
def _(value: values.Folded, layer: Layer) -> Array:
    return layer[value.crease] - np.abs(layer[value.of])


@operation.register
def _(value: values.Distance, layer: Layer) -> Array:
    q = layer[value.of]
    return q - np.array(value.points)[position(q, value.thresholds)]


@operation.register
def _(value: values.Sliced, layer: Layer) -> Array:
    at = position(layer[value.of][..., 0], value.thresholds)
    return layer.program.spec.constellation.gray(at)


@operation.register
def _(value: values.Read, layer: Layer) -> Array:
    return value.table(layer.number).read(layer[value.of], value.of.frac)


@operation.register
def _(value: values.GridSum, layer: Layer) -> Array:
    return layer[value.of].sum(axis=-1, keepdims=True)


@operation.register
def _(value: values.UnitSum, layer: Layer) -> Array:
    return layer[value.of].sum(axis=2, keepdims=True)


@operation.register
def _(value: values.Chosen, layer: Layer) -> Array:
    chosen = layer[value.code] == value.equals
    return np.where(chosen, layer[value.then], layer[value.otherwise])


@operation.register
def _(value: values.Transformed, layer: Layer) -> Array:
    matrix, q = layer.inputs.matrices[value.matrix], layer[value.of][..., 0]
    if value.transposed:  # q (G, B, C, R) over the rows of (G, C, R, N)
        return np.matmul(q.transpose(0, 2, 1, 3), matrix).transpose(0, 2, 1, 3)[..., None]
    blocks, units, rows, columns = matrix.shape
    stacked = matrix.reshape(blocks, units * rows, columns).transpose(0, 2, 1)
    return (q[:, :, 0] @ stacked).reshape(*q.shape[:2], units, rows, 1)


@operation.register
def _(value: values.Quotient, layer: Layer) -> Array:
    """With 2^place ≤ q < 2^(place + 1), q = 2^place·(1 + t); place is added to the one shift."""
    q, table = layer[value.denominator], value.reciprocal
    place = np.frexp(q.astype(np.float64))[1].astype(np.int64) - 1
    top = value.denominator.largest.bit_length() - 1
    fraction = (q << top - place) - (1 << top)
    product = layer[value.numerator] * table.read(fraction, top)
    point = value.numerator.frac + table.output.frac - value.denominator.frac
    return requantize_each(product, point - value.target.frac + place, value.target)
