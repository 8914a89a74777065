# SPDX-License-Identifier: Apache-2.0
"""What the C++ parameter headers say of HPD and FPD-Net."""

from __future__ import annotations

from collections.abc import Mapping

from fixedpoint import family
from fixedpoint.distributed_spec import DistributedSpec
from fixedpoint.distributed_widths import (
    DistributedShifts,
    fpd_bounds,
    fpd_shifts,
    hpd_bounds,
    hpd_shifts,
)
from fixedpoint.fpd_spec import SCALES, FpdSpec
from fixedpoint.hpd_spec import HpdSpec
from fixedpoint.widths import Bound
from hls.cpp_text import (
    combination,
    constant,
    flag,
    formats,
    integer,
    lookup,
    lookup_head,
    matrix,
    row,
)
from hls.emit_cpp_hyper import hyper_body

Bounds = Mapping[str, Bound]


def hpd_body(spec: HpdSpec) -> list[str]:
    """Sizes, widths, shifts, constants and tables of HPD."""
    f, width, shifts = spec.formats, hpd_bounds(spec), hpd_shifts(spec)
    return [
        *_common(spec, width, shifts),
        "",
        integer("weight_bits", f.weight.bits),
        *_derived(width, "g_scaled", "pull_scaled"),
        *lookup("Pull", spec.pull, shifts.pull, width["distance_rounded"]),
        *combination("Update", shifts.update, width["change_rounded"]),
        row("step", f.step.bits, "layers", [layer.step for layer in spec.layers]),
        row("weight", f.weight.bits, "layers", [layer.weight for layer in spec.layers]),
    ]


def fpd_body(spec: FpdSpec) -> list[str]:
    """Sizes, widths, shifts, constants and tables of FPD-Net."""
    f, width, shifts = spec.formats, fpd_bounds(spec), fpd_shifts(spec)
    scales = {name: getattr(f, name).bits for name in SCALES}
    sums = ("g_scaled", "quartic", "quartic_scaled", "gaussian", "gaussian_scaled", "cosine_scaled")
    return [
        *_common(spec, width, shifts),
        "",
        *(integer(f"{name}_bits", bits) for name, bits in scales.items() if name != "step"),
        *_derived(width, *sums),
        *combination("Descend", shifts.descend, width["descent_rounded"]),
        *lookup("Quartic", spec.quartic, shifts.quartic, width["quartic_argument_rounded"]),
        *combination("QuarticUpdate", shifts.quartic_update, width["quartic_change_rounded"]),
        *lookup("Gaussian", spec.gaussian, shifts.gaussian, width["gaussian_argument_rounded"]),
        *combination("GaussianUpdate", shifts.gaussian_update, width["gaussian_change_rounded"]),
        *combination("CosineUpdate", shifts.cosine_update, width["cosine_change_rounded"]),
        flag("hyper", spec.hyper is not None),
        *(_constants(spec) if spec.hyper is None else hyper_body(spec, spec.hyper)),
    ]


def _constants(spec: FpdSpec) -> list[str]:
    """θ of every layer, and the third penalty's tables."""
    f, work, shift = spec.formats, fpd_bounds(spec)["distance_rounded"], fpd_shifts(spec).cosine
    address, output = spec.cosine_address, spec.cosine_output
    tables = [layer.cosine for layer in spec.layers]
    values = matrix("values", output.bits, "[layers][entries]", tables)
    scales = [
        row(name, getattr(f, name).bits, "layers", [getattr(layer, name) for layer in spec.layers])
        for name in SCALES
    ]
    return [*lookup_head("Third", address, output, shift, work, values), *scales]


def _common(spec: DistributedSpec, width: Bounds, shifts: DistributedShifts) -> list[str]:
    """What rows, fusion and slicer of both detectors need."""
    f, x, adc = spec.formats, spec.state_format, spec.adc
    wires = {**family.layer_formats(spec)[family.ADC], **family.wire_formats(spec)}
    work = width["difference_rounded"]
    return [
        integer("rows", spec.rows),
        integer("columns", spec.columns),
        integer("units", spec.units),
        integer("unit_size", spec.unit_size),
        integer("layers", spec.depth),
        integer("bank", len(spec.snr)),
        integer("index_bits", spec.snr.index_bits),
        integer("symbol_bits", spec.constellation.bits),
        integer("adc_bits", adc.bits),
        "",
        *(integer(f"{name}_bits", getattr(f, name).bits) for name in _FORMATS),
        integer("threshold_bits", adc.threshold.bits),
        *_derived(width, "accumulator", "gradient", "total", "mean_rounded", "state_change"),
        *_derived(width, "momentum_scaled"),
        *formats({"h": f.h, "y": spec.y_format, **wires}),
        "",
        constant("grid_one", x.bits, 1 << x.frac),
        constant("grid_peak", x.bits, spec.peak),
        row("slicer", x.bits, str(len(spec.slicer)), spec.slicer),
        *matrix("thresholds", adc.threshold.bits, f"[bank][{adc.code.max}]", adc.thresholds),
        integer("threshold_align", shifts.threshold_align),
        constant("one", f.residual.bits, spec.one),
        *lookup("Sigmoid", spec.sigmoid, shifts.sigmoid, work),
        constant("mean", f.mean.bits, spec.mean),
        integer("mean_shift", shifts.mean),
        row("momentum", f.momentum.bits, "layers", spec.momentum),
        *combination("Extrapolate", shifts.extrapolate, width["extrapolation_rounded"]),
    ]


_FORMATS = ("h", "state", "residual", "step", "mean", "momentum")


def _derived(width: Bounds, *names: str) -> list[str]:
    return [integer(f"{name}_bits", width[name].bits) for name in names]
