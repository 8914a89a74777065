# SPDX-License-Identifier: Apache-2.0
"""Verilator's coverage file, read as text: which lines ran and which bits toggled, by module.

A line point is a block or an arm of a branch, a toggle point one direction of one bit. All
instances of a module count together, over all runs: a point is hit if it is in one of them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from hls.builds import toolchain

RECORD = re.compile(r"C '(.*)' (\d+)$")
LINE, TOGGLE = "line", "toggle"
KINDS = (LINE, TOGGLE)


@dataclass(frozen=True, order=True)
class Point:
    """A point of a module; name: of a line its text and the arm, of a toggle `signal[bit]:0->1`."""

    module: str
    kind: str
    line: int
    name: str

    def __str__(self) -> str:
        """`engine.sv:95 toggle word_o[3]:0->1`."""
        return f"{self.module}.sv:{self.line} {self.kind} {self.name}"


Counts = Counter[Point]


def read(path: Path, files: Mapping[str, str], owner: str = "") -> Counts:
    """How often each point of these files, name → text, was hit.

    owner: whose those are that no file of hls/rtl holds; their modules are called `OWNER.MODULE`.
    Raises `ValueError` on a file without any point.
    """
    texts = {file.removesuffix(".sv"): text.splitlines() for file, text in files.items()}
    names = {stem: stem if stem in toolchain.modules() else f"{owner}.{stem}"
             for stem in texts}  # fmt: skip
    counts: Counts = Counter()
    for line in path.read_text(encoding="utf-8").splitlines():
        record = RECORD.match(line)
        if record is None:
            continue
        fields = dict(f.split("\2", 1) for f in record.group(1).split("\1") if f)
        module = Path(fields["f"]).stem
        if module in texts:
            counts[_point(fields, names[module], texts[module])] += int(record.group(2))
    if not counts:
        raise ValueError(f"{path} holds no coverage points of hls/rtl")
    return counts


def _point(fields: dict[str, str], module: str, text: list[str]) -> Point:
    line = int(fields["l"])
    if fields["t"] == TOGGLE:
        return Point(module, TOGGLE, line, fields["o"])
    return Point(module, LINE, line, f"{text[line - 1].strip()} ({fields['n']} {fields['o']})")


def shares(counts: Counts, excepted: Iterable[Point]) -> dict[str, dict[str, tuple[int, int, int]]]:
    """(hit, all, excepted) of each kind by module, and of `total`."""
    left = set(excepted)
    found: dict[str, dict[str, tuple[int, int, int]]] = {}
    for point, times in counts.items():
        for name in (point.module, "total"):
            kinds = found.setdefault(name, dict.fromkeys(KINDS, (0, 0, 0)))
            hit, every, out = kinds[point.kind]
            kinds[point.kind] = (hit + (times > 0), every + 1, out + (point in left))
    return dict(sorted(found.items(), key=lambda item: (item[0] == "total", item[0])))
