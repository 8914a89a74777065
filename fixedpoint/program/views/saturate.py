# SPDX-License-Identifier: Apache-2.0
"""Requantization, clipping and soft threshold for the fast view, each saturation only once.

A saturation is left out where the worst case of its operand lies within it, and where a narrower
clip alone reads it: clip(clip(q, ±M), ±n) = clip(q, ±n) for n ≤ M.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from fixedpoint.numbers.widths import rounded as widest
from fixedpoint.program import values
from fixedpoint.program.values import Value
from fixedpoint.program.views.lowering import Lowering, Made
from fixedpoint.program.views.tape import Register

clip = np.ndarray.clip


def rounded(value: values.Rounded, to: Lowering, factor: float, plus: float) -> Made:
    """floor(q · 2^-shift + 1/2), saturated."""
    made, target = _to_the_point(value, to), value.target
    most = widest(value.of.largest, value.shift) >> max(value.shift, 0)
    if most > min(target.max, -target.min):
        low, high = max(target.min, -most), min(target.max, most)
        made = to.tape.unary(clip, made, float(low), float(high))
    return to.tape.affine(made, factor, plus)


def clipped(value: values.Clipped, to: Lowering, factor: float, plus: float) -> Made:
    """clip(q, ±limit)."""
    of, number = value.of, to.number_of(value.limit)
    if isinstance(of, values.Rounded) and to.alone(of) and number is not None and (
        0 <= number <= min(of.target.max, -of.target.min)
    ):  # fmt: skip
        made = _to_the_point(of, to)
    else:
        made = to.array(of)
    return to.tape.affine(between(to, made, value.limit), factor, plus)


def softened(value: values.Softened, to: Lowering, factor: float, plus: float) -> Made:
    """u − clip(u, ±λ); u itself where λ is 0."""
    if to.number_of(value.threshold) == 0:
        return to.make(value.of, factor, plus)
    x = to.array(value.of)
    middle = between(to, replace(x, owned=False), value.threshold)
    return to.tape.affine(to.tape.binary(np.subtract, x, middle), factor, plus)


def between(to: Lowering, x: Register, edge: Value) -> Register:
    """clip(x, ±edge), the edge a number of all vectors or of each."""
    if (number := to.number_of(edge)) is not None:
        return to.tape.unary(clip, x, -number, number)
    high = to.array(edge)
    low = to.tape.unary(np.negative, replace(high, owned=False))
    return to.tape.binary(_largest, to.tape.binary(_least, x, high), low)


def _to_the_point(value: values.Rounded, to: Lowering) -> Register:
    """A requantization before it saturates.

    Of integers (q + 2^(shift − 1)) >> shift; else floor, of what is exact at any point. Where
    nothing is rounded no half is added: the carrier might not hold it beside the integer.
    """
    shift = value.shift
    if shift <= 0:
        return to.array(value.of, 2.0**-shift)
    if to.tape.integer:
        return to.tape.unary(np.right_shift, to.array(value.of, 1.0, 2.0 ** (shift - 1)), shift)
    return to.tape.unary(np.floor, to.array(value.of, 2.0**-shift, 0.5))


def _least(x: Any, y: Any, out: Any) -> None:
    np.minimum(x, y, out=out)


def _largest(x: Any, y: Any, out: Any) -> None:
    np.maximum(x, y, out=out)
