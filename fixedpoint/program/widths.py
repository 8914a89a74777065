# SPDX-License-Identifier: Apache-2.0
"""The worst case of every intermediate of a program, shifted operands and rounding constants too.

From formats alone, not from a spec's present constants: a wire keeps its width when a network is
trained again.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixedpoint.numbers.widths import rounded
from fixedpoint.program import values
from fixedpoint.program.graph import Program
from fixedpoint.program.values import Value


def magnitudes(program: Program) -> list[tuple[Value, int]]:
    """Each value with the largest magnitude that it holds, or meets on its way, in order."""
    parts = (*program.once, program.layer)
    return [(value, largest) for part in parts for value in part.order if value not in part.known
            for largest in _of(value)]  # fmt: skip


def _of(value: Value) -> Iterator[int]:
    match value:
        case values.Rounded():
            yield rounded(value.of.largest, value.shift)
        case values.Read():
            yield rounded(value.of.largest, value.of.frac - value.tables[0].address.frac)
        case values.Quotient():
            product = value.numerator.largest * value.reciprocal.output.max
            point = value.numerator.frac + value.reciprocal.output.frac - value.denominator.frac
            width, address = value.denominator.largest.bit_length(), value.reciprocal.address
            yield rounded((1 << width) - 1, width - 1 - address.frac)  # of the mantissa
            yield max(rounded(product, point - value.target.frac + place) for place in range(width))
        case values.Total():
            terms = zip(value.terms, value.left, strict=True)
            yield from (term.largest << left for term, left in terms if left)
            yield value.largest
        case _:
            yield value.largest
