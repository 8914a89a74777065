# SPDX-License-Identifier: Apache-2.0
"""What vectors exercised: saturations, ties, branches and table ends of every operation.

Keyed like `LAYER.residual saturated high`. A read that a choice leaves out does not count.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fixedpoint.numbers.format import IntArray
from fixedpoint.program import values
from fixedpoint.program.coverage import Events, requantized
from fixedpoint.program.graph import Part, Program
from fixedpoint.program.values import Value
from fixedpoint.program.views.golden import operation
from fixedpoint.program.views.interpret import Array, Inputs, Layer, Rule, inside, layers


def count(program: Program, inputs: Inputs, rule: Rule = operation) -> Events:
    """How often each event happened."""
    events: Events = {}
    for name, part, layer in layers(program, inputs, rule):
        events |= of_layer(name, part, layer)
    return events


def by_wires(program: Program, wires: Mapping[str, Mapping[str, IntArray]]) -> Rule:
    """The golden rule where every wire is known, by layer and name: no matrix is asked for."""
    names = {value: name for part in (*program.once, program.layer)
             for name, value in part.wires.items()}  # fmt: skip
    layer_names = {(part.name, number): name for name, part, number in program.parts}

    def rule(value: Value, layer: Layer) -> Array:
        if value not in names or isinstance(value, values.Sliced):
            return operation(value, layer)
        part = program.layer if value in program.layer.wires.values() else _part(program, value)
        return inside(value, wires[layer_names[part.name, layer.number]][names[value]])

    return rule


def _part(program: Program, value: Value) -> Part:
    return next(part for part in program.once if value in part.wires.values())


def of_layer(name: str, part: Part, layer: Layer) -> Events:
    """The events of one layer, of those operations whose operands are found."""
    events: Events = {}
    wire_names = {value: wire for wire, value in part.wires.items()}
    reads = _choices(part)
    for value in part.order:
        if value in part.known or any(operand not in layer.found for operand in value.operands):
            continue
        match value:
            case values.Rounded():
                wire = f"{name}.{value.name or wire_names[value]}"
                events |= requantized(wire, layer[value.of], value.shift, value.target)
            case values.Clipped() | values.Softened():
                limit = value.limit if isinstance(value, values.Clipped) else value.threshold
                middle = "inside" if isinstance(value, values.Clipped) else "zero"
                events |= _sides(f"{name}.{value.name}", middle, layer[value.of], layer[limit])
            case values.Read():
                events |= _ends(f"{name}.{value.name}", value, layer, reads.get(value))
            case values.Quotient():
                events |= _leading_bits(f"{name}.{value.name}", value, layer)
    return events


def _choices(part: Part) -> dict[Value, values.Chosen]:
    """The choice that a read goes into."""
    found = {}
    for value in part.order:
        if isinstance(value, values.Chosen):
            read = value.otherwise
            found[read.of if isinstance(read, values.Declared) else read] = value
    return found


def _sides(name: str, middle: str, q: IntArray, limit: IntArray) -> Events:
    high, low = q > limit, q < -limit
    return {
        f"{name} high": int(np.sum(high)),
        f"{name} {middle}": int(np.sum(~high & ~low)),
        f"{name} low": int(np.sum(low)),
    }


def _ends(name: str, value: values.Read, layer: Layer, choice: values.Chosen | None) -> Events:
    """How often a table is read at its ends; arguments beyond its range are read there, too."""
    table = value.table(layer.number)
    at = table.index(layer[value.of], value.of.frac)
    if choice is not None:
        at = at[np.broadcast_to(layer[choice.code] != choice.equals, at.shape)]
    return {
        f"{name} low end": int(np.sum(at == table.address.min)),
        f"{name} high end": int(np.sum(at == table.address.max)),
    }


def _leading_bits(name: str, value: values.Quotient, layer: Layer) -> Events:
    """Where the denominator's leading bit was, which chooses the shift."""
    q = layer[value.denominator]
    return {
        f"{name} leading bit {i}": int(np.sum((q >> i) == 1))
        for i in range(value.denominator.largest.bit_length())
    }
