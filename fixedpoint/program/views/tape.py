# SPDX-License-Identifier: Apache-2.0
"""Straight-line numpy code: the fast view's instructions, made once a program and run on chunks.

A register is an array (G, c, n, B), vectors last, of which a shape here is (c, n); or an array that
is made once a chunk, from the inputs alone; or a number. Buffers are used again as soon as the
value in them has been consumed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from threading import local
from typing import Any

import numpy as np

from fixedpoint.program.views.interpret import Inputs

Shape = tuple[int, int]
KEPT = local()


@dataclass(frozen=True)
class Register:
    """A place on the tape. What is not `owned` may be read by others and is not written into."""

    place: int
    shape: Shape
    owned: bool = True


@dataclass
class Tape:
    """Instructions, and what the registers hold before the first one.

    kind: the type of the arrays that carry integers, float64 or int32.
    """

    kind: type = np.float64
    code: list[tuple[Callable[..., Any], Sequence[int]]] = field(default_factory=list)
    buffers: dict[int, tuple[Shape, type]] = field(default_factory=dict)
    given: dict[int, Callable[[Inputs], Any]] = field(default_factory=dict)
    filled: dict[int, Callable[[Inputs, Any], None]] = field(default_factory=dict)
    fixed: dict[int, Any] = field(default_factory=dict)
    _free: dict[tuple[Shape, type], list[int]] = field(default_factory=dict)
    _known: dict[Any, Register] = field(default_factory=dict)
    _size: int = 0

    @property
    def integer(self) -> bool:
        """Whether arrays are of an integer type, so that nothing may be scaled down."""
        return self.kind is not np.float64

    def new(self, shape: Shape, kind: type | None = None) -> Register:
        """A buffer of one's own."""
        kind = kind or self.kind
        waiting = self._free.setdefault((shape, kind), [])
        if waiting:
            return Register(waiting.pop(), shape)
        place = self._place()
        self.buffers[place] = (shape, kind)
        return Register(place, shape)

    def release(self, *registers: Register) -> None:
        """Let buffers be used again; those that are not owned stay."""
        for register in registers:
            if register.owned:
                self._free[self.buffers[register.place]].append(register.place)

    def from_inputs(self, key: Any, shape: Shape, recipe: Callable[[Inputs], Any]) -> Register:
        """What is made once a chunk; the same key is the same register."""
        if key not in self._known:
            place = self._place()
            self.given[place] = recipe
            self._known[key] = Register(place, shape, owned=False)
        return self._known[key]

    def filled_from_inputs(
        self, key: Any, shape: Shape, fill: Callable[[Inputs, Any], None]
    ) -> Register:
        """The same for a whole array, which is written where the chunk before had it."""
        if key not in self._known:
            place = self._place()
            self.buffers[place] = (shape, self.kind)
            self.filled[place] = fill
            self._known[key] = Register(place, shape, owned=False)
        return self._known[key]

    def constant(self, value: Any) -> int:
        """The place of a number or of a table."""
        place = self._place()
        self.fixed[place] = value
        return place

    def emit(self, call: Callable[..., Any], *places: int) -> None:
        """One instruction: a call on registers, the last of which it writes."""
        self.code.append((call, places))

    def unary(self, call: Callable[..., Any], x: Register, *numbers: Any) -> Register:
        """call(x, numbers …) in x's own buffer, if it is owned.

        Numbers are those modulo 2^32 of int32, as its sums and products are.
        """
        out = x if x.owned else self.new(x.shape)
        exact = map(_wrapped, numbers) if self.integer else numbers
        self.emit(call, x.place, *map(self.constant, exact), out.place)
        return out

    def binary(self, call: Callable[..., Any], x: Register, y: Register) -> Register:
        """call(x, y), in a buffer of theirs where one is owned and large enough."""
        shape = (max(x.shape[0], y.shape[0]), max(x.shape[1], y.shape[1]))
        fitting = [r for r in (x, y) if r.owned and r.shape == shape]
        out = fitting[0] if fitting else self.new(shape)
        self.emit(call, x.place, y.place, out.place)
        self.release(*(r for r in (x, y) if r.place != out.place))
        return out

    def affine(self, x: Register, factor: float, plus: float) -> Register:
        """factor · x + plus."""
        if factor != 1.0:
            x = self.unary(np.multiply, x, factor)
        return self.unary(np.add, x, plus) if plus else x

    def converted(self, x: Register, kind: type) -> Register:
        """The same integers, of another type."""
        out = self.new(x.shape, kind)
        self.emit(_convert, x.place, out.place)
        self.release(x)
        return out

    def addresses(self, x: Register) -> Register:
        """Integers ≥ 0 of what has been rounded up to the conversion; shared by who reads there."""
        at = self.converted(x, np.intp)
        return Register(at.place, at.shape, owned=False)

    def entries(self, table: Any, at: Register) -> Register:
        """A table's entries at some addresses, the ends beyond it."""
        out = self.new(at.shape)
        self.emit(_take, self.constant(table), at.place, out.place)
        return out

    def run(self, inputs: Inputs) -> list[Any]:
        """All registers, after the last instruction; the next run writes into them."""
        blocks, vectors = inputs.index.shape
        registers = self._registers(blocks, vectors)
        for place, recipe in self.given.items():
            registers[place] = recipe(inputs)
        for place, fill in self.filled.items():
            fill(inputs, registers[place])
        for call, chosen in self._bound:
            call(*chosen(registers))
        return registers

    def _registers(self, blocks: int, vectors: int) -> list[Any]:
        """Those of this thread's last run, if it was of the same kind: fresh memory is slow."""
        if getattr(KEPT, "key", None) != (id(self), blocks, vectors):
            registers: list[Any] = [None] * self._size
            for place, value in self.fixed.items():
                registers[place] = value
            for place, ((units, size), kind) in self.buffers.items():
                registers[place] = np.empty((blocks, units, size, vectors), kind)
            KEPT.tape, KEPT.registers = self, registers  # the tape too: its id is not given again
            KEPT.key = (id(self), blocks, vectors)
        kept: list[Any] = KEPT.registers
        return kept

    @cached_property
    def _bound(self) -> list[tuple[Callable[..., Any], itemgetter[Any]]]:
        return [(call, itemgetter(*places)) for call, places in self.code]

    def _place(self) -> int:
        self._size += 1
        return self._size - 1


def _wrapped(number: float) -> int:
    return (int(number) + (1 << 31)) % (1 << 32) - (1 << 31)


def _convert(x: Any, out: Any) -> None:
    np.copyto(out, x, casting="unsafe")


def _take(table: Any, at: Any, out: Any) -> None:
    table.take(at, out=out, mode="clip")
