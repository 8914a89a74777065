# SPDX-License-Identifier: Apache-2.0
"""What the trace ports of the RTL carry, declared in the package: a struct for each point.

An element of a point (`fixedpoint.program.frame`) is one row or column with all its wires side by
side, the first one lowest. `row_trace_t` names them; `RowTraceWidth` is the element's width.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fixedpoint.program.frame import Field, Point, points
from fixedpoint.program.graph import Program


def of_engines(program: Program) -> list[Point]:
    """The points of a single receiver, or of each unit."""
    return [point for point in points(program) if point.name != "fusion"]


def of_fusion(program: Program) -> list[Point]:
    """The point of a fusion node."""
    return [point for point in points(program) if point.name == "fusion"]


def widths(shown: Sequence[Point]) -> dict[str, int]:
    """The bits of an element of each point: `RowTraceWidth` and so on."""
    return {f"{point.name.title()}TraceWidth": point.bits for point in shown}


def structs(shown: Sequence[Point]) -> list[str]:
    """The lines that declare an element of each point."""
    return [line for point in shown for line in _struct(point)]


def _struct(point: Point) -> Iterator[str]:
    """Members of a packed struct are written from the highest bit down."""
    yield "  typedef struct packed {"
    yield from (_member(field) for field in reversed(point.fields))
    yield f"  }} {point.name}_trace_t;"


def _member(field: Field) -> str:
    sign = "signed " if field.signed else ""
    return f"    logic {sign}[{field.bits - 1}:0] {field.name.rpartition('.')[2]};"
