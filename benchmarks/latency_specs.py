# SPDX-License-Identifier: Apache-2.0
"""`latency_specs.hpp`: the numbers of the two nets' programs, as the latency kernels name them.

Of a wire x, `x_bits`; where it is a requantization, `x_shift` and `x_rounded_bits`, the width of
what is rounded; where that is a sum, a struct `X` with the left shift of each term. A wire of a
stage ahead of the layers has the stage's name before its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixedpoint.detectors.library import AdmmSpec, PgdSpec
from fixedpoint.detectors.registry import program
from fixedpoint.program.leaves import Bank, Constant
from fixedpoint.program.values import Rounded, Softened, Total
from hls.cpp.layout import Layout
from hls.cpp.program import layout_of
from hls.cpp.text import flag, integer, marked, matrix, row, struct

Nets = PgdSpec | AdmmSpec


def header(pgd: PgdSpec, admm: AdmmSpec) -> str:
    """`latency::PgdSpec` and `latency::AdmmSpec`, with their constants as floats, too."""
    lines = ["#pragma once", "", "#include <cstdint>", "", "namespace latency {", ""]
    nets: tuple[tuple[str, Nets], ...] = (("PgdSpec", pgd), ("AdmmSpec", admm))
    for name, spec in nets:
        lines += [marked(spec.digest), f"struct {name} {{", *_numbers(spec), "};", ""]
    return "\n".join([*lines, "}  // namespace latency", ""])


def _numbers(spec: Nets) -> Iterator[str]:
    layout = layout_of(program(spec))
    yield integer("rows", spec.rows)
    yield integer("columns", spec.columns)
    yield integer("layers", spec.depth)
    yield integer("y_bits", spec.y_format.bits)
    for part in spec.parts:
        yield integer(f"{part.name}_bits", part.format.bits)
        yield integer(f"{part.name}_frac", part.format.frac)
    yield flag("soft", isinstance(layout.program.layer.wires["state"], Softened))
    yield from _wires(layout)
    yield from _constants(layout)


def _wires(layout: Layout) -> Iterator[str]:
    for part in (*layout.program.once, layout.program.layer):
        for wire, value in part.wires.items():
            name = f"{part.name}_{wire}" if part.name else wire
            yield integer(f"{name}_bits", part.formats[wire].bits)
            if not isinstance(value, Rounded):
                continue
            yield integer(f"{name}_shift", value.shift)
            yield integer(f"{name}_rounded_bits", layout.holds(value))
            if isinstance(value.of, Total):
                left = value.of.left
                yield from struct(
                    name.capitalize(),
                    row("align", 8, str(len(left)), left),
                    integer("shift", value.shift),
                    integer("work_bits", max(layout.holds(value), layout.holds(value.of))),
                )


def _constants(layout: Layout) -> Iterator[str]:
    """Tables of integers, and those of a layer as floats, exact: none has more than 24 bits."""
    entries = len(layout.program.spec.snr)
    for value in layout.program.layer.order:
        if isinstance(value, Bank):
            size = f"[layers][{entries}]"
            yield integer(f"{value.name}_bits", value.format.bits)
            yield from matrix(value.name, value.format.bits, size, value.values)
        elif isinstance(value, Constant):
            reals = ", ".join(f"{q * value.format.step!r}f" for q in value.values)
            yield integer(f"{value.name}_bits", value.format.bits)
            yield row(value.name, value.format.bits, "layers", value.values)
            yield f"  static constexpr float {value.name}_real[] = {{{reals}}};"
