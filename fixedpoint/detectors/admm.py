# SPDX-License-Identifier: Apache-2.0
"""ADMM-Net whose layers share one ρ.

A block brings F = W·Hᵀ and P = ρ·W, W = (HᵀH + ρI)⁻¹ (`fixedpoint.specs.prepare`).
The front end gives x₀ = F·y, and layer k, from z = u = 0,

    x = x₀ + P·(z − u)      xr = z + rel·(x − z)      v = prox(xr + u)
    c = v/Δ                 z = c·Δ                   u = u + un·(xr − z)

Wires of front: filtered = F·y, exact; estimate = x₀. Of a layer: product = P·d with the difference
d of the layer before; estimate = x; relaxed = xr; update = xr + u, before the prox; state = v;
code = c; decoded = z; dual = u; difference = d = z − u; bits = the slicer's decision on v.
"""

from __future__ import annotations

from fixedpoint.detectors.definition import Definition
from fixedpoint.detectors.shared import prox
from fixedpoint.program.leaves import bank, constant
from fixedpoint.program.trace import Trace
from fixedpoint.specs.admm import AdmmSpec


def define(t: Trace, spec: AdmmSpec) -> None:
    """The program of a spec."""
    f, layers = spec.formats, spec.layers
    front, p, y = t.matrix("f"), t.matrix("p"), t.given("y", f.y)
    inverse = bank("inverse", f.inverse, [layer.inverse for layer in layers])
    step = bank("step", f.step, [layer.step for layer in layers])
    relaxation = constant("relaxation", f.relaxation, [layer.relaxation for layer in layers])
    dual_step = constant("dual_step", f.dual_step, [layer.dual_step for layer in layers])
    with t.once("front"):
        filtered = t.wire("filtered", front.T @ y)
        x0 = t.wire("estimate", filtered.to(f.front))
    with t.layers():
        z, u = t.before("decoded", f.state), t.before("dual", f.dual)
        product = t.wire("product", p.T @ t.before("difference", f.difference))
        x = t.wire("estimate", (x0 + product).to(f.state))
        xr = t.wire("relaxed", (z + relaxation * (x - z)).to(f.state))
        update = t.wire("update", (xr + u).to(f.state))
        v = t.wire("state", prox(spec, update), f.state)
        code = t.wire("code", (v * inverse).to(f.code))
        z = t.wire("decoded", (code * step).to(f.state))
        u = t.wire("dual", (u + dual_step * (xr - z)).to(f.dual))
        t.wire("difference", (z - u).to(f.difference))
        t.wire("bits", t.sliced(v))


DETECTOR = Definition(define)
