# SPDX-License-Identifier: Apache-2.0
"""The hyper-network, which stays a network of its own: its numbers for `hyper.hpp`.

Its outputs are what its program calls `Supplied`.
"""

from __future__ import annotations

from fixedpoint.detectors import registry
from fixedpoint.detectors.hyper_network import HyperNetwork
from fixedpoint.program.domain import DefinitionError
from fixedpoint.specs import hyper_widths
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.specs.hyper import AFFINE, HEADS, Affine
from fixedpoint.specs.hyper_widths import HyperShifts
from hls.cpp.text import integer, lookup, matrix, row, struct, words

THETA = "HyperWires<Spec>"
"""What holds its wires."""


def network(spec: DetectorSpec) -> HyperNetwork | None:
    """That of a spec, if it has one. Raises `DefinitionError` on a network of another kind."""
    found = registry.network(spec)
    if found is None or isinstance(found, HyperNetwork):
        return found
    raise DefinitionError(f"the C++ view has no network {found.name}", spec.name)


def numbers(spec: DetectorSpec) -> list[str]:
    """Weights, tables and shifts; no lines without a network."""
    found = network(spec)
    return [] if found is None else _numbers(found)


def _numbers(network: HyperNetwork) -> list[str]:
    spec, made = network.spec, network.hyper
    shifts = HyperShifts.of(spec, made)
    width = {
        k: magnitude.bit_length() + 1 for k, magnitude in hyper_widths.bounds(spec, made).items()
    }
    formats = network.formats
    level, code_max = spec.adc.level, spec.adc.code.max
    lines = [
        *(integer(f"{k}_bits", fmt.bits) for k, fmt in formats.items() if k not in AFFINE),
        *(words(f"hyper_{k}_format", str(fmt)) for k, fmt in formats.items()),
        integer("image_bits", made.image.bits),
        integer("level_shift", shifts.level),
        integer("level_work_bits", width["level_rounded"]),
        *matrix("levels", level.bits, f"[bank][{code_max + 1}]", spec.adc.levels),
    ]
    for name in AFFINE:
        lines += _affine(name.capitalize(), getattr(made, name), width[f"{name}_rounded"])
    for name in HEADS:
        camel = "".join(word.capitalize() for word in name.split("_"))
        lines += lookup(f"{camel}Head", [getattr(made, name)])
    for name in ("quartic", "gaussian"):
        lines.append(integer(f"{name}_product_shift", getattr(shifts, f"{name}_step")))
        lines.append(integer(f"{name}_product_bits", width[f"{name}_product_rounded"]))
    return lines


def _affine(name: str, layer: Affine, work_bits: int) -> list[str]:
    size = len(layer.weights) // len(layer.biases)
    by_input = [layer.weights[i::size] for i in range(size)]
    return struct(
        name,
        integer("inputs", size),
        integer("outputs", len(layer.biases)),
        integer("output_bits", layer.output.bits),
        integer("shift", layer.shift),
        integer("work_bits", work_bits),
        *matrix("weights", layer.weight.bits, "[inputs][outputs]", by_input),
        row("biases", layer.bias.bits, "outputs", layer.biases),
    )
