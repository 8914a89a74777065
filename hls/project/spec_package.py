# SPDX-License-Identifier: Apache-2.0
"""The SystemVerilog packages of a spec, which its modules import."""

from __future__ import annotations

import re
from collections.abc import Mapping

from fixedpoint.detectors.registry import graph_digest, program
from fixedpoint.program.frame import Frame, frame, output
from fixedpoint.specs.detector import DetectorSpec
from hls import tops
from hls.builds import toolchain
from hls.project import rtl_text, trace_types
from hls.verilog import loaded
from hls.verilog.emit import emitted
from hls.verilog.sections import FUSION

PLACED = ("ColumnLatency",)
"""What output places are counted by, with sizes, which the self-test does not flip: another number
of places costs cycles or memory, and no integer."""


def main_package(spec: DetectorSpec, name: str) -> str:
    """`bitfold_pkg`: sizes, both digests, the ports of functions, the trace."""
    made = program(spec)
    shown = trace_types.of_engines(made)
    formats, stored = made.layer.formats, [part for part in spec.parts if part.rows > 1]
    sizes = {
        "Rows": spec.rows,
        "UnitRows": made.unit_size,
        "Columns": spec.columns,
        "Layers": spec.depth,
        "BankEntries": len(spec.snr),
        "IndexWidth": spec.snr.index_bits,
        "HWidth": spec.h_format.bits,
        "FWidth": stored[0].format.bits,
        "PWidth": stored[-1].format.bits,
        "YWidth": spec.y_format.bits,
        "StateWidth": spec.state_format.bits,
        "CodeWidth": formats["code"].bits if "code" in output(made) else 0,
        "SlicerBits": spec.constellation.bits,
        "LlrWidth": 0 if spec.soft is None else spec.soft.llr.bits,
        "ThetaItems": loaded.count(made),
    }
    functions = emitted(made).numbers(lambda function: function != FUSION)
    digests = [f"  localparam logic [255:0] Digest = 256'h{spec.digest};",
               f"  localparam logic [255:0] GraphDigest = 256'h{graph_digest(spec)};"]  # fmt: skip
    numbers = {**sizes, **trace_types.widths(shown), **functions}
    numbers = _read(spec, tops.of(spec).names[0], name, numbers)
    behind = [f"  localparam int unsigned {key} = 32'd{numbers.pop(key)};"
              for key in PLACED if key in numbers]  # fmt: skip
    brought = [part.format.bits for part in spec.parts if part.rows == 1]
    stores = _brought(brought) if frame(made) is Frame.STORED else []
    lines = [*digests, *behind, *stores, *trace_types.structs(shown)]
    return rtl_text.package(spec.digest, name, numbers, lines)


def _brought(bits: list[int]) -> list[str]:
    """The numbers of each column that a block brings: their bits, and where each begins.

    Without any the hardware has a bit of zeros in their place. The numbers have sizes, which the
    self-test does not flip: where no rows are brought, a wider zero changes nothing.
    """
    offsets = [sum(bits[:r]) for r in range(len(bits))]
    rows = max(len(bits), 1)
    return [
        f"  localparam int unsigned BroughtRows = 32'd{len(bits)};",
        f"  localparam int unsigned BroughtBits = 32'd{sum(bits) or 1};",
        f"  localparam int unsigned BroughtWidest = 32'd{max(bits, default=0)};",
        f"  localparam logic [32'd{rows}-1:0][31:0] BroughtWidths = {_list(bits)};",
        f"  localparam logic [32'd{rows}-1:0][31:0] BroughtOffsets = {_list(offsets)};",
    ]


def _list(numbers: list[int]) -> str:
    """The first one lowest."""
    listed = ", ".join(f"32'd{q}" for q in reversed(numbers or [1]))
    return f"{{{listed}}}"


def fusion_package(spec: DetectorSpec, name: str) -> str:
    """What the fusion node knows beside that."""
    made = program(spec)
    shown = trace_types.of_fusion(made)
    numbers = {"Units": made.units, "SlicerBits": spec.constellation.bits,
               "LlrWidth": 0 if spec.soft is None else spec.soft.llr.bits,
               **trace_types.widths(shown), **emitted(made).numbers(FUSION.__eq__)}  # fmt: skip
    numbers = _read(spec, tops.of(spec).whole, name, numbers)
    return rtl_text.package(spec.digest, name, numbers, trace_types.structs(shown))


def _read(
    spec: DetectorSpec, top: str, package: str, numbers: Mapping[str, int]
) -> dict[str, int]:  # fmt: skip
    """Those that a module below a top reads, by the package's name or by importing it."""
    words: set[str] = set()
    for text in toolchain.closure([top], emitted(program(spec)).modules()).values():
        code = re.sub(r"//[^\n]*", "", text)
        imported = f"import {package}::*" in code
        words.update(re.findall(r"\w+" if imported else rf"\b{package}::(\w+)", code))
    return {name: value for name, value in numbers.items() if name in words}
