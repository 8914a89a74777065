# SPDX-License-Identifier: Apache-2.0
"""A function's stages: every operation as soon as its operands are there, one vector a cycle.

Inputs come at stage 0 and wait inside; those that are `late` in the first stage that uses one of
them. Constants, entries of banks and of layers' tables come in every stage that uses them: no
earlier than they can be read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from fixedpoint.numbers.lookup import Lookup
from fixedpoint.program.graph import Program
from fixedpoint.program.leaves import Bank, Brought, Carried, Constant, Given, Supplied
from fixedpoint.program.values import Declared, Negated, Total, UnitSum, Value, walk
from hls.verilog.instances import Context, Instance, instance, width
from hls.verilog.latency import Style, cycles
from hls.verilog.sections import FUSION, Function, taken
from hls.verilog.slack import moved, starts_of, used

READ = {Constant: cycles("constant_rom", {}), Bank: cycles("bank_rom", {})}
"""When the first entry of such a memory can be there."""


@dataclass(frozen=True)
class Schedule:
    """When everything of a function is there.

    made: the stage in which each value is there first; instances: of the operations, in order;
    owners: the wire or the output that each of these is made for; leaves: by what they are; uses:
    the stages in which each value is taken, ascending; latency: from inputs to outputs.
    """

    program: Program
    function: Function
    made: Mapping[Value, int]
    instances: Mapping[Value, Instance]
    owners: Mapping[Value, Value]
    leaves: Mapping[object, Value]
    uses: Mapping[Value, tuple[int, ...]]
    latency: int

    def same(self, value: Value) -> Value:
        """The one that stands for a leaf that was traced more than once."""
        return self.leaves.get(leaf_key(value), value)

    def start(self, value: Value) -> int:
        """The stage in which an operation takes its operands."""
        return starts_of(value, self.instances, self.made)

    def constant(self, value: Value) -> bool:
        """Whether a leaf comes in every stage that uses it."""
        return isinstance(value, Constant | Bank)

    def late(self, value: Value) -> bool:
        """Whether an input comes in the first stage that uses one like it."""
        return is_kept(value, self.function)


def is_kept(value: Value, function: Function) -> bool:
    """What the fusion node keeps of the layer before."""
    return isinstance(value, Carried) and function.name == FUSION


def style(program: Program) -> Style:
    """Where units wait for one another, stages are few."""
    return Style(any(isinstance(value, UnitSum) for value in program.layer.order))


def schedule(program: Program, function: Function, file: Callable[[Lookup], str]) -> Schedule:
    """Of one function. file: the name of a table's memory."""
    shown = (*function.wires.values(), *function.outputs)
    inside = _merged(function, shown)
    context = Context(program, style(program), inside.__contains__, file)
    found = _Scheduler(function, context, shown)
    latency = max(found.find(found.same(value), value) for value in shown)
    ends = [found.same(value) for value in shown]
    still = {value for value in found.made
             if isinstance(value, Constant | Bank) or is_kept(value, function)}  # fmt: skip
    kept = [found.same(value) for value in taken(program, function)]
    made = moved(found.instances, found.made, still, kept, latency)
    uses = used(found.instances, made, ends, latency)
    late = [value for value in made if is_kept(value, function)]
    made |= dict.fromkeys(late, min((uses[value][0] for value in late), default=0))
    return Schedule(program, function, made, found.instances, found.owners, found.leaves,
                    uses, latency)  # fmt: skip


@dataclass
class _Scheduler:
    function: Function
    context: Context
    shown: tuple[Value, ...]
    made: dict[Value, int] = field(default_factory=dict)
    instances: dict[Value, Instance] = field(default_factory=dict)
    owners: dict[Value, Value] = field(default_factory=dict)
    leaves: dict[object, Value] = field(default_factory=dict)

    def find(self, value: Value, owner: Value) -> int:
        """The stage of a value, which what it needs has too then."""
        if value not in self.made:
            if value in self.function.inputs:
                self.made[value] = 0
            elif not value.operands:
                self.made[value] = READ.get(type(value), 0)
            else:
                self.made[value] = self._make(value, owner)
        return self.made[value]

    def _make(self, value: Value, owner: Value) -> int:
        made = instance(value, self.context)
        ports = [replace(port, values=tuple(map(self.carrier, port.values)))
                 for port in made.inputs]  # fmt: skip
        made = replace(made, inputs=tuple(ports))
        start = max(self.find(operand, owner) for operand in made.operands)
        self.instances[value], self.owners[value] = made, owner
        return start + made.cycles + made.behind

    def carrier(self, value: Value) -> Value:
        """What a value's signal carries: of one that is known to be smaller the one itself."""
        while isinstance(value, Declared) and value not in self.shown and (
                width(value.of) <= width(value)):  # fmt: skip
            value = value.of
        return self.same(value)

    def same(self, value: Value) -> Value:
        """The first of all leaves that are one."""
        return self.leaves.setdefault(leaf_key(value), value)


def leaf_key(value: Value) -> object:
    """What leaves that are one have in common; other values are themselves."""
    match value:
        case Given() | Brought() | Supplied():
            return type(value), value.name
        case Carried():
            return type(value), value.wire
        case Constant():
            return value.name, value.values, value.frac
        case Bank():
            return value.name, value.values, value.frac, value.before
        case _:
            return value


def _merged(function: Function, shown: Sequence[Value]) -> set[Value]:
    """Sums, signs and bounds that one operation takes and nobody sees: no values of their own."""
    inputs = frozenset(function.inputs)
    order = walk(shown, inputs)
    users = Counter(operand for value in order if value not in inputs for operand in value.operands)
    return {value for value in order if isinstance(value, Total | Negated | Declared)
            and users[value] == 1 and value not in shown and value not in inputs}  # fmt: skip
