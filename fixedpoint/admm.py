# SPDX-License-Identifier: Apache-2.0
"""ADMM-Net in integers: the reference of every other view.

With F = W·Hᵀ and P = ρ·W, W = (HᵀH + ρI)⁻¹, of a coherence block (`fixedpoint.prepare`), the front
end gives x₀ = F·y, and layer k, from z = u = 0,

    x = x₀ + P·(z − u)      xr = z + rel·(x − z)      v = prox(xr + u)
    c = v/Δ                 z = c·Δ                   u = u + un·(xr − z)

Shapes: matrices (G, M + N, N), Fᵀ above P; y (G, B, M); index (G, B), one SNR entry a block; every
wire (G, B, N). All int64, exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fixedpoint import slicer
from fixedpoint.admm_spec import AdmmLayer, AdmmSpec
from fixedpoint.admm_widths import bounds, shifts
from fixedpoint.bank import entries
from fixedpoint.format import Format, IntArray, integers
from fixedpoint.inputs import check_inputs, split
from fixedpoint.prepare import prepare
from fixedpoint.prox import prox
from fixedpoint.requantize import combine, requantize

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class FrontWires:
    """The front end: filtered = F·y, exact; estimate = x₀."""

    filtered: IntArray
    estimate: IntArray


@dataclass(frozen=True)
class LayerWires:
    """Every wire of one layer, in the order of computation.

    product = P·d with the difference d of the layer before (0 in the first); estimate = x;
    relaxed = xr; update = xr + u, before the prox; state = v, after it; code = c; decoded = z;
    dual = u; difference = d = z − u; bits = the slicer's decision on v, (G, B, N, bits a
    dimension).
    """

    product: IntArray
    estimate: IntArray
    relaxed: IntArray
    update: IntArray
    state: IntArray
    code: IntArray
    decoded: IntArray
    dual: IntArray
    difference: IntArray
    bits: IntArray


def front_formats(spec: AdmmSpec) -> dict[str, Format]:
    """The formats of the front end's wires."""
    f = spec.formats
    filtered = Format(bounds(spec)["filtered"].bits, f.f.frac + f.y.frac)
    return {"filtered": filtered, "estimate": f.front}


def wire_formats(spec: AdmmSpec) -> dict[str, Format]:
    """The format of each wire of a layer; the product at its derived width."""
    f = spec.formats
    return {
        "product": Format(bounds(spec)["product"].bits, f.p.frac + f.difference.frac),
        "estimate": f.state,
        "relaxed": f.state,
        "update": f.state,
        "state": f.state,
        "code": f.code,
        "decoded": f.state,
        "dual": f.dual,
        "difference": f.difference,
        "bits": Format(1, 0, signed=False),
    }


def run(spec: AdmmSpec, h: IntArray, y: IntArray, index: IntArray) -> list[Any]:
    """The front end and every layer in turn, from z = u = 0.

    Raises `ValueError` on inputs outside their formats, and on a block with two SNR entries.
    """
    h, y, index = check_inputs(spec, h, y, index)
    matrices = split(spec, h)
    first = front(spec, matrices, y)
    wires: list[Any] = [first]
    zero = np.zeros_like(first.estimate)
    decoded = dual = difference = zero
    for constants in spec.layers:
        product = difference @ matrices["p"]
        wires.append(layer(spec, constants, index, first.estimate, product, decoded, dual))
        decoded, dual, difference = wires[-1].decoded, wires[-1].dual, wires[-1].difference
    return wires


def front(spec: AdmmSpec, matrices: Mapping[str, IntArray], y: IntArray) -> FrontWires:
    """x₀ = F·y of the matrix Fᵀ (G, M, N) named f."""
    filtered = integers("y", y) @ integers("f", matrices["f"])
    return FrontWires(filtered, requantize(filtered, shifts(spec).front, spec.formats.front))


def layer(
    spec: AdmmSpec,
    constants: AdmmLayer,
    index: IntArray,
    x0: IntArray,
    product: IntArray,
    z: IntArray,
    u: IntArray,
) -> LayerWires:
    """One layer, element by element, from x₀, its product P·(z − u), and the z and u before."""
    f, s = spec.formats, shifts(spec)
    product, z, u = integers("product", product), integers("z", z), integers("u", u)
    x = combine(f.state, (x0, f.front.frac), (product, f.p.frac + f.difference.frac))
    gap = (x - z) * constants.relaxation
    relaxed = combine(f.state, (z, f.state.frac), (gap, f.relaxation.frac + f.state.frac))
    update = combine(f.state, (relaxed, f.state.frac), (u, f.dual.frac))
    state = prox(spec.prox, update, constants.threshold)
    code = requantize(state * entries(constants.inverse, index), s.code, f.code)
    decoded = requantize(code * entries(constants.step, index), s.decoded, f.state)
    change = (relaxed - decoded) * constants.dual_step
    dual = combine(f.dual, (u, f.dual.frac), (change, f.dual_step.frac + f.state.frac))
    difference = combine(f.difference, (decoded, f.state.frac), (-dual, f.dual.frac))
    bits = slicer.decide(spec, state)
    return LayerWires(product, x, relaxed, update, state, code, decoded, dual, difference, bits)


@dataclass(frozen=True)
class TwinWires:
    """The float twin's wires that matter, in units of the integer wires' last bits.

    Of the front end `estimate` is x₀, and `state` the same: nothing is decided there.
    """

    estimate: FloatArray
    state: FloatArray


def float_twin(spec: AdmmSpec, h: FloatArray, y: FloatArray, index: IntArray) -> list[TwinWires]:
    """The same constants and the same clipping, every rounding replaced by the identity.

    Args:
        spec: the detector.
        h: real channels (G, M, N): F and P are prepared from them, clipped and not rounded.
        y, index: real samples (G, B, M) and SNR entries (G, B), shapes as in `run`.
    """
    f, s, made = spec.formats, shifts(spec), prepare(spec, h, index)
    front_t, p = _clip(made.f.transpose(0, 2, 1), f.f, f.f.frac), _clip(made.p, f.p, f.p.frac)
    levels = np.clip(y * 2.0**f.y.frac, -spec.adc.highest, spec.adc.highest)
    x0 = _clip(levels @ front_t, f.front, -s.front)
    wires, unit = [TwinWires(x0, x0)], f.state.frac
    z = u = d = np.zeros_like(x0)
    for constants in spec.layers:
        product = (d @ p) * 2.0 ** (unit - f.p.frac - f.difference.frac)
        x = _clip(x0 * 2.0 ** (unit - f.front.frac) + product, f.state)
        relaxed = _clip(z + (x - z) * f.relaxation.value(constants.relaxation), f.state)
        update = _clip(relaxed + u * 2.0 ** (unit - f.dual.frac), f.state)
        state = prox(spec.prox, update, constants.threshold)
        code = _clip(state * entries(constants.inverse, index), f.code, -s.code)
        z = _clip(code * entries(constants.step, index), f.state, -s.decoded)
        change = (relaxed - z) * f.dual_step.value(constants.dual_step)
        u = _clip(u + change * 2.0 ** (f.dual.frac - unit), f.dual)
        difference = z * 2.0**-unit - u * f.dual.step
        d = _clip(difference, f.difference, f.difference.frac)
        wires.append(TwinWires(x, state))
    return wires


def _clip(x: FloatArray, target: Format, left: int = 0) -> FloatArray:
    """x · 2^left within a format's integers."""
    return np.clip(x * 2.0**left, target.min, target.max)
