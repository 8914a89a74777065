# SPDX-License-Identifier: Apache-2.0
"""The program of a spec, by its detector's definition."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from fixedpoint.detector_spec import DetectorSpec
from fixedpoint.detectors import admm, fpd, hpd, pgd
from fixedpoint.detectors.definition import Definition, Network
from fixedpoint.program.graph import Program
from fixedpoint.program.trace import Trace

DEFINITIONS: Mapping[str, Definition] = {
    "pgd": pgd.DETECTOR,
    "admm": admm.DETECTOR,
    "hpd": hpd.DETECTOR,
    "fpd": fpd.DETECTOR,
}


def definition(spec: DetectorSpec) -> Definition:
    """That of a spec's detector."""
    return DEFINITIONS[spec.detector]


def network(spec: DetectorSpec) -> Network | None:
    """What supplies a spec's program with numbers at run time, if anything does."""
    return definition(spec).network(spec)


@lru_cache(maxsize=64)
def program(spec: DetectorSpec) -> Program:
    """The trace of a spec's definition."""
    t = Trace(spec, spec.unit_count, spec.unit_size)
    define = definition(spec).define
    define(t, spec)
    code = define.__code__
    return t.program(f"{Path(code.co_filename).name}:{code.co_firstlineno}")
