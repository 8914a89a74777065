# SPDX-License-Identifier: Apache-2.0
"""C++ text of numbers and tables, as a parameter header has it."""

from __future__ import annotations

from collections.abc import Sequence

from fixedpoint.numbers.format import Format
from fixedpoint.numbers.lookup import Lookup


def marked(digest: str) -> str:
    """The first line of every emitted C++ file that holds a spec's numbers."""
    return f"// Generated from spec {digest}. Do not edit."


def integer(name: str, value: int) -> str:
    """A size, a width or a shift, as an int."""
    return f"  static constexpr int {name} = {value};"


def flag(name: str, value: bool) -> str:
    """A bool."""
    return f"  static constexpr bool {name} = {'true' if value else 'false'};"


def words(name: str, value: str) -> str:
    """A name that golden vector files use."""
    return f'  static constexpr char {name}[] = "{value}";'


def row(name: str, bits: int, size: str, values: Sequence[int]) -> str:
    """A table of integers of that many bits; `size` as C++ writes it."""
    return f"  static constexpr {_carrier(bits)} {name}[{size}] = {_braces(values)};"


def matrix(name: str, bits: int, size: str, rows: Sequence[Sequence[int]]) -> list[str]:
    """A table of several dimensions, `[layers][bank]` or the like, a row a line."""
    body = [f"      {_braces(row)}," for row in rows]
    return [f"  static constexpr {_carrier(bits)} {name}{size} = {{", *body, "  };"]


def lookup(name: str, tables: Sequence[Lookup]) -> list[str]:
    """The numbers of `lookup`: one table, or one for each layer."""
    first = tables[0]
    bits = _bits(first.output)
    values = (
        [row("values", bits, "entries", first.values)]
        if len(tables) == 1
        else matrix("values", bits, "[layers][entries]", [table.values for table in tables])
    )
    return struct(
        name,
        integer("address_bits", _bits(first.address)),
        integer("output_bits", bits),
        integer("lowest", first.address.min),
        integer("entries", first.address.max - first.address.min + 1),
        *values,
    )


def struct(name: str, *lines: str) -> list[str]:
    """Numbers that a template takes together."""
    return [f"  struct {name} {{", *(f"  {line}" for line in lines), "  };"]


def _bits(fmt: Format) -> int:
    """The width of a two's-complement integer that holds the format."""
    return fmt.bits + (not fmt.signed)


def _braces(values: Sequence[int]) -> str:
    return "{" + ", ".join(map(str, values)) + "}"


def _carrier(bits: int) -> str:
    """The native integer that a table's entries need."""
    return f"std::int{next(w for w in (8, 16, 32, 64) if bits <= w)}_t"
