# SPDX-License-Identifier: Apache-2.0
"""The header in which library.cpp finds a Verilated top, its sizes and the wires that it shows."""

from __future__ import annotations

from collections.abc import Sequence

from fixedpoint.detectors.registry import program
from fixedpoint.program.frame import Field, points
from fixedpoint.specs.detector import DetectorSpec
from hls import lanes as sizes
from verification.traffic import traced
from verification.traffic.blocks import BLOCK_BITS

NAME = "top.hpp"
POINTS = ("row", "front", "column", "fusion")
"""In the order of the wires that a run fills; a top that has no such point shows no wires of it."""


def text(spec: DetectorSpec, top: str, lanes: int, slots: int, packed: bool) -> str:
    """The header for the top of a spec at a size."""
    made = program(spec)
    numbers = {
        "Units": made.units,
        "Rows": made.unit_size,
        "MatrixRows": spec.matrix_rows // made.units,
        "Columns": spec.columns,
        "Layers": spec.depth,
        "Lanes": sizes.built(spec, lanes, packed),
        "Slots": slots,
        "Vectors": 1 + packed,
        "BeatBytes": sizes.beat_bytes(spec, lanes, packed),
        "HBits": spec.h_format.bits,
        "YBits": spec.y_format.bits,
        "IndexBits": spec.snr.index_bits,
        "BlockBits": BLOCK_BITS,
    }
    shown = {point.name: point.fields for point in points(made)}
    lines = [
        "// For library.cpp: a top, its sizes and the wires on its trace. Rows, and those of the",
        "// matrices of a block, are those of a unit; Vectors those of a slot.",
        "#pragma once",
        "",
        "#include <array>",
        "",
        f'#include "V{top}.h"',
        "",
        f"using Top = V{top};",
        "",
        *(f"constexpr int k{name} = {value};" for name, value in numbers.items()),
        "",
        "// A wire of an element of the trace, or of a beat of an output stream.",
        "struct Wire {",
        "  int offset, bits;",
        "  bool is_signed;",
        "};",
        "",
    ]
    for name in POINTS:
        lines += _table(f"k{name.title()}Wires", shown.get(name, ()))
    for name, stream in (("kOutputs", "x"), ("kSoftOutputs", "llr")):
        lines += _table(name, traced.output_beat(spec, stream))
    return "\n".join(lines) + "\n"


def _table(name: str, fields: Sequence[Field]) -> list[str]:
    """An array of wires, a line each."""
    entries = [
        f"    {{{field.offset}, {field.bits}, {str(field.signed).lower()}}},  // {field.name}"
        for field in fields
    ]
    head = f"constexpr std::array<Wire, {len(fields)}> {name}{{"
    return [f"{head}{{", *entries, "}};"] if fields else [f"{head}}};"]
