# SPDX-License-Identifier: Apache-2.0
"""Requantization, clipping and soft threshold for the fast view, each saturation only once.

A saturation is left out where the worst case of its operand lies within it, and where another one
cuts what it would have cut. For the latter let v be the value, |v| ≤ L, and r what the register
holds without the saturation. Either r = v, or |r| ≥ |v| = L, with one sign. Whoever reads r alone
and clips at ±n with n ≤ L finds the same of both. So does who multiplies by a number of magnitude m
or more, shifts right by s, rounds and saturates at M = max(max, −min), if L·m > (M − 1/2)·2^s: both
lie at or beyond M, on one side. There r may pass 53 bits: float64's rounding is monotone, and L·m
is exact.
"""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import Any

import numpy as np

from fixedpoint.numbers.widths import rounded as widest
from fixedpoint.program import leaves, values
from fixedpoint.program.values import Value
from fixedpoint.program.views.lowering import Lowering, Made
from fixedpoint.program.views.tape import Register

clip = np.ndarray.clip


def rounded(value: values.Rounded, to: Lowering, factor: float, plus: float) -> Made:
    """floor(q · 2^-shift + 1/2), saturated."""
    _spare_factor(value, to)
    half = 0.5 if value.shift > 0 else 0.0
    made = to.tape.unary(np.floor, to.array(value.of, 2.0**-value.shift, half))
    if value not in to.spared and _saturates(value):
        made = to.tape.unary(clip, made, float(value.target.min), float(value.target.max))
    return to.tape.affine(made, factor, plus)


def clipped(value: values.Clipped, to: Lowering, factor: float, plus: float) -> Made:
    """clip(q, ±limit)."""
    number = to.number_of(value.limit)
    if number is not None and 0 <= number <= limit(value.of, to):
        spare(value.of, to)
    made = to.array(value.of)
    if value not in to.spared:
        made = between(to, made, value.limit)
    return to.tape.affine(made, factor, plus)


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


def limit(value: Value, to: Lowering) -> float:
    """L of the module's docstring, if a value's saturations are left out; ∞ if it has none."""
    if to.uses[value] != 1 or not to.fresh(value) or value in to.tables or value in to.numbers:
        return inf
    match value:
        case values.Rounded() if _saturates(value):
            return min(value.target.max, -value.target.min)
        case values.Clipped() if (number := to.number_of(value.limit)) is not None and number >= 0:
            return min(number, limit(value.of, to))
        case values.Softened() if (number := to.number_of(value.threshold)) is not None:
            return limit(value.of, to) - number if number >= 0 else -inf
    return inf


def spare(value: Value, to: Lowering) -> None:
    """Leave out the saturations that `limit` is about."""
    if limit(value, to) == inf:
        return
    if not isinstance(value, values.Softened):
        to.spared.add(value)
    if isinstance(value, values.Clipped | values.Softened):
        spare(value.of, to)


def _spare_factor(value: values.Rounded, to: Lowering) -> None:
    """Leave out what a requantization of its product with a number, or of itself, cuts anyway."""
    beyond = (max(value.target.max, -value.target.min) - 0.5) * 2.0**value.shift
    candidates: list[tuple[Value, float]] = [(value.of, 1.0)]
    if isinstance(value.of, values.Product) and to.fresh(value.of):
        one, other = value.of.operands
        candidates = [(one, _least_of(other, to)), (other, _least_of(one, to))]
    for rest, least in candidates:
        if limit(rest, to) * least > beyond:
            spare(rest, to)


def _least_of(value: Value, to: Lowering) -> float:
    """The least magnitude of a number or of a bank's entries of one sign, else 0."""
    if (number := to.number_of(value)) is not None:
        return abs(number)
    if isinstance(value, leaves.Bank):
        return max(0, min(value.values[to.number - value.before]))
    return 0.0


def _saturates(value: values.Rounded) -> bool:
    """Whether the worst case of its operand rounds beyond its target."""
    most = widest(value.of.largest, value.shift) >> max(value.shift, 0)
    return most > min(value.target.max, -value.target.min)


def _least(x: Any, y: Any, out: Any) -> None:
    np.minimum(x, y, out=out)


def _largest(x: Any, y: Any, out: Any) -> None:
    np.maximum(x, y, out=out)
