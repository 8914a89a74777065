# SPDX-License-Identifier: Apache-2.0
"""A function for several rows or columns a cycle: pipelines side by side, and their memories.

    module column_function #(Count, SideWidth, …) (clk_i, rst_ni, valid_i, side_i, layer_i, index_i,
      <input>_i, …, valid_o, busy_o, side_o, layer_o, wires_o, <output>_o)

Inputs and outputs have `Count` integers side by side, the first one lowest; what comes late has
its stage in its name. Constants are read so that they are there in the stage that uses them.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixedpoint.program.leaves import Bank
from fixedpoint.program.values import Read
from hls.verilog.instances import width
from hls.verilog.latency import cycles
from hls.verilog.memories import Memories
from hls.verilog.pipeline import Pipeline, Terminal
from hls.verilog.text import call, declared, module


class Array:
    """The module that holds the pipelines of a function."""

    def __init__(self, pipeline: Pipeline, name: str, memories: Memories) -> None:
        self.pipeline, self.name, self.memories = pipeline, name, memories
        spec = pipeline.schedule.program.spec
        self.layers, self.entries = spec.depth, len(spec.snr)
        self.index_width = spec.snr.index_bits
        self.layer_width = max(1, (spec.depth - 1).bit_length())
        self.latency = pipeline.latency

    @property
    def ports(self) -> list[tuple[str, int]]:
        """The inputs that are of each row or column, and their bits for one."""
        return [(each.name, each.copies * each.bits) for each in self.pipeline.inputs]

    def text(self) -> str:
        """The module."""
        layer, index = self.layer_width - 1, self.index_width - 1
        ins = [f"input  wire logic [Count*{bits}-1:0] {name}" for name, bits in self.ports]
        outs = [f"output logic      [Count*{each.bits}-1:0] {each.name}"
                for each in self.pipeline.outputs]  # fmt: skip
        ports = [
            "input  wire logic clk_i",
            "input  wire logic rst_ni",
            "input  wire logic valid_i",
            "input  wire logic [SideWidth-1:0] side_i",
            f"input  wire logic [{layer}:0] layer_i",
            f"input  wire logic [{index}:0] index_i",
            *ins,
            "output logic      valid_o",
            "output logic      busy_o",
            "output logic      [SideWidth-1:0] side_o",
            f"output logic      [{layer}:0] layer_o",
            f"output logic      [Count*{self.pipeline.wires_width}-1:0] wires_o",
            *outs,
        ]
        parameters = ["parameter int unsigned Count = 1",
                      "parameter int unsigned SideWidth = 1  // what travels along"]  # fmt: skip
        head = [f"{self.pipeline.name} for Count rows or columns at a time, with its constants.",
                f"Latency: {self.latency} cycles."]  # fmt: skip
        return module(head, self.name, parameters, ports, self._body())

    def _body(self) -> Iterator[str]:
        layer, index, latency = self.layer_width - 1, self.index_width - 1, self.latency
        yield f"  logic [{latency}:0] valid;"
        yield f"  logic [{latency}:0][{layer}:0] layer;"
        last = max((self._read(each) for each in self._banks()), default=-1)
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
        yield f"  assign valid_o = valid[{latency}];"
        yield f"  assign layer_o = layer[{latency}];"
        ports = [("clk_i", ""), ("data_i", "side_i"), ("data_o", "side_o")]
        yield from call("delay", "u_side", {"Width": "SideWidth", "Depth": latency}, ports)
        yield ""
        for each in self.pipeline.constants:
            yield from self._constant(each)
        yield "  for (genvar i = 0; i < Count; i++) begin : gen_each"
        yield from (f"  {line}" for line in self._each())
        yield "  end"

    def _banks(self) -> list[Terminal]:
        return [each for each in self.pipeline.constants if isinstance(each.value, Bank)]

    def _read(self, each: Terminal) -> int:
        """The stage in which a constant's address is given."""
        return each.stage - cycles("bank_rom" if isinstance(each.value, Bank) else "constant_rom",
                                   {})  # fmt: skip

    def _constant(self, each: Terminal) -> Iterator[str]:
        """The memory of a constant in the stage that uses it."""
        name, memory = _signal(each), self.memories.constant(each.value)
        yield declared(name, each.bits, signed=True)
        at = self._read(each)
        if isinstance(each.value, Bank):
            parameters = {"Width": each.bits, "File": memory.file, "Layers": self.layers,
                          "Entries": self.entries, "IndexWidth": self.index_width}  # fmt: skip
            ports = [("clk_i", ""), ("layer_i", f"layer[{at}]"), ("index_i", f"index[{at}]"),
                     ("constant_o", name)]  # fmt: skip
            yield from call("bank_rom", f"u_{name}", parameters, ports)
        else:
            parameters = {"Width": each.bits, "Depth": self.layers, "File": memory.file}
            ports = [("clk_i", ""), ("address_i", f"layer[{at}]"), ("data_o", name)]
            yield from call("constant_rom", f"u_{name}", parameters, ports)

    def _each(self) -> Iterator[str]:
        pipeline = self.pipeline
        ports = [("clk_i", "")]
        ports += [(name, f"{name}[i*{bits} +: {bits}]") for name, bits in self.ports]
        ports += [(each.name, _signal(each)) for each in pipeline.constants]
        for address, entry in pipeline.tables:
            for each in (address, entry):
                yield declared(_signal(each), each.copies * each.bits, signed=False)
                ports.append((each.name, _signal(each)))
        bits = pipeline.wires_width
        ports.append(("wires_o", f"wires_o[i*{bits} +: {bits}]"))
        ports += [(each.name, f"{each.name}[i*{each.bits} +: {each.bits}]")
                  for each in pipeline.outputs]  # fmt: skip
        yield from call(pipeline.name, "u_pipeline", {}, ports)
        for address, entry in pipeline.tables:
            yield from self._table(address, entry)

    def _table(self, address: Terminal, entry: Terminal) -> Iterator[str]:
        """The tables of all layers, for each point of the grid."""
        assert isinstance(address.value, Read)
        memory = self.memories.table(*address.value.tables)
        parameters = {"Layers": self.layers, "AddressWidth": address.bits,
                      "Width": width(entry.value), "File": memory.file}  # fmt: skip
        for point in range(entry.copies):
            of, to = (_part(_signal(each), each, point) for each in (address, entry))
            ports = [("clk_i", ""), ("layer_i", f"layer[{address.stage}]"), ("address_i", of),
                     ("entry_o", to)]  # fmt: skip
            suffix = f"_{point}" if entry.copies > 1 else ""
            yield from call("layer_table", f"u_{_signal(entry)}{suffix}", parameters, ports)


def _signal(each: Terminal) -> str:
    return each.name[:-2]


def _part(name: str, each: Terminal, point: int) -> str:
    return f"{name}[{point * each.bits} +: {each.bits}]" if each.copies > 1 else name
