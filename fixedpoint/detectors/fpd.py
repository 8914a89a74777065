# SPDX-License-Identifier: Apache-2.0
"""FPD-Net, Algorithm 2 of the HPD/FPD paper.

A unit's column is a chain b → p → d → x_c, eqs. (37) to (40). The tables F and G serve every η and
β by a change of variable. θ is constants of each layer, or comes from the hyper-network.

Wires besides those of `units.py`, all of each unit: b, eq. (37); quartic = the sum of the table F
over the grid; p, eq. (38); gaussian = that of G; d, eq. (39); cosine = the slope of the third
penalty; estimate = x_c, eq. (40).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fixedpoint.detectors import units
from fixedpoint.detectors.definition import Definition
from fixedpoint.detectors.hyper_network import HyperNetwork
from fixedpoint.detectors.units import FloatArray
from fixedpoint.numbers.lookup import Lookup
from fixedpoint.program.leaves import constant
from fixedpoint.program.trace import Trace
from fixedpoint.program.values import Value, quotient
from fixedpoint.specs.fpd import FpdSpec
from fixedpoint.specs.fpd_tables import THETA

Slope = Callable[[FloatArray], FloatArray]


def define(t: Trace, spec: FpdSpec) -> None:
    """The program of a spec."""
    f = spec.formats
    cell, theta = units.converter(t, spec), _theta(t, spec)

    def over_grid(name: str, x: Value, table: Lookup, slope: Slope) -> Value:
        scale = theta[f"{name}_scale"]  # x is multiplied once for all points of the grid
        argument = x * scale - t.grid(f.state) * scale
        return t.wire(name, t.read(name, argument, table, lambda v, _: slope(v)).over_grid())

    with t.layers():
        z = t.before("extrapolated", f.state)
        gradient = units.rows(t, spec, cell, z)
        b = t.wire("b", (z + theta["step"] * gradient).to(f.state))
        quartic = over_grid("quartic", b, spec.quartic, quartic_slope)
        p = t.wire("p", (b - theta["quartic_step"] * quartic).to(f.state))
        gaussian = over_grid("gaussian", p, spec.gaussian, gaussian_slope)
        d = t.wire("d", (p - theta["gaussian_step"] * gaussian).to(f.state))
        cosine = t.wire("cosine", _third(t, spec, t.distance(d, f.state), theta))
        units.fusion(t, spec, d + theta["cosine_step"] * cosine)


def _theta(t: Trace, spec: FpdSpec) -> dict[str, Value]:
    """The scales of a layer: constants, or a number of each unit and vector."""
    found: dict[str, Value] = {}
    for name in THETA:
        fmt = getattr(spec.formats, name)
        if spec.hyper is None:
            values = [getattr(layer, name) for layer in spec.layers]
            found[name] = constant(name, fmt, values, loaded=True)
        else:
            found[name] = t.supplied(name, fmt)
    return found


def _third(t: Trace, spec: FpdSpec, distance: Value, theta: dict[str, Value]) -> Value:
    """−sin πa/(φ − cos πa): by a table of each layer, or as a quotient where φ varies."""
    hyper, phi = spec.hyper, spec.formats.phi
    if hyper is None:
        tables = [spec.cosine(k) for k in range(spec.depth)]
        return t.read("cosine", distance, tables, lambda a, layer: cosine_slope(
            a, float(phi.value(spec.layers[layer].phi))), loaded=True)  # fmt: skip
    sine = t.read("sine", distance, hyper.sine, lambda a, _: np.sin(np.pi * a))
    cosine = t.read("cosine", distance, hyper.cosine, lambda a, _: np.cos(np.pi * a))
    denominator = theta["phi"] - cosine.within(1 << hyper.cosine.output.frac)
    return quotient(-sine, denominator, hyper.reciprocal, spec.cosine_output, "third")


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


DETECTOR = Definition(define, HyperNetwork.of)
