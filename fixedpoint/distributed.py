# SPDX-License-Identifier: Apache-2.0
"""The constellation's grid in a state's format, for what bounds HPD and FPD-Net from outside."""

from __future__ import annotations

import numpy as np

from fixedpoint import slicer
from fixedpoint.distributed_spec import DistributedSpec
from fixedpoint.format import IntArray, integers


def nearest(spec: DistributedSpec, x: IntArray) -> IntArray:
    """The nearest point of the grid, in the state's format; in the middle of two the upper one."""
    peak = spec.constellation.peak
    points: IntArray = (2 * slicer.position(x, spec.slicer) - peak) * (1 << spec.state_format.frac)
    return points


def project(spec: DistributedSpec, x: IntArray) -> IntArray:
    """Π of eq. (20): onto [−peak, peak]."""
    projected: IntArray = np.clip(integers("x", x), -spec.peak, spec.peak)
    return projected


def points(spec: DistributedSpec) -> list[int]:
    """The grid, ascending, in the state's format."""
    peak, one = spec.constellation.peak, 1 << spec.state_format.frac
    return [j * one for j in range(-peak, peak + 1, 2)]
