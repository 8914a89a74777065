# SPDX-License-Identifier: Apache-2.0
"""Whether the trace of a definition is whole, and whether every carrier holds it."""

from __future__ import annotations

from fixedpoint.numbers.widths import needed
from fixedpoint.program.domain import DefinitionError
from fixedpoint.program.graph import Part, Program
from fixedpoint.program.leaves import Brought, Carried
from fixedpoint.program.values import Transformed, Value, walk
from fixedpoint.program.widths import magnitudes

DECISION = ("state", "bits")
"""The wires that every detector ends with: the wide state, and what is decided on it."""


def whole(program: Program, where: str) -> None:
    """Raise `DefinitionError` on a program that no view can be made of.

    where: the definition's file and line, of an error that concerns all of it.
    """
    layer = program.layer
    for name in DECISION:
        if name not in layer.wires:
            raise DefinitionError(
                f"no wire {name!r} is decided on: {', '.join(layer.wires)}", where)  # fmt: skip
    for value in layer.order:
        if isinstance(value, Carried):
            _carried(value, layer)
    for value, largest in magnitudes(program):
        if needed(largest):
            exact(_led_to(program, value), value, largest)
    _taken(program, where)


def _carried(value: Carried, layer: Part) -> None:
    """What is read of the layer before must be a wire of it, at its point and within its range."""
    made = layer.wires.get(value.wire)
    if made is None:
        raise DefinitionError(
            f"wire {value.wire!r} of the layer before is no wire of a layer: "
            f"{', '.join(layer.wires)} expected", value.where)  # fmt: skip
    if made.frac != value.frac or made.largest > value.largest or made.domain != value.domain:
        raise DefinitionError(
            f"wire {value.wire!r} of the layer before is read as {value.format} of each "
            f"{value.domain.axis}, it is {made.format} of each {made.domain.axis}", value.where,
        )  # fmt: skip


def exact(wire: str, value: Value, largest: int) -> None:
    """The worst case of what is computed for a wire must be exact in every view."""
    if fault := needed(largest):
        kind = type(value).__name__.lower()
        raise DefinitionError(f"wire {wire!r}: {kind} {fault}", value.where)


def _led_to(program: Program, value: Value) -> str:
    """The first wire that a value is computed for."""
    return next(name for part in (*program.once, program.layer)
                for name, wire in part.wires.items()
                if value in walk([wire], part.known))  # fmt: skip


def _taken(program: Program, where: str) -> None:
    """What a block brings must be an operand."""
    order = [value for part in (*program.once, program.layer) for value in part.order]
    taken = {value.matrix for value in order if isinstance(value, Transformed)}
    taken |= {value.name for value in order if isinstance(value, Brought)}
    for part in program.spec.parts:
        if part.name not in taken:
            raise DefinitionError(
                f"matrices.{part.name}: a block brings it and no operation takes it", where
            )
