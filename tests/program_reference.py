# SPDX-License-Identifier: Apache-2.0
"""A program in exact rationals, one integer at a time: nothing of the views is used."""

from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import Any

from fixedpoint.numbers.format import Format
from fixedpoint.numbers.lookup import Lookup
from fixedpoint.program import leaves, values
from fixedpoint.program.graph import Program
from fixedpoint.program.values import Value

Place = tuple[int, int, int]
"""A unit, a row or column, a point of the grid."""
HALF = Fraction(1, 2)


def rounded(x: Fraction, fmt: Format) -> Fraction:
    """Half up, then saturated."""
    q = floor(x * Fraction(2) ** fmt.frac + HALF)
    return max(fmt.min, min(fmt.max, q)) * Fraction(2) ** -fmt.frac


def entry(table: Lookup, x: Fraction) -> Fraction:
    """A table's entry at the nearest address."""
    at = rounded(x, table.address) * Fraction(2) ** table.address.frac
    return table.values[int(at) - table.address.min] * Fraction(2) ** -table.output.frac


class Vector:
    """One vector: h by part, (units, rows, columns); given by name, (units, rows); SNR entry."""

    def __init__(self, program: Program, h: Any, given: Any, index: int) -> None:
        self.program, self.h, self.given, self.index = program, h, given, index
        self.layer = 0
        self.before: dict[str, dict[tuple[int, int], Fraction]] = {}
        self.found: dict[tuple[Value, Place], Fraction] = {}

    def layers(self) -> list[dict[str, dict[tuple[int, int], Fraction]]]:
        """Real values of every wire but the bits, by unit and row or column, layer by layer."""
        made = []
        for layer in range(self.program.spec.depth):
            self.layer, self.found = layer, {}
            wires = {
                name: {place: self.at(value, (*place, 0)) for place in self.places(value)}
                for name, value in self.program.layer.wires.items()
                if not isinstance(value, values.Sliced)
            }
            made.append(wires)
            self.before = wires
        return made

    def places(self, value: Value) -> list[tuple[int, int]]:
        units = self.program.units if value.domain.unit else 1
        size = self.program.unit_size if value.domain.axis == "row" else self.program.spec.columns
        return [(u, i) for u in range(units) for i in range(size)]

    def at(self, value: Value, place: Place) -> Fraction:
        """The real value of one integer."""
        key = (value, place)
        if key not in self.found:
            self.found[key] = self.compute(value, place)
        return self.found[key]

    def compute(self, value: Value, place: Place) -> Fraction:
        """By the definition of each operation."""
        unit, i, point = place
        last = Fraction(2) ** -value.frac

        def of(other: Value) -> Fraction:
            here = (unit if other.domain.unit else 0, i, point if other.domain.grid else 0)
            return self.at(other, here)

        match value:
            case leaves.Given():
                return self.given[value.name][unit][i] * last
            case leaves.Brought():
                return self.h[value.name][0][0][i] * last
            case leaves.Carried():
                return self.before[value.wire][0, i] if self.layer else Fraction(0)
            case leaves.Constant():
                return value.values[self.layer] * last
            case leaves.Bank():
                layer = self.layer - value.before
                return value.values[layer][self.index] * last if layer >= 0 else Fraction(0)
            case leaves.Integer():
                return value.number * last
            case values.Grid():
                return value.points[point] * last
            case values.Total():
                return sum((of(term) for term in value.terms), Fraction(0))
            case values.Negated():
                return -of(value.of)
            case values.Product():
                return of(value.one) * of(value.other)
            case values.Declared():
                return of(value.of)
            case values.Rounded():
                return rounded(of(value.of), value.target)
            case values.Clipped():
                return max(-of(value.limit), min(of(value.limit), of(value.of)))
            case values.Softened():
                u, threshold = of(value.of), of(value.threshold)
                return (1 if u > 0 else -1) * max(abs(u) - threshold, Fraction(0))
            case values.Folded():
                return of(value.crease) - abs(of(value.of))
            case values.Distance():
                x = of(value.of)
                points = [j * last for j in value.points]
                return x - min(points, key=lambda j: (abs(x - j), -j))
            case values.Read():
                return entry(value.table(self.layer), of(value.of))
            case values.Chosen():
                chosen = of(value.code) == value.equals * Fraction(2) ** -value.code.frac
                return of(value.then if chosen else value.otherwise)
            case values.GridSum():
                count = len(values.points_of(value))
                return sum((self.at(value.of, (unit, i, j)) for j in range(count)), Fraction(0))
            case values.UnitSum():
                units = range(self.program.units)
                return sum((self.at(value.of, (u, i, 0)) for u in units), Fraction(0))
            case values.Quotient():
                return self.quotient(value, of(value.numerator), of(value.denominator))
            case values.Transformed():
                return self.product(value, place)
        raise values.unknown(value, "reference")

    def product(self, value: values.Transformed, place: Place) -> Fraction:
        """A row of M·v, or a column of Mᵀ·r."""
        unit, i, _ = place
        source = unit if value.of.domain.unit else 0
        matrix = self.h[value.matrix][unit]
        entries = [row[i] for row in matrix] if value.transposed else list(matrix[i])
        terms = (q * self.at(value.of, (source, n, 0)) for n, q in enumerate(entries))
        frac = value.frac - value.of.frac
        return sum(terms, Fraction(0)) * Fraction(2) ** -frac

    def quotient(self, value: values.Quotient, x: Fraction, y: Fraction) -> Fraction:
        """x times the table's reciprocal of y's mantissa in [1, 2), times its power of two."""
        power = Fraction(1)
        while y >= 2 * power:
            power *= 2
        while y < power:
            power /= 2
        return rounded(x * entry(value.reciprocal, y / power - 1) / power, value.target)
