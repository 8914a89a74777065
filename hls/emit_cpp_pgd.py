# SPDX-License-Identifier: Apache-2.0
"""What the C++ parameter header says of a PGD-Net."""

from __future__ import annotations

from fixedpoint import family
from fixedpoint.pgd_spec import PgdSpec
from fixedpoint.pgd_widths import bounds, shifts
from hls.cpp_text import flag, formats, integer, matrix, row

DERIVED = ("accumulator", "gradient", "error_rounded", "update_rounded", "code_rounded")


def body(spec: PgdSpec) -> list[str]:
    """Sizes, widths, shifts, constants and tables."""
    return [*_sizes(spec), "", *_formats(spec), "", *_shifts(spec), "", *_tables(spec)]


def _sizes(spec: PgdSpec) -> list[str]:
    return [
        integer("rows", spec.rows),
        integer("columns", spec.columns),
        integer("layers", len(spec.layers)),
        integer("bank", len(spec.snr)),
        integer("index_bits", spec.snr.index_bits),
        integer("symbol_bits", spec.constellation.bits),
        flag("soft", spec.prox == "soft"),
    ]


def _formats(spec: PgdSpec) -> list[str]:
    """Widths of the formats, derived widths, and the names that golden vector files use."""
    f, wires, width = spec.formats, family.wire_formats(spec), bounds(spec)
    lines = [
        integer(f"{name}_bits", getattr(f, name).bits)
        for name in ("h", "y", "residual", "state", "code", "step", "inverse", "eta")
    ]
    lines += [integer(f"{name}_bits", width[name].bits) for name in DERIVED]
    return lines + formats({"h": f.h, "y": f.y, **wires})


def _shifts(spec: PgdSpec) -> list[str]:
    s = shifts(spec)
    return [
        integer("y_align", s.y_align),
        integer("residual_shift", s.residual),
        integer("x_align", s.x_align),
        integer("g_align", s.g_align),
        integer("update_shift", s.update),
        integer("code_shift", s.code),
    ]


def _tables(spec: PgdSpec) -> list[str]:
    f, layers = spec.formats, spec.layers
    return [
        row("eta", f.eta.bits, "layers", [layer.eta for layer in layers]),
        row("threshold", f.state.bits, "layers", [layer.threshold for layer in layers]),
        *matrix("step", f.step.bits, "[layers][bank]", [layer.step for layer in layers]),
        *matrix("inverse", f.inverse.bits, "[layers][bank]", [layer.inverse for layer in layers]),
        row("slicer", f.state.bits, str(len(spec.slicer)), spec.slicer),
    ]
