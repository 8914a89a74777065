# SPDX-License-Identifier: Apache-2.0
"""`bitfold_program.hpp`: a program's structs and functions."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from fixedpoint.program.describe import lines
from fixedpoint.program.graph import Program
from fixedpoint.program.values import Value
from hls.cpp import glue, hyper, numbers, shows
from hls.cpp.functions import Writer
from hls.cpp.layout import Layout
from hls.cpp.structs import all_structs
from hls.cpp.text import marked

SPEC, PROGRAM = "bitfold_spec.hpp", "bitfold_program.hpp"
INCLUDE = Path(__file__).parent.parent / "include" / "bitfold"
PRIMITIVES = (
    "arithmetic", "bank", "channel", "converter", "dot", "grid", "lookup", "prox", "quotient",
    "requantize", "slicer", "types",
)  # fmt: skip


@lru_cache(maxsize=64)
def layout_of(program: Program) -> Layout:
    """The layout of a program, made once."""
    return Layout(program)


def headers(program: Program) -> dict[str, str]:
    """Both emitted headers, by their names."""
    layout = layout_of(program)
    return {SPEC: numbers.header(layout), PROGRAM: header(layout)}


def header(layout: Layout) -> str:
    """Structs, stages, the layer, and what joins them."""
    spec = layout.program.spec
    own = ["hyper"] if hyper.network(spec) is not None else []
    formulas = _formulas(layout.program)
    functions: list[str] = []
    for function in layout.functions:
        if function.values:
            functions.append(f"// {glue.signature(function)}")
            functions += [*Writer(layout, function, formulas).text(), ""]
    return "\n".join([
        marked(spec.digest),
        f"// {spec.detector}: an operation a line, by its name in the definition; above a wire its",
        "// line there and its formula, where x₋ is the wire x of the layer before.",
        "#pragma once",
        "",
        *(f'#include "bitfold/{name}.hpp"' for name in sorted((*PRIMITIVES, *own))),
        f'#include "{SPEC}"',
        "",
        "namespace bitfold {",
        "",
        *all_structs(layout),
        *functions,
        *glue.all_functions(layout),
        *shows.shows(layout),
        "}  // namespace bitfold",
        "",
    ])  # fmt: skip


def _formulas(program: Program) -> dict[Value, str]:
    """Of each wire, where the definition says it and what."""
    stages = {part.name or "layer": part for part in (*program.once, program.layer)}
    return {stages[line.stage].wires[line.wire]: f"{line.where}: {line.formula}"
            for line in lines(program)}  # fmt: skip
