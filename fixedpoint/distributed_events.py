# SPDX-License-Identifier: Apache-2.0
"""Events of single operations of HPD and FPD-Net: of a run's wires, and of what inputs can reach.

Each takes arrays of any shape, and names its events `WIRE saturated high` and so on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fixedpoint import distributed
from fixedpoint.coverage import Events, requantized, widened
from fixedpoint.distributed_spec import DistributedSpec
from fixedpoint.format import Format, IntArray, integers
from fixedpoint.fpd_spec import FpdLayer, FpdSpec
from fixedpoint.hpd_spec import HpdSpec
from fixedpoint.requantize import exact_sum, requantize

Term = tuple[IntArray, int]


@dataclass(frozen=True)
class Chain:
    """The wires b → p → d of FPD-Net's column with the tables' outputs between them."""

    b: IntArray
    quartic: IntArray
    p: IntArray
    gaussian: IntArray
    d: IntArray
    cosine: IntArray


def ends(name: str, address: Format, q: IntArray, frac: int) -> Events:
    """How often arguments q · 2^-frac read a table at its ends; those beyond its range do too."""
    at = requantize(q, frac - address.frac, address)
    return {
        f"{name} low end": int(np.sum(at == address.min)),
        f"{name} high end": int(np.sum(at == address.max)),
    }


def combined(wire: str, target: Format, *terms: Term) -> Events:
    """Saturations and ties of `combine`."""
    total, point = exact_sum(*terms)
    return requantized(wire, total, point - target.frac, target)


def projected(spec: DistributedSpec, layer: str, *terms: Term) -> Events:
    """The update's requantization and what the projection of eq. (20) does to its result."""
    total, point = exact_sum(*terms)
    return projected_total(spec, layer, total, point - spec.state_format.frac)


def projected_total(spec: DistributedSpec, layer: str, total: IntArray, shift: int) -> Events:
    """The same of an exact sum that lies `shift` bits below the state's point."""
    events = requantized(f"{layer}.estimate", total, shift, spec.state_format)
    total, unit = integers("total", total), 1 << max(shift, 0)
    limit = spec.peak * unit + (unit >> 1)
    return events | {
        f"{layer}.estimate projected high": int(np.sum(total >= limit)),
        f"{layer}.estimate projected low": int(np.sum(total < -limit)),
        f"{layer}.estimate projected inside": int(np.sum((total < limit) & (total >= -limit))),
    }


def pull_ends(spec: HpdSpec, layer: str, z: IntArray) -> Events:
    """Ends of the table of ∇ψ."""
    distance = integers("z", z) - distributed.nearest(spec, z)
    return ends(f"{layer}.pull", spec.pull.address, distance, spec.state_format.frac)


def chain_events(spec: FpdSpec, layer: str, theta: FpdLayer, chain: Chain) -> Events:
    """Everything from b on: table ends, p, d, and the update with its projection."""
    f, x = spec.formats, spec.formats.state
    events: Events = {}
    (chain,) = widened([chain])
    for name, start, end, table in (
        ("quartic", chain.b, "p", spec.quartic),
        ("gaussian", chain.p, "d", spec.gaussian),
    ):
        weight, weights = getattr(theta, f"{name}_step"), getattr(f, f"{name}_step")
        events |= ends(f"{layer}.{name}", table.address, *arguments(spec, theta, name, start))
        change = (-weight * getattr(chain, name), weights.frac + table.output.frac)
        events |= combined(f"{layer}.{end}", x, (start, x.frac), change)
    distance = chain.d - distributed.nearest(spec, chain.d)
    events |= ends(f"{layer}.cosine", spec.cosine_address, distance, x.frac)
    change = (theta.cosine_step * chain.cosine, f.cosine_step.frac + spec.cosine_output.frac)
    return events | projected(spec, layer, (chain.d, x.frac), change)


def arguments(spec: FpdSpec, theta: FpdLayer, name: str, x: IntArray) -> Term:
    """Arguments scale·(x − j) of the table `quartic` or `gaussian` over the grid, (…, points)."""
    scale, fmt = getattr(theta, f"{name}_scale"), getattr(spec.formats, f"{name}_scale")
    distance = integers("x", x)[..., None] - np.array(distributed.points(spec))
    return distance * np.asarray(scale)[..., None], spec.state_format.frac + fmt.frac
