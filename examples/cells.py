# SPDX-License-Identifier: Apache-2.0
"""A detector of one's own for distributed units of 2-bit converters: gradient steps into the cells.

A code says only that a row of Hx lies between q_low and q_up. On its own rows a unit steps against

    r = s(H_c z − q_up) − s(q_low − H_c z)        x_c = clip(z − μ·H_cᵀr, ±peak)

with s a hinge, rounded by the noise; what is beyond an open end costs nothing. The fusion node
takes the mean of the units and extrapolates:

    x = mean of x_c        z = x + β·(x − x₋)
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fixedpoint.detectors.own import FewBits, OwnDetector, Table
from fixedpoint.detectors.own_spec import OwnSpec
from fixedpoint.numbers.format import Format
from fixedpoint.program.leaves import constant, integer
from fixedpoint.program.trace import Trace
from fixedpoint.program.values import choose

FloatArray = NDArray[np.float64]
WIDTH = 0.15
"""Of the hinge's bend."""


def hinge(x: FloatArray, _: Any = None) -> FloatArray:
    """max(x, 0), smooth."""
    return WIDTH * np.logaddexp(0, x / WIDTH)


def define(t: Trace, spec: OwnSpec) -> None:
    """One layer."""
    f, codes = spec.format, spec.converter.code
    h, code = t.matrix("h"), t.given("y", codes)
    low, up = (t.given(end, spec.converter.threshold) for end in ("low", "up"))
    step, beta, over = spec.constant("step"), spec.constant("beta"), spec.table("over")
    nothing, peak = integer(0, over.output.frac), spec.constellation.peak << f("state").frac
    share = int(f("mean").quantize(1 / spec.units))
    mean = constant("mean", f("mean"), [share] * spec.depth, [1 / spec.units] * spec.depth)
    with t.layers():
        z, before = t.before("point", f("state")), t.before("state", f("state"))
        accumulator = t.wire("accumulator", h @ z)
        above = t.read("hinge up", accumulator - up, over, hinge)
        below = t.read("hinge low", low - accumulator, over, hinge)
        above, below = choose(code, codes.max, nothing, above), choose(code, 0, nothing, below)
        residual = t.wire("residual", (above - below).to(f("residual")))
        gradient = t.wire("gradient", h.T @ residual)
        estimate = (z - step * gradient).to(f("state"), "estimate")
        estimate = estimate.clip(integer(peak, f("state").frac), "estimate projected")
        estimate = t.wire("estimate", estimate, f("state"))
        state = t.wire("state", (t.over_units(estimate) * mean).to(f("state")))
        t.wire("point", (state + beta * (state - before)).to(f("state")))
        t.wire("bits", t.sliced(state))


DETECTOR = OwnDetector(
    define,
    name="cells",
    adc=FewBits(2, threshold=Format(9, 6), level=Format(9, 6)),
    units=True,
    formats={
        "h": Format(8, 8), "residual": Format(8, 5), "state": Format(10, 7), "step": Format(10, 5),
        "beta": Format(10, 9), "mean": Format(10, 8),
    },
    constants={"step": 4.0, "beta": [0.25, 0.4, 0.5, 0.57, 0.0]},
    tables={"over": Table(hinge, Format(8, 4), Format(8, 5))},
)  # fmt: skip
