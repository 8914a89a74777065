# SPDX-License-Identifier: Apache-2.0
"""From the graph to straight-line numpy code: each operation for the fast view.

Each asks for its operands with a factor and a summand that they take up where that costs nothing.
"""

from __future__ import annotations

from functools import singledispatch
from typing import Any

import numpy as np

from fixedpoint.program import leaves, values
from fixedpoint.program.values import Value
from fixedpoint.program.views import matrix, saturate
from fixedpoint.program.views.interpret import Inputs
from fixedpoint.program.views.lowering import Lowering, Made
from fixedpoint.program.views.tape import Register


@singledispatch
def lower(value: Value, to: Lowering, factor: float, plus: float) -> Made:
    """factor · value + plus."""
    raise values.unknown(value, "fast view")


@lower.register
def _(value: values.Negated, to: Lowering, factor: float, plus: float) -> Made:
    return to.make(value.of, -factor, plus)


@lower.register
def _(value: values.Declared, to: Lowering, factor: float, plus: float) -> Made:
    return to.make(value.of, factor, plus)


@lower.register
def _(value: values.Total, to: Lowering, factor: float, plus: float) -> Made:
    """Numbers join the summand, which goes to what is scaled once a chunk."""
    terms = []
    for term, left in zip(value.terms, value.left, strict=True):
        scale = factor * 2.0**left
        if (number := to.number_of(term)) is not None:
            plus += number * scale
        else:
            terms.append((term, scale))
    terms.sort(key=lambda term: rank(term[0]))
    made: Register | None = None
    for term, scale in terms:
        last = term is terms[-1][0]
        takes = last and rank(term) > 0
        if (
            made is not None
            and scale in (1.0, -1.0)
            and not to.fresh(term)
            and not (takes and plus)
        ):
            made = to.tape.binary(np.add if scale > 0 else np.subtract, made, to.get(term))
            continue
        more = to.array(term, scale, plus if takes else 0.0)
        plus = 0.0 if takes else plus
        made = more if made is None else to.tape.binary(np.add, made, more)
    return plus if made is None else to.tape.affine(made, 1.0, plus)


@lower.register
def _(value: values.Product, to: Lowering, factor: float, plus: float) -> Made:
    one, other = sorted(value.operands, key=rank)
    for constant, rest in ((one, other), (other, one)):
        if (number := to.number_of(constant)) is not None:
            return to.make(rest, factor * number, plus)
    if (
        not to.tape.integer
        and isinstance(one, values.Transformed)
        and isinstance(other, leaves.Bank)
    ):
        # the vector's number goes to the shorter side of the product with the matrix
        v, beside = to.scaled(other, one.of)
        return matrix.multiplied(one, to, v, factor / beside, plus)
    if (other, one) in to.found:
        return to.tape.affine(to.found[other, one], factor / to.factors[other, one], plus)
    made = to.tape.binary(np.multiply, to.array(one), to.array(other, factor))
    return to.tape.affine(made, 1.0, plus)


lower.register(values.Rounded, saturate.rounded)
lower.register(values.Clipped, saturate.clipped)
lower.register(values.Softened, saturate.softened)
lower.register(values.Transformed, matrix.transformed)


@lower.register
def _(value: values.Folded, to: Lowering, factor: float, plus: float) -> Made:
    x = to.tape.unary(np.abs, to.array(value.of))
    if (number := to.number_of(value.crease)) is not None:
        return to.tape.affine(x, -factor, plus + factor * number)
    made = to.tape.binary(np.subtract, to.array(value.crease), x)
    return to.tape.affine(made, factor, plus)


@lower.register
def _(value: values.Distance, to: Lowering, factor: float, plus: float) -> Made:
    """The points lie two units apart, symmetric about 0."""
    x, unit, peak = to.get(value.of), float(1 << value.frac), float(value.points[-1])
    near = to.tape.unary(np.floor, to.tape.affine(x, 0.5 / unit, 0.0))
    near = to.tape.unary(saturate.clip, to.tape.affine(near, 2 * unit, unit), -peak, peak)
    return to.tape.affine(to.tape.binary(np.subtract, x, near), factor, plus)


@lower.register
def _(value: values.Read, to: Lowering, factor: float, plus: float) -> Made:
    """What lies below the first address is cut to 0 by the conversion, or clipped."""
    table = value.table(to.number)
    shift = value.of.frac - table.address.frac
    half = 0.5 if shift > 0 else 0.0
    at = to.tape.addresses(to.array(value.of, 2.0**-shift, half - table.address.min))
    made = to.tape.entries(np.asarray(table.values, np.float64) * factor + plus, at)
    to.tape.release(Register(at.place, at.shape))
    return made


@lower.register
def _(value: values.Chosen, to: Lowering, factor: float, plus: float) -> Made:
    """By factors of 0 and 1: several times as fast as a choice."""
    code, equals = value.code, value.equals
    assert isinstance(code, leaves.Given)
    name, shape = code.name, to.shape(value)
    then = to.make(value.then, factor, plus)

    def mask(call: Any, times: float) -> Register:
        def fill(inputs: Inputs, out: Any) -> None:
            call(inputs.given[name].transpose(0, 2, 3, 1), equals, out=out)
            if times != 1.0:
                np.multiply(out, times, out=out)

        return to.tape.filled_from_inputs((call, name, equals, times), shape, fill)

    made = to.array(value.otherwise, factor, plus)
    made = to.tape.binary(np.multiply, made, mask(np.not_equal, 1.0))
    if isinstance(then, Register):
        then = to.tape.binary(np.multiply, then, mask(np.equal, 1.0))
        return to.tape.binary(np.add, made, then)
    return to.tape.binary(np.add, made, mask(np.equal, then)) if then else made


@lower.register
def _(value: values.GridSum, to: Lowering, factor: float, plus: float) -> Made:
    """Point by point; what has no point of its own is found once."""
    made: Register | None = None
    around = to.point
    for point in range(len(values.points_of(value))):
        to.point = point
        more = to.array(value.of, factor, plus if made is None else 0.0)
        made = more if made is None else to.tape.binary(np.add, made, more)
    to.point = around
    assert made is not None
    return made


@lower.register
def _(value: values.UnitSum, to: Lowering, factor: float, plus: float) -> Made:
    x, out = to.array(value.of), to.tape.new(to.shape(value))
    to.tape.emit(_over_units, x.place, out.place)
    to.tape.release(x)
    return to.tape.affine(out, factor, plus)


@lower.register
def _(value: values.Quotient, to: Lowering, factor: float, plus: float) -> Made:
    table, target = value.reciprocal, value.target
    shift = value.numerator.frac + table.output.frac - value.denominator.frac
    entries = np.asarray(table.values, np.float64)

    def divide(x: Any, q: Any, out: Any) -> None:
        mantissa, exponent = np.frexp(q)
        fraction = np.floor((mantissa * 2 - 1) * 2.0**table.address.frac + 0.5)
        product = x * entries.take(fraction.astype(np.intp) - table.address.min, mode="clip")
        shifts = exponent - 1 + shift - target.frac
        scaled = np.ldexp(product, -shifts) + np.where(shifts > 0, 0.5, 0.0)
        np.clip(np.floor(scaled), target.min, target.max, out=out)

    made = to.tape.binary(divide, to.array(value.numerator), to.array(value.denominator))
    return to.tape.affine(made, factor, plus)


def rank(value: Value) -> int:
    """Operands in the order in which they are best combined.

    First products with matrices, whose arrays may be written into, and on whose way products with
    the vector's number are found; at last what is scaled once a chunk.
    """
    match value:
        case leaves.Given() | leaves.Bank() | leaves.Supplied():
            return 1
        case values.Negated():
            return rank(value.of)
        case values.Transformed():
            return -1
        case values.Product():
            return min(0, *map(rank, value.operands))
    return 0


def _over_units(x: Any, out: Any) -> None:
    np.sum(x, axis=1, keepdims=True, dtype=out.dtype, out=out)
