# SPDX-License-Identifier: Apache-2.0
"""Emitted functions of one or more programs side by side in one Verilated model, and its run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fixedpoint.numbers.format import IntArray
from fixedpoint.program.values import Value
from fixedpoint.support import scratch
from hls.builds import toolchain, tools
from hls.verilog.emit import Emitted
from hls.verilog.function import Array, bits_of
from hls.verilog.text import call, declared, module
from verification import verilated

TOP = "functions_top"
DRIVER = Path(__file__).parent / "functions.cpp"
WORD = 32
LEAST = 96
"""Bits of a port that Verilator makes an array of words in any case."""
COMPILE = ("-std=c++17", "-O1", "-pthread", "-w")
RUNTIME = ("verilated.cpp", "verilated_threads.cpp")


@dataclass(frozen=True)
class Driven:
    """A function and what it is given.

    (V,) bits that travel along, layers and SNR entries; (V, copies) of each input.
    """

    array: Array
    valid: IntArray
    side: IntArray
    layer: IntArray
    index: IntArray
    inputs: Mapping[Value, IntArray]


@dataclass(frozen=True)
class Bits:
    """What a function showed of each vector: (V, bits), and the lowest bit of each port."""

    found: NDArray[np.uint8]
    ports: Mapping[str, int]

    def integers(self, port: str, offset: int, bits: int, signed: bool) -> IntArray:
        """A field of a port, (V,)."""
        first = self.ports[port] + offset
        field = self.found[:, first : first + bits].astype(np.int64)
        q: IntArray = field @ (np.int64(1) << np.arange(bits, dtype=np.int64))
        return q - (field[:, -1] << bits) if signed else q


@dataclass(frozen=True)
class Port:
    """A port of a function in the model's words: its lowest bit there; `late` cycles behind."""

    name: str
    first: int
    bits: int
    late: int = 0


def run(views: Sequence[Emitted], driven: Sequence[Driven], count: int) -> list[Bits]:
    """What each function shows of `count` vectors. Raises `ValueError` if a tool fails."""
    ins = list(_places([_inputs(each.array) for each in driven], first=1))
    outs = list(_places([_outputs(each.array) for each in driven], first=0))
    sizes = [max(LEAST, _end(each)) for each in (ins, outs)]
    latest = max(each.array.latency for each in driven)
    given = np.zeros((count + latest, sizes[0]), np.uint8)
    given[:, 0] = 1  # rst_ni
    for each, ports in zip(driven, ins, strict=True):
        for port, q in zip(ports, _integers(each), strict=True):
            given[:count, port.first : port.first + port.bits] = q
    files = {name: text for view in views for name, text in view.files().items()}
    shown = simulate(files, _top(driven, ins, outs, sizes), given, sizes)
    return [Bits(shown[each.array.latency :][:count], {port.name: port.first for port in ports})
            for each, ports in zip(driven, outs, strict=True)]  # fmt: skip


def _inputs(array: Array) -> list[tuple[str, int, int]]:
    late = {"late_i": array.late_stage}
    own = [(name, bits_of(parts), late.get(name, 0)) for name, parts in array.inputs.items()]
    return [("valid_i", 1, 0), ("side_i", 1, 0), ("layer_i", array.layer_width, 0),
            ("index_i", array.index_width, 0), *own]  # fmt: skip


def _outputs(array: Array) -> list[tuple[str, int, int]]:
    own = [(name, bits_of(parts), 0) for name, parts in array.outputs.items()]
    return [("valid_o", 1, 0), ("side_o", 1, 0), ("layer_o", array.layer_width, 0),
            ("wires_o", array.pipeline.wires_width, 0), *own]  # fmt: skip


def _places(
    functions: Sequence[Sequence[tuple[str, int, int]]], first: int
) -> Iterator[list[Port]]:  # fmt: skip
    for ports in functions:
        placed = []
        for name, bits, late in ports:
            placed.append(Port(name, first, bits, late))
            first += bits
        yield placed


def _end(functions: Sequence[Sequence[Port]]) -> int:
    return max(port.first + port.bits for ports in functions for port in ports)


def _integers(driven: Driven) -> Iterator[NDArray[np.uint8]]:
    """The bits of each input, (V, bits), in the order of `_inputs`."""
    array = driven.array
    yield _bits(driven.valid[:, None], 1)
    yield _bits(driven.side[:, None], 1)
    yield _bits(driven.layer[:, None], array.layer_width)
    yield _bits(driven.index[:, None], array.index_width)
    for parts in array.inputs.values():
        yield np.hstack([_bits(driven.inputs[part.value], part.bits) for part in parts])


def _bits(q: IntArray, bits: int) -> NDArray[np.uint8]:
    """(V, copies) to (V, copies · bits), lowest first."""
    found = (q[..., None] >> np.arange(bits)) & 1
    return found.reshape(len(q), -1).astype(np.uint8)


def _top(
    driven: Sequence[Driven], ins: Sequence[Sequence[Port]], outs: Sequence[Sequence[Port]],
    sizes: Sequence[int],
) -> str:  # fmt: skip
    """A module with all functions; in_i begins with the reset."""
    ports = ["input  wire logic clk_i", f"input  wire logic [{sizes[0] - 1}:0] in_i",
             f"output logic [{sizes[1] - 1}:0] out_o"]  # fmt: skip
    body = [line for each in zip(driven, ins, outs, strict=True) for line in _instance(*each)]
    return module(["Functions side by side."], TOP, (), ports, body)


def _instance(driven: Driven, ins: Sequence[Port], outs: Sequence[Port]) -> Iterator[str]:
    name = driven.array.name
    given = [("clk_i", ""), ("rst_ni", "in_i[0]"), ("busy_o", " ")]
    for port in ins:
        text = f"in_i[{port.first} +: {port.bits}]"
        if port.late:
            late = f"{name}_{port.name}"
            yield declared(late, port.bits, signed=False)
            taken = [("clk_i", ""), ("data_i", text), ("data_o", late)]
            yield from call("delay", f"u_{late}", {"Width": port.bits, "Depth": port.late}, taken)
            text = late
        given.append((port.name, text))
    idle = ["brought_i"] if driven.array.idle_numbers else []
    given += [(port, "'0") for port in (*driven.array.loading, *idle)]
    shown = [(port.name, f"out_o[{port.first} +: {port.bits}]") for port in outs]
    yield from call(name, f"u_{name}", {}, [*given, *shown])


def simulate(
    files: Mapping[str, str], top: str, given: NDArray[np.uint8], sizes: Sequence[int]
) -> NDArray[np.uint8]:
    """The bits of out_o in each cycle, (V, bits), from those of in_i.

    files: modules and memories; top: text of the one that holds them; sizes: of in_i and out_o.
    """
    modules = [name for name in files if name.endswith(".sv")]
    texts = {f"{TOP}.sv": top, **files} | primitives(files[name] for name in modules)
    words = [-(-max(size, LEAST) // WORD) for size in sizes]
    given = np.pad(given, ((0, 0), (0, words[0] * WORD - given.shape[1])))
    with scratch.folder("functions") as folder:
        toolchain.write_files(folder, texts)
        sources = sorted(name for name in texts if name.endswith(".sv"))
        done = toolchain.verilator(
            ["--cc", "-O3", "--top-module", TOP, "--Mdir", "model", *sources], folder)  # fmt: skip
        if done.returncode != 0:
            raise ValueError(f"Verilator failed: {done.stderr.strip()}")
        _compile(folder, words)
        np.packbits(given, axis=1, bitorder="little").tofile(folder / "in.bin")
        simulated = tools.run([str(folder / "driver")], folder)
        if simulated.returncode != 0:
            raise ValueError(f"the functions' model failed: {simulated.stdout + simulated.stderr}")
        packed = np.fromfile(folder / "out.bin", np.uint8).reshape(-1, words[1] * WORD // 8)
    return np.unpackbits(packed, axis=1, bitorder="little")


def primitives(texts: Iterator[str]) -> dict[str, str]:
    """The modules of hls/rtl that emitted text uses, and the registers of the top."""
    used = toolchain.instantiated("".join(texts)) | {"delay"}
    return toolchain.closure(used & toolchain.modules().keys(), {})


def _compile(folder: Path, words: Sequence[int]) -> None:
    units = sorted(path.name for path in (folder / "model").glob("*.cpp"))
    whole = "".join(f'#include "{name}"\n' for name in [*units, str(DRIVER)])
    (folder / "whole.cpp").write_text(whole, encoding="utf-8")
    macros = [f"-DBITFOLD_{name}_WORDS={n}" for name, n in zip(("IN", "OUT"), words, strict=True)]
    runtime = str(verilated.runtime(RUNTIME, COMPILE))
    verilated.compile_model(
        ["-Imodel", *COMPILE, *macros, "whole.cpp", runtime, "-o", "driver"], folder)  # fmt: skip
