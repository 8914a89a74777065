# SPDX-License-Identifier: Apache-2.0
"""The C++ of a program before it is text: its functions, and the structs that hold its values."""

from __future__ import annotations

from functools import cached_property

from fixedpoint.numbers.format import Format
from fixedpoint.program import leaves, values
from fixedpoint.program.domain import DefinitionError
from fixedpoint.program.graph import Program
from fixedpoint.program.values import Transformed, Value
from fixedpoint.program.widths import magnitudes
from hls.cpp import schedule
from hls.cpp.names import Names
from hls.cpp.schedule import INLINE, Function


class Layout:
    """What is computed where, what holds it, and how wide.

    once: the stages ahead of the layers; unit: what each unit computes of a layer, if there are
    units; layer: the whole layer of a single receiver, else what the fusion node does.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        of_units, behind = schedule.split(program)
        self.units = bool(of_units)
        self.once = [Function(part.name, part, schedule.computed(part), self.units)
                     for part in program.once]  # fmt: skip
        self.unit = Function("unit", program.layer, of_units, True)
        self.layer = Function("fusion" if self.units else "layer", program.layer, behind, False)
        self.functions = [*self.once, *([self.unit] if self.units else []), self.layer]
        self.widths: dict[Value, int] = {}
        for value, largest in magnitudes(program):
            self.widths[value] = max(self.widths.get(value, 2), largest.bit_length() + 1)
        self._check()
        self.names = Names(program, self.lines)

    @cached_property
    def sliced(self) -> list[values.Sliced]:
        """The decisions on a layer."""
        return schedule.sliced(self.program.layer)

    @cached_property
    def carried(self) -> list[Value]:
        """Wires that the next layer reads."""
        return schedule.carried(self.program.layer)

    @cached_property
    def fields(self) -> dict[Function, list[Value]]:
        """The values that a function leaves in a struct, in order; not what `Carried` holds."""
        outside: set[Value] = {value.of for value in self.sliced}
        for function in self.functions:
            outside |= function.crossing
            outside |= {o for v in function.values for o in v.operands if o not in function.inside}
        kept = outside | set(self.carried)
        for part in (*self.program.once, self.program.layer):
            kept |= set(part.wires.values())
        return {function: [v for v in function.values if v in kept and v not in self.in_place]
                for function in self.functions}  # fmt: skip

    @cached_property
    def in_place(self) -> frozenset[Value]:
        """Carried wires that replace those of the layer before at once: no later loop asks."""
        return frozenset(value for value in self.carried if self._last_read(value))

    def _last_read(self, value: Value) -> bool:
        """Whether all that reads a wire of the layer before comes no later than its successor."""
        function = self.layer
        if value not in function.inside:
            return False
        wires = {name for name, other in self.program.layer.wires.items() if other is value}
        readers = [user for user in function.values for read in (user, *user.operands)
                   if isinstance(read, leaves.Carried) and read.wire in wires]  # fmt: skip
        return all(function.at[user] <= function.at[value] and user.operands for user in readers)

    @cached_property
    def lines(self) -> frozenset[Value]:
        """The values that have a line, and a name, of their own."""
        kept = {value for fields in self.fields.values() for value in fields} | self.in_place
        return frozenset(value for function in self.functions for value in function.values
                         if value in kept or not isinstance(value, INLINE))  # fmt: skip

    @cached_property
    def products(self) -> frozenset[Value]:
        """The values that a product with a matrix takes as a whole."""
        read = {value.of for function in self.functions for value in function.values
                if isinstance(value, Transformed) and not function.streams(value)}  # fmt: skip
        wires = self.program.layer.wires
        return frozenset(read | {wires[v.wire] for v in read if isinstance(v, leaves.Carried)})

    def bits(self, value: Value) -> int:
        """The width that holds a value."""
        return value.format.bits

    def holds(self, value: Value) -> int:
        """The width that holds a value and all that it meets on its way."""
        return max(self.widths[value], self.bits(value))

    def format(self, value: Value) -> Format:
        """A wire's own, or the narrowest."""
        for part in (*self.program.once, self.program.layer):
            for wire, other in part.wires.items():
                fmt = part.formats[wire]
                if other is value and fmt.min <= -value.largest < value.largest <= fmt.max:
                    return fmt
                if other is value and not fmt.signed:
                    return fmt
        return value.format

    def element(self, value: Value) -> str:
        """The C++ type of a value in a struct."""
        if isinstance(value, values.Sliced):
            return "UInt<Spec::symbol_bits>"
        fmt = self.format(value)
        if not fmt.signed:
            return f"UInt<{fmt.bits}>"
        return f"{'Operand' if value in self.products else 'Int'}<{fmt.bits}>"

    def size(self, value: Value) -> str:
        """How many integers a value is, as C++ says it."""
        if value.domain.axis == "column":
            return "Spec::columns"
        return "Spec::unit_size" if self.units else "Spec::rows"

    def _check(self) -> None:
        for part in (*self.program.once, self.program.layer):
            for wire, value in part.wires.items():
                if not value.domain.axis or value.domain.grid:
                    raise DefinitionError(
                        f"wire {wire!r} is one integer for each row or column in no view: "
                        "it has no axis, or one of the grid", value.where)  # fmt: skip
        for value in self.sliced:
            if value.domain.unit:
                raise DefinitionError("a decision in each unit: one expected", value.where)
