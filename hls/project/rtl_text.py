# SPDX-License-Identifier: Apache-2.0
"""How numbers are written in SystemVerilog: a package of constants, `.mem` files. No logic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fixedpoint.numbers.lookup import Lookup
from fixedpoint.specs.detector import DetectorSpec
from hls.project.cpp import marked

INT_BITS = 32
NO_NETS, NETS = "`default_nettype none", "`default_nettype wire"
"""Around every file of SystemVerilog: a misspelt name is an error, in this file and in no other."""


def package(digest: str, name: str, constants: Mapping[str, int], lines: Sequence[str]) -> str:
    """A package of integers, and lines of other declarations."""
    body = [f"package {name};", *map(_integer, constants.items()), *lines, "endpackage"]
    return "\n".join([marked(digest), NO_NETS, "", *body, "", NETS]) + "\n"


def memory(spec: DetectorSpec, width: int, integers: Sequence[int]) -> str:
    """A `.mem` file: one integer of `width` bits a line, in two's complement."""
    lines = [marked(spec.digest), *(hexadecimal(q, width) for q in integers)]
    return "\n".join(lines) + "\n"


def by_address(table: Lookup) -> list[int]:
    """A table's entries in the order of its address's bits: 0 and up, then the negative ones.

    The most negative integer is no address; its entry is 0.
    """
    positive, negative = table.values[table.address.max :], table.values[: table.address.max]
    return [*positive, 0, *negative]


def hexadecimal(q: int, width: int) -> str:
    """q in two's complement, as many hexadecimal digits as the width needs."""
    return f"{q & (1 << width) - 1:0{(width + 3) // 4}x}"


def _integer(item: tuple[str, int]) -> str:
    """Shifts are signed: they can point to the left. All else counts something.

    A constant of a format may pass an int.
    """
    name, value = item
    kind = "int" if name.endswith("Shift") else "int unsigned"
    if value >> INT_BITS - 1 in (0, -1):
        return f"  localparam {kind} {name} = {value};"
    return f"  localparam longint unsigned {name} = 64'd{value};"
