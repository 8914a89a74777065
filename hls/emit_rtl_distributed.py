# SPDX-License-Identifier: Apache-2.0
"""The numbers of the RTL of HPD and FPD-Net: their units and the fusion node."""

from __future__ import annotations

from collections.abc import Mapping

from fixedpoint.detectors.registry import program
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
from fixedpoint.widths import Bound, Combination
from hls import rtl_text, toolchain, trace_types

Numbers = dict[str, int]
Memories = dict[str, tuple[int, list[int]]]


def hpd_files(spec: HpdSpec) -> dict[str, str]:
    """File name → text. Of a layer: `hpd_step.mem`, `hpd_weight.mem`; the table `hpd_pull.mem`."""
    f, width, s = spec.formats, hpd_bounds(spec), hpd_shifts(spec)
    z_align, g_align, pull_align = s.update.align
    constants = {
        "DistanceWidth": width["distance"].bits,
        "ThetaItems": 0,
        "WeightWidth": f.weight.bits,
        "PullAddressWidth": spec.pull.address.bits,
        "PullWidth": spec.pull.output.bits,
        "GScaledWidth": width["g_scaled"].bits,
        "PullScaledWidth": width["pull_scaled"].bits,
        "ChangeWidth": width["change"].bits,
        "ZAlign": z_align,
        "GAlign": g_align,
        "PullAlign": pull_align,
        "PullShift": s.pull,
        "UpdateShift": s.update.shift,
    }
    memories: Memories = {
        "hpd_step.mem": (f.step.bits, [layer.step for layer in spec.layers]),
        "hpd_weight.mem": (f.weight.bits, [layer.weight for layer in spec.layers]),
        "hpd_pull.mem": (spec.pull.output.bits, rtl_text.by_address(spec.pull)),
    }
    return _files(spec, width, s, constants, memories, "hpd_column")


def fpd_files(spec: FpdSpec) -> dict[str, str]:
    """File name → text. θ: one `.mem` a scale and `fpd_cosine.mem`, the layers' tables in turn.

    Raises `ValueError` on a spec with a hyper-network, which is golden and C++ only.
    """
    if spec.hyper is not None:
        raise ValueError(f"spec {spec.name} has a hyper-network, which is golden and C++ only")
    f, width, s = spec.formats, fpd_bounds(spec), fpd_shifts(spec)
    constants = {
        "GScaledWidth": width["g_scaled"].bits,
        "DescentWidth": width["descent"].bits,
        "DistanceWidth": width["distance"].bits,
        "CosineAddressWidth": spec.cosine_address.bits,
        "Scales": len(SCALES),
        "ThetaItems": len(SCALES) + len(spec.layers[0].cosine),
        "CosineWidth": spec.cosine_output.bits,
        "CosineStepWidth": f.cosine_step.bits,
        "CosineScaledWidth": width["cosine_scaled"].bits,
        "CosineChangeWidth": width["cosine_change"].bits,
        **_aligns("Descent", "Z", "G", s.descend),
        **_aligns("Cosine", "X", "Scaled", s.cosine_update),
        "DescentShift": s.descend.shift,
        "CosineShift": s.cosine,
        "CosineUpdateShift": s.cosine_update.shift,
    }
    cosine = [q for k in range(spec.depth) for q in rtl_text.by_address(spec.cosine(k))]
    memories: Memories = {
        "fpd_quartic.mem": (spec.quartic.output.bits, rtl_text.by_address(spec.quartic)),
        "fpd_gaussian.mem": (spec.gaussian.output.bits, rtl_text.by_address(spec.gaussian)),
        "fpd_cosine.mem": (spec.cosine_output.bits, cosine),
    }
    for name in SCALES:
        scales = [getattr(layer, name) for layer in spec.layers]
        memories[f"fpd_{name}.mem"] = (getattr(f, name).bits, scales)
    for name, table, scale, step, shift, update in (
        ("Quartic", spec.quartic, f.quartic_scale, f.quartic_step, s.quartic, s.quartic_update),
        ("Gaussian", spec.gaussian, f.gaussian_scale, f.gaussian_step, s.gaussian,
         s.gaussian_update),
    ):  # fmt: skip
        wire = name.lower()
        constants |= {
            f"{name}ScaleWidth": scale.bits,
            f"{name}StepWidth": step.bits,
            f"{name}ArgumentWidth": width[f"{wire}_argument"].bits,
            f"{name}AddressWidth": table.address.bits,
            f"{name}TableWidth": table.output.bits,
            f"{name}Width": width[wire].bits,
            f"{name}ScaledWidth": width[f"{wire}_scaled"].bits,
            f"{name}ChangeWidth": width[f"{wire}_change"].bits,
            **_aligns(name, "X", "Scaled", update),
            f"{name}Shift": shift,
            f"{name}UpdateShift": update.shift,
        }
    return _files(spec, width, s, constants, memories, "fpd_column")


def _aligns(name: str, first: str, second: str, sum_of_two: Combination) -> Numbers:
    return {
        f"{name}{part}Align": align
        for part, align in zip((first, second), sum_of_two.align, strict=True)
    }


def _files(
    spec: DistributedSpec,
    width: Mapping[str, Bound],
    s: DistributedShifts,
    constants: Numbers,
    memories: Memories,
    column: str,
) -> dict[str, str]:
    """A detector's own numbers with those of both; `column` is its units' column function."""
    f, adc = spec.formats, spec.adc
    common = {
        "UnitRows": spec.unit_size,
        "Columns": spec.columns,
        "Layers": spec.depth,
        "BankEntries": len(spec.snr),
        "IndexWidth": spec.snr.index_bits,
        "HWidth": f.h.bits,
        "CodeWidth": adc.bits,
        "ThresholdWidth": adc.threshold.bits,
        "ThresholdAlign": s.threshold_align,
        "AccumulatorWidth": width["accumulator"].bits,
        "DifferenceWidth": width["difference"].bits,
        "SigmoidAddressWidth": spec.sigmoid.address.bits,
        "SigmoidWidth": spec.sigmoid.output.bits,
        "SigmoidShift": s.sigmoid,
        "One": spec.one,
        "ResidualWidth": f.residual.bits,
        "GradientWidth": width["gradient"].bits,
        "StateWidth": f.state.bits,
        "StepWidth": f.step.bits,
        "Peak": spec.peak,
        "Spacing": 2 << f.state.frac,
    }
    fusion = {
        "Units": spec.units,
        "MeanWidth": f.mean.bits,
        "Mean": spec.mean,
        "MeanShift": s.mean,
        "MomentumWidth": f.momentum.bits,
        "ExtrapolationWidth": width["extrapolation"].bits,
        **_aligns("", "State", "Momentum", s.extrapolate),
        "ExtrapolateShift": s.extrapolate.shift,
    }
    thresholds = [_word(row, adc.threshold.bits) for row in adc.thresholds]
    memories |= {
        "adc_threshold.mem": (len(adc.thresholds[0]) * adc.threshold.bits, thresholds),
        "sigmoid.mem": (spec.sigmoid.output.bits, rtl_text.by_address(spec.sigmoid)),
        "momentum.mem": (f.momentum.bits, list(spec.momentum)),
    }
    shown = trace_types.of_fusion(program(spec))
    fusion |= trace_types.widths(shown)
    structs = trace_types.structs(shown)
    texts = {
        "bitfold_pkg.sv": rtl_text.main_package(spec, common | constants),
        "bitfold_fusion_pkg.sv": rtl_text.package(
            spec.digest, "bitfold_fusion_pkg", fusion, structs
        ),
        "unit_column.sv": toolchain.module_text(column).replace(column, "unit_column", 1),
    }
    return texts | {name: rtl_text.memory(spec, *entry) for name, entry in memories.items()}


def _word(integers: tuple[int, ...], width: int) -> int:
    """Integers side by side in one word, the first one lowest."""
    return sum((q & (1 << width) - 1) << i * width for i, q in enumerate(integers))
