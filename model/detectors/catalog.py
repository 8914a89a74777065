# SPDX-License-Identifier: Apache-2.0
"""Every detector by its name."""

from __future__ import annotations

from model.detectors import (
    bmmse,
    checkpoint,
    conjugate_gradient,
    distributed_admm,
    few_bit_ml,
    fusion,
    golden,
    kbest,
    linear,
    sphere,
    unfolded,
)
from model.detectors.options import Build, Options
from model.distributed import hpd
from model.systems.scene import Detector
from model.systems.system import System

CATALOG: dict[str, Build] = {
    **hpd.DETECTORS,
    **bmmse.DETECTORS,
    **checkpoint.DETECTORS,
    **conjugate_gradient.DETECTORS,
    **distributed_admm.DETECTORS,
    **few_bit_ml.DETECTORS,
    **fusion.DETECTORS,
    **golden.DETECTORS,
    **kbest.DETECTORS,
    **linear.DETECTORS,
    **sphere.DETECTORS,
    **unfolded.DETECTORS,
}


def can_serve(text: str, system: System) -> bool:
    """Whether a detector of the catalog can be made for a system."""
    try:
        make(text, system)
    except ValueError:
        return False
    return True


def make(text: str, system: System) -> Detector:
    """The detector `NAME:key=value,…` for a system.

    Raises `ValueError` on an unknown name or option, and if the detector can't serve the system.
    """
    options = Options(text)
    if options.name not in CATALOG:
        raise ValueError(f"detector {options.name!r} is not one of {', '.join(sorted(CATALOG))}")
    detector = CATALOG[options.name](system, options)
    options.finish()
    return detector
