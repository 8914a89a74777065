# SPDX-License-Identifier: Apache-2.0
"""Events: what a set of vectors exercised, by name, like `LAYER.residual saturated high`.

They are counted on the golden model's wires (`program/events.py`), so that a comparison whose
vectors never touched a branch cannot pass for a proof of it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fixedpoint.numbers.format import Format, IntArray, integers

Events = dict[str, int]


def add(a: Mapping[str, int], b: Mapping[str, int]) -> Events:
    """The events of two runs together."""
    return {name: a.get(name, 0) + b.get(name, 0) for name in {**a, **b}}


def requantized(wire: str, q: IntArray, shift: int, target: Format) -> Events:
    """Saturations and ties of one requantization; the comparison is made before the shift."""
    q, half = integers("q", q), 1 << shift - 1 if shift > 0 else 0
    scale = 1 << max(shift, 0)
    left = 1 << max(-shift, 0)
    return {
        f"{wire} saturated high": int(np.sum(q * left + half >= (target.max + 1) * scale)),
        f"{wire} saturated low": int(np.sum(q * left + half < target.min * scale)),
        f"{wire} tie": int(np.sum((q & (scale - 1)) == half)) if shift > 0 else 0,
    }
