# SPDX-License-Identifier: Apache-2.0
"""What the C++ parameter header says of an ADMM-Net."""

from __future__ import annotations

from fixedpoint import family
from fixedpoint.admm_spec import AdmmSpec
from fixedpoint.admm_widths import bounds, shifts
from hls.cpp_text import combination, flag, formats, integer, matrix, row

FORMATS = (
    "f", "p", "y", "front", "difference", "state", "dual", "code",
    "step", "inverse", "relaxation", "dual_step",
)  # fmt: skip
DERIVED = (
    "filtered", "front_rounded", "product", "gap", "gap_scaled", "gap_stepped",
    "code_rounded", "decoded_rounded",
)  # fmt: skip
SUMS = ("estimate", "relaxed", "update", "dual", "difference")


def body(spec: AdmmSpec) -> list[str]:
    """Sizes, widths, shifts, constants and tables."""
    return [*_sizes(spec), "", *_formats(spec), "", *_shifts(spec), "", *_tables(spec)]


def _sizes(spec: AdmmSpec) -> list[str]:
    return [
        integer("rows", spec.rows),
        integer("columns", spec.columns),
        integer("layers", len(spec.layers)),
        integer("bank", len(spec.snr)),
        integer("index_bits", spec.snr.index_bits),
        integer("symbol_bits", spec.constellation.bits),
        flag("soft", spec.prox == "soft"),
    ]


def _formats(spec: AdmmSpec) -> list[str]:
    """Widths of the formats, derived widths, and the names that golden vector files use.

    `estimate` is a wire of the front end, too: its format is `front_format`.
    """
    f, width = spec.formats, bounds(spec)
    lines = [integer("h_bits", spec.h_format.bits)]
    lines += [integer(f"{name}_bits", getattr(f, name).bits) for name in FORMATS]
    lines += [integer(f"{name}_bits", width[name].bits) for name in DERIVED]
    filtered = family.layer_formats(spec)[family.FRONT]["filtered"]
    inputs = {"f": f.f, "p": f.p, "y": f.y, "filtered": filtered, "front": f.front}
    return lines + formats(inputs | family.wire_formats(spec))


def _shifts(spec: AdmmSpec) -> list[str]:
    s, width = shifts(spec), bounds(spec)
    sums = {name: (getattr(s, name), width[f"{name}_rounded"]) for name in SUMS}
    return [
        integer("front_shift", s.front),
        integer("code_shift", s.code),
        integer("decoded_shift", s.decoded),
        *(line for name, pair in sums.items() for line in combination(name.capitalize(), *pair)),
    ]


def _tables(spec: AdmmSpec) -> list[str]:
    f, layers = spec.formats, spec.layers
    return [
        row("relaxation", f.relaxation.bits, "layers", [layer.relaxation for layer in layers]),
        row("dual_step", f.dual_step.bits, "layers", [layer.dual_step for layer in layers]),
        row("threshold", f.state.bits, "layers", [layer.threshold for layer in layers]),
        *matrix("step", f.step.bits, "[layers][bank]", [layer.step for layer in layers]),
        *matrix("inverse", f.inverse.bits, "[layers][bank]", [layer.inverse for layer in layers]),
        row("slicer", f.state.bits, str(len(spec.slicer)), spec.slicer),
    ]
