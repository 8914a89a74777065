# SPDX-License-Identifier: Apache-2.0
"""One C++ expression an operation, on the primitives of include/bitfold."""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch
from typing import Protocol

from fixedpoint.numbers.lookup import Lookup
from fixedpoint.numbers.widths import rounded
from fixedpoint.program import leaves, values
from fixedpoint.program.values import Value
from hls.cpp.layout import Layout


class Operands(Protocol):
    """Where operands are found, from where an expression stands."""

    layout: Layout

    def __call__(self, value: Value) -> str:
        """The expression that reads a value."""

    def vector(self, value: Value) -> str:
        """The array of a value, whole."""

    def layer(self) -> str:
        """The layer's number."""


@singledispatch
def expression(value: Value, at: Operands) -> str:
    """What computes a value."""
    raise values.unknown(value, "C++ view")


@expression.register
def _(value: values.Total, at: Operands) -> str:
    work = max(at.layout.holds(value), 2 + max(value.left))
    left = ", ".join(map(str, value.left))
    return f"sum<{work}, {left}>({', '.join(map(at, value.terms))})"


@expression.register
def _(value: values.Negated, at: Operands) -> str:
    return f"negated<{at.layout.bits(value)}>({at(value.of)})"


@expression.register
def _(value: values.Declared, at: Operands) -> str:
    return f"within<{at.layout.bits(value)}>({at(value.of)})"


@expression.register
def _(value: values.Product, at: Operands) -> str:
    return f"multiply<{at.layout.bits(value)}>({at(value.one)}, {at(value.other)})"


@expression.register
def _(value: values.Rounded, at: Operands) -> str:
    shift, target = value.shift, value.target
    work = max(at.layout.holds(value), 2 - shift)
    name = "requantize" if target.signed else "requantize_unsigned"
    return f"{name}<{shift}, {work}, {target.bits}>({at(value.of)})"


@expression.register
def _(value: values.Clipped, at: Operands) -> str:
    bits = max(map(at.layout.bits, value.operands))
    return f"box<{bits}>({at(value.of)}, {at(value.limit)})"


@expression.register
def _(value: values.Softened, at: Operands) -> str:
    bits = max(map(at.layout.bits, value.operands))
    return f"soft_threshold<{bits}>({at(value.of)}, {at(value.threshold)})"


@expression.register
def _(value: values.Folded, at: Operands) -> str:
    bits = max(map(at.layout.bits, value.operands))
    return f"fold<{bits}>({at(value.of)}, {at(value.crease)})"


@expression.register
def _(value: values.Distance, at: Operands) -> str:
    bits = max(at.layout.bits(value), decides(value.of, (*value.thresholds, *value.points)))
    return f"grid_distance<{bits}, Spec::symbol_bits, {value.frac}>({at(value.of)}, Spec::slicer)"


def decides(value: Value, beside: tuple[int, ...]) -> int:
    """The width in which a value meets other integers."""
    return max(value.largest, *map(abs, beside)).bit_length() + 1


@expression.register
def _(value: values.Grid, at: Operands) -> str:
    return f"grid_point<{at.layout.bits(value)}, Spec::symbol_bits, {value.frac}>(g)"


@expression.register
def _(value: values.Sliced, at: Operands) -> str:
    bits = decides(value.of, value.thresholds)
    return f"slice<Spec::symbol_bits, {bits}>({at(value.of)}, Spec::slicer)"


@expression.register
def _(value: values.Read, at: Operands) -> str:
    table = f"Spec::{at.layout.names.table(value)}"
    address = argument(value.of, value.tables[0])
    one = f"[{at.layer()}]" if len(value.tables) > 1 else ""
    shift, work = address.shift, address.work
    return f"lookup<{table}, {shift}, {work}>({at(value.of)}, {table}::values{one})"


@dataclass(frozen=True)
class Address:
    """A requantization to a table's address: its shift, and a width that holds it."""

    shift: int
    work: int


def argument(value: Value, table: Lookup) -> Address:
    """That of a value."""
    shift = value.frac - table.address.frac
    work = rounded(value.largest, shift).bit_length() + 1
    return Address(shift, max(work, value.format.bits, 2 - shift))


@expression.register
def _(value: values.Chosen, at: Operands) -> str:
    code, then, otherwise = map(at, value.operands)
    return f"choose<{at.layout.bits(value)}>({code}, {value.equals}, {then}, {otherwise})"


@expression.register
def _(value: values.Transformed, at: Operands) -> str:
    assert not value.transposed
    matrix = at.layout.names.matrices[value.matrix]
    return f"dot<{at.layout.bits(value)}>(block.{matrix}[i], {at.vector(value.of)})"


@expression.register
def _(value: values.Quotient, at: Operands) -> str:
    table, denominator, numerator = value.reciprocal, value.denominator, value.numerator
    top = denominator.largest.bit_length() - 1
    shift = numerator.frac + table.output.frac - denominator.frac - value.target.frac
    numbers = (top, top - table.address.frac, shift, at.layout.holds(value), value.target.bits)
    name = f"Spec::{at.layout.names.table(value)}, {', '.join(map(str, numbers))}"
    return f"quotient<{name}>({at(numerator)}, {at(denominator)})"


@expression.register
def _(value: leaves.Integer, at: Operands) -> str:
    return f"Int<{at.layout.bits(value)}>({value.number})"
