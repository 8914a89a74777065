# SPDX-License-Identifier: Apache-2.0
"""A scheduled function as a module: a pipeline for one row or one column, one instance a value.

    module column_pipeline (clk_i, <input>_i, <constant>_<stage>_i, …, wires_o, <output>_o)

A signal is a value with the stage that it belongs to, `relaxed_9`; inputs belong to stage 0.
`wires_o` has all wires of the function at its last stage, the first one lowest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fixedpoint.program import describe
from fixedpoint.program.domain import COLUMN
from fixedpoint.program.leaves import Integer
from fixedpoint.program.values import Grid, Sliced, UnitSum, Value, points_of
from hls.verilog import latency
from hls.verilog.instances import Instance, Port, carried, width
from hls.verilog.names import names, staged
from hls.verilog.schedule import Schedule
from hls.verilog.text import call, declared, literal, module

PACKED = "parameter bit Packed = 1'b0"
"""Two vectors share the multipliers, those of a DSP48E1."""
MULTIPLIER = "localparam int unsigned MultiplierWidth = Packed ? 25 : 18"


@dataclass(frozen=True)
class Terminal:
    """A port of a pipeline beside its clock: what it carries, and the stage that it belongs to.

    `bits` of `copies` integers side by side, one for each unit or point of the grid.
    """

    name: str
    value: Value
    stage: int
    bits: int
    copies: int = 1
    made: bool = False

    @property
    def declaration(self) -> str:
        """As the module has it."""
        signed = "signed " if self.copies == 1 else ""
        kind = f"output logic      {signed}" if self.made else f"input  wire logic {signed}"
        return f"{kind}[{self.copies * self.bits - 1}:0] {self.name}"


@dataclass(frozen=True)
class Field:
    """A wire in `wires_o`: its lowest bit and its width."""

    value: Value
    offset: int
    bits: int


class Pipeline:
    """The module of a function."""

    def __init__(self, schedule: Schedule, name: str) -> None:
        self.schedule, self.name = schedule, name
        self.names = names(schedule)
        self.function = schedule.function
        self.latency = schedule.latency
        grids = [value for value in schedule.made if isinstance(value, Grid)]
        self.grids = {value: f"Grid{i or ''}" for i, value in enumerate(grids)}

    @property
    def inputs(self) -> list[Terminal]:
        """What comes for each row or column: at stage 0, or late."""
        schedule = self.schedule
        values = dict.fromkeys(map(schedule.same, self.function.inputs))
        return [self.terminal(value, schedule.made[value]) for value in values]

    @property
    def constants(self) -> list[Terminal]:
        """Constants and entries of banks, in the stages that use them."""
        leaves = [value for value in self.schedule.made if self.schedule.constant(value)]
        return [self.terminal(v, stage) for v in leaves for stage in self.schedule.uses[v]]

    @property
    def tables(self) -> list[tuple[Terminal, Terminal]]:
        """Addresses of layers' tables that go out, and entries that come in a cycle later."""
        found = []
        for value, made in self.schedule.instances.items():
            if made.address:
                stage, copies = self.schedule.made[value], self.copies(value)
                name = self.names[value]
                found.append((
                    Terminal(f"{name}_address_{stage - 1}_o", value, stage - 1, made.width, copies,
                             made=True),
                    Terminal(f"{name}_{stage}_i", value, stage, width(value), copies),
                ))  # fmt: skip
        return found

    @property
    def outputs(self) -> list[Terminal]:
        """What other functions take that is no wire, at the last stage."""
        return [Terminal(f"{self.names[value]}_o", value, self.latency, width(value), made=True)
                for value in self.function.outputs]  # fmt: skip

    @property
    def fields(self) -> dict[str, Field]:
        """The wires in `wires_o`, by name."""
        found, offset = {}, 0
        for name, value in self.function.wires.items():
            fmt = self.function.part.formats[name]
            bits = width(value) if isinstance(value, Sliced) else fmt.bits
            found[name] = Field(value, offset, bits)
            offset += bits
        return found

    @property
    def wires_width(self) -> int:
        """Of `wires_o`: one bit, 0, of a function without a wire."""
        return max(1, sum(field.bits for field in self.fields.values()))

    def copies(self, value: Value) -> int:
        """How many integers a value is for one row or column."""
        if value in self.function.inputs and self._summed(value):
            return self.schedule.program.units
        return len(points_of(value)) if value.domain.grid else 1

    def _summed(self, value: Value) -> bool:
        instances = self.schedule.instances
        return any(isinstance(v, UnitSum) and value is v.of for v in instances)

    def terminal(self, value: Value, stage: int) -> Terminal:
        """The port of an input or a constant."""
        at_once = not self.schedule.constant(value) and not self.schedule.late(value)
        suffix = "" if at_once else f"_{stage}"
        name = f"{self.names[value]}{suffix}_i"
        between = self._summed(value)
        bits = carried(self.schedule.program, value) if between else width(value)
        return Terminal(name, value, stage, bits, self.copies(value))

    def text(self) -> str:
        """The module."""
        pairs = [terminal for pair in self.tables for terminal in pair]
        terminals = [*self.inputs, *self.constants, *pairs, *self.outputs]
        wires = f"output logic      [{self.wires_width - 1}:0] wires_o"
        ports = ["input  wire logic clk_i", *(t.declaration for t in terminals), wires]
        parameters = (PACKED, MULTIPLIER) if self.multiplies else ()
        return module(self._head(), self.name, parameters, ports, self._body())

    @property
    def multiplies(self) -> bool:
        """Whether it has products that are made in another way where two vectors share them."""
        return any("MultiplierWidth" in made.parameters
                   for made in self.schedule.instances.values())  # fmt: skip

    def _head(self) -> list[str]:
        of, last = self.function, self.latency
        stages = [f"{self.schedule.made[self.schedule.same(v)]} {n}" for n, v in of.wires.items()]
        first = (*of.wires.values(), *of.outputs)[0]
        axis = "column" if first.domain.axis == COLUMN.axis else "row"
        detector = self.schedule.program.spec.detector
        return [
            f"The {of.name} function of {detector}, one {axis} a cycle, in {last} stages:",
            f"  {', '.join(stages)}",
            f"Latency: {last} cycles. Constants come in the stage that uses them.",
        ]

    def _body(self) -> list[str]:
        lines = [_grid(name, value) for value, name in self.grids.items()]
        for value in dict.fromkeys(map(self.schedule.same, self.function.inputs)):
            lines += self._delays(value)
        shown = None
        for value, made in self.schedule.instances.items():
            owner = self.schedule.owners[value]
            if owner is not shown:
                lines += ["", f"  // {self._formula(owner)}"]
                shown = owner
            lines += self._value(value, made)
        return [*lines, "", *self._ends()]

    def _formula(self, value: Value) -> str:
        known = staged(self.schedule.program)
        others = {other: name for other, name in known.items() if other is not value}
        name = known.get(value, "output")
        return f"{name} = {describe.formula(value, others)}, {value.where}"

    def _value(self, value: Value, made: Instance) -> Iterator[str]:
        """The instance of a value, and what carries its result on."""
        start, first = self.schedule.start(value), self._first(value)
        copies, name = self.copies(value), f"{self.names[value]}_{first}"
        looped = copies > 1
        if made.address:
            target = f"{self.names[value]}_address_{first - 1}_o"
        else:
            yield declared(name, copies * width(value), signed=not looped)
            target = name
        if made.width != width(value) and not made.address:
            target = f"{self.names[value]}_whole"
            yield declared(target, copies * made.width, signed=not looped)
        inputs = [(port.name, self._port(port, start, made.whole)) for port in made.inputs]
        output = f"{target}[j*{made.width} +: {made.width}]" if looped else target
        body = self._instance(value, made, inputs, output)
        if looped:
            label = f"gen_{self.names[value]}"
            yield f"  for (genvar j = 0; j < {copies}; j++) begin : {label}"
            yield from (f"  {line}" for line in body)
            if target != name and not made.address:
                yield f"    assign {name}[j*{width(value)} +: {width(value)}] = {width(value)}'" + (
                    f"(signed'({output}));"
                )
            yield "  end"
        else:
            yield from body
            if target != name and not made.address:
                yield f"  assign {name} = {width(value)}'({target});"
        if made.width > width(value) and not made.address:
            yield from _unused(target)
        for operand in made.operands if not made.module else ():
            if width(operand) > made.width:
                yield from _unused(self.signal(operand, start))
        yield from self._delays(value)

    def _instance(
        self, value: Value, made: Instance, inputs: list[tuple[str, str]], output: str
    ) -> list[str]:
        if not made.module:
            ((_, text),) = inputs
            return [f"  assign {output} = {text};"]
        clock = [] if made.module in latency.CLOCKLESS else [("clk_i", "")]
        ports = [*clock, *inputs, (made.output, output)]
        return call(made.module, f"u_{self.names[value]}", made.parameters, ports)

    def _port(self, port: Port, stage: int, whole: bool) -> str:
        texts = [self._operand(value, stage, port.width, whole) for value in port.values]
        return texts[0] if len(texts) == 1 else f"{{{', '.join(reversed(texts))}}}"

    def _operand(self, value: Value, stage: int, bits: int, whole: bool) -> str:
        """A value in a stage, extended to some bits; one point of it unless whole."""
        own = width(value)
        if isinstance(value, Integer):
            return literal(value.number, bits)
        if isinstance(value, Grid):
            text = f"{self.grids[value]}[j*{own} +: {own}]"
        else:
            text = self.signal(value, stage)
            if whole:
                return text
            if self.copies(value) > 1:
                text = f"{text}[j*{own} +: {own}]"
        looped = self.copies(value) > 1
        if own == bits and not looped:
            return text
        return f"{bits}'(signed'({text}))" if looped else f"{bits}'({text})"

    def signal(self, value: Value, stage: int) -> str:
        """The name of a value in a stage."""
        schedule, first = self.schedule, stage == self.schedule.made[value]
        if schedule.constant(value) or (value in self.function.inputs and first):
            return self.terminal(value, stage).name
        if first and self._outside(value):
            return f"{self.names[value]}_{stage}_i"
        return f"{self.names[value]}_{stage}"

    def _outside(self, value: Value) -> bool:
        made = self.schedule.instances.get(value)
        return made is not None and made.address

    def _first(self, value: Value) -> int:
        """The stage in which a value's signals begin, perhaps ahead of a register."""
        made = self.schedule.instances.get(value)
        ahead = made.behind if made and not made.address else 0
        return self.schedule.made[value] - ahead

    def _delays(self, value: Value) -> Iterator[str]:
        """Registers from each stage that uses a value to the next one."""
        if self.schedule.constant(value) or value not in self.schedule.uses:
            return
        at, bits = self._first(value), width(value) * self.copies(value)
        for stage in self.schedule.uses[value]:
            if stage > at:
                name = f"{self.names[value]}_{stage}"
                yield declared(name, bits, signed=self.copies(value) == 1)
                ports = [("clk_i", ""), ("data_i", self.signal(value, at)), ("data_o", name)]
                yield from call("delay", f"u_{name}", {"Width": bits, "Depth": stage - at}, ports)
            at = stage

    def _ends(self) -> Iterator[str]:
        for terminal in self.outputs:
            yield f"  assign {terminal.name} = {self.signal(terminal.value, self.latency)};"
        texts = []
        for field in self.fields.values():
            value = self.schedule.same(field.value)
            text = self.signal(value, self.latency)
            narrow = field.bits != width(value)
            texts.append(f"{field.bits}'({text})" if narrow else text)
        if not texts:
            yield "  assign wires_o = 1'b0;"
            return
        yield "  assign wires_o = {"
        yield ",\n".join(f"    {text}" for text in reversed(texts))
        yield "  };"


def _grid(name: str, value: Grid) -> str:
    """The points of a grid, the first one lowest."""
    points = ", ".join(literal(point, width(value)) for point in reversed(value.points))
    bits = len(value.points) * width(value)
    return f"  localparam logic [{bits - 1}:0] {name} = {{{points}}};"


def _unused(name: str) -> Iterator[str]:
    yield f"  logic unused_{name};"
    yield f"  assign unused_{name} = ^{name};"
