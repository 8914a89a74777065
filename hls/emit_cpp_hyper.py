# SPDX-License-Identifier: Apache-2.0
"""What the C++ parameter header says of FPD-Net's hyper-network."""

from __future__ import annotations

from fixedpoint import hyper
from fixedpoint.distributed_widths import fpd_bounds, fpd_shifts
from fixedpoint.fpd_spec import FpdSpec
from fixedpoint.hyper_spec import AFFINE, HEADS, Affine, HyperShifts, HyperSpec, hyper_bounds
from fixedpoint.widths import Bound
from hls.cpp_text import formats, integer, lookup, matrix, row, struct


def hyper_body(spec: FpdSpec, network: HyperSpec) -> list[str]:
    """Weights, tables and shifts of the network and of the third penalty at a run-time φ."""
    shifts = HyperShifts.of(spec, network)
    width = {k.removeprefix("hyper "): v for k, v in hyper_bounds(spec, network).items()}
    level, code_max = spec.adc.level, spec.adc.code.max
    lines = [
        integer("phi_bits", spec.formats.phi.bits),
        *formats({f"hyper_{k}": v for k, v in hyper.wire_formats(spec, network).items()}),
        integer("image_bits", network.image.bits),
        integer("level_shift", shifts.level),
        integer("level_work_bits", width["level_rounded"].bits),
        *matrix("levels", level.bits, f"[bank][{code_max + 1}]", spec.adc.levels),
    ]
    for name in AFFINE:
        lines += _affine(name.capitalize(), getattr(network, name), width[f"{name}_rounded"])
    for name in HEADS:
        address = network.dense2.output
        camel = "".join(word.capitalize() for word in name.split("_"))
        lines += lookup(f"{camel}Head", getattr(network, name), 0, Bound(address.max))
    for name in ("quartic", "gaussian"):
        lines.append(integer(f"{name}_product_shift", getattr(shifts, f"{name}_step")))
        lines.append(integer(f"{name}_product_bits", width[f"{name}_product_rounded"].bits))
    return lines + _third_penalty(spec, network, shifts, width)


def _affine(name: str, layer: Affine, work: Bound) -> list[str]:
    size = len(layer.weights) // len(layer.biases)
    by_input = [layer.weights[i::size] for i in range(size)]
    return struct(
        name,
        integer("inputs", size),
        integer("outputs", len(layer.biases)),
        integer("output_bits", layer.output.bits),
        integer("shift", layer.shift),
        integer("work_bits", work.bits),
        *matrix("weights", layer.weight.bits, "[inputs][outputs]", by_input),
        row("biases", layer.bias.bits, "outputs", layer.biases),
    )


def _third_penalty(
    spec: FpdSpec, network: HyperSpec, shifts: HyperShifts, width: dict[str, Bound]
) -> list[str]:
    distance, shift = fpd_bounds(spec)["distance_rounded"], fpd_shifts(spec).cosine
    mantissa = width["mantissa_rounded"]
    return [
        *lookup("Sine", network.sine, shift, distance),
        *lookup("Cosine", network.cosine, shift, distance),
        *lookup("Reciprocal", network.reciprocal, shifts.reciprocal, mantissa),
        *struct(
            "Third",
            integer("output_bits", spec.cosine_output.bits),
            integer("width", shifts.width),
            integer("phi_align", shifts.phi_align),
            integer("cosine_align", shifts.cosine_align),
            integer("shift", shifts.third),
            integer("work_bits", width["third_rounded"].bits),
        ),
    ]
