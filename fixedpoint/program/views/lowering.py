# SPDX-License-Identifier: Apache-2.0
"""A program's layers on one tape, for the fast view: what is kept, used again, or known ahead.

Each layer is lowered with its own constants, for the last layer's state and code alone. What
depends on one small wire alone is read from a table (`narrow.py`), and what is the same for every
vector is a number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fixedpoint.program import leaves, values
from fixedpoint.program.frame import output
from fixedpoint.program.graph import Program
from fixedpoint.program.values import Value
from fixedpoint.program.views.carriers import carrier
from fixedpoint.program.views.narrow import Narrow, fixed, narrow
from fixedpoint.program.views.tape import Register, Shape, Tape

Made = Register | float
Operation = Callable[[Value, "Lowering", float, float], Made]
"""factor · value + plus of an operation: a number, or a register."""


def scaled_into(out: Any, q: Any, factor: float, plus: float) -> None:
    """factor · q + plus, of whatever layout. Real where `out` is, else integers."""
    if factor == 1.0:
        np.copyto(out, q, casting="unsafe")
    else:
        np.multiply(q, factor, out=out, casting="unsafe")
    if plus:
        np.add(out, out.dtype.type(plus), out=out)


class Lowering:
    """From the graph to a tape. Each layer is lowered with its own constants."""

    def __init__(self, program: Program, operation: Operation) -> None:
        self.program, self.operation = program, operation
        self.tape = Tape(carrier(program))
        self.tables: dict[Value, Narrow] = {}
        for part in (*program.once, program.layer):
            self.tables |= narrow(program, part)
        self.outputs = [name for name in output(program) if name != "bits"]
        self.carried = self._carried_wires()
        self.number = 0
        self.point: int | None = None
        self.before: dict[str, Register] = {}
        self.found: dict[Any, Register] = {}
        self.factors: dict[Any, float] = {}
        self.numbers: dict[Value, float] = {}
        self.uses: Counter[Value] = Counter()

    def layers(self) -> dict[str, Register]:
        """Lower every stage and layer; the wires of the last one."""
        known: dict[Value, Register] = {}
        once = [value for part in self.program.once for value in part.wires.values()]
        layer, asked = self.program.layer, {*self.carried, *self.outputs}
        needed = self._walk([layer.wires[name] for name in asked])
        for value in once:
            if value in needed and not isinstance(value, leaves.Given):
                self._open([value])
                known[value] = self.found[value] = self.get(value)
        depth = self.program.spec.depth
        for self.number in range(depth):
            names = self.carried if self.number < depth - 1 else self.outputs
            self.found = dict(known)
            self._open([layer.wires[name] for name in names])
            wires = {name: self.get(layer.wires[name]) for name in names}
            self._release(keep=(*wires.values(), *known.values()))
            self.before = wires
        return self.before

    def _release(self, keep: Sequence[Register]) -> None:
        """The buffers of the layer, and of the wires before it, but those of a few registers."""
        kept = {register.place for register in keep}
        done = {r.place: r for r in (*self.found.values(), *self.before.values())}
        for place in (done.keys() & self.tape.buffers.keys()) - self.tape.filled.keys() - kept:
            self.tape.release(Register(place, done[place].shape))

    def _open(self, wanted: list[Value]) -> None:
        """Count how often each value is used, and find those that are numbers in this layer."""
        order = self._walk(wanted)
        self.uses = Counter(operand for value in order for operand in self._operands(value))
        self.uses.update(wanted)
        self.numbers = fixed(self.program, order, self.number)

    def _carried_wires(self) -> list[str]:
        """The wires that the next layer needs."""
        layer = self.program.layer
        wanted: set[str] = set()
        while True:
            order = self._walk([layer.wires[name] for name in wanted.union(self.outputs)])
            more = {value.wire for value in order if isinstance(value, leaves.Carried)} - wanted
            if not more:
                break
            wanted |= more
        return [name for name in layer.wires if name in wanted]

    def _operands(self, value: Value) -> tuple[Value, ...]:
        if value in self.program.layer.known:
            return ()
        return (self.tables[value].of,) if value in self.tables else value.operands

    def _walk(self, wanted: list[Value]) -> dict[Value, None]:
        found: dict[Value, None] = {}
        waiting = list(wanted)
        while waiting:
            value = waiting.pop()
            if value not in found:
                found[value] = None
                waiting += self._operands(value)
        return found

    def get(self, value: Value) -> Register:
        """A value's integers, kept for who asks again: not to be written into."""
        if value not in self.found:
            around, self.point = self.point, None
            made = self._array(self._make(value, 1.0, 0.0), value)
            self.found[value] = Register(made.place, made.shape, owned=False)
            self.point = around
        return self.found[value]

    def make(self, value: Value, factor: float = 1.0, plus: float = 0.0) -> Made:
        """factor · value + plus: a number, or a register that is owned or not to be written."""
        if value in self.numbers:
            return self.numbers[value] * factor + plus
        if isinstance(value, leaves.Given) or self.fresh(value):
            return self._make(value, factor, plus)
        return self.tape.affine(self.get(value), factor, plus)

    def array(self, value: Value, factor: float = 1.0, plus: float = 0.0) -> Register:
        """The same, a register in any case."""
        return self._array(self.make(value, factor, plus), value)

    def shape(self, value: Value) -> Shape:
        """How many units a value has, and how many rows or columns."""
        size = {"row": self.program.unit_size, "column": self.program.spec.columns, "": 1}
        return (self.program.units if value.domain.unit else 1, size[value.domain.axis])

    def number_of(self, value: Value) -> float | None:
        """What is the same for all vectors in this layer, and at this point of the grid."""
        if isinstance(value, values.Grid):
            assert self.point is not None
            return float(value.points[self.point])
        return self.numbers.get(value)

    def _array(self, made: Made, value: Value) -> Register:
        """In the shape of its value, also where it is the same for all rows, or a number."""
        shape = self.shape(value)
        if isinstance(made, Register) and made.shape == shape:
            return made
        number = 0.0 if isinstance(made, Register) else made
        whole = self.tape.filled_from_inputs(
            ("number", number, shape), shape, lambda inputs, out: out.fill(number)
        )
        return self.tape.binary(np.add, whole, made) if isinstance(made, Register) else whole

    def _make(self, value: Value, factor: float, plus: float) -> Made:
        if (number := self.number_of(value)) is not None:
            return number * factor + plus
        if value in self.tables:
            return self._looked_up(value, factor, plus)
        if isinstance(value, leaves.Carried):
            return self.tape.affine(self.before[value.wire], factor, plus)
        if isinstance(value, leaves.Given | leaves.Brought | leaves.Supplied | leaves.Bank):
            return self._leaf(value, factor, plus)
        return self.operation(value, self, factor, plus)

    def _leaf(self, value: Value, factor: float, plus: float) -> Register:
        """What a vector brings, scaled once a chunk."""
        shape = self.shape(value)
        match value:
            case leaves.Given():
                name = value.name
                return self.tape.filled_from_inputs(
                    (name, factor, plus), shape, lambda inputs, out: scaled_into(
                        out, inputs.given[name].transpose(0, 2, 3, 1), factor, plus),
                )  # fmt: skip
            case leaves.Brought():
                name = value.name
                return self.tape.filled_from_inputs(
                    (name, factor, plus), shape, lambda inputs, out: scaled_into(
                        out, inputs.matrices[name][:, :, 0, :, None], factor, plus),
                )  # fmt: skip
            case leaves.Supplied():
                name, number = value.name, self.number
                return self.tape.filled_from_inputs(
                    (name, number, factor, plus), shape, lambda inputs, out: scaled_into(
                        out, inputs.supplied[name][..., number].transpose(0, 2, 1)[:, :, None],
                        factor, plus),
                )  # fmt: skip
            case leaves.Bank():
                row = np.array(value.values[self.number - value.before], np.float64) * factor + plus
                row = row.astype(self.tape.kind)
                return self.tape.from_inputs(
                    (value, self.number, factor, plus), shape,
                    lambda inputs: row[inputs.index][:, None, None, :],
                )  # fmt: skip
        raise values.unknown(value, "fast view")

    def scaled(self, bank: leaves.Bank, value: Value) -> tuple[Register, float]:
        """A value times the vector's number, kept, and a power of two that it has beside.

        That is the one with which a requantization of the layer takes it up, if there is one.
        """
        key = (bank, value)
        if key not in self.found:
            factor = self._taken_up(bank, value)
            made = self.tape.binary(np.multiply, self.get(value), self.array(bank, factor))
            self.found[key] = Register(made.place, made.shape, owned=False)
            self.factors[key] = factor
        return self.found[key], self.factors[key]

    def _taken_up(self, bank: leaves.Bank, value: Value) -> float:
        for taker in self.program.layer.order:
            if isinstance(taker, values.Rounded) and isinstance(taker.of, values.Total):
                for term, left in zip(taker.of.terms, taker.of.left, strict=True):
                    if isinstance(term, values.Product) and {*term.operands} == {bank, value}:
                        return 2.0 ** (left - taker.shift)
        return 1.0

    def fresh(self, value: Value) -> bool:
        """Whether asking for a value makes an array that nobody else will read."""
        if value in self.found:
            return False
        if value.domain.grid or not value.operands:
            return True
        return self.point is None and self.uses[value] == 1

    def alone(self, value: Value) -> bool:
        """Whether it is computed for who asks, by its operation."""
        return self.fresh(value) and value not in self.tables and value not in self.numbers

    def _looked_up(self, value: Value, factor: float, plus: float) -> Register:
        source = self.tables[value]
        key = ("at", source.of)
        if key not in self.found:
            x = self.array(source.of, 1.0, float(source.of.largest))
            self.found[key] = self.tape.addresses(x)
        entries = np.asarray(source.tables[self.number], np.float64) * factor + plus
        return self.tape.entries(entries, self.found[key])
