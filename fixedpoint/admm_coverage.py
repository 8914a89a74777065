# SPDX-License-Identifier: Apache-2.0
"""What vectors exercised in ADMM-Net: saturations, prox branches, ties."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from fixedpoint.admm import FrontWires, LayerWires
from fixedpoint.admm_spec import AdmmLayer, AdmmSpec
from fixedpoint.admm_widths import shifts
from fixedpoint.bank import entries
from fixedpoint.coverage import Events, requantized, thresholded, widened
from fixedpoint.format import Format, IntArray
from fixedpoint.requantize import exact_sum

Requantization = tuple[str, IntArray, int, Format]


def count(spec: AdmmSpec, y: IntArray, index: IntArray, wires: list[Any]) -> Events:
    """How often each event happened, keyed like `admm2.dual saturated high`."""
    wires = widened(wires)
    front: FrontWires = wires[0]
    events = requantized("front.estimate", front.filtered, shifts(spec).front, spec.formats.front)
    z = u = np.zeros_like(front.estimate)
    layers: list[LayerWires] = wires[1:]
    for k, (layer, w) in enumerate(zip(spec.layers, layers, strict=True), start=1):
        for wire, q, shift, target in _requantizations(spec, layer, index, front.estimate, w, z, u):
            events |= requantized(f"admm{k}.{wire}", q, shift, target)
        events |= thresholded(f"admm{k}.prox", spec.prox, w.update, layer.threshold)
        z, u = w.decoded, w.dual
    return events


def _requantizations(
    spec: AdmmSpec,
    layer: AdmmLayer,
    index: IntArray,
    x0: IntArray,
    w: LayerWires,
    z: IntArray,
    u: IntArray,
) -> Iterator[Requantization]:
    """Wire, exact value before it, shift and format, in the order of computation."""
    f, s = spec.formats, shifts(spec)
    state = f.state.frac
    product = (w.product, f.p.frac + f.difference.frac)
    gap = ((w.estimate - z) * layer.relaxation, f.relaxation.frac + state)
    change = ((w.relaxed - w.decoded) * layer.dual_step, f.dual_step.frac + state)
    for wire, target, terms in (
        ("estimate", f.state, ((x0, f.front.frac), product)),
        ("relaxed", f.state, ((z, state), gap)),
        ("update", f.state, ((w.relaxed, state), (u, f.dual.frac))),
        ("dual", f.dual, ((u, f.dual.frac), change)),
        ("difference", f.difference, ((w.decoded, state), (-w.dual, f.dual.frac))),
    ):
        total, point = exact_sum(*terms)
        yield wire, total, point - target.frac, target
    yield "code", w.state * entries(layer.inverse, index), s.code, f.code
    yield "decoded", w.code * entries(layer.step, index), s.decoded, f.state
