# SPDX-License-Identifier: Apache-2.0
"""The `.mem` files of a program: constants by layer, banks by layer and SNR entry, tables."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from fixedpoint.numbers.lookup import Lookup
from fixedpoint.program.graph import Program
from fixedpoint.program.leaves import Bank, Constant
from fixedpoint.program.values import Quotient, Read, Value
from hls.project import rtl_text
from hls.verilog.schedule import leaf_key


@dataclass(frozen=True)
class Memory:
    """A file of integers of `width` bits."""

    file: str
    width: int
    integers: tuple[int, ...]


@dataclass
class Memories:
    """Of a program: by what they hold. prefix: of all names of files."""

    prefix: str
    found: dict[object, Memory] = field(default_factory=dict)

    def constant(self, value: Value) -> Memory:
        """Of a constant or a bank."""
        return self.found[leaf_key(value)]

    def table(self, *tables: Lookup) -> Memory:
        """Of a table, or of those of all layers in turn."""
        return self.found[tables]

    def add(self, key: object, name: str, width: int, integers: list[int]) -> None:
        """A memory under a name that no other one has."""
        if key in self.found:
            return
        name = identifier(f"{self.prefix}{name}")
        taken = {memory.file for memory in self.found.values()}
        numbered = [f"{name}.mem", *(f"{name}{i}.mem" for i in range(2, len(taken) + 3))]
        file = next(each for each in numbered if each not in taken)
        self.found[key] = Memory(file, width, tuple(integers))


def memories(program: Program, prefix: str = "") -> Memories:
    """Those of all functions."""
    found = Memories(prefix)
    for part in (*program.once, program.layer):
        for value in part.order:
            _add(found, value)
    return found


def _add(found: Memories, value: Value) -> None:
    match value:
        case Constant():
            found.add(leaf_key(value), value.name, value.format.bits, list(value.values))
        case Bank():
            rows = [list(row) for row in value.values]
            if value.before:  # 0 in the first layer
                rows = [[0] * len(rows[0]), *rows[:-1]]
            name = f"{value.name}_before" if value.before else value.name
            found.add(leaf_key(value), name, value.format.bits, [q for row in rows for q in row])
        case Read():
            tables = tuple(value.tables)
            integers = [q for table in tables for q in by_address(table)]
            found.add(tables, value.name, tables[0].output.bits, integers)
        case Quotient():
            table = value.reciprocal
            found.add((table,), f"{value.name}_reciprocal", table.output.bits, by_address(table))


def by_address(table: Lookup) -> list[int]:
    """A table in the order of its address's bits; an address without a sign has one more."""
    if table.address.signed:
        return rtl_text.by_address(table)
    return [*table.values, *[0] * len(table.values)]


def identifier(name: str) -> str:
    """A name of SystemVerilog."""
    return re.sub(r"\W", "_", name, flags=re.ASCII)
