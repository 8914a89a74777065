# SPDX-License-Identifier: Apache-2.0
"""Constants and tables that may come at run time: their places in a layer's part of a frame."""

from __future__ import annotations

from fixedpoint.program.graph import Program
from fixedpoint.program.leaves import Constant
from fixedpoint.program.values import Read, Value


def items(program: Program) -> dict[Value, int]:
    """The first item of each: constants in the order of the program, then the entries of tables."""
    order = program.layer.order
    constants = [value for value in order if isinstance(value, Constant) and value.loaded]
    found: dict[Value, int] = {value: place for place, value in enumerate(constants)}
    at = len(found)
    for value in order:
        if isinstance(value, Read) and value.loaded:
            found[value] = at
            at += entries(value)
    return found


def entries(value: Value) -> int:
    """How many items a constant or a table is."""
    return len(value.tables[0].values) if isinstance(value, Read) else 1


def count(program: Program) -> int:
    """The items of a layer."""
    return sum(map(entries, items(program)))
