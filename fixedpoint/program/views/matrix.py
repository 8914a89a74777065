# SPDX-License-Identifier: Apache-2.0
"""Products with a block's matrices for the fast view: BLAS's, on all vectors of a block at once."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from fixedpoint.program import values
from fixedpoint.program.views.carriers import multiplier
from fixedpoint.program.views.interpret import Inputs
from fixedpoint.program.views.lowering import Lowering, Made
from fixedpoint.program.views.tape import Register


def transformed(value: values.Transformed, to: Lowering, factor: float, plus: float) -> Made:
    """factor · M·v + plus."""
    return multiplied(value, to, to.array(value.of), factor, plus)


def multiplied(
    value: values.Transformed, to: Lowering, v: Register, factor: float, plus: float
) -> Register:
    """The same of a vector that is there already.

    Of float64 a power of two is part of the matrix, which is scaled once a chunk. Integers are
    converted to the multiplier's type and back.
    """
    if to.tape.integer:
        kind = multiplier(value, to.program)
        product = _product(value, to, to.tape.converted(v, kind), 1.0, kind)
        return to.tape.affine(to.tape.converted(product, to.tape.kind), factor, plus)
    power = math.frexp(factor)[0] in (0.5, -0.5)
    folded = abs(factor) if power else 1.0
    return to.tape.affine(_product(value, to, v, folded, np.float64), factor / folded, plus)


def _product(
    value: values.Transformed, to: Lowering, v: Register, scale: float, kind: type
) -> Register:
    name, transposed = value.matrix, value.transposed

    def scaled(inputs: Inputs) -> Any:
        matrix = inputs.matrices[name].astype(kind)
        if scale != 1.0:
            matrix *= scale
        if transposed:
            return matrix.transpose(0, 1, 3, 2)
        return matrix.reshape(len(matrix), 1, -1, matrix.shape[-1])

    matrix = to.tape.from_inputs((name, transposed, scale, kind), (1, 1), scaled)
    out = to.tape.new(to.shape(value), kind)
    to.tape.emit(np.matmul if transposed else _stacked, matrix.place, v.place, out.place)
    to.tape.release(v)
    return out


def _stacked(matrix: Any, v: Any, out: Any) -> None:
    """The rows of all units in one product."""
    np.matmul(matrix, v, out=out.reshape(len(out), 1, -1, out.shape[-1]))
