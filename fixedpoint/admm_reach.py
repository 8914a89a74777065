# SPDX-License-Identifier: Apache-2.0
"""Which events some legal input of an ADMM-Net can cause.

The products are sums over all of y and over all columns, so that any value up to their bounds can
meet any state of a column. Layer by layer, such products meet the states (z, u) that the layer
before left: what happens there can happen, from the spec's own constants.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from fixedpoint.admm_spec import AdmmSpec
from fixedpoint.detectors.registry import program
from fixedpoint.format import IntArray
from fixedpoint.program import events, golden
from fixedpoint.program.interpret import Array, Inputs, Layer
from fixedpoint.program.values import Transformed, Value

SAMPLES = 1 << 14
"""Columns drawn for each SNR entry: enough for a tie of 15 dropped bits."""


def reachable(spec: AdmmSpec, event: str) -> bool:
    """Whether the event happens when products take any value up to their bounds."""
    return event in _events(spec)


@lru_cache(maxsize=8)
def _events(spec: AdmmSpec) -> frozenset[str]:
    rng, entries = np.random.default_rng(0), len(spec.snr)

    def rule(value: Value, layer: Layer) -> Array:
        if not isinstance(value, Transformed):
            return golden.operation(value, layer)
        terms = value.largest // value.of.largest
        largest = int(np.abs(layer[value.of]).max()) if layer.before else value.of.largest
        return _products(rng, terms * largest, (entries, 1, 1, SAMPLES, 1))

    given = {"y": np.zeros((entries, 1, 1, 1), np.int64)}
    inputs = Inputs({}, given, np.arange(entries)[:, None], columns=SAMPLES)
    counted = events.count(program(spec), inputs, rule)
    return frozenset(name for name, times in counted.items() if times)


def _products(rng: np.random.Generator, bound: int, shape: tuple[int, ...]) -> IntArray:
    """Integers of ±bound: a quarter each its ends, the whole range, a 16th and a 256th of it."""
    drawn = rng.integers(-bound, bound + 1, shape)
    kind = rng.integers(0, 4, shape)
    products: IntArray = np.choose(kind, (np.sign(drawn) * bound, drawn, drawn // 16, drawn // 256))
    return products
