# SPDX-License-Identifier: Apache-2.0
"""Which number of a program a flipped bit of the C++ header or of a `.mem` file is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fixedpoint.program.graph import Program
from fixedpoint.program.leaves import Bank, Constant
from fixedpoint.program.values import Distance, Read, Sliced, Value
from fixedpoint.program.views import golden
from fixedpoint.program.views.interpret import Layer
from hls.cpp.program import layout_of
from hls.project import cpp as emit_cpp
from hls.verilog.emit import emitted
from hls.verilog.memories import by_address
from hls.verilog.schedule import leaf_key
from verification.faults.mutate import Mutation

Rule = Callable[[Layer], Any]
"""A value's integers with the other number in it."""


@dataclass(frozen=True)
class Number:
    """The other number, as values of a layer, from 0, read it; entry: of the SNR bank."""

    layer: int
    values: dict[Value, Rule]
    entry: int | None = None


def numbers(program: Program, mutation: Mutation) -> list[Number] | None:
    """What each layer that reads it makes of the flip; None if it is no number of the graph."""
    match = re.fullmatch(r"(\w+)\[(\d+)\]", mutation.name)
    if match is None:
        return None
    memory, at = mutation.kind == "mem", int(match.group(2))
    own = list(_in_memory(program, mutation.file) if memory
               else _in_header(program, match.group(1), mutation.line))  # fmt: skip
    found = []
    for layer in range(program.spec.depth):
        values: dict[Value, Rule] = {}
        entry = None
        for value in own:
            if isinstance(value, Bank):
                row, entry = divmod(at, len(program.spec.snr))
                if row + (value.before and not memory) != layer:
                    continue
            rule = _rule(value, mutation, at, layer)
            if rule is not None:
                values[value] = rule
        if values:
            found.append(Number(layer, values, entry))
    return found if own else None


def _in_memory(program: Program, file: str) -> Iterator[Value]:
    """The values that read a `.mem` file."""
    keys = {key for key, memory in emitted(program).memories.found.items() if memory.file == file}
    for value in program.layer.order:
        key = tuple(value.tables) if isinstance(value, Read) else leaf_key(value)
        if isinstance(value, Constant | Bank | Read) and key in keys:
            yield value


def _in_header(program: Program, name: str, line: int) -> Iterator[Value]:
    """The values that read a table of the header; a table's `values` stand in a struct."""
    if name == "values":
        above = emit_cpp.header(program.spec).splitlines()[:line]
        name = [text.split()[1] for text in above if text.startswith("  struct ")][-1]
    names = layout_of(program).names
    for value in program.layer.order:
        if isinstance(value, Distance | Sliced):
            if name == "slicer" and value.thresholds == program.spec.slicer:
                yield value
        elif isinstance(value, Constant | Bank | Read) and names.table(value) == name:
            yield value


def _rule(value: Value, mutation: Mutation, at: int, layer: int) -> Rule | None:
    """The value with the other number; None where the layer does not read the number."""
    memory, after = (
        mutation.kind == "mem",
        int(mutation.after, 16 if mutation.kind == "mem" else 10),
    )
    match value:
        case Constant() if at == layer:
            return _always(_signed(after, value.format.bits))
        case Bank():
            return _always(_signed(after, value.format.bits))
        case Read():
            table = value.table(layer)
            size = len(by_address(table)) if memory else len(table.values)
            number, place = divmod(at, size)
            if len(value.tables) > 1 and number != layer:
                return None
            address = _signed(place, size.bit_length() - 1) if memory else place + table.address.min
            new = _signed(after, table.output.bits) if table.output.signed else after
            return _reading(value, address, new)
        case Distance() | Sliced():
            thresholds = list(value.thresholds)
            thresholds[at] = after
            return _by_golden(replace(value, thresholds=tuple(thresholds)))
    return None


def _signed(q: int, bits: int) -> int:
    """A number of that many bits in two's complement; one with a sign of its own stays."""
    return q - (1 << bits) if q >> bits - 1 == 1 else q


def _always(q: int) -> Rule:
    return lambda layer: np.int64(q)


def _by_golden(value: Value) -> Rule:
    return lambda layer: golden.operation(value, layer)


def _reading(value: Read, address: int, new: int) -> Rule:
    def rule(layer: Layer) -> Any:
        q, table = layer[value.of], value.table(layer.number)
        there = table.index(q, value.of.frac) == address
        return np.where(there, new, table.read(q, value.of.frac))

    return rule
