# SPDX-License-Identifier: Apache-2.0
"""What vectors exercised in HPD and FPD-Net: codes, table ends, saturations, projections, ties."""

from __future__ import annotations

from typing import Any

import numpy as np

from fixedpoint import distributed, fpd, hyper_coverage
from fixedpoint.coverage import Events, requantized, widened
from fixedpoint.distributed_events import Chain, chain_events, combined, ends, projected, pull_ends
from fixedpoint.distributed_reach import possible
from fixedpoint.distributed_spec import DistributedSpec
from fixedpoint.format import IntArray, integers
from fixedpoint.fpd import Theta
from fixedpoint.fpd_spec import FpdSpec
from fixedpoint.hpd_spec import HpdLayer, HpdSpec
from fixedpoint.hyper import HyperWires


def count(spec: HpdSpec | FpdSpec, y: IntArray, index: IntArray, wires: list[Any]) -> Events:
    """How often each event happened, keyed like `fpd2.p saturated high`."""
    y, wires = integers("y", y), widened(wires)
    events = {f"adc code {c}": int(np.sum(y == c)) for c in range(spec.adc.code.max + 1)}
    state = z = distributed.start(spec, index)
    thresholds = _thresholds(spec, y, index)
    layers = [w for w in wires if not isinstance(w, HyperWires)]
    theta = fpd.thetas(spec, wires) if isinstance(spec, FpdSpec) else spec.layers
    if isinstance(spec, FpdSpec) and spec.hyper is not None:
        events |= hyper_coverage.count(spec, spec.hyper, wires[0], layers)
    for k, w in enumerate(layers):
        layer = f"{spec.detector}{k + 1}"
        events |= _row_events(spec, layer, w.accumulator, *thresholds)
        column = _hpd_events if isinstance(spec, HpdSpec) else _fpd_events
        events |= column(spec, layer, theta[k], z, w)  # type: ignore[arg-type]
        events |= _fusion_events(spec, layer, k, w, state)
        state, z = w.state, w.extrapolated
    return events


def reachable(spec: HpdSpec | FpdSpec, event: str) -> bool:
    """Whether a legal input can cause the event: `distributed_reach` says why one cannot.

    With a hyper-network only the codes are asked for: what θ it can give is not bounded.
    """
    if isinstance(spec, FpdSpec) and spec.hyper is not None:
        return event.startswith("adc code")
    return possible(spec)[event]


def _thresholds(
    spec: DistributedSpec, y: IntArray, index: IntArray
) -> tuple[tuple[IntArray, IntArray], tuple[IntArray, IntArray]]:
    """(q, whether the cell is closed there) of the upper and of the lower side, unit by unit."""
    rows = spec.unit_rows()
    low, up = spec.adc.cells(y, index)
    codes = y[:, :, rows]
    upper = (up[:, :, rows], codes != spec.adc.code.max)
    return upper, (low[:, :, rows], codes != 0)


def _row_events(
    spec: DistributedSpec,
    layer: str,
    accumulator: IntArray,
    *sides: tuple[IntArray, IntArray],
) -> Events:
    events: Events = {}
    frac = spec.formats.h.frac + spec.formats.state.frac
    align = 1 << frac - spec.adc.threshold.frac
    for name, (q, closed) in zip(("up", "low"), sides, strict=True):
        distance = (accumulator - q * align)[closed]
        events |= ends(f"{layer}.sigmoid {name}", spec.sigmoid.address, distance, frac)
    return events


def _hpd_events(spec: HpdSpec, layer: str, theta: HpdLayer, z: IntArray, w: Any) -> Events:
    f, x = spec.formats, spec.formats.state
    update = (
        (z[:, :, None], x.frac),
        (theta.step * w.gradient, f.step.frac + f.h.frac + f.residual.frac),
        (-theta.weight * w.pull[:, :, None], f.weight.frac + spec.pull.output.frac),
    )
    return pull_ends(spec, layer, z) | projected(spec, layer, *update)


def _fpd_events(spec: FpdSpec, layer: str, theta: Theta, z: IntArray, w: Any) -> Events:
    f, x = spec.formats, spec.formats.state
    step = f.step.frac + f.h.frac + f.residual.frac
    descent = ((z[:, :, None], x.frac), (theta.step * w.gradient, step))
    chain = Chain(w.b, w.quartic, w.p, w.gaussian, w.d, w.cosine)
    return combined(f"{layer}.b", x, *descent) | chain_events(spec, layer, theta, chain)


def _fusion_events(spec: DistributedSpec, layer: str, k: int, w: Any, before: IntArray) -> Events:
    f, x = spec.formats, spec.formats.state
    mean = w.estimate.sum(axis=2) * spec.mean
    change = (spec.momentum[k] * (w.state - before), x.frac + f.momentum.frac)
    events = requantized(f"{layer}.state", mean, f.mean.frac, x)
    return events | combined(f"{layer}.extrapolated", x, (w.state, x.frac), change)
