# SPDX-License-Identifier: Apache-2.0
"""What a function's signals are called: after the definition's wires, with their stage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fixedpoint.program.graph import Program
from fixedpoint.program.leaves import Bank, Brought, Carried, Constant, Given, Integer, Supplied
from fixedpoint.program.values import Grid, Transformed, Value
from hls.verilog.memories import identifier
from hls.verilog.schedule import Schedule

KINDS = {
    "Total": "sum", "Negated": "negated", "Product": "product", "Declared": "bounded",
    "Rounded": "rounded", "Clipped": "clipped", "Softened": "shrunk", "Folded": "folded",
    "Distance": "distance", "Sliced": "bits", "Read": "entry", "Chosen": "chosen",
    "Quotient": "quotient", "GridSum": "grid_sum", "UnitSum": "unit_sum",
}  # fmt: skip
"""What an intermediate value is called after, beside its wire."""


def names(schedule: Schedule) -> dict[Value, str]:
    """Of all values of a function but those that stand as numbers."""
    found: dict[Value, str] = {}
    taken: set[str] = set()
    for value, name in _wanted(schedule):
        if value not in found:
            numbered = (name if i == 1 else f"{name}{i}" for i in range(1, len(taken) + 2))
            found[value] = next(each for each in numbered if each not in taken)
            taken.add(found[value])
    return found


def _wanted(schedule: Schedule) -> Iterator[tuple[Value, str]]:
    function = schedule.function
    wires = {value: name for name, value in function.wires.items()}
    stages = staged(schedule.program)
    for name, value in function.wires.items():
        yield schedule.same(value), identifier(name)
    for value in map(schedule.same, function.inputs):
        yield value, identifier(wires.get(value) or stages.get(value) or leaf(value))
    for value in schedule.made:
        if not value.operands and not isinstance(value, Integer | Grid):
            yield value, identifier(leaf(value))
    for value, owner in schedule.owners.items():
        yield value, identifier(f"{wires.get(owner, 'output')}_{KINDS[type(value).__name__]}")


def staged(program: Program) -> Mapping[Value, str]:
    """The wires of the stages ahead, `front_estimate`, and those of the layer."""
    found = {value: name for name, value in program.layer.wires.items()}
    return found | {value: f"{part.name}_{name}" for part in program.once
                    for name, value in part.wires.items()}  # fmt: skip


def leaf(value: Value) -> str:
    """The name of what is not computed in a function."""
    match value:
        case Given() | Brought() | Supplied() | Constant():
            return value.name
        case Bank():
            return f"{value.name}_before" if value.before else value.name
        case Carried():
            return f"{value.wire}_before"
        case Transformed():
            return f"{value.matrix}_product"
        case _:
            return "input"
