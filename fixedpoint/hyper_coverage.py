# SPDX-License-Identifier: Apache-2.0
"""What vectors exercised in the hyper-network and in the third penalty at its φ."""

from __future__ import annotations

from typing import Any

import numpy as np

from fixedpoint import distributed
from fixedpoint.coverage import Events, widened
from fixedpoint.fpd_spec import FpdSpec
from fixedpoint.hyper import HyperWires, difference, leading_bit
from fixedpoint.hyper_spec import AFFINE, HyperShifts, HyperSpec

PRODUCTS = ("quartic_step", "gaussian_step")


def count(spec: FpdSpec, hyper: HyperSpec, wires: HyperWires, layers: list[Any]) -> Events:
    """How often each event happened; `layers` are the wires of fpd1 and so on.

    An output at an end of its format counts as saturated there: for a ReLU's lower end that is 0.
    The leading bit is that of φ − cos πa, whose place chooses the shift of the third penalty.
    """
    events: Events = {}
    (wires,), layers = widened([wires]), widened(layers)
    for name in (*AFFINE, *PRODUCTS):
        q = getattr(wires, name)
        target = getattr(hyper, name).output if name in AFFINE else getattr(spec.formats, name)
        events[f"hyper.{name} saturated high"] = int(np.sum(q == target.max))
        if name in AFFINE:
            events[f"hyper.{name} saturated low"] = int(np.sum(q == target.min))
    places = np.zeros(HyperShifts.of(spec, hyper).width, dtype=np.int64)
    for k, layer in enumerate(layers):
        distance = layer.d - distributed.nearest(spec, layer.d)
        address = hyper.sine.index(distance, spec.state_format.frac)
        found = leading_bit(difference(spec, hyper, address, wires.layer(k).phi))
        places += np.bincount(found.ravel(), minlength=len(places))
    return events | {f"fpd.third leading bit {i}": int(n) for i, n in enumerate(places)}
