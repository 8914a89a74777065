# SPDX-License-Identifier: Apache-2.0
"""The constellation's grid in a state's format, for what bounds units from outside."""

from __future__ import annotations

from fixedpoint.numbers import slicer
from fixedpoint.numbers.format import IntArray, integers
from fixedpoint.specs.distributed import DistributedSpec


def nearest(spec: DistributedSpec, x: IntArray) -> IntArray:
    """The nearest point of the grid, in the state's format; in the middle of two the upper one."""
    peak = spec.constellation.peak
    at = slicer.position(integers("x", x), spec.slicer)
    points: IntArray = (2 * at - peak) * (1 << spec.state_format.frac)
    return points


def points(spec: DistributedSpec) -> list[int]:
    """The grid, ascending, in the state's format."""
    peak, one = spec.constellation.peak, 1 << spec.state_format.frac
    return [j * one for j in range(-peak, peak + 1, 2)]
