# SPDX-License-Identifier: Apache-2.0
"""The spec: the only source of a detector's sizes, formats, constants and tables.

    python -m fixedpoint.spec seal FILE      # sign an edited spec anew

JSON on disk, a `DetectorSpec` of its detector's class in memory. The digest is the SHA-256 of the
canonical JSON (sorted keys, no spaces) of everything but the digest itself; every view built from a
spec carries it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, TypeVar

from fixedpoint.detectors.own_spec import OwnSpec
from fixedpoint.detectors.registry import program
from fixedpoint.numbers.adc import Adc
from fixedpoint.numbers.bank import odd_reciprocal
from fixedpoint.specs.admm import AdmmSpec
from fixedpoint.specs.detector import SCHEMA, DetectorSpec
from fixedpoint.specs.fpd import FpdSpec
from fixedpoint.specs.hpd import HpdSpec
from fixedpoint.specs.pgd import PgdFormats, PgdLayer, PgdSpec
from fixedpoint.support.reading import SPEC_BYTES, brief, read_json
from fixedpoint.support.schema import SpecError, decode

SHIPPED = Path(__file__).parents[1] / "specs/shipped"
CLASSES: dict[str, type[DetectorSpec]] = {
    cls.of: cls for cls in (PgdSpec, AdmmSpec, HpdSpec, FpdSpec)
}
"""The spec class of each detector."""

Spec = TypeVar("Spec", bound=DetectorSpec)
__all__ = [
    "SCHEMA",
    "Adc",
    "AdmmSpec",
    "DetectorSpec",
    "FpdSpec",
    "HpdSpec",
    "OwnSpec",
    "PgdFormats",
    "PgdLayer",
    "PgdSpec",
    "load",
    "load_as",
    "odd_reciprocal",
    "save",
    "seal",
    "shipped",
]


def load(source: str | Path) -> DetectorSpec:
    """Load a shipped spec by its name, or a spec file by its path, and verify its digest.

    Raises `SpecError` that names every missing, unknown, out-of-range or inconsistent entry.
    """
    path = SHIPPED / f"{source}.json" if str(source) in shipped() else Path(source)
    data = _read(path)
    spec = _with_program(_decode(data, str(source)), str(source))
    stored = data.get("digest")
    if stored != spec.digest:
        known = isinstance(stored, str) and re.fullmatch("[0-9a-f]{64}", stored)
        shown = repr(stored) if known else brief(stored)
        raise SpecError(
            f"spec {source}",
            [f"digest: {shown} is stored, {spec.digest!r} was expected (seal an edited spec)"],
        )
    if spec.sealed() != spec:
        fault = f"the definition of {spec.detector} has changed since (seal it if it may change)"
        raise SpecError(f"spec {source}", [fault])
    return spec


def load_as(kind: type[Spec], source: str | Path) -> Spec:
    """`load`, for what serves one detector only. Raises `SpecError` on another detector's spec."""
    spec = load(source)
    if not isinstance(spec, kind):
        fault = f"detector: {spec.detector!r}, {kind.of!r} was expected here"
        raise SpecError(f"spec {source}", [fault])
    return spec


def shipped(detector: str | None = None) -> list[str]:
    """The names of the specs in the package, of all detectors or of one."""
    names = sorted(path.stem for path in SHIPPED.glob("*.json"))
    of = {name: name.partition("-")[0].rstrip("0123456789") for name in names}
    return [name for name in names if detector in (None, of[name])]


def seal(path: Path) -> DetectorSpec:
    """Check an edited spec file and write it back under its new digest.

    Raises `SpecError` on one that is not valid, and on converters that were made for an array of
    other sizes or symbols.
    """
    spec = _with_program(_decode(_read(path), str(path)), str(path)).sealed()
    faults = spec.array_faults()
    if faults:
        raise SpecError(f"spec {path}", faults)
    spec.save(path)
    return spec


def save(spec: DetectorSpec, path: Path) -> None:
    """Write a spec that has a program, whole or not at all. Raises `SpecError` on one without."""
    _with_program(spec, spec.name).save(path)


def _read(path: Path) -> dict[str, Any]:
    try:
        data = read_json(path, SPEC_BYTES)
    except FileNotFoundError:
        names = ", ".join(shipped())
        raise SpecError(f"spec {path}", [f"no such file, nor a shipped spec ({names})"]) from None
    except ValueError as error:
        raise SpecError(f"spec {path}", [f"not readable as JSON: {error}"]) from None
    if not isinstance(data, dict):
        raise SpecError(f"spec {path}", ["not a JSON object"])
    return data


def _with_program(spec: DetectorSpec, subject: str) -> DetectorSpec:
    """Itself, if its detector's definition makes a program of it."""
    try:
        program(spec)
    except SpecError as error:
        raise SpecError(f"spec {subject}", error.faults) from None
    return spec


def _decode(data: dict[str, Any], subject: str) -> DetectorSpec:
    faults: list[str] = []
    body = {key: value for key, value in data.items() if key != "digest"}
    if "digest" not in data:
        faults.append("digest: missing")
    detector = data.get("detector")
    kind = CLASSES.get(detector) if isinstance(detector, str) else None
    if kind is None and isinstance(detector, str) and "graph" in data:
        kind = OwnSpec
    if kind is None:
        faults.append(f"detector: {brief(detector)} is not one of {', '.join(CLASSES)}")
        raise SpecError(f"spec {subject}", faults)
    spec = decode(kind, body, "", faults)
    if spec is None or faults:
        raise SpecError(f"spec {subject}", faults)
    return spec
