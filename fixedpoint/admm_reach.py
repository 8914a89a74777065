# SPDX-License-Identifier: Apache-2.0
"""Which events some legal input of an ADMM-Net can cause.

The products are sums over all of y and over all columns, so that any value up to their bounds can
meet any state of a column. Layer by layer, such products meet the states (z, u) that the layer
before left: what happens there can happen, from the spec's own constants.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from fixedpoint import admm, admm_coverage
from fixedpoint.admm_spec import AdmmSpec
from fixedpoint.admm_widths import shifts
from fixedpoint.format import IntArray
from fixedpoint.requantize import requantize

SAMPLES = 1 << 14
"""Columns drawn for each SNR entry: enough for a tie of 15 dropped bits."""


def reachable(spec: AdmmSpec, event: str) -> bool:
    """Whether the event happens when products take any value up to their bounds."""
    return event in _events(spec)


@lru_cache(maxsize=8)
def _events(spec: AdmmSpec) -> frozenset[str]:
    f, rng = spec.formats, np.random.default_rng(0)
    index = np.arange(len(spec.snr))[:, None]
    shape = (len(spec.snr), 1, SAMPLES)
    filtered = _products(rng, spec.rows * f.f.max * f.y.max, shape)
    front = admm.FrontWires(filtered, requantize(filtered, shifts(spec).front, f.front))
    z = u = d = np.zeros(shape, dtype=np.int64)
    wires: list[admm.FrontWires | admm.LayerWires] = [front]
    for layer in spec.layers:
        product = _products(rng, spec.columns * f.p.max * int(np.abs(d).max()), shape)
        made = admm.layer(spec, layer, index, front.estimate, product, z, u)
        wires.append(made)
        z, u, d = made.decoded, made.dual, made.difference
    counted = admm_coverage.count(spec, filtered, index, wires)
    return frozenset(name for name, times in counted.items() if times)


def _products(rng: np.random.Generator, bound: int, shape: tuple[int, ...]) -> IntArray:
    """Integers of ±bound: a quarter each its ends, the whole range, a 16th and a 256th of it."""
    drawn = rng.integers(-bound, bound + 1, shape)
    kind = rng.integers(0, 4, shape)
    products: IntArray = np.choose(kind, (np.sign(drawn) * bound, drawn, drawn // 16, drawn // 256))
    return products
