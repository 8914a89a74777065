# SPDX-License-Identifier: Apache-2.0
"""What vectors exercised in the hyper-network."""

from __future__ import annotations

import numpy as np

from fixedpoint.coverage import Events
from fixedpoint.fpd_spec import FpdSpec
from fixedpoint.hyper import HyperWires
from fixedpoint.hyper_spec import AFFINE, HyperSpec

PRODUCTS = ("quartic_step", "gaussian_step")


def count(spec: FpdSpec, hyper: HyperSpec, wires: HyperWires) -> Events:
    """How often each event happened.

    An output at an end of its format counts as saturated there: for a ReLU's lower end that is 0.
    """
    events: Events = {}
    for name in (*AFFINE, *PRODUCTS):
        q = getattr(wires, name)
        target = getattr(hyper, name).output if name in AFFINE else getattr(spec.formats, name)
        events[f"hyper.{name} saturated high"] = int(np.sum(q == target.max))
        if name in AFFINE:
            events[f"hyper.{name} saturated low"] = int(np.sum(q == target.min))
    return events
