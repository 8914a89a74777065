# SPDX-License-Identifier: Apache-2.0
"""A detector of one's own: projected gradient descent with momentum, and a box.

    z = x + β·(x − x₋)      r = Hz − y      u = z − η·Hᵀr      x = clip(u, ±b)      z in steps Δ

Heavy-ball momentum needs no product more than PGD: the point z of the next layer is extrapolated
from this layer's state and from the one before, and only its code meets H.
"""

from __future__ import annotations

from fixedpoint.detectors.own import OwnDetector
from fixedpoint.detectors.own_spec import OwnSpec
from fixedpoint.numbers.format import Format
from fixedpoint.program.trace import Trace


def define(t: Trace, spec: OwnSpec) -> None:
    """One layer."""
    f = spec.format
    h, y = t.matrix("h"), t.given("y", f("y"))
    step, inverse = spec.bank("step", before=True), spec.bank("inverse")
    eta, beta, box = spec.constant("eta"), spec.constant("beta"), spec.constant("box")
    with t.layers():
        code = t.before("code", f("code"))
        before = t.before("state", f("state"))
        accumulator = t.wire("accumulator", h @ code)
        residual = t.wire("residual", (accumulator * step - y).to(f("residual")))
        gradient = t.wire("gradient", h.T @ residual)
        update = t.wire("update", (code * step - eta * gradient).to(f("state")))
        state = t.wire("state", update.clip(box, "box"), f("state"))
        point = t.wire("point", (state + beta * (state - before)).to(f("state")))
        t.wire("code", (point * inverse).to(f("code")))
        t.wire("bits", t.sliced(state))


DETECTOR = OwnDetector(
    define,
    name="momentum",
    formats={
        "h": Format(8, 7), "y": Format(12, 7), "residual": Format(8, 4), "state": Format(16, 11),
        "code": Format(8, 0), "step": Format(13, 14), "inverse": Format(16, 8),
        "eta": Format(12, 10), "beta": Format(10, 8), "box": Format(16, 11),
    },
    constants={"eta": 0.5, "beta": [0.3, 0.3, 0.3, 0.3, 0.0], "box": 3.0},
    banks={"step": 3.5 / 127},
    reciprocals={"inverse": "step"},
    layers=5,
)  # fmt: skip
