# SPDX-License-Identifier: Apache-2.0
"""HPD, Algorithm 1 of the HPD/FPD paper.

Wires besides those of `units.py`: pull = ∇ψ(z) before its weight, the same in every unit;
estimate = x_c, eq. (20).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fixedpoint.detectors import units
from fixedpoint.detectors.definition import Definition
from fixedpoint.detectors.units import FloatArray
from fixedpoint.program.leaves import constant
from fixedpoint.program.trace import Trace
from fixedpoint.program.values import total
from fixedpoint.specs.hpd import HpdSpec


def define(t: Trace, spec: HpdSpec) -> None:
    """The program of a spec."""
    f, eta = spec.formats, float(spec.formats.eta.value(spec.eta))
    cell = units.converter(t, spec)

    def exact(distance: FloatArray, _: Any) -> FloatArray:
        return pull_gradient(distance, eta)

    with t.layers():
        z = t.before("extrapolated", f.state)
        gradient = units.rows(t, spec, cell, z)
        pull = t.wire("pull", t.read("pull", t.distance(z, f.state), spec.pull, exact))
        step = constant("step", f.step, [layer.step for layer in spec.layers])
        weight = constant("weight", f.weight, [layer.weight for layer in spec.layers])
        units.fusion(t, spec, total(z, step * gradient, -(weight * pull)))


def pull_gradient(x: FloatArray, eta: float) -> FloatArray:
    """∇ψ of eq. (21) at a distance x from a point of the grid, whose neighbours lie at ±2."""
    total = np.zeros_like(x)
    for point in (-2, 0, 2):
        cube = eta * (x - point) ** 3
        total += 4 * cube / (cube * (x - point) + 1) ** 2
    return total


DETECTOR = Definition(define)
