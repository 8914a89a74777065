# SPDX-License-Identifier: Apache-2.0
"""No detector is named but where it is defined, shipped, trained, stressed, or by default."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fixedpoint.detectors import library as specs
from fixedpoint.detectors.registry import DEFINITIONS

ROOT = Path(__file__).parent.parent
ROOMS = ("fixedpoint", "model", "hls", "verification", "bitfold")
KINDS = (".py", ".sv", ".svh", ".hpp", ".cpp", ".tcl")
ALLOWED = {
    "fixedpoint/detectors/": "the definitions, their registry, their specs' classes by name",
    "fixedpoint/specs/": "the classes of the shipped specs",
    "fixedpoint/stress/": "the stress specs of each definition",
    "fixedpoint/vectors/layers.py": "the default spec of a layer's name",
    "model/recipes/": "how the shipped networks are trained",
    "model/unfolded/": "the float networks of two of them",
    "model/distributed/": "the float networks of the other two",
    "model/fpd/": "the networks that supply one of them",
    "model/detectors/": "baselines, and the catalog of what is compared with them",
    "model/evaluate.py": "the detectors that are compared by default",
}
"""Folders and files, each with its reason."""
NAMED = re.compile("|".join(sorted({*DEFINITIONS, *specs.shipped()})), re.IGNORECASE)
PAPER = "HPD/FPD paper"
USAGE = re.compile(r"python -m |make -C |default=")
"""A line of a command's usage, or of what it takes by default."""


def sources(room: str) -> list[Path]:
    return sorted(path for path in (ROOT / room).rglob("*")
                  if path.suffix in KINDS or path.name == "Makefile")  # fmt: skip


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def names(path: Path) -> list[str]:
    """The lines that name a detector."""
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    return [f"{place(path)}:{number}: {line.strip()}" for number, line in lines
            if NAMED.search(line.replace(PAPER, "")) and not USAGE.search(line)]  # fmt: skip


@pytest.mark.parametrize("room", ROOMS)
def test_no_file_but_these_names_a_detector(room: str) -> None:
    strangers = [path for path in sources(room) if not place(path).startswith(tuple(ALLOWED))]
    assert strangers
    found = [line for path in strangers for line in names(path)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("allowed", ALLOWED)
def test_what_is_allowed_to_name_one_does(allowed: str) -> None:
    assert any(names(path) for room in ROOMS for path in sources(room)
               if place(path).startswith(allowed))  # fmt: skip


@pytest.mark.parametrize(
    ("line", "named"),
    [("class AdmmNet:", True), ('"stress-fpd-16x4"', True), ("PGD-Net", True), ("a box", False)],
)
def test_a_part_of_an_identifier_is_a_name_too(line: str, named: bool) -> None:
    assert (NAMED.search(line) is not None) is named
