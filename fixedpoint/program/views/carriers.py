# SPDX-License-Identifier: Apache-2.0
"""What carries a program's integers in the fast view: int32, or float64; and float32 in BLAS.

int32 carries a program all of whose operations are among those below, and whose intermediates,
shifted operands and rounding constants too, are less than 2^31 in the worst case. Sums and products
of such integers are those modulo 2^32, so that each is exact in any order once it is in range.
Else float64 carries it, of which the spec's own check asks 53 bits (`numbers.widths.faults`).

Of int32, a product with a matrix goes through float32, which holds every integer up to ± 2^24, if
the entries of both sides and the worst case of the sum are at most that, or through float64. The
worst case is the sum of the products' magnitudes. It bounds every product and every partial sum, in
whatever order BLAS adds, with or without fused additions: nothing is rounded on the way.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fixedpoint.program import leaves, values
from fixedpoint.program.graph import Program
from fixedpoint.program.widths import magnitudes

INTEGERS = (1 << 31) - 1
SINGLE = 1 << 24
OPERATIONS = (
    values.Total | values.Negated | values.Declared | values.Product | values.Rounded
    | values.Clipped | values.Softened | values.Folded | values.Transformed | values.UnitSum
    | values.Sliced | leaves.Given | leaves.Carried | leaves.Constant | leaves.Bank | leaves.Brought
    | leaves.Supplied | leaves.Integer
)  # fmt: skip
"""Slices are the slicer's, which reads the state: the fast view computes none."""


def carrier(program: Program) -> type[Any]:
    """The type of a program's arrays."""
    fits = all(
        isinstance(value, OPERATIONS) and largest <= INTEGERS
        for value, largest in magnitudes(program)
    )
    return np.int32 if fits else np.float64


def multiplier(value: values.Transformed, program: Program) -> type[Any]:
    """The type in which BLAS multiplies an int32 vector with a matrix."""
    entries = next(part.format.max for part in program.spec.parts if part.name == value.matrix)
    single = max(entries, value.of.largest, value.largest) <= SINGLE
    return np.float32 if single else np.float64
