# SPDX-License-Identifier: Apache-2.0
"""FPD-Net in integers, Algorithm 2 of the HPD/FPD paper: the reference of every other view.

A unit's column is a chain b → p → d → x_c, eqs. (37) to (40). The tables F and G serve every η and
β by a change of variable, so that a layer is its scales and one table of the third penalty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fixedpoint import distributed, hyper
from fixedpoint.distributed import FloatArray, Observed, TwinWires
from fixedpoint.distributed_widths import fpd_bounds
from fixedpoint.format import Format, IntArray
from fixedpoint.fpd_spec import SCALES, FpdLayer, FpdSpec
from fixedpoint.hyper import HyperTwin, HyperWires, Scales
from fixedpoint.lookup import Lookup
from fixedpoint.requantize import combine


@dataclass(frozen=True)
class FpdWires:
    """Every wire of one layer, in the order of computation; shapes as in `fixedpoint.distributed`.

    accumulator = H_c z; residual = 1 − σ_up − σ_low; gradient = H_cᵀe; b, eq. (37); quartic = the
    sum of the table F over the grid; p, eq. (38); gaussian = that of G; d, eq. (39); cosine = the
    third penalty's table; estimate = x_c, eq. (40): all of each unit. state = s; extrapolated = z
    of the next layer; bits = the slicer's decision on s.
    """

    accumulator: IntArray
    residual: IntArray
    gradient: IntArray
    b: IntArray
    quartic: IntArray
    p: IntArray
    gaussian: IntArray
    d: IntArray
    cosine: IntArray
    estimate: IntArray
    state: IntArray
    extrapolated: IntArray
    bits: IntArray


def wire_formats(spec: FpdSpec) -> dict[str, Format]:
    """The format of each wire of a layer."""
    x, width = spec.formats.state, fpd_bounds(spec)
    return {
        **distributed.row_formats(spec, width),
        "b": x,
        "quartic": Format(width["quartic"].bits, spec.quartic.output.frac),
        "p": x,
        "gaussian": Format(width["gaussian"].bits, spec.gaussian.output.frac),
        "d": x,
        "cosine": spec.cosine_output,
        "estimate": x,
        **distributed.fused_formats(spec),
    }


Theta = FpdLayer | Scales
"""θ of a layer: integers for all vectors, or (G, B, C, 1) by the hyper-network."""


def run(spec: FpdSpec, h: IntArray, y: IntArray, index: IntArray) -> list[HyperWires | FpdWires]:
    """The hyper-network, if the spec has one, then every layer in turn, from z = 0.

    Raises `ValueError` on inputs outside their formats.

    h (G, M, N), rows in the order of the real form; y (G, B, M), converters' codes; index (G, B).
    """
    seen = distributed.observed(spec, h, y, index)
    state = z = distributed.start(spec, index)
    wires: list[HyperWires | FpdWires] = []
    if spec.hyper is not None:
        wires.append(hyper.run(spec, spec.hyper, seen, index))
    for k, theta in enumerate(thetas(spec, wires)):
        layer = _layer(spec, k, theta, seen, z, state)
        state, z = layer.state, layer.extrapolated
        wires.append(layer)
    return wires


def thetas(spec: FpdSpec, wires: Sequence[HyperWires | FpdWires]) -> Sequence[Theta]:
    """θ of every layer, by the wires of the hyper-network if the spec has one."""
    first = wires[0] if wires else None
    if isinstance(first, HyperWires):
        return [first.layer(k) for k in range(spec.depth)]
    return spec.layers


def third_slope(spec: FpdSpec, theta: Theta, distance: IntArray) -> IntArray:
    """The third penalty at a distance from the nearest point, in `cosine_output`."""
    frac = spec.state_format.frac
    if isinstance(theta, FpdLayer):
        return Lookup(spec.cosine_address, spec.cosine_output, theta.cosine).read(distance, frac)
    assert spec.hyper is not None
    address = spec.hyper.sine.index(distance, frac)
    return hyper.cosine_slope(spec, spec.hyper, address, theta.phi)


def _layer(
    spec: FpdSpec, k: int, theta: Theta, seen: Observed, z: IntArray, before: IntArray
) -> FpdWires:
    f, x = spec.formats, spec.formats.state
    products = distributed.rows(spec, seen, z)
    b = combine(
        x,
        (z[:, :, None], x.frac),
        (theta.step * products.gradient, f.step.frac + f.h.frac + f.residual.frac),
    )
    quartic = _over_grid(spec, spec.quartic, b, theta.quartic_scale, f.quartic_scale)
    step = f.quartic_step.frac + spec.quartic.output.frac
    p = combine(x, (b, x.frac), (-theta.quartic_step * quartic, step))
    gaussian = _over_grid(spec, spec.gaussian, p, theta.gaussian_scale, f.gaussian_scale)
    step = f.gaussian_step.frac + spec.gaussian.output.frac
    d = combine(x, (p, x.frac), (-theta.gaussian_step * gaussian, step))
    cosine = third_slope(spec, theta, d - distributed.nearest(spec, d))
    step = f.cosine_step.frac + spec.cosine_output.frac
    update = combine(x, (d, x.frac), (theta.cosine_step * cosine, step))
    estimate = distributed.project(spec, update)
    fused = distributed.fuse(spec, k, estimate, before)
    return FpdWires(*products, b, quartic, p, gaussian, d, cosine, estimate, *fused)


def _over_grid(
    spec: FpdSpec, table: Lookup, x: IntArray, scale: int | IntArray, fmt: Format
) -> IntArray:
    """Σ_j of the table at scale·(x − j), exact."""
    frac = spec.state_format.frac + fmt.frac
    total = np.zeros_like(x)
    for point in distributed.points(spec):
        total += table.read((x - point) * scale, frac)
    return total


def quartic_slope(v: FloatArray) -> FloatArray:
    """F(v) = 4v³/(v⁴ + 1)²."""
    slope: FloatArray = 4 * v**3 / (v**4 + 1) ** 2
    return slope


def gaussian_slope(v: FloatArray) -> FloatArray:
    """G(v) = 2v·e^(−v²)."""
    slope: FloatArray = 2 * v * np.exp(-(v**2))
    return slope


def cosine_slope(a: FloatArray, phi: float | FloatArray) -> FloatArray:
    """−sin πa/(φ − cos πa) at a distance a from a point of the grid; φ > 1."""
    slope: FloatArray = -np.sin(np.pi * a) / (phi - np.cos(np.pi * a))
    return slope


def float_twin(
    spec: FpdSpec, h: FloatArray, y: FloatArray, index: IntArray
) -> list[HyperTwin | TwinWires]:
    """See `distributed.float_twin`; b, p and d are clipped as the state is.

    Element by element what `run` gives: the hyper-network's first, if the spec has one.
    """
    f, grid = spec.formats, [j * spec.state_format.step for j in distributed.points(spec)]
    limit = f.state.max * f.state.step
    network: list[HyperTwin | TwinWires] = []
    if spec.hyper is None:
        scales = [vars(theta) for theta in spec.layers]
    else:
        made = hyper.float_twin(spec, spec.hyper, h, y, index)
        scales = [made.layer(k) for k in range(spec.depth)]
        network.append(made)

    def column(k: int, z: FloatArray, gradient: FloatArray) -> FloatArray:
        theta: dict[str, FloatArray] = {
            name: scales[k][name] * getattr(f, name).step for name in (*SCALES, "phi")
        }
        b = np.clip(z[:, :, None] + theta["step"] * gradient, -limit, limit)
        root = theta["quartic_scale"]
        slope = sum(quartic_slope(root * (b - j)) for j in grid)
        p = np.clip(b - theta["quartic_step"] * slope, -limit, limit)
        root = theta["gaussian_scale"]
        slope = sum(gaussian_slope(root * (p - j)) for j in grid)
        d = np.clip(p - theta["gaussian_step"] * slope, -limit, limit)
        third = cosine_slope(d - 1, theta["phi"])  # every point of the grid is odd
        return d + theta["cosine_step"] * third

    return network + list(distributed.float_twin(spec, h, y, index, column))
