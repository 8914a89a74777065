# SPDX-License-Identifier: Apache-2.0
"""Rows and fusion of detectors with distributed units of few-bit converters.

Eqs. (10), (22) and (23) of the HPD/FPD paper.

Wires of `adc`: what a code stands for, q_low and q_up; the open side of the first and of the last
cell repeats its other threshold. Of a layer: accumulator = H_c z; residual = 1 − σ_up − σ_low;
gradient = H_cᵀe; state = s; extrapolated = z of the next layer; bits = the slicer's decision on s.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fixedpoint.program.leaves import constant, integer
from fixedpoint.program.trace import Trace
from fixedpoint.program.values import Value, choose
from fixedpoint.specs.distributed import DistributedSpec

FloatArray = NDArray[np.float64]


def converter(t: Trace, spec: DistributedSpec) -> tuple[Value, Value]:
    """q_low and q_up of each row."""
    with t.once("adc"):
        low = t.wire("low", t.given("low", spec.adc.threshold), spec.adc.threshold)
        up = t.wire("up", t.given("up", spec.adc.threshold), spec.adc.threshold)
    return low, up


def rows(t: Trace, spec: DistributedSpec, cell: tuple[Value, Value], z: Value) -> Value:
    """The gradient of a unit at z, eq. (10)."""
    h, codes, f = t.matrix("h"), t.given("y", spec.adc.code), spec.formats
    kappa = float(f.kappa.value(spec.kappa))

    def exact(x: FloatArray, _: Any) -> FloatArray:
        return sigmoid(kappa * x)

    low, up = cell
    accumulator = t.wire("accumulator", h @ z)
    one = integer(spec.one, f.residual.frac)
    above = t.read("sigmoid up", accumulator - up, spec.sigmoid, exact).within(spec.one)
    above = choose(codes, spec.adc.code.max, integer(0, f.residual.frac), above)
    below = t.read("sigmoid low", accumulator - low, spec.sigmoid, exact).within(spec.one)
    below = choose(codes, 0, one, below)
    residual = t.wire("residual", (one - above - below).within(spec.one), f.residual)
    return t.wire("gradient", h.T @ residual)


def fusion(t: Trace, spec: DistributedSpec, update: Value) -> None:
    """Π of eq. (20), the mean of the units, eq. (22), and the extrapolation, eq. (23)."""
    f = spec.formats
    peak = integer(spec.peak, f.state.frac)
    estimate = t.wire("estimate", update.to(f.state, "estimate").clip(peak, "estimate projected"),
                      f.state)  # fmt: skip
    mean = constant("mean", f.mean, [spec.mean] * spec.depth, [1 / spec.units] * spec.depth)
    momentum = constant("momentum", f.momentum, spec.momentum)
    state = t.wire("state", (t.over_units(estimate) * mean).to(f.state))
    change = momentum * (state - t.before("state", f.state))
    t.wire("extrapolated", (state + change).to(f.state))
    t.wire("bits", t.sliced(state))


def sigmoid(x: FloatArray) -> FloatArray:
    """σ, 0 and 1 at ∓∞."""
    with np.errstate(over="ignore"):
        value: FloatArray = 1 / (1 + np.exp(-x))
    return value
