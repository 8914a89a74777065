# SPDX-License-Identifier: Apache-2.0
"""A program's functions as files: modules over the primitives of hls/rtl, and their memories."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from fixedpoint.program.graph import Program
from fixedpoint.specs.detector import DetectorSpec
from hls.project import rtl_text
from hls.verilog.function import Array
from hls.verilog.memories import Memories, memories
from hls.verilog.pipeline import Pipeline
from hls.verilog.schedule import schedule
from hls.verilog.sections import functions


@dataclass(frozen=True)
class Emitted:
    """The functions of a program by name, in the order of computation, and their memories."""

    program: Program
    arrays: dict[str, Array]
    memories: Memories

    def modules(self) -> dict[str, str]:
        """File name → text of the modules."""
        made: dict[str, str] = {}
        for array in self.arrays.values():
            made[f"{array.pipeline.name}.sv"] = array.pipeline.text()
            made[f"{array.name}.sv"] = array.text()
        return made

    def numbers(self, chosen: Callable[[str], bool]) -> dict[str, int]:
        """What the hardware around some functions must know: `ColumnSumWidth` and so on."""
        return {key: value for name, array in self.arrays.items() if chosen(name)
                for key, value in array.numbers(name.title()).items()}  # fmt: skip

    def files(self) -> dict[str, str]:
        """The modules and the `.mem` files."""
        spec: DetectorSpec = self.program.spec
        return self.modules() | {
            memory.file: rtl_text.memory(spec, memory.width, memory.integers)
            for memory in self.memories.found.values()
        }


@lru_cache(maxsize=64)
def emitted(program: Program, prefix: str = "") -> Emitted:
    """All functions; every name of a module or a file begins with the prefix."""
    stored = memories(program, prefix)
    arrays = {}
    for function in functions(program):
        scheduled = schedule(program, function, lambda table: stored.table(table).file)
        pipeline = Pipeline(scheduled, f"{prefix}{function.name}_pipeline")
        arrays[function.name] = Array(pipeline, f"{prefix}{function.name}_function", stored)
    return Emitted(program, arrays, stored)
