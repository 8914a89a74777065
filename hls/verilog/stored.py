# SPDX-License-Identifier: Apache-2.0
"""The memories around a function's pipelines: constants, banks and tables, read in their stages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fixedpoint.program.leaves import Bank
from fixedpoint.program.values import Read, Value
from hls.verilog import loaded
from hls.verilog.instances import width
from hls.verilog.latency import cycles
from hls.verilog.memories import Memories
from hls.verilog.pipeline import Pipeline, Terminal
from hls.verilog.text import call, declared


class Stored:
    """What a function reads from memories.

    loading: the ports that bring constants at run time, with their bits; none of most functions.
    """

    def __init__(self, pipeline: Pipeline, memories: Memories, loading: Mapping[str, int]) -> None:
        self.pipeline, self.memories, self.loading = pipeline, memories, loading
        spec = pipeline.schedule.program.spec
        self.layers, self.entries = spec.depth, len(spec.snr)
        self.index_width = spec.snr.index_bits

    def banks(self) -> list[Terminal]:
        """Those constants that hang on the SNR."""
        return [each for each in self.pipeline.constants if isinstance(each.value, Bank)]

    def read(self, each: Terminal) -> int:
        """The stage in which a constant's address is given."""
        return each.stage - cycles("bank_rom" if isinstance(each.value, Bank) else "constant_rom",
                                   {})  # fmt: skip

    def constant(self, each: Terminal) -> Iterator[str]:
        """The memory of a constant in the stage that uses it."""
        name, memory = signal(each), self.memories.constant(each.value)
        yield declared(name, each.bits, signed=True)
        at = self.read(each)
        if isinstance(each.value, Bank):
            parameters = {"Width": each.bits, "File": memory.file, "Layers": self.layers,
                          "Entries": self.entries, "IndexWidth": self.index_width}  # fmt: skip
            ports = [("clk_i", ""), ("layer_i", f"layer[{at}]"), ("index_i", f"index[{at}]"),
                     ("constant_o", name)]  # fmt: skip
            yield from call("bank_rom", f"u_{name}", parameters, ports)
        elif self._loaded(each.value):
            parameters = {"Width": each.bits, "Layers": self.layers, "File": memory.file,
                          **self._item(each.value)}  # fmt: skip
            ports = [("clk_i", ""), *((port, "") for port in self.loading),
                     ("layer_i", f"layer[{at}]"), ("constant_o", name)]  # fmt: skip
            yield from call("loaded_constant", f"u_{name}", parameters, ports)
        else:
            parameters = {"Width": each.bits, "Depth": self.layers, "File": memory.file}
            ports = [("clk_i", ""), ("address_i", f"layer[{at}]"), ("data_o", name)]
            yield from call("constant_rom", f"u_{name}", parameters, ports)

    def _loaded(self, value: Value) -> bool:
        """Whether a constant or a table may come at run time, by the ports for that."""
        return bool(self.loading) and value in loaded.items(self.pipeline.schedule.program)

    def _item(self, value: Value) -> dict[str, int]:
        """The place of such a one in a layer's part of a frame."""
        items = loaded.items(self.pipeline.schedule.program)
        return {"Item": items[value], "ItemWidth": self.loading["write_item_i"]}

    def table(self, address: Terminal, entry: Terminal) -> Iterator[str]:
        """The tables of all layers, for each point of the grid."""
        assert isinstance(address.value, Read)
        memory = self.memories.table(*address.value.tables)
        parameters = {"Layers": self.layers, "AddressWidth": address.bits,
                      "Width": width(entry.value), "File": memory.file}  # fmt: skip
        name, loading = "layer_table", []
        if self._loaded(address.value):
            name, loading = "loaded_table", [(port, "") for port in self.loading]
            parameters |= self._item(address.value)
        for point in range(entry.copies):
            of, to = (_part(signal(each), each, point) for each in (address, entry))
            ports = [("clk_i", ""), *loading, ("layer_i", f"layer[{address.stage}]"),
                     ("address_i", of), ("entry_o", to)]  # fmt: skip
            suffix = f"_{point}" if entry.copies > 1 else ""
            yield from call(name, f"u_{signal(entry)}{suffix}", parameters, ports)


def signal(each: Terminal) -> str:
    """What a terminal is called around the pipeline."""
    return each.name[:-2]


def _part(name: str, each: Terminal, point: int) -> str:
    return f"{name}[{point * each.bits} +: {each.bits}]" if each.copies > 1 else name
