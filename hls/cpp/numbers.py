# SPDX-License-Identifier: Apache-2.0
"""`bitfold::Spec`, the parameter header: numbers and no logic."""

from __future__ import annotations

from collections.abc import Iterable

from fixedpoint.detectors.registry import graph_digest
from fixedpoint.numbers.few_bit import FewBitAdc
from fixedpoint.program.leaves import Bank, Constant
from fixedpoint.program.values import Quotient, Read
from hls.cpp import hyper
from hls.cpp.layout import Layout
from hls.cpp.text import flag, integer, lookup, marked, matrix, row, words


def header(layout: Layout) -> str:
    """Sizes, formats, constants, tables and the digest as constexpr."""
    spec = layout.program.spec
    lines = [
        marked(spec.digest),
        "#pragma once",
        "",
        "#include <cstdint>",
        "",
        "namespace bitfold {",
        "",
        "struct Spec {",
        words("digest", spec.digest),
        words("graph", graph_digest(spec)),
        words("detector", spec.detector),
        "",
        *_sizes(layout),
        "",
        *_formats(layout),
        "",
        *_tables(layout),
        *hyper.numbers(spec),
        "};",
        "",
        "}  // namespace bitfold",
        "",
    ]
    return "\n".join(lines)


def _sizes(layout: Layout) -> Iterable[str]:
    program, spec = layout.program, layout.program.spec
    yield integer("rows", spec.rows)
    yield integer("columns", spec.columns)
    if layout.units:
        yield integer("units", program.units)
        yield integer("unit_size", program.unit_size)
    else:
        matrices = layout.names.matrices
        yield from (integer(f"{matrices[part.name]}_rows", part.rows) for part in spec.parts)
    yield integer("layers", spec.depth)
    yield integer("bank", len(spec.snr))
    yield integer("index_bits", spec.snr.index_bits)
    yield integer("symbol_bits", spec.constellation.bits)


def _formats(layout: Layout) -> Iterable[str]:
    """Of what comes in: an entry of the widest matrix, a sample. `coded`: samples are codes."""
    spec = layout.program.spec
    yield integer("entry_bits", spec.h_format.bits)
    yield integer("y_bits", spec.y_format.bits)
    yield flag("coded", not spec.y_format.signed)
    named = {layout.names.matrices[part.name]: part.format for part in spec.parts}
    named["y"] = spec.y_format
    yield from (words(f"{name}_format", str(fmt)) for name, fmt in named.items())


def _tables(layout: Layout) -> Iterable[str]:
    spec, names = layout.program.spec, layout.names
    parts = (*layout.program.once, layout.program.layer)
    done = set()
    converter = spec.converter
    if isinstance(converter, FewBitAdc):
        size = f"[bank][{converter.code.max}]"
        yield from matrix("thresholds", converter.threshold.bits, size, converter.thresholds)
    for value in (value for part in parts for value in part.order):
        if not isinstance(value, Constant | Bank | Read | Quotient) or names.table(value) in done:
            continue
        name, bits = names.table(value), value.format.bits
        done.add(name)
        match value:
            case Constant():
                yield row(name, bits, "layers", value.values)
            case Bank():
                yield from matrix(name, bits, "[layers][bank]", value.values)
            case Read():
                yield from lookup(name, value.tables)
            case Quotient():
                yield from lookup(name, [value.reciprocal])
    yield row("slicer", spec.state_format.bits, str(len(spec.slicer)), spec.slicer)
