# SPDX-License-Identifier: Apache-2.0
"""The program of a spec, by its detector's definition."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from fixedpoint.detectors import admm, found, fpd, hpd, pgd
from fixedpoint.detectors.definition import Definition, Network
from fixedpoint.detectors.own import OwnDetector
from fixedpoint.program import soft
from fixedpoint.program.digest import digest
from fixedpoint.program.domain import DefinitionError
from fixedpoint.program.graph import Program
from fixedpoint.program.trace import Trace, traced
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.support.schema import SpecError

DEFINITIONS: Mapping[str, Definition] = {
    "pgd": pgd.DETECTOR,
    "admm": admm.DETECTOR,
    "hpd": hpd.DETECTOR,
    "fpd": fpd.DETECTOR,
}


def definition(spec: DetectorSpec) -> Definition:
    """That of a spec's detector. Raises `DefinitionError` if none is found."""
    return DEFINITIONS.get(spec.detector) or found.required(spec.detector)


def use(path: Path) -> OwnDetector:
    """Find a file's detector by its name from now on. Raises `ValueError` on one that is none."""
    made = found.use(path)
    if made.name in {*DEFINITIONS, *found.PACKAGED}:
        raise ValueError(f"detector {path}: the name {made.name!r} is a shipped detector's")
    return made


def network(spec: DetectorSpec) -> Network | None:
    """What supplies a spec's program with numbers at run time, if anything does."""
    return definition(spec).network(spec)


@lru_cache(maxsize=64)
def program(spec: DetectorSpec) -> Program:
    """The trace of a spec's definition.

    Raises `SpecError` where it cannot be one, as where an intermediate passes its carriers.
    """
    try:
        return traced(definition(spec).define, spec, _soft)
    except DefinitionError as error:
        raise SpecError(f"spec {spec.name}", [str(error)]) from error


def _soft(t: Trace) -> None:
    if t.spec.soft is not None:
        soft.append(t, t.spec.soft)


@lru_cache(maxsize=64)
def graph_digest(spec: DetectorSpec) -> str:
    """The digest of a spec's graph, by which a built view is told from that of an older one."""
    return digest(program(spec))
