# SPDX-License-Identifier: Apache-2.0
"""Which events some legal input of a program can cause.

Every product with a matrix is a sum over a whole axis, so that any value up to its bound can meet
any state of a row or column. Layer by layer, such products meet the states that the layer before
left: what happens there can happen, from the spec's own constants.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from fixedpoint.numbers.format import Format, IntArray
from fixedpoint.program.graph import Program
from fixedpoint.program.leaves import Brought, Supplied
from fixedpoint.program.values import Transformed, Value
from fixedpoint.program.views import events, golden
from fixedpoint.program.views.interpret import Array, Inputs, Layer

SAMPLES = 1 << 14
"""Rows and columns drawn for each SNR entry: enough for a tie of 15 dropped bits."""


def reachable(program: Program, event: str) -> bool:
    """Whether the event happens when samples and products take any value up to their bounds.

    Of a program that a network supplies, only the codes are asked for: what that can give is not
    bounded.
    """
    if any(isinstance(value, Supplied) for value in program.layer.order):
        return event.startswith("adc code")
    return event.startswith("adc code") or possible(program)[event]


@lru_cache(maxsize=32)
def possible(program: Program) -> dict[str, bool]:
    """Every event of a program that no network supplies, and whether an input can cause it."""
    rng, spec = np.random.default_rng(0), program.spec
    index = np.arange(len(spec.snr))[:, None]
    shape = (len(index), 1, program.units, SAMPLES // program.units)

    def rule(value: Value, layer: Layer) -> Array:
        if not isinstance(value, Transformed):
            return golden.operation(value, layer)
        terms = value.largest // value.of.largest
        found = np.abs(layer[value.of])
        bound = terms * found.max(axis=(1, 2, 3, 4), keepdims=True)
        return _products(rng, bound, max(int(np.gcd.reduce(found, axis=None)), 1), (*shape, 1))

    drawn = _samples(rng, spec.y_format, (len(index), 1, program.units * shape[-1]))
    given = {name: q.reshape(shape) for name, q in spec.converter.given(drawn, index).items()}
    brought = {
        value.name: _samples(rng, value.format, (len(index), 1, 1, shape[-1]))
        for value in program.layer.order
        if isinstance(value, Brought)
    }
    inputs = Inputs(brought, given, index, columns=shape[-1])
    counted = events.count(program, inputs, rule)
    return {name: times > 0 for name, times in counted.items()}


def _samples(rng: np.random.Generator, fmt: Format, shape: tuple[int, ...]) -> IntArray:
    """Integers over a format, a quarter of them its ends."""
    drawn = rng.integers(fmt.min, fmt.max + 1, shape)
    ends = rng.choice((fmt.min, fmt.max), shape)
    return np.where(rng.integers(0, 4, shape) == 0, ends, drawn)


def _products(
    rng: np.random.Generator, bound: IntArray, unit: int, shape: tuple[int, ...]
) -> IntArray:
    """Multiples of a unit within ±bound: a quarter each its ends, all of it, a 16th, a 256th."""
    bound = np.broadcast_to(bound, shape)
    drawn = rng.integers(-bound, bound + 1)
    kind = rng.integers(0, 4, shape)
    products: IntArray = np.choose(kind, (np.sign(drawn) * bound, drawn, drawn // 16, drawn // 256))
    return products // unit * unit
