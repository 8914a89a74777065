# SPDX-License-Identifier: Apache-2.0
"""What a file of numbers was made from: networks, specs, and the arithmetic of today's code.

A record is {"files": {name: SHA-256}, "arithmetic": {detector: hash}}. It stands in the JSON file
as "made_from"; pages are written from a file only if its record is what today's code gives.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.evidence import arithmetic, sealed
from benchmarks.evidence.link.part import Part
from benchmarks.evidence.link.parts import PARTS as LINKS
from benchmarks.evidence.studies import STUDIES, Study
from fixedpoint.detectors import library as specs
from fixedpoint.support.files import write_text
from fixedpoint.support.reading import RESULT_BYTES, read_json
from model.detectors import fusion
from model.detectors.options import Options
from model.lab import report
from model.lab.plan import Plan
from model.lab.result import Result
from model.recipes.families import FAMILIES
from model.store import checkpoint as checkpoints
from model.store import shipped
from model.store.entries import object_of
from model.systems.system import System

KEY = "made_from"
LATENCY, VARIANTS = "latency", "variants"
TIMED = ("pgd", "admm-box")
"""The specs that the latency benchmark times."""
TRAINED_LIKE = ("pgd-soft-int8-kaq", "admm-box-int8-snr", "admm-box-int8-kaq")
"""Shipped nets of the kinds that `model.variants` trains: their arithmetic is that of its nets."""
Record = dict[str, dict[str, str]]


def of_plan(plan: Plan) -> Record:
    """Of a sweep."""
    files = (path for text in plan.detectors for path in _files(text, plan.system))
    return {"files": _hashed(files), "arithmetic": arithmetic.of_plan(plan)}


def of_latency() -> Record:
    """Of `benchmarks.latency`."""
    files = (specs.SHIPPED / f"{name}.json" for name in TIMED)
    return {
        "files": _hashed(files),
        "arithmetic": {name: arithmetic.of_spec(name) for name in TIMED},
    }


def of_variants() -> Record:
    """Of `model.variants`: the float nets that it starts from, and its fake quantization."""
    files = (shipped.locate(family.base.start) for family in FAMILIES.values())
    return {
        "files": _hashed(files),
        "arithmetic": {name: arithmetic.of_network(name) for name in TRAINED_LIKE},
    }


def of_link(part: Part) -> Record:
    """Of a part of `benchmarks.evidence.link`."""
    return {
        "files": _hashed(sealed.path(name) for name in part.specs),
        "arithmetic": {name: arithmetic.of_spec(sealed.source(name)) for name in part.specs},
    }


PARTS: Mapping[str, Callable[[], Record]] = {
    LATENCY: of_latency,
    VARIANTS: of_variants,
    **{part.name: partial(of_link, part) for part in LINKS},
}
"""What is measured beside the sweeps."""


def digest(record: Record) -> str:
    """SHA-256 of a record."""
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


def stamp(path: Path, record: Record) -> None:
    """Write a record into a JSON file of numbers."""
    found = numbers(path)
    write_text(path, json.dumps(found | {KEY: record}, indent=1, allow_nan=False) + "\n")


def stored(path: Path) -> Any:
    """The record in a file of numbers, None if it has none. `ValueError` if it can't be read."""
    return numbers(path).get(KEY)


def numbers(path: Path) -> dict[str, Any]:
    """What a file of numbers holds. `ValueError` if it can't be read."""
    try:
        return object_of(read_json(path, RESULT_BYTES), "file")
    except (FileNotFoundError, ValueError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from None


def check(path: Path) -> None:
    """`ValueError` unless a file of numbers was made from what there is today."""
    record, again = stored(path), f"python -m benchmarks.evidence --only {path.stem}"
    if not isinstance(record, dict):
        raise ValueError(f"{path} does not say what it was made from: make it again, {again}")
    changed = differences(record, today(path))
    if changed:
        raise ValueError(f"{path} is stale, changed since: {', '.join(changed)}; {again}")


def today(path: Path) -> Record:
    """The record that a file of numbers would get now."""
    if path.stem in PARTS:
        return PARTS[path.stem]()
    (result,) = report.load(path)
    return of_plan(result.plan)


def differences(record: Mapping[str, Any], now: Record) -> list[str]:
    """What is not the same in two records: `file admm-box.json`, `arithmetic of lmmse`."""
    lines = []
    for kind, words in (("files", "file"), ("arithmetic", "arithmetic of")):
        old, new = record.get(kind) or {}, now[kind]
        names = sorted(set(old) | set(new))
        lines += [f"{words} {name}" for name in names if old.get(name) != new.get(name)]
    return lines


def result_of(study: Study, path: Path) -> Result:
    """A study's numbers. `ValueError` if they are of another plan than the study's."""
    (result,) = report.load(path)
    if result.plan.digest not in {study.plan(quick).digest for quick in (False, True)}:
        raise ValueError(f"{path} is of another plan: measure it with --only {study.name}")
    return result


def committed(folder: Path) -> list[tuple[Study, Path]]:
    """The studies whose numbers lie in a folder, and the files."""
    paths = [(study, folder / f"{study.name}.json") for study in STUDIES]
    return [(study, path) for study, path in paths if path.exists()]


def _files(text: str, system: System) -> list[Path]:
    """The networks and specs that a detector of the lab is made of."""
    name = text.partition(":")[0]
    if name in ("golden", "twin"):
        return [specs.SHIPPED / f"{arithmetic.spec_of(text)}.json"]
    network = fusion.chosen(system, Options(text)) if name == "fpd" else name
    return [shipped.locate(network)] if network in shipped.names() else []


def _hashed(paths: Iterable[Path]) -> dict[str, str]:
    """SHA-256 of specs by their names, and of what counts in networks: recipe and tensors."""
    return {path.name: _hash(path) for path in sorted(set(paths))}


def _hash(path: Path) -> str:
    if path.parent == shipped.FOLDER:
        return checkpoints.load(path).identity
    return hashlib.sha256(path.read_bytes()).hexdigest()
