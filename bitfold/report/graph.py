# SPDX-License-Identifier: Apache-2.0
"""The graph of a detector as SVG: a line a wire, in the order of computation, and arcs between.

An arc on the left leads from a wire to one that is computed from it; a dashed one from the layer
before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup, escape

from fixedpoint.program.describe import Line, lines
from fixedpoint.program.graph import Part, Program
from fixedpoint.program.leaves import Carried
from fixedpoint.program.values import Value

ROW, LEFT, CHARACTER, NEST = 34, 118, 6.7, 5.5
"""Points: a line's height, the room for arcs, a character's width, and how far arcs reach out."""


@dataclass(frozen=True)
class Edge:
    """From one line to another, by their places; carried: over the layers."""

    start: int
    end: int
    carried: bool


def graph(program: Program) -> Markup:
    """The stages that run once and the layer."""
    shown, arcs = lines(program), edges(program)
    wide = max(len(_head(line)) for line in shown), max(len(line.formula) for line in shown)
    width = LEFT + 20 + CHARACTER * max(wide[0] * 1.1, wide[1])
    height = ROW * len(shown) + 12
    parts = [f'<svg role="img" aria-label="graph of a layer" viewBox="0 0 {width:.0f} {height}" '
             f'style="width:{width:.0f}px" class="graph">']  # fmt: skip
    parts += map(_arc, arcs)
    for place, line in enumerate(shown):
        y = _y(place)
        parts.append(
            f'<circle cx="{LEFT}" cy="{y}" r="4"/>'
            f'<text x="{LEFT + 14}" y="{y}"><tspan class="wire">{escape(_name(line))}</tspan> '
            f'<tspan class="format">{escape(line.format)}</tspan></text>'
            f'<text x="{LEFT + 14}" y="{y + 14}" class="formula">{escape(line.formula)}</text>'
        )
    return Markup("".join([*parts, "</svg>"]))


def edges(program: Program) -> list[Edge]:
    """Every use of a wire by another, each once."""
    parts = (*program.once, program.layer)
    places: dict[Value, int] = {}
    names: dict[str, int] = {}
    for part in parts:
        for wire, value in part.wires.items():
            names[f"{part.name}.{wire}"] = len(names)
            places.setdefault(value, names[f"{part.name}.{wire}"])
    found = {
        edge for part in parts for wire, value in part.wires.items()
        for edge in _uses(part, value, names[f"{part.name}.{wire}"], places, names)
    }  # fmt: skip
    return sorted(found, key=lambda edge: (edge.start, edge.end, edge.carried))


def _uses(
    part: Part, value: Value, end: int, places: dict[Value, int], names: dict[str, int]
) -> Iterator[Edge]:
    """Down from a wire to the wires that it is made of."""
    left, seen = list(value.operands), set[Value]()
    while left:
        one = left.pop()
        if one in seen:
            continue
        seen.add(one)
        if one in places and places[one] != end:
            yield Edge(places[one], end, False)
        elif isinstance(one, Carried):
            yield Edge(names[f"{part.name}.{one.wire}"], end, True)
        else:
            left.extend(one.operands)


def _arc(edge: Edge) -> str:
    start, end = _y(edge.start), _y(edge.end)
    out = min(14 + NEST * abs(edge.end - edge.start), LEFT - 8)
    if edge.start == edge.end:  # a wire that goes on from its own value of the layer before
        start, end = start - 5, end + 5
    kind = "carried" if edge.carried else "used"
    x = LEFT - 4
    return (f'<path class="{kind}" d="M{x} {start} C{x - out * 1.3:.1f} {start} '
            f'{x - out * 1.3:.1f} {end} {x} {end}"/>')  # fmt: skip


def _y(place: int) -> int:
    return ROW * place + 14


def _name(line: Line) -> str:
    return line.wire if line.stage == "layer" else f"{line.stage}.{line.wire}"


def _head(line: Line) -> str:
    return f"{_name(line)} {line.format}"
