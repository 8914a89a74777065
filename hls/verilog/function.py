# SPDX-License-Identifier: Apache-2.0
"""A function for several rows or columns a cycle: pipelines side by side, and their memories.

    module column_function #(Count, SideWidth, Packed) (clk_i, rst_ni, valid_i, side_i, layer_i,
      index_i, sum_i, record_i, late_i, valid_o, busy_o, side_o, layer_o, result_o, kept_o,
      output_o, wires_o)

`ports.py` says what these carry; one that a function does not need is missing. Each has what is of
`Count` rows or columns side by side, the first one lowest. Constants are read so that they are
there in the stage that uses them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fixedpoint.program.domain import COLUMN
from fixedpoint.program.frame import products
from fixedpoint.program.values import UnitSum, Value
from hls.verilog import loaded
from hls.verilog.instances import carried, width
from hls.verilog.memories import Memories, identifier
from hls.verilog.names import leaf
from hls.verilog.pipeline import PACKED, Pipeline
from hls.verilog.ports import roles
from hls.verilog.stored import Stored, signal
from hls.verilog.text import call, declared, module


@dataclass(frozen=True)
class Part:
    """A value in a port: its lowest bit there, its width, and how many it is for one column."""

    value: Value
    offset: int
    bits: int
    copies: int


class Array:
    """The module that holds the pipelines of a function."""

    def __init__(self, pipeline: Pipeline, name: str, memories: Memories) -> None:
        self.pipeline, self.name = pipeline, name
        self.roles = roles(pipeline.schedule)
        spec = pipeline.schedule.program.spec
        self.layers, self.entries = spec.depth, len(spec.snr)
        self.index_width = spec.snr.index_bits
        self.layer_width = max(1, (spec.depth - 1).bit_length())
        self.latency = pipeline.latency
        self.stored = Stored(pipeline, memories, self.loading)

    @property
    def inputs(self) -> dict[str, list[Part]]:
        """The ports that bring something of each row or column."""
        found: dict[str, Sequence[Value]]
        found = {"sum_i": self.roles.sum, "record_i": self.roles.record,
                 "brought_i": self.roles.brought, "late_i": self.roles.late}  # fmt: skip
        return {name: list(self._parts(values)) for name, values in found.items() if values}

    @property
    def outputs(self) -> dict[str, list[Part]]:
        """Those that take something away, beside the wires."""
        kept = [value or self.roles.record[i] for i, value in enumerate(self.roles.kept)]
        found: dict[str, Sequence[Value]]
        found = {"result_o": self.roles.result, "kept_o": kept, "output_o": self.roles.output}
        found |= {each.name: [each.value] for each in self.pipeline.outputs
                  if each.value not in self.roles.result}  # fmt: skip
        return {name: list(self._parts(values)) for name, values in found.items() if values}

    def _parts(self, values: Sequence[Value]) -> Iterator[Part]:
        offset = 0
        for value in values:
            copies = self.pipeline.copies(value)
            bits = carried(self.pipeline.schedule.program, value)
            yield Part(value, offset, bits, copies)
            offset += bits * copies

    @property
    def loading(self) -> dict[str, int]:
        """The ports that bring constants at run time, to a unit's columns: names and bits."""
        program, function = self.pipeline.schedule.program, self.pipeline.function
        if function.name != COLUMN.axis or not any(
                isinstance(value, UnitSum) for value in program.layer.order):  # fmt: skip
            return {}
        item = max(1, (loaded.count(program) - 1).bit_length())
        return {"write_i": 1, "write_bank_i": 2, "write_layer_i": self.layer_width,
                "write_item_i": item, "write_data_i": 16, "bank_i": 2}  # fmt: skip

    @property
    def late_stage(self) -> int:
        """When what comes late must be there."""
        return self.pipeline.schedule.made[self.roles.late[0]] if self.roles.late else 0

    def numbers(self, name: str) -> dict[str, int]:
        """What the hardware around it must know: widths of ports for one column, and stages."""
        ports = self.inputs | self.outputs
        widths = {f"{name}{port[:-2].title()}Width": bits_of(parts)
                  for port, parts in ports.items()}  # fmt: skip
        late = {f"{name}LateStage": self.late_stage} if self.roles.late else {}
        return {**widths, **late, f"{name}Latency": self.latency}

    def text(self) -> str:
        """The module."""
        layer, index = self.layer_width - 1, self.index_width - 1
        ins = [f"input  wire logic [Count*{bits_of(parts)}-1:0] {name}"
               for name, parts in self.inputs.items()]  # fmt: skip
        outs = [f"output logic      [Count*{bits_of(parts)}-1:0] {name}"
                for name, parts in self.outputs.items()]  # fmt: skip
        ports = [
            "input  wire logic clk_i",
            "input  wire logic rst_ni",
            *(f"input  wire logic [{bits - 1}:0] {name}" for name, bits in self.loading.items()),
            "input  wire logic valid_i",
            "input  wire logic [SideWidth-1:0] side_i",
            f"input  wire logic [{layer}:0] layer_i",
            f"input  wire logic [{index}:0] index_i",
            *ins,
            *(["input  wire logic [Count-1:0] brought_i"] if self.idle_numbers else []),
            "output logic      valid_o",
            "output logic      busy_o",
            "output logic      [SideWidth-1:0] side_o",
            f"output logic      [{layer}:0] layer_o",
            *outs,
            f"output logic      [Count*{self.pipeline.wires_width}-1:0] wires_o",
        ]
        parameters = ["parameter int unsigned Count = 1", "parameter int unsigned SideWidth = 1",
                      PACKED]  # fmt: skip
        head = [f"{self.pipeline.name} for Count rows or columns at a time, with its constants.",
                *(f"  {name}: {self._listed(parts)}" for name, parts in self._all().items()),
                f"Latency: {self.latency} cycles."]  # fmt: skip
        return module(head, self.name, parameters, ports, self._body())

    @property
    def idle_numbers(self) -> bool:
        """Whether the hardware around it offers a block's numbers that it does not take."""
        function, program = self.pipeline.function, self.pipeline.schedule.program
        stored = any(products(part) for part in program.once)
        return stored and function.name == COLUMN.axis and not self.roles.brought

    def _all(self) -> dict[str, list[Part]]:
        return self.inputs | self.outputs

    def _listed(self, parts: list[Part]) -> str:
        return ", ".join(f"{self.label(part.value)} [{part.bits}]" for part in parts)

    def label(self, value: Value) -> str:
        """What a value is called; also one that passes the pipeline by."""
        return self.pipeline.names.get(value) or identifier(leaf(value))

    def _body(self) -> Iterator[str]:
        layer, index, latency = self.layer_width - 1, self.index_width - 1, self.latency
        yield f"  logic [{latency}:0] valid;"
        yield f"  logic [{latency}:0][{layer}:0] layer;"
        last = max((self.stored.read(each) for each in self.stored.banks()), default=-1)
        if last >= 0:
            yield f"  logic [{last}:0][{index}:0] index;"
        yield ""
        yield "  // Only the valid bits are reset; what travels with them need not be."
        yield "  always_ff @(posedge clk_i) begin"
        yield f"    if (!rst_ni) valid[{latency}:1] <= '0;"
        yield f"    else valid[{latency}:1] <= valid[{latency - 1}:0];"
        yield f"    layer[{latency}:1] <= layer[{latency - 1}:0];"
        if last > 0:
            yield f"    index[{last}:1] <= index[{last - 1}:0];"
        yield f"    busy_o <= rst_ni && valid[{latency - 1}:0] != '0;"
        yield "  end"
        yield "  assign valid[0] = valid_i;"
        yield "  assign layer[0] = layer_i;"
        if last >= 0:
            yield "  assign index[0] = index_i;"
        else:
            yield "  logic unused_index;"
            yield "  assign unused_index = ^index_i;"
        if self.idle_numbers:
            yield "  logic unused_numbers;"
            yield "  assign unused_numbers = ^brought_i;"
        if self.loading and not loaded.items(self.pipeline.schedule.program):
            yield "  logic unused_loading;"
            yield f"  assign unused_loading = ^{{{', '.join(self.loading)}}};"
        if not self.pipeline.multiplies:
            yield "  logic unused_packed;"
            yield "  assign unused_packed = Packed;"
        yield f"  assign valid_o = valid[{latency}];"
        yield f"  assign layer_o = layer[{latency}];"
        ports = [("clk_i", ""), ("data_i", "side_i"), ("data_o", "side_o")]
        yield from call("delay", "u_side", {"Width": "SideWidth", "Depth": latency}, ports)
        yield ""
        for each in self.pipeline.constants:
            yield from self.stored.constant(each)
        yield "  for (genvar i = 0; i < Count; i++) begin : gen_each"
        yield from (f"  {line}" for line in self._each())
        yield "  end"

    def _each(self) -> Iterator[str]:
        """The pipeline of a row or a column, its tables, and what leaves of it."""
        pipeline = self.pipeline
        total = pipeline.wires_width
        yield declared("wires", total, signed=False)
        yield f"  assign wires_o[i*{total} +: {total}] = wires;"
        ports = [("clk_i", "")]
        for terminal in pipeline.inputs:
            bits = terminal.bits * terminal.copies
            ports.append((terminal.name, self._taken(terminal.value, bits)))
        ports += [(each.name, signal(each)) for each in pipeline.constants]
        for address, entry in pipeline.tables:
            for each in (address, entry):
                yield declared(signal(each), each.copies * each.bits, signed=False)
                ports.append((each.name, signal(each)))
        for each in pipeline.outputs:
            yield declared(signal(each), each.bits, signed=True)
            ports.append((each.name, signal(each)))
        ports.append(("wires_o", "wires"))
        parameters = {"Packed": "Packed"} if pipeline.multiplies else {}
        yield from call(pipeline.name, "u_pipeline", parameters, ports)
        for address, entry in pipeline.tables:
            yield from self.stored.table(address, entry)
        yield from self._unused()
        for name, parts in self.outputs.items():
            total = bits_of(parts)
            texts = [self._left(name, index, part) for index, part in enumerate(parts)]
            yield from self._passed(name)
            yield f"  assign {name}[i*{total} +: {total}] = {{{', '.join(reversed(texts))}}};"

    def _taken(self, value: Value, bits: int) -> str:
        """An input's lowest bits in the port that brings it."""
        name, part = next((name, part) for name, parts in self.inputs.items()
                          for part in parts if part.value is value)  # fmt: skip
        total = bits_of(self.inputs[name])
        at = f"i*{total}+{part.offset}" if part.offset else f"i*{total}"
        return f"{name}[{at} +: {bits}]"

    def _unused(self) -> Iterator[str]:
        """Fields of the record that only a product takes."""
        taken = [terminal.value for terminal in self.pipeline.inputs]
        idle = [v for v in self.roles.record if v not in taken and v not in self._passing()]
        for number, value in enumerate(idle):
            yield f"  logic unused_record{number};"
            yield f"  assign unused_record{number} = ^{self._taken(value, width(value))};"

    def _passing(self) -> list[Value]:
        """Fields of the record that pass along."""
        kept = zip(self.roles.kept, self.roles.record, strict=False)
        return [field for value, field in kept if value is None]

    def _passed(self, name: str) -> Iterator[str]:
        for value in self._passing() if name == "kept_o" else ():
            signal = f"passed_{self.label(value)}"
            bits = carried(self.pipeline.schedule.program, value)
            yield declared(signal, bits, signed=True)
            ports = [("clk_i", ""), ("data_i", self._taken(value, bits)), ("data_o", signal)]
            yield from call("delay", f"u_{signal}", {"Width": bits, "Depth": self.latency}, ports)

    def _left(self, name: str, index: int, part: Part) -> str:
        """A value at the pipeline's end."""
        if name == "kept_o" and self.roles.kept[index] is None:
            return f"passed_{self.label(part.value)}"
        for field in self.pipeline.fields.values():
            if field.value is part.value:
                text = f"wires[{field.offset} +: {field.bits}]"
                return text if field.bits == part.bits else f"{part.bits}'({text})"
        return signal(next(each for each in self.pipeline.outputs if each.value is part.value))


def bits_of(parts: list[Part]) -> int:
    """The bits of a port for one row or column."""
    return sum(part.bits * part.copies for part in parts)
