# SPDX-License-Identifier: Apache-2.0
"""The circuits that Yosys writes: binary AIGER, and the map of its inputs, registers and outputs.

A literal is twice a variable's number, plus 1 if it is negated; variable 0 is false.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

INNER = "bad_inner"
"""The claims about a module's registers, which are there for induction."""
CONSTANT = "bad_constant"
Bit = tuple[str, int]
"""A signal's name and the number of a bit of it."""


@dataclass(frozen=True)
class Latch:
    """A register: its literal after a step, and its first value, None for any."""

    after: int
    first: bool | None


@dataclass(frozen=True)
class Circuit:
    """Variables are numbered: inputs from 1, then latches, then gates, each after its operands.

    Every output says that a claim is broken; one that is constant has no name of its own. `names`
    are all those of inputs and latches, by variable: what always holds the same is one latch.
    """

    inputs: int
    latches: Sequence[Latch]
    gates: Sequence[tuple[int, int]]
    bads: Mapping[Bit, int]
    names: Mapping[int, Sequence[Bit]]

    @property
    def claims(self) -> set[str]:
        """The names of the claims about outputs; one that cannot fail has none."""
        return {name for name, _ in self.bads} - {INNER, CONSTANT}

    def outside(self) -> Circuit:
        """The circuit with the claims about a module's outputs alone, without `INNER`."""
        seen = {bit: literal for bit, literal in self.bads.items() if bit[0] != INNER}
        return replace(self, bads=seen)


def read(data: bytes, names: str) -> Circuit:
    """What `write_aiger -no-startoffset -map` wrote: raises `ValueError` if there is no claim."""
    header, place = _line(data, 0)
    variables, inputs, latches, outputs, gates = map(int, header.split()[1:6])
    if variables != inputs + latches + gates or any(map(int, header.split()[6:])):
        raise ValueError(f"AIGER header {header!r}, expected inputs, latches, outputs, gates")
    registers, literals, operands = [], [], []
    for own in range(2 * (inputs + 1), 2 * (inputs + latches + 1), 2):
        line, place = _line(data, place)
        after, *first = map(int, line.split())
        registers.append(Latch(after, None if first == [own] else first == [1]))
    for _ in range(outputs):
        line, place = _line(data, place)
        literals.append(int(line))
    for own in range(2 * (inputs + latches + 1), 2 * (variables + 1), 2):
        step, place = _delta(data, place)
        below, place = _delta(data, place)
        operands.append((own - step, own - step - below))
    bits = _bits(names)
    bads = {bits.get(("output", n), [(CONSTANT, n)])[0]: bad for n, bad in enumerate(literals)}
    if not bads or not all(name.startswith("bad_") for name, _ in bads):
        raise ValueError(f"outputs {sorted(bads)}, expected one or more, all named bad_…")
    variable = {"input": 1, "latch": 1 + inputs}
    known = {variable[kind] + n: bit for (kind, n), bit in bits.items() if kind in variable}
    return Circuit(inputs, registers, operands, bads, known)


def _line(data: bytes, place: int) -> tuple[str, int]:
    end = data.index(b"\n", place)
    return data[place:end].decode("ascii"), end + 1


def _delta(data: bytes, place: int) -> tuple[int, int]:
    """The number at `place`, seven bits a byte, lowest first, and the place behind it."""
    value = shift = 0
    while data[place] & 128:
        value |= (data[place] & 127) << shift
        place, shift = place + 1, shift + 7
    return value | data[place] << shift, place + 1


def _bits(text: str) -> dict[tuple[str, int], list[Bit]]:
    """Each line of a map: kind, number, bit, name. A register may have several, in any order."""
    found: dict[tuple[str, int], list[Bit]] = {}
    for line in text.splitlines():
        kind, number, bit, name = line.split(maxsplit=3)
        found.setdefault((kind, int(number)), []).append((name, int(bit)))
    return found
