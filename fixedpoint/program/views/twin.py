# SPDX-License-Identifier: Apache-2.0
"""The float twin: a program's constants and its clipping, in float64 and without any rounding.

Values count the integers' last bits. Where the program reads a table, the twin takes the function
that the table holds; where a constant stands for a real number, that number.
"""

from __future__ import annotations

from functools import singledispatch

import numpy as np

from fixedpoint.numbers.slicer import position
from fixedpoint.program import values
from fixedpoint.program.graph import Program
from fixedpoint.program.leaves import Constant
from fixedpoint.program.values import Value
from fixedpoint.program.views.interpret import Array, Inputs, Layer, Wires, layers, wire


def run(program: Program, inputs: Inputs) -> dict[str, Wires]:
    """Every wire but the bits, of every stage and layer, in order; real matrices and samples."""
    found = {}
    for name, part, layer in layers(program, inputs, operation):
        wires = {at: value for at, value in part.wires.items() if type(value) is not values.Sliced}
        found[name] = Wires(**{at: wire(value, layer[value]) for at, value in wires.items()})
    return found


@singledispatch
def operation(value: Value, layer: Layer) -> Array:
    """The reals of an operation."""
    raise values.unknown(value, "float twin")


@operation.register
def _(value: values.Total, layer: Layer) -> Array:
    terms = zip(value.terms, value.left, strict=True)
    return sum(layer[term] * 2.0**left for term, left in terms)


@operation.register
def _(value: values.Negated, layer: Layer) -> Array:
    return -layer[value.of]


@operation.register
def _(value: values.Product, layer: Layer) -> Array:
    one, other = (_exact(operand, layer) for operand in value.operands)
    return one * other


@operation.register
def _(value: values.Declared, layer: Layer) -> Array:
    return layer[value.of]


@operation.register
def _(value: values.Rounded, layer: Layer) -> Array:
    return np.clip(layer[value.of] * 2.0**-value.shift, value.target.min, value.target.max)


@operation.register
def _(value: values.Clipped, layer: Layer) -> Array:
    return np.clip(layer[value.of], -layer[value.limit], layer[value.limit])


@operation.register
def _(value: values.Softened, layer: Layer) -> Array:
    x = layer[value.of]
    return np.sign(x) * np.maximum(np.abs(x) - layer[value.threshold], 0)


@operation.register
def _(value: values.Folded, layer: Layer) -> Array:
    return layer[value.crease] - np.abs(layer[value.of])


@operation.register
def _(value: values.Distance, layer: Layer) -> Array:
    x = np.asarray(layer[value.of], np.float64)
    return x - np.array(value.points)[position(x, value.thresholds)]


@operation.register
def _(value: values.Sliced, layer: Layer) -> Array:
    return None


@operation.register
def _(value: values.Read, layer: Layer) -> Array:
    x = layer[value.of] * 2.0**-value.of.frac
    return value.exact(x, layer.number) * 2.0**value.frac


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
    matrix, x = layer.inputs.matrices[value.matrix], layer[value.of][..., 0]
    if value.transposed:
        return np.einsum("gbcr,gcrn->gbcn", x, matrix, optimize=True)[..., None]
    return np.einsum("gbn,gcrn->gbcr", x[:, :, 0], matrix, optimize=True)[..., None]


@operation.register
def _(value: values.Quotient, layer: Layer) -> Array:
    point = value.denominator.frac - value.numerator.frac + value.target.frac
    return layer[value.numerator] / layer[value.denominator] * 2.0**point


def _exact(value: Value, layer: Layer) -> Array:
    """A constant's real value, where it stands for one, in the last bits of its format."""
    if isinstance(value, Constant) and value.exact is not None:
        return np.float64(value.exact[layer.number] * 2.0**value.frac)
    return layer[value]
