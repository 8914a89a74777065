# SPDX-License-Identifier: Apache-2.0
"""Random programs as C++ with native integers: many of them in one library, built in one go."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from fixedpoint.numbers.format import Format
from fixedpoint.program.graph import Program
from fixedpoint.program.leaves import integer
from fixedpoint.program.trace import Trace
from fixedpoint.program.values import Sliced, Value, total
from fixedpoint.program.views import golden
from fixedpoint.receivers.receiver import inputs
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.stress import admm as admm_stress
from fixedpoint.stress import extreme
from hls.builds import cache, compiler
from hls.cpp.program import PRIMITIVES, PROGRAM, SPEC, headers
from hls.project import cpp as emit_cpp
from hls.project import prefix
from tests.fuzz_programs import OPERATIONS, Generator

FLAGS = ("-O0", "-fPIC", "-shared", "-fvisibility=hidden")
"""Programs are small and run once: what costs is the compiler's time."""
TOGETHER = 50
EXPORT = """
extern "C" __attribute__((visibility("default"))) void {name}_record(
    const std::int64_t* h, const std::int64_t* y, const std::int64_t* index, std::size_t blocks,
    std::size_t vectors, std::int64_t* const* wires) {{
  host::record<{name}_bitfold::Detector>(h, y, index, blocks, vectors, wires);
}}
"""


class Shapes(Generator):
    """Programs of more shapes than detectors have: stages ahead, passes, stored products."""

    def _spec(self) -> DetectorSpec:
        if self.rng.integers(0, 3) == 0:
            return admm_stress.spec("box", 8, 4)
        return super()._spec()

    def program(self) -> Program:
        """Trace it."""
        spec = self.spec
        self.trace = t = Trace(spec, spec.unit_count, spec.unit_size)
        state = spec.state_format
        extra = Format(int(self.rng.integers(4, 12)), int(self.rng.integers(0, 8)))
        y = t.given("y", spec.y_format)
        first, *stored = (t.matrix(part.name) for part in spec.parts)
        with t.once("ahead"):
            filtered = t.wire("filtered", self.tame(first.T @ y))
            doubled = t.wire("doubled", self.tame(y + self.tame(y * integer(3))))
        with t.layers():
            x, e = t.before("state", state), t.before("extra", extra)
            values: dict[str, list[Value]] = {"row": [y, doubled], "column": [x, e, filtered]}
            for number in range(self.operations):
                if number % 5 == 0:
                    self.product(first, stored, values)
                axis = ("row", "column")[int(self.rng.integers(0, 2))]
                made = self.operation(values[axis], y)
                if self.rng.random() < 0.7:
                    t.wire(f"w{number}", made)
                values[axis].append(made)
            if self.rng.random() < 0.5:
                t.wire("again", e)
            ends = [total(*self.near(*self.pick(values["column"], 3))),
                    total(*self.near(*values["column"][-2:], *self.products))]  # fmt: skip
            ends = [self.fused(end) if end.domain.unit else end for end in ends]
            for name, fmt, end in zip(("extra", "state"), (extra, state), ends, strict=True):
                t.wire(name, end.to(fmt))
            t.wire("bits", t.sliced(t.layer_part.wires["state"]))  # type: ignore[union-attr]
        return t.program()

    def product(self, first: Any, stored: list[Any], values: dict[str, list[Value]]) -> None:
        """One more product with each matrix, over columns or rows, of values so far.

        The last ones are kept: a matrix that nothing takes is refused.
        """
        rows, columns = (self.pick(values[axis], 1)[0] for axis in ("row", "column"))
        if stored:
            self.products = [self.tame(stored[0].T @ self.tame(columns)),
                             self.tame(first.T @ self.tame(rows))]  # fmt: skip
        else:
            if not columns.domain.unit:
                values["row"].append(self.tame(first @ self.tame(columns)))
            self.products = [self.tame(first.T @ self.tame(values["row"][-1]))]
        values["column"] += self.products

    def pick(self, values: list[Value], count: int) -> list[Value]:
        """Some of them, the later ones more often."""
        return [values[-1 - int(self.rng.integers(0, min(4, len(values))))] for _ in range(count)]


def generated(seed: int, operations: int) -> Program:
    """That of a seed: an odd one has more shapes."""
    return (Shapes if seed % 2 else Generator)(seed, operations).program()


def source(programs: Mapping[str, Program]) -> dict[str, str]:
    """One file of all programs, each in a namespace of its own, and what it includes."""
    lines = [f'#include "bitfold/{name}.hpp"' for name in PRIMITIVES] + ['#include "recorder.hpp"']
    for name, program in programs.items():
        emitted = headers(program)
        for file in (SPEC, PROGRAM):
            text = re.sub(r"^#(?:pragma once|include).*$", "", emitted[file], flags=re.M)
            own = prefix.cpp(text, name)
            opened = f"namespace {name}_bitfold {{"
            lines.append(own.replace(opened, f"{opened}\nusing namespace bitfold;", 1))
        lines.append(EXPORT.format(name=name))
    include = emit_cpp.HERE / "include" / "bitfold"
    files = {f"bitfold/{path.name}": path.read_text() for path in include.glob("*.hpp")}
    for file in ("host.hpp", "recorder.hpp"):
        files[file] = (emit_cpp.HERE / "csim" / file).read_text()
    return {**files, "all.cpp": "\n".join(lines)}


def library(programs: Mapping[str, Program], ap_int: bool = False) -> ctypes.CDLL:
    """All of them, compiled. Raises `ValueError` where the compiler refuses one."""
    flags, system = FLAGS, tuple[Path, ...]()
    if ap_int:
        flags += ("-DBITFOLD_AP_INT", *compiler.AP_TYPES_WARNINGS)
        system = (compiler.ap_types_folder(),)
    build = compiler.Build(source(programs), ("all.cpp",), (".",), flags, system)
    path = compiler.compile_cached(build, "fuzz.so")
    made = ctypes.CDLL(str(path))
    cache.drop(path)
    return made


def check(seed: int, operations: int, ap_int: bool = False) -> int:
    """How many integers of a seed's program were compared. Raises `AssertionError`."""
    name, program = f"p{seed}", generated(seed, operations)
    return record(library({name: program}, ap_int), name, program, seed)


def smallest(seed: int, ap_int: bool = False) -> int:
    """The fewest operations with which a seed's program fails, by halving."""
    least, most = -1, OPERATIONS
    while most - least > 1:
        middle = (least + most) // 2
        try:
            check(seed, middle, ap_int)
            least = middle
        except Exception:
            most = middle
    return most


def run(count: int, seed: int, ap_int: bool = False) -> dict[str, Any]:
    """As `fuzz_programs.run`, TOGETHER programs a library; with native integers or `ap_int`."""
    compared, failures = 0, {}
    for first in range(seed, seed + count, TOGETHER):
        seeds = range(first, min(first + TOGETHER, seed + count))
        programs = {f"p{number}": generated(number, OPERATIONS) for number in seeds}
        try:
            made = library(programs, ap_int)
        except ValueError:
            made = None  # one of them does not compile: each by itself
        for number in seeds:
            name = f"p{number}"
            try:
                if made is None:
                    compared += check(number, OPERATIONS, ap_int)
                else:
                    compared += record(made, name, programs[name], number)
            except Exception as error:
                failures[number] = (
                    f"{type(error).__name__}: {error}; {smallest(number, ap_int)} operations"
                )
    return {"programs": count, "integers": compared, "failures": failures}


def record(made: ctypes.CDLL, name: str, program: Program, seed: int) -> int:
    """Every wire of a program on the vectors of its seed against the golden view's.

    How many integers that were. Raises `AssertionError` on a wire that differs.
    """
    spec = program.spec
    h, y, index = map(np.ascontiguousarray, extreme.vectors(spec, seed, 3, 5))
    expected = golden.run(program, inputs(spec, h, y, index).inputs)
    found = {layer: SimpleNamespace(**{wire: np.zeros(_shape(program, wire, array), np.int64)
                                       for wire, array in vars(wires).items()})
             for layer, wires in expected.items()}  # fmt: skip
    arrays = [array for wires in found.values() for array in vars(wires).values()]
    table = (ctypes.c_void_p * len(arrays))(*(array.ctypes.data for array in arrays))
    pointers = [ctypes.c_void_p(array.ctypes.data) for array in (h, y, index)]
    sizes = [ctypes.c_size_t(size) for size in index.shape]
    getattr(made, f"{name}_record")(*pointers, *sizes, ctypes.byref(table))
    for layer, wires in expected.items():
        for wire, array in vars(wires).items():
            own = getattr(found[layer], wire)
            if own.ndim < array.ndim:
                array = array @ (1 << np.arange(array.shape[-1])[::-1])
            assert np.array_equal(own, array), f"native view, {layer}.{wire}"
    return sum(array.size for array in arrays)


def _shape(program: Program, wire: str, array: Any) -> tuple[int, ...]:
    """Gray words have one axis less than bits."""
    parts = (*program.once, program.layer)
    bits = any(isinstance(part.wires.get(wire), Sliced) for part in parts)
    shape: tuple[int, ...] = array.shape
    return shape[:-1] if bits else shape
