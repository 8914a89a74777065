# SPDX-License-Identifier: Apache-2.0
"""The top functions that Vitis HLS synthesizes: ports, storage, and the loop of `top.hpp`.

One of a single receiver, with a counter of index errors where a block has one SNR; one of all units
with the fusion node, and one of a unit.
"""

from __future__ import annotations

from dataclasses import dataclass

from fixedpoint.detectors.registry import program
from fixedpoint.specs.detector import DetectorSpec
from hls.cpp.layout import Layout
from hls.cpp.names import KEYWORDS, identifier
from hls.cpp.program import PROGRAM, layout_of
from hls.cpp.text import marked

Ports = tuple[tuple[str, str], ...]
DETECTOR: Ports = (("Row", "rows"), ("Received", "received"), ("Detected", "detected"))
UNIT: Ports = (("Row", "rows"), ("UnitReceived", "received"), ("Point", "points"),
               ("Estimate", "estimates"))  # fmt: skip


@dataclass(frozen=True)
class Top:
    """A top function: its name, what it says of itself, its loop, its block and its streams."""

    name: str
    what: str
    loop: str
    block: str
    ports: Ports
    errors: bool = False

    def head(self) -> str:
        """The function's head."""
        ports = [f"hls::stream<bitfold::{kind}>& {name}" for kind, name in self.ports]
        ports += ["bitfold::IndexErrors& index_errors"] if self.errors else []
        indent = ",\n" + " " * len(f"void {self.name}(")
        return f"void {self.name}({indent.join(ports)})"


def top_name(spec: DetectorSpec) -> str:
    """Of the whole detector's function and its files: the detector's own, if C++ leaves it free."""
    name = identifier(spec.detector)
    return f"{name}_top" if name in {*KEYWORDS.split(), "main", "bench", "host"} else name


def tops(layout: Layout) -> list[Top]:
    """Those of a program, the whole detector's first."""
    spec = layout.program.spec
    name = top_name(spec)
    if spec.one_snr_a_block:
        what = ("One coherence block: the rows of its matrices, then received vectors until one is "
                "marked\n// last. index_errors: vectors with another SNR index than their block's, "
                "since reset.")  # fmt: skip
        whole = Top(name, what, "serve_one_index", "Block", DETECTOR, True)
    else:
        what = ("One coherence block: the rows of its matrices, units one after another, then "
                "received vectors\n// until one is marked last.")  # fmt: skip
        whole = Top(name, what, "serve", "Block", DETECTOR)
    if not layout.units:
        return [whole]
    what = ("One unit, one coherence block: an estimate for each layer of each vector; before "
            "every layer but\n// a vector's first, the fusion node's point.")  # fmt: skip
    return [whole, Top(f"{name}_unit", what, "serve_unit", "UnitBlock", UNIT)]


def top_files(spec: DetectorSpec) -> dict[str, str]:
    """Header and source of the top functions, called after the detector."""
    layout = layout_of(program(spec))
    name = top_name(spec)
    declared = [line for top in tops(layout) for line in (f"// {top.what}", f"{top.head()};", "")]
    header = [marked(spec.digest), "// The synthesizable top functions: a stream a port.",
              "#pragma once", "", '#include "bitfold/top.hpp"', f'#include "{PROGRAM}"', "",
              *declared]  # fmt: skip
    source = [marked(spec.digest), f'#include "{name}.hpp"', "",
              *(line for top in tops(layout) for line in _body(layout, top))]  # fmt: skip
    return {f"{name}.hpp": "\n".join(header), f"{name}.cpp": "\n".join(source)}


def _body(layout: Layout, top: Top) -> list[str]:
    lines = [f"{top.head()} {{"]
    lines += [f"#pragma HLS INTERFACE axis port = {name}" for _, name in top.ports]
    lines += ["#pragma HLS INTERFACE ap_vld port = index_errors"] if top.errors else []
    lines += ["#pragma HLS INTERFACE ap_ctrl_hs port = return", f"  bitfold::{top.block} block;",
              *_storage(layout, top)]  # fmt: skip
    arguments = ["block", *(name for _, name in top.ports)]
    if top.errors:
        lines += [
            "  static bitfold::IndexErrors errors = 0;",
            "#pragma HLS RESET variable = errors",
        ]
        arguments.append("errors")
    lines.append(f"  bitfold::{top.loop}<bitfold::Detector>({', '.join(arguments)});")
    lines += ["  index_errors = errors;"] if top.errors else []
    return [*lines, "}", ""]


def _storage(layout: Layout, top: Top) -> list[str]:
    """A word of a matrix is a whole row."""
    pragmas = ["DISAGGREGATE variable = block"]
    depth = 2
    if layout.units and top.block == "Block":
        pragmas += ["ARRAY_PARTITION variable = block.units dim = 1 complete",
                    "DISAGGREGATE variable = block.units"]  # fmt: skip
    path = "block.units." if layout.units and top.block == "Block" else "block."
    for part in layout.program.spec.parts:
        name = f"{path}{layout.names.matrices[part.name]}"
        pragmas += [f"ARRAY_RESHAPE variable = {name} dim = {depth} complete",
                    f"BIND_STORAGE variable = {name} type = ram_2p impl = bram"]  # fmt: skip
    return [f"#pragma HLS {pragma}" for pragma in pragmas]


def stream_files(spec: DetectorSpec) -> tuple[str, ...]:
    """The files of csim/ that call the top functions through their streams."""
    layout = layout_of(program(spec))
    if layout.units:
        return ("units.hpp", "ports.hpp")
    return ("one_index.hpp", "ports.hpp") if spec.one_snr_a_block else ("block.hpp", "ports.hpp")


def bench_top(spec: DetectorSpec) -> dict[str, str]:
    """What the bench knows the top functions and their streams' checks by."""
    layout = layout_of(program(spec))
    names = [top.name for top in tops(layout)]
    own = zip(("detector_top", "unit_top"), names, strict=False)
    lines = [marked(spec.digest), "// The top functions, by the test bench's names for them.",
             "#pragma once", "", f'#include "{top_name(spec)}.hpp"', "",
             "namespace bench {", "",
             *(f"inline constexpr auto {alias} = ::{name};" for alias, name in own), "",
             "}  // namespace bench", ""]  # fmt: skip
    checks = [marked(spec.digest), "#pragma once", "",
              f'#include "{stream_files(spec)[0]}"', ""]  # fmt: skip
    return {"tops.hpp": "\n".join(lines), "streams.hpp": "\n".join(checks)}
