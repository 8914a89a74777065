# SPDX-License-Identifier: Apache-2.0
"""HPD in integers, Algorithm 1 of the HPD/FPD paper: the reference of every other view."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fixedpoint import distributed
from fixedpoint.distributed import FloatArray, Observed, TwinWires
from fixedpoint.distributed_widths import hpd_bounds
from fixedpoint.format import Format, IntArray
from fixedpoint.hpd_spec import HpdSpec
from fixedpoint.requantize import combine


@dataclass(frozen=True)
class HpdWires:
    """Every wire of one layer, in the order of computation; shapes as in `fixedpoint.distributed`.

    accumulator = H_c z; residual = 1 − σ_up − σ_low; gradient = H_cᵀe, all of each unit;
    pull = ∇ψ(z) before its weight, (G, B, N), the same in every unit; estimate = x_c, eq. (20);
    state = s; extrapolated = z of the next layer; bits = the slicer's decision on s.
    """

    accumulator: IntArray
    residual: IntArray
    gradient: IntArray
    pull: IntArray
    estimate: IntArray
    state: IntArray
    extrapolated: IntArray
    bits: IntArray


def wire_formats(spec: HpdSpec) -> dict[str, Format]:
    """The format of each wire of a layer."""
    return {
        **distributed.row_formats(spec, hpd_bounds(spec)),
        "pull": spec.pull.output,
        "estimate": spec.formats.state,
        **distributed.fused_formats(spec),
    }


def run(spec: HpdSpec, h: IntArray, y: IntArray, index: IntArray) -> list[HpdWires]:
    """Every layer in turn, from z = 0. Raises `ValueError` on inputs outside their formats.

    h (G, M, N), rows in the order of the real form; y (G, B, M), converters' codes; index (G, B).
    """
    seen = distributed.observed(spec, h, y, index)
    state = z = distributed.start(spec, index)
    wires = []
    for k in range(spec.depth):
        wires.append(_layer(spec, k, seen, z, state))
        state, z = wires[-1].state, wires[-1].extrapolated
    return wires


def _layer(spec: HpdSpec, k: int, seen: Observed, z: IntArray, before: IntArray) -> HpdWires:
    f, x, layer = spec.formats, spec.formats.state, spec.layers[k]
    products = distributed.rows(spec, seen, z)
    pull = spec.pull.read(z - distributed.nearest(spec, z), x.frac)
    update = combine(
        x,
        (z[:, :, None], x.frac),
        (layer.step * products.gradient, f.step.frac + f.h.frac + f.residual.frac),
        (-layer.weight * pull[:, :, None], f.weight.frac + spec.pull.output.frac),
    )
    estimate = distributed.project(spec, update)
    return HpdWires(*products, pull, estimate, *distributed.fuse(spec, k, estimate, before))


def pull_gradient(x: FloatArray, eta: float) -> FloatArray:
    """∇ψ of eq. (21) at a distance x from a point of the grid, whose neighbours lie at ±2."""
    total = np.zeros_like(x)
    for point in (-2, 0, 2):
        cube = eta * (x - point) ** 3
        total += 4 * cube / (cube * (x - point) + 1) ** 2
    return total


def float_twin(spec: HpdSpec, h: FloatArray, y: FloatArray, index: IntArray) -> list[TwinWires]:
    """See `distributed.float_twin`."""
    f = spec.formats
    eta = float(f.eta.value(spec.eta))

    def column(k: int, z: FloatArray, gradient: FloatArray) -> FloatArray:
        layer = spec.layers[k]
        upper = np.searchsorted(spec.state_format.value(spec.slicer), z, side="right")
        pull = pull_gradient(z - (2 * upper - spec.constellation.peak), eta)
        descent = z[:, :, None] + f.step.value(layer.step) * gradient
        estimate: FloatArray = descent - f.weight.value(layer.weight) * pull[:, :, None]
        return estimate

    return distributed.float_twin(spec, h, y, index, column)
