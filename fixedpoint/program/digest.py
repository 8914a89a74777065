# SPDX-License-Identifier: Apache-2.0
"""A digest of a program's graph: operations, formats, names of wires; no constants and no lines."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from typing import Any

from fixedpoint.numbers.lookup import Lookup
from fixedpoint.program.graph import Program
from fixedpoint.program.values import Value

NUMBERS = ("where", "exact", "values", "thresholds", "largest")
"""Of an operation: its line, and what a spec says."""


def digest(program: Program) -> str:
    """SHA-256 of the graph, 64 hexadecimal digits: the same for any constants in the same formats.

    Two graphs with one digest compute the same integers of the same inputs and constants.
    """
    places: dict[Value, int] = {}
    parts: list[Any] = [[program.units, program.unit_size]]
    for part in (*program.once, program.layer):
        for value in part.order:
            if value not in places:
                places[value] = len(places)
                parts.append(_node(value, places))
        wires = {name: [places[value], str(part.formats[name])] for name, value in
                 part.wires.items()}  # fmt: skip
        parts.append([part.name, wires])
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _node(value: Value, places: dict[Value, int]) -> list[Any]:
    fields = (field.name for field in dataclasses.fields(value) if field.name not in NUMBERS)
    return [type(value).__name__, *(_plain(getattr(value, name), places) for name in fields)]


def _plain(entry: Any, places: dict[Value, int]) -> Any:
    """An operand by its place; of a table its formats."""
    if isinstance(entry, Value):
        return ["value", places[entry]]
    if isinstance(entry, Lookup):
        return [str(entry.address), str(entry.output)]
    if isinstance(entry, tuple | list):
        return [_plain(each, places) for each in entry]
    return entry if isinstance(entry, int | str | bool) or entry is None else str(entry)
