# SPDX-License-Identifier: Apache-2.0
"""The program of a spec, by its detector's definition."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from fixedpoint.detector_spec import DetectorSpec
from fixedpoint.detectors import admm, fpd, hpd, pgd
from fixedpoint.distributed_spec import DistributedSpec
from fixedpoint.program.graph import Program
from fixedpoint.program.trace import Definition, Trace

DEFINITIONS: dict[str, Definition] = {
    "pgd": pgd.define,
    "admm": admm.define,
    "hpd": hpd.define,
    "fpd": fpd.define,
}


@lru_cache(maxsize=64)
def program(spec: DetectorSpec) -> Program:
    """The trace of a spec's definition."""
    units = (spec.units, spec.unit_size) if isinstance(spec, DistributedSpec) else (0, 0)
    t = Trace(spec, *units)
    define = DEFINITIONS[spec.detector]
    define(t, spec)
    code = define.__code__
    return t.program(f"{Path(code.co_filename).name}:{code.co_firstlineno}")
