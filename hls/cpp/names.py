# SPDX-License-Identifier: Apache-2.0
"""The C++ names of a program's values: those of its wires, and of what leads to each."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from typing import TypeVar

from fixedpoint.program.graph import Part, Program
from fixedpoint.program.leaves import Bank, Constant, Supplied
from fixedpoint.program.values import Quotient, Read, Value

Key = TypeVar("Key", bound=Hashable)
Tabled = Constant | Bank | Read | Quotient

KEYWORDS = """
    alignas alignof and asm auto bitand bitor bool break case catch char class compl const
    constexpr continue decltype default delete do double else enum explicit extern false float for
    friend goto if inline int long mutable namespace new noexcept not nullptr operator or private
    protected public register return short signed sizeof static struct switch template this throw
    true try typedef typeid typename union unsigned using virtual void volatile while xor
"""
OWN = """
    i j c g k entry block given carried theta unit units vector wires layer fusion decide point
    Spec bitfold std bank rows columns layers digest graph detector unit_size symbol_bits index_bits
    sum negated within multiply requantize requantize_unsigned box soft_threshold fold
    grid_distance grid_point slice lookup choose dot quotient accumulate clear column_pass before
    Int UInt Operand slicer thresholds levels entry_bits y_bits coded
"""
"""What the emitted text calls its own: indices, references, primitives, sizes."""
TAKEN = frozenset((KEYWORDS + OWN).split())


def identifier(name: str) -> str:
    """The name with `_` for what no identifier has."""
    text = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_") or "x"
    text = re.sub(r"__+", "_", text)
    return text if text[0].isalpha() else f"x{text}"


def camel(name: str) -> str:
    """`sigmoid up` as a type's name: `SigmoidUp`."""
    return "".join(word[0].upper() + word[1:] for word in identifier(name).split("_") if word)


class Names:
    """One name for each value, constant and table, none of them taken twice in one place.

    lines: the values that have a line of their own.
    """

    def __init__(self, program: Program, lines: frozenset[Value]) -> None:
        self._parts = (*program.once, program.layer)
        taken = TAKEN
        self.matrices = _unique(((part.name, part.name) for part in program.spec.parts), taken)
        self.parts = _unique(((part, part.name) for part in program.once), taken)
        taken |= set(self.parts.values())
        self.values: dict[Value, str] = {}
        for part in self._parts:
            self.values |= _named(part, lines, taken)
        taken |= set(self.values.values())
        self.tables: dict[Hashable, str] = {}
        for value in (value for part in self._parts for value in part.order):
            if isinstance(value, Constant | Bank):
                self._constant(value, taken)
            elif isinstance(value, Supplied):
                self.values |= _unique([(value, value.name)], taken | set(self.tables.values()))
            elif isinstance(value, Read | Quotient):
                self._table(value, taken)

    def _constant(self, value: Constant | Bank, taken: frozenset[str]) -> None:
        """Those of the same numbers and name are one."""
        self._table(value, taken)
        before = isinstance(value, Bank) and value.before
        self.values[value] = f"{self.table(value)}{'_before' if before else ''}"

    def _table(self, value: Tabled, taken: frozenset[str]) -> None:
        key = _key(value)
        if key not in self.tables:
            name = value.name if isinstance(value, Constant | Bank) else camel(value.name)
            name += "Reciprocal" if isinstance(value, Quotient) else ""
            self.tables |= _unique([(key, name)], taken | set(self.tables.values()))

    def __getitem__(self, value: Value) -> str:
        return self.values[value]

    def table(self, value: Tabled) -> str:
        """The name of its numbers in `Spec`."""
        return self.tables[_key(value)]


def _key(value: Tabled) -> Hashable:
    """What two values have in common whose numbers are the same."""
    match value:
        case Read():
            return tuple(value.tables)
        case Quotient():
            return (value.reciprocal,)
        case _:
            return type(value), value.name, tuple(value.values), value.frac, value.largest


def _named(part: Part, lines: frozenset[Value], taken: frozenset[str]) -> dict[Value, str]:
    """Wires by their own names; what leads to a wire `x` is x_1, x_2, …"""
    wires: dict[Value, str] = {}
    for wire, value in part.wires.items():
        wires.setdefault(value, wire)
    found: dict[Value, str] = _unique(wires.items(), taken)
    found = {value: name for value, name in found.items() if value not in part.known}
    waiting: list[Value] = []
    every = set(found.values()) | taken
    for value in part.order:
        if value in part.known:
            continue
        if value not in wires:
            if value in lines:
                waiting.append(value)
            continue
        number = 0
        for inner in waiting:
            number += 1
            while f"{found[value]}_{number}" in every:
                number += 1
            found[inner] = f"{found[value]}_{number}"
        waiting = []
    return found


def _unique(pairs: Iterable[tuple[Key, str]], taken: frozenset[str]) -> dict[Key, str]:
    """Identifiers of these names: x, then x_2, x_3, …"""
    found: dict[Key, str] = {}
    used = set(taken)
    for key, name in pairs:
        text, number = identifier(name), 1
        while text in used:
            number += 1
            text = f"{identifier(name)}_{number}"
        used.add(text)
        found[key] = text
    return found
