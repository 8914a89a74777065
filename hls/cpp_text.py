# SPDX-License-Identifier: Apache-2.0
"""C++ text of numbers and tables, as the parameter headers of all detectors have it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fixedpoint.format import Format
from fixedpoint.lookup import Lookup
from fixedpoint.widths import Bound, Combination

INT_BITS = 32


def integer(name: str, value: int) -> str:
    """A size, a width or a shift, as an int. A constant of a format is a `constant`."""
    return f"  static constexpr int {name} = {value};"


def constant(name: str, bits: int, value: int) -> str:
    """An integer of that many bits: an int, or what carries more than one holds."""
    kind = "int" if bits <= INT_BITS else _carrier(bits)
    return f"  static constexpr {kind} {name} = {value};"


def flag(name: str, value: bool) -> str:
    """A bool."""
    return f"  static constexpr bool {name} = {'true' if value else 'false'};"


def formats(named: Mapping[str, Format]) -> list[str]:
    """The names that golden vector files give to formats."""
    return [f'  static constexpr char {name}_format[] = "{fmt}";' for name, fmt in named.items()]


def row(name: str, bits: int, size: str, values: Sequence[int]) -> str:
    """A table of integers of that many bits; `size` as C++ writes it."""
    return f"  static constexpr {_carrier(bits)} {name}[{size}] = {_braces(values)};"


def matrix(name: str, bits: int, size: str, rows: Sequence[Sequence[int]]) -> list[str]:
    """A table of several dimensions, `[layers][bank]` or the like, a row a line."""
    body = [f"      {_braces(row)}," for row in rows]
    return [f"  static constexpr {_carrier(bits)} {name}{size} = {{", *body, "  };"]


def combination(name: str, sum_: Combination, work: Bound) -> list[str]:
    """The numbers of `combine`: `work` bounds the sum with its rounding constant."""
    return struct(
        name,
        row("align", 8, str(len(sum_.align)), sum_.align),
        integer("shift", sum_.shift),
        integer("work_bits", work.bits),
    )


def lookup(name: str, table: Lookup, shift: int, work: Bound) -> list[str]:
    """The numbers of `lookup`; `shift` and `work` are those of its argument's requantization."""
    entries = row("values", _bits(table.output), str(len(table.values)), table.values)
    return lookup_head(name, table.address, table.output, shift, work, [entries])


def lookup_head(
    name: str, address: Format, output: Format, shift: int, work: Bound, values: Sequence[str]
) -> list[str]:
    """The same with the lines of `values`, if any: one table or several."""
    return struct(
        name,
        integer("address_bits", _bits(address)),
        integer("output_bits", _bits(output)),
        integer("lowest", address.min),
        integer("entries", address.max - address.min + 1),
        integer("shift", shift),
        integer("work_bits", work.bits),
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
