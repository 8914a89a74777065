# SPDX-License-Identifier: Apache-2.0
"""PGD-Net in integers, eqs. (6) to (8) of the KAQ paper: the reference of every other view.

Shapes: h (G, M, N), one matrix a coherence block; y (G, B, M); index (G, B), the SNR entry of each
vector; every wire of a layer (G, B, M) or (G, B, N). All int64, exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fixedpoint import slicer
from fixedpoint.bank import entries
from fixedpoint.format import Format, IntArray
from fixedpoint.inputs import check_inputs
from fixedpoint.pgd_spec import PgdLayer, PgdSpec
from fixedpoint.pgd_widths import PgdShifts, bounds, shifts
from fixedpoint.prox import prox
from fixedpoint.requantize import requantize

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class LayerWires:
    """Every wire of one layer, in the order of computation.

    accumulator = Hx; residual = r; gradient = Hᵀr; update = u, before the prox; state = v, after
    it; code = x; bits = the slicer's decision on v, shape (G, B, N, bits a dimension).
    """

    accumulator: IntArray
    residual: IntArray
    gradient: IntArray
    update: IntArray
    state: IntArray
    code: IntArray
    bits: IntArray


def wire_formats(spec: PgdSpec) -> dict[str, Format]:
    """The format of each wire of a layer; accumulator and gradient at their derived widths.

    The accumulator counts steps Δ of the layer before, the code steps Δ of its own layer.
    """
    f, width = spec.formats, bounds(spec)
    return {
        "accumulator": Format(width["accumulator"].bits, f.h.frac),
        "residual": f.residual,
        "gradient": Format(width["gradient"].bits, f.h.frac + f.residual.frac),
        "update": f.state,
        "state": f.state,
        "code": f.code,
        "bits": Format(1, 0, signed=False),
    }


def run(spec: PgdSpec, h: IntArray, y: IntArray, index: IntArray) -> list[LayerWires]:
    """Every layer in turn, from x = 0. Raises `ValueError` on inputs outside their formats."""
    h, y, index = check_inputs(spec, h, y, index)
    s, wires = shifts(spec), []
    h_transposed = h.transpose(0, 2, 1)
    code = np.zeros((*y.shape[:2], spec.columns), dtype=np.int64)
    step = np.zeros((*index.shape, 1), dtype=np.int64)
    for layer in spec.layers:
        wires.append(_layer(spec, s, layer, h, h_transposed, y, index, code, step))
        code, step = wires[-1].code, entries(layer.step, index)
    return wires


def _layer(
    spec: PgdSpec,
    s: PgdShifts,
    layer: PgdLayer,
    h: IntArray,
    h_transposed: IntArray,
    y: IntArray,
    index: IntArray,
    x: IntArray,
    step: IntArray,
) -> LayerWires:
    accumulator = x @ h_transposed
    error = accumulator * step - y * (1 << s.y_align)
    residual = requantize(error, s.residual, spec.formats.residual)
    gradient = residual @ h
    change = x * step * (1 << s.x_align) - layer.eta * gradient * (1 << s.g_align)
    update = requantize(change, s.update, spec.formats.state)
    state = prox(spec.prox, update, layer.threshold)
    code = requantize(state * entries(layer.inverse, index), s.code, spec.formats.code)
    bits = slicer.decide(spec, state)
    return LayerWires(accumulator, residual, gradient, update, state, code, bits)


@dataclass(frozen=True)
class TwinWires:
    """The float twin's wires of one layer, in units of the integer wires' last bits."""

    residual: FloatArray
    gradient: FloatArray
    update: FloatArray
    state: FloatArray
    code: FloatArray


def float_twin(spec: PgdSpec, h: FloatArray, y: FloatArray, index: IntArray) -> list[TwinWires]:
    """The same constants and the same clipping, every rounding replaced by the identity.

    Args:
        h, y: real values (not integers), shapes as in `run`; they are clipped where the input
            formats and the ADC clip, and not rounded.
    """
    f, s = spec.formats, shifts(spec)
    h = np.clip(h * 2.0**f.h.frac, f.h.min, f.h.max)
    highest = spec.adc.highest
    y = np.clip(y * 2.0**f.y.frac, -highest, highest)
    x = np.zeros((*y.shape[:2], spec.columns))
    step = np.zeros((*index.shape, 1))
    wires = []
    for layer in spec.layers:
        error = (x @ h.transpose(0, 2, 1)) * step - y * 2.0**s.y_align
        residual = _clip(error * 2.0**-s.residual, f.residual)
        gradient = residual @ h
        change = x * step * 2.0**s.x_align - layer.eta * gradient * 2.0**s.g_align
        update = _clip(change * 2.0**-s.update, f.state)
        state = prox(spec.prox, update, layer.threshold)
        x = _clip(state * entries(layer.inverse, index) * 2.0**-s.code, f.code)
        step = entries(layer.step, index)
        wires.append(TwinWires(residual, gradient, update, state, x))
    return wires


def _clip(x: FloatArray, target: Format) -> FloatArray:
    return np.clip(x, target.min, target.max)
