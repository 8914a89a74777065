# SPDX-License-Identifier: Apache-2.0
"""Every width and shift in emitted C++: what the worst case needs, and not a bit more."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixedpoint.detectors.registry import program
from fixedpoint.program import leaves, values
from fixedpoint.program.graph import Program
from fixedpoint.program.values import Value
from hls.cases import all_cases
from hls.cpp.layout import Layout
from hls.cpp.operations import expression
from tests import fuzz_native

RANDOM = 24


class Names:
    """Stands for a function: every operand is `q`."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout

    def __call__(self, value: Value) -> str:
        return "q"

    def vector(self, value: Value) -> str:
        return "v"

    def layer(self) -> str:
        return "k"


def programs() -> Iterator[Program]:
    """Those of all specs, and random ones of every shape."""
    yield from (program(case.spec) for case in all_cases())
    yield from (fuzz_native.generated(seed, 24) for seed in range(RANDOM))


def bits(*magnitudes: int) -> int:
    """Of the narrowest integer with a sign that holds all of these, negated too; 2 at least."""
    return max(2, *(magnitude.bit_length() + 1 for magnitude in magnitudes))


def within(largest: int, shift: int) -> int:
    """What a shift to the right meets with its rounding constant, or one to the left."""
    return largest + 2 ** (shift - 1) if shift > 0 else largest * 2**-shift


def expected(value: Value) -> list[int] | None:
    """The numbers of the primitive that computes a value; None where it has none."""
    match value:
        case values.Total():
            met = [term.largest * 2**left
                   for term, left in zip(value.terms, value.left, strict=True) if left]  # fmt: skip
            return [max(bits(value.largest, *met), 2 + max(value.left)), *value.left]
        case values.Rounded():
            met = [within(value.of.largest, value.shift), value.largest]
            return [value.shift, max(bits(*met), 2 - value.shift), value.target.bits]
        case values.Clipped() | values.Softened() | values.Folded():
            return [bits(*(operand.largest for operand in value.operands))]
        case values.Distance():
            met = [value.of.largest, *map(abs, (*value.thresholds, *value.points))]
            return [bits(value.largest, *met), value.frac]
        case values.Sliced():
            return [bits(value.of.largest, *map(abs, value.thresholds))]
        case values.Read():
            shift = value.of.frac - value.tables[0].address.frac
            met = [value.of.largest, within(value.of.largest, shift)]
            return [shift, max(bits(*met), 2 - shift)]
        case values.Quotient():
            table, below = value.reciprocal, value.denominator
            top = below.largest.bit_length() - 1
            shift = value.numerator.frac + table.output.frac - below.frac - value.target.frac
            product = value.numerator.largest * table.output.max
            met = [within(product, shift + place) for place in range(top + 1)]
            return [top, top - table.address.frac, shift, bits(value.largest, *met),
                    value.target.bits]  # fmt: skip
        case values.Grid():
            return [bits(value.largest), value.frac]
        case values.GridSum() | values.UnitSum():
            return None
        case values.Transformed() if value.transposed:
            return None
        case _:
            return [bits(value.largest)]


def test_every_width_is_the_least_that_holds_the_worst_case() -> None:
    kinds = set()
    for made in programs():
        layout = Layout(made)
        at = Names(layout)
        computed = [value for function in layout.functions for value in function.values]
        for value in (*computed, *layout.sliced):
            wanted = expected(value)
            if wanted is not None and not isinstance(value, leaves.Carried | leaves.Brought):
                text = expression(value, at)
                inside = re.sub(r"Spec::\w+", "", text[text.index("<") : text.index(">")])
                found = [int(number) for number in re.findall(r"-?\d+", inside)]
                assert found == wanted, (made.spec.name, type(value).__name__, text, value.where)
                kinds.add(type(value))
    assert len(kinds) >= 13, kinds
