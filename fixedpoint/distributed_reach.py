# SPDX-License-Identifier: Apache-2.0
"""Which events of HPD and FPD-Net a legal input can cause, bounded from constants and tables.

Layer after layer, each wire gets the range and the spacing (`Lattice`) that it can have in the
worst case, and every operation is tried there. An event that does not occur so is out of reach:

- an argument that ends inside its table: in the first layer z = 0, and the thresholds alone
  address the sigmoid; the distance from the grid ends where z or d does;
- a saturation that the worst sum does not reach: the mean of C projected estimates, mostly;
- a tie, where no bit is dropped, or where all terms are multiples of 2^shift: 1/C = 2^-c exactly.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from fixedpoint import distributed
from fixedpoint.coverage import Events, requantized
from fixedpoint.distributed_events import (
    Chain,
    arguments,
    chain_events,
    ends,
    projected_total,
    pull_ends,
)
from fixedpoint.distributed_spec import DistributedSpec
from fixedpoint.distributed_widths import fpd_shifts, hpd_shifts
from fixedpoint.format import IntArray
from fixedpoint.fpd_spec import FpdSpec
from fixedpoint.hpd_spec import HpdSpec
from fixedpoint.lattice import Lattice
from fixedpoint.requantize import combine, requantize

ZERO = Lattice(0, 0, 0)


@lru_cache(maxsize=16)
def possible(spec: HpdSpec | FpdSpec) -> dict[str, bool]:
    """Every event that the program of these specs has, and whether an input can cause it.

    Of specs with constant θ: b then decides about all that follows in a column of FPD-Net.
    """
    found = {f"adc code {c}": 1 for c in range(spec.adc.code.max + 1)}
    state = z = ZERO
    for k in range(spec.depth):
        layer = f"{spec.detector}{k + 1}"
        events, gradient = _rows(spec, layer, z)
        found |= events
        if isinstance(spec, HpdSpec):
            events, estimates = _hpd_column(spec, layer, k, z, gradient)
        else:
            events, estimates = _fpd_column(spec, layer, k, z, gradient)
        found |= events
        events, state, z = _fusion(spec, layer, k, estimates, state)
        found |= events
    return {name: times > 0 for name, times in found.items()}


def _rows(spec: DistributedSpec, layer: str, z: Lattice) -> tuple[Events, Lattice]:
    """The ends of the sigmoid table at every threshold, and the gradient H_cᵀe."""
    f, cells = spec.formats, 1 << spec.adc.bits
    frac = f.h.frac + f.state.frac
    index = np.arange(len(spec.snr))
    codes = np.broadcast_to(np.arange(cells), (len(index), cells))
    low, up = (q[..., None] << frac - spec.adc.threshold.frac for q in spec.adc.cells(codes, index))
    reach = spec.columns * f.h.max * max(-z.low, z.high)
    accumulator = np.array([-reach, reach])
    table = spec.sigmoid
    events = ends(f"{layer}.sigmoid up", table.address, (accumulator - up)[:, :-1], frac)
    events |= ends(f"{layer}.sigmoid low", table.address, (accumulator - low)[:, 1:], frac)
    above = np.where(codes == cells - 1, 0, np.moveaxis(table.read(accumulator - up, frac), -1, 0))
    below = np.where(codes == 0, spec.one, np.moveaxis(table.read(accumulator - low, frac), -1, 0))
    residual = spec.one - above - below
    unit = int(np.gcd.reduce(residual, axis=None)) if reach == 0 else 1
    largest = spec.unit_size * f.h.max * int(np.abs(residual).max())
    return events, Lattice.symmetric(largest, unit)


def _hpd_column(
    spec: HpdSpec, layer: str, k: int, z: Lattice, gradient: Lattice
) -> tuple[Events, IntArray]:
    x, theta, shifts = spec.state_format, spec.layers[k], hpd_shifts(spec)
    align, points = shifts.update.align, z.values()
    pull = spec.pull.read(points - distributed.nearest(spec, points), x.frac)
    pulled = (points << align[0]) - (theta.weight * pull << align[2])
    total = Lattice.of(pulled) + gradient * (theta.step << align[1])
    shift = shifts.update.shift
    events = projected_total(spec, layer, total.samples(1 << max(shift, 0)), shift)
    estimate = distributed.project(spec, total.requantized(shift, x))
    return pull_ends(spec, layer, points) | events, estimate


def _fpd_column(
    spec: FpdSpec, layer: str, k: int, z: Lattice, gradient: Lattice
) -> tuple[Events, IntArray]:
    theta, shifts = spec.layers[k], fpd_shifts(spec).descend
    total = z * (1 << shifts.align[0]) + gradient * (theta.step << shifts.align[1])
    samples = total.samples(1 << max(shifts.shift, 0))
    events = requantized(f"{layer}.b", samples, shifts.shift, spec.state_format)
    chain, estimates = _chain(spec, k, total.requantized(shifts.shift, spec.state_format))
    return events | chain_events(spec, layer, theta, chain), estimates


def _chain(spec: FpdSpec, k: int, b: IntArray) -> tuple[Chain, IntArray]:
    """What eqs. (38) to (40) make of each b that they can start from, and the estimates."""
    f, x, theta = spec.formats, spec.formats.state, spec.layers[k]
    quartic = spec.quartic.read(*arguments(spec, theta, "quartic", b)).sum(axis=-1)
    step = f.quartic_step.frac + spec.quartic.output.frac
    p = combine(x, (b, x.frac), (-theta.quartic_step * quartic, step))
    gaussian = spec.gaussian.read(*arguments(spec, theta, "gaussian", p)).sum(axis=-1)
    step = f.gaussian_step.frac + spec.gaussian.output.frac
    d = combine(x, (p, x.frac), (-theta.gaussian_step * gaussian, step))
    cosine = spec.cosine(k).read(d - distributed.nearest(spec, d), x.frac)
    step = f.cosine_step.frac + spec.cosine_output.frac
    update = combine(x, (d, x.frac), (theta.cosine_step * cosine, step))
    estimates = np.unique(distributed.project(spec, update))
    return Chain(b, quartic, p, gaussian, d, cosine), estimates


def _fusion(
    spec: DistributedSpec, layer: str, k: int, estimates: IntArray, before: Lattice
) -> tuple[Events, Lattice, Lattice]:
    """The events of the fusion node, and s and z behind it."""
    x, shift, momentum = spec.state_format, spec.formats.mean.frac, spec.momentum[k]
    total = _sums(estimates, spec.units)
    events = requantized(f"{layer}.state", total * spec.mean, shift, x)
    state = Lattice.of(requantize(total * spec.mean, shift, x))
    point = max(spec.formats.momentum.frac, 0)
    kept, change = 1 << point, momentum << point - spec.formats.momentum.frac
    sums = state * (kept + change) + before * -change
    name = f"{layer}.extrapolated"
    events |= requantized(name, sums.samples(1 << point), point, x)
    return events, state, Lattice.of(sums.requantized(point, x))


def _sums(values: IntArray, terms: int) -> IntArray:
    """All sums of that many of the integers, repeated or not."""
    low, span = int(values.min()), int(values.max() - values.min())
    member = np.bincount(values - low, minlength=span + 1) > 0
    sums = np.ones(1, dtype=bool)
    for _ in range(terms):
        sums = np.convolve(sums.astype(np.float64), member.astype(np.float64)) > 0.5
    return terms * low + np.flatnonzero(sums)


def reachable(spec: HpdSpec | FpdSpec, event: str) -> bool:
    """Whether a legal input can cause the event.

    With a hyper-network only the codes are asked for: what θ it can give is not bounded.
    """
    if isinstance(spec, FpdSpec) and spec.hyper is not None:
        return event.startswith("adc code")
    return possible(spec)[event]
