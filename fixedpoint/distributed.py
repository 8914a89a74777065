# SPDX-License-Identifier: Apache-2.0
"""Rows and fusion of HPD and FPD-Net in integers; the columns are in `hpd.py` and `fpd.py`.

Shapes: h (G, C, Q, N), one matrix of Q rows a unit and block; codes (G, B, C, Q); z and s
(G, B, N); estimates x_c (G, B, C, N). C units, N columns; all int64, exact.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fixedpoint import slicer
from fixedpoint.distributed_spec import DistributedSpec
from fixedpoint.format import Format, IntArray, integers
from fixedpoint.inputs import check_inputs
from fixedpoint.requantize import combine, requantize
from fixedpoint.widths import Bound

FloatArray = NDArray[np.float64]


class Rows(NamedTuple):
    """accumulator = H_c z, residual = 1 − σ_up − σ_low, (G, B, C, Q); gradient = H_cᵀe."""

    accumulator: IntArray
    residual: IntArray
    gradient: IntArray


class Fused(NamedTuple):
    """state = s of eq. (22), extrapolated = z of eq. (23), bits = the slicer's on s."""

    state: IntArray
    extrapolated: IntArray
    bits: IntArray


@dataclass(frozen=True)
class AdcWires:
    """Layer `adc`, what a code stands for: q_low and q_up of each unit's rows, (G, B, C, Q).

    The open side of the first and of the last cell repeats its other threshold.
    """

    low: IntArray
    up: IntArray


@dataclass(frozen=True)
class Observed:
    """What the units have: H_c, their codes, and the thresholds q_low and q_up around these."""

    h: IntArray
    codes: IntArray
    low: IntArray
    up: IntArray


def observed(spec: DistributedSpec, h: IntArray, y: IntArray, index: IntArray) -> Observed:
    """The rows of each unit of h (G, M, N) and codes y (G, B, M). `ValueError` on a misfit."""
    h, y, index = check_inputs(spec, h, y, index)
    rows = spec.unit_rows()
    cells = spec.adc.cells(y, index)
    return Observed(h[:, rows], *(part[:, :, rows] for part in (y, *cells)))


def converted(spec: DistributedSpec, y: IntArray, index: IntArray) -> AdcWires:
    """Layer `adc` on codes y (G, B, M) at SNR entries (G, B). `ValueError` on a code beyond it."""
    if not spec.adc.code.allows(y):
        raise ValueError(f"an ADC code is outside 0 to {spec.adc.code.max}")
    rows = spec.unit_rows()
    return AdcWires(*(part[:, :, rows] for part in spec.adc.cells(y, index)))


def adc_formats(spec: DistributedSpec) -> dict[str, Format]:
    """Formats of the wires of `AdcWires`."""
    return {"low": spec.adc.threshold, "up": spec.adc.threshold}


def rows(spec: DistributedSpec, seen: Observed, z: IntArray) -> Rows:
    """Both products of a layer and what lies between: the bracket of eq. (10)."""
    f = spec.formats
    frac = f.h.frac + f.state.frac
    h, codes = integers("h", seen.h), integers("codes", seen.codes)
    accumulator = np.einsum("gbn,gcqn->gbcq", integers("z", z), h, optimize=True)
    align = np.int64(1 << frac - spec.adc.threshold.frac)
    up = spec.sigmoid.read(accumulator - integers("up", seen.up) * align, frac)
    low = spec.sigmoid.read(accumulator - integers("low", seen.low) * align, frac)
    up = np.where(codes == spec.adc.code.max, 0, up)
    low = np.where(codes == 0, spec.one, low)
    residual = spec.one - up - low
    gradient = np.einsum("gbcq,gcqn->gbcn", residual, h, optimize=True)
    return Rows(accumulator, residual, gradient)


def nearest(spec: DistributedSpec, x: IntArray) -> IntArray:
    """The nearest point of the grid, in the state's format; in the middle of two the upper one."""
    peak = spec.constellation.peak
    points: IntArray = (2 * slicer.position(x, spec.slicer) - peak) * (1 << spec.state_format.frac)
    return points


def project(spec: DistributedSpec, x: IntArray) -> IntArray:
    """Π of eq. (20): onto [−peak, peak]."""
    projected: IntArray = np.clip(integers("x", x), -spec.peak, spec.peak)
    return projected


def fuse(spec: DistributedSpec, layer: int, estimates: IntArray, before: IntArray) -> Fused:
    """The fusion node, eqs. (22) and (23); `before` is s of the layer before, (G, B, N)."""
    f, x = spec.formats, spec.formats.state
    total = integers("estimates", estimates).sum(axis=2)
    state = requantize(total * spec.mean, f.mean.frac, x)
    change = spec.momentum[layer] * (state - integers("before", before))
    extrapolated = combine(x, (state, x.frac), (change, x.frac + f.momentum.frac))
    return Fused(state, extrapolated, slicer.decide(spec, state))


def row_formats(spec: DistributedSpec, width: dict[str, Bound]) -> dict[str, Format]:
    """Formats of the wires of `Rows`."""
    f = spec.formats
    return {
        "accumulator": Format(width["accumulator"].bits, f.h.frac + f.state.frac),
        "residual": f.residual,
        "gradient": Format(width["gradient"].bits, f.h.frac + f.residual.frac),
    }


def fused_formats(spec: DistributedSpec) -> dict[str, Format]:
    """Formats of the wires of `Fused`."""
    x = spec.state_format
    return {"state": x, "extrapolated": x, "bits": Format(1, 0, signed=False)}


@dataclass(frozen=True)
class TwinWires:
    """The float twin's wires of one layer, in units of the integer wires' last bits."""

    estimate: FloatArray
    state: FloatArray
    extrapolated: FloatArray


Column = Callable[[int, FloatArray, FloatArray], FloatArray]


def float_twin(
    spec: DistributedSpec, h: FloatArray, y: FloatArray, index: IntArray, column: Column
) -> list[TwinWires]:
    """The same constants and clipping, true functions for tables, no rounding.

    Args:
        h: real values, (G, M, N), clipped where H's format clips.
        y: real samples, (G, B, M); they pass the spec's converters, as the integers' do.
        column: (layer, z, gradient) to x_c before the projection, real values.
    """
    f, rows = spec.formats, spec.unit_rows()
    limit = f.h.max * f.h.step
    h = np.clip(h, -limit, limit)[:, rows]
    edges = spec.adc.edges(spec.adc.convert(y, index), index)
    low, up = (edge[:, :, rows] for edge in edges)
    kappa, unit = f.kappa.value(spec.kappa), f.state.step
    peak, limit = spec.constellation.peak, f.state.max * unit
    s = np.zeros((*index.shape, spec.columns))
    z, wires = s, []
    for layer in range(spec.depth):
        a = np.einsum("gbn,gcqn->gbcq", z, h, optimize=True)
        bracket = 1 - sigmoid(kappa * (a - up)) - sigmoid(kappa * (a - low))
        gradient = np.einsum("gbcq,gcqn->gbcn", bracket, h, optimize=True)
        x = np.clip(column(layer, z, gradient), -peak, peak)
        before, s = s, x.mean(axis=2)
        momentum = f.momentum.value(spec.momentum[layer])
        z = np.clip(s + momentum * (s - before), -limit, limit)
        wires.append(TwinWires(x / unit, s / unit, z / unit))
    return wires


def sigmoid(x: FloatArray) -> FloatArray:
    """σ, 0 and 1 at ∓∞."""
    with np.errstate(over="ignore"):
        value: FloatArray = 1 / (1 + np.exp(-x))
    return value


def points(spec: DistributedSpec) -> list[int]:
    """The grid, ascending, in the state's format."""
    peak, one = spec.constellation.peak, 1 << spec.state_format.frac
    return [j * one for j in range(-peak, peak + 1, 2)]


def start(spec: DistributedSpec, index: IntArray) -> Any:
    """s and z before the first layer."""
    return np.zeros((*index.shape, spec.columns), dtype=np.int64)
