# SPDX-License-Identifier: Apache-2.0
"""PGD-Net, eqs. (6) to (8) of the KAQ paper.

    r = Hx − y      u = x − η·Hᵀr      v = prox(u)      x = v in steps Δ

Wires: accumulator = Hx; residual = r; gradient = Hᵀr; update = u, before the prox; state = v, after
it; code = x; bits = the slicer's decision on v. The accumulator counts steps Δ of the layer before,
the code steps Δ of its own layer.
"""

from __future__ import annotations

from fixedpoint.detectors.definition import Definition
from fixedpoint.detectors.shared import prox
from fixedpoint.program.leaves import bank, constant
from fixedpoint.program.trace import Trace
from fixedpoint.specs.pgd import PgdSpec


def define(t: Trace, spec: PgdSpec) -> None:
    """The program of a spec."""
    f, layers = spec.formats, spec.layers
    h, y = t.matrix("h"), t.given("y", f.y)
    step = bank("step", f.step, [layer.step for layer in layers], before=True)
    inverse = bank("inverse", f.inverse, [layer.inverse for layer in layers])
    eta = constant("eta", f.eta, [layer.eta for layer in layers])
    with t.layers():
        x = t.before("code", f.code)
        accumulator = t.wire("accumulator", h @ x)
        residual = t.wire("residual", (accumulator * step - y).to(f.residual))
        gradient = t.wire("gradient", h.T @ residual)
        update = t.wire("update", ((x * step).in_logic() - eta * gradient).to(f.state))
        state = t.wire("state", prox(spec, update), f.state)
        t.wire("code", (state * inverse).to(f.code))
        t.wire("bits", t.sliced(state))


DETECTOR = Definition(define)
