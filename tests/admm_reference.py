# SPDX-License-Identifier: Apache-2.0
"""ADMM-Net a second time: one vector, element by element, in rational numbers; and specs for it."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from math import floor
from typing import Any

import numpy as np

from fixedpoint.numbers.bank import odd_reciprocal
from fixedpoint.numbers.format import Format, IntArray
from fixedpoint.numbers.modulation import MODULATIONS
from fixedpoint.specs.admm import AdmmSpec
from fixedpoint.specs.prepare import Prepared
from fixedpoint.stress import admm as admm_stress

Row = list[int]


def real(q: int, *formats: Format) -> Fraction:
    """The value of an integer whose point is the sum of those of the formats."""
    return Fraction(q) / Fraction(2) ** sum(fmt.frac for fmt in formats)


def rounded(value: Fraction, fmt: Format) -> int:
    """Half up, then clipped."""
    q = floor(value * Fraction(2) ** fmt.frac + Fraction(1, 2))
    return max(-(2 ** (fmt.bits - 1)) + 1, min(2 ** (fmt.bits - 1) - 1, q))


def sums(rows: list[Row], weights: Row) -> Row:
    """Σ over rows of weight · row, for every column."""
    return [
        sum(w * row[n] for w, row in zip(weights, rows, strict=True)) for n in range(len(rows[0]))
    ]


def detect(
    spec: AdmmSpec, f_rows: list[Row], p_rows: list[Row], y: Row, index: int
) -> list[dict[str, list[Any]]]:
    """Every wire of the front end and of each layer, as in `fixedpoint.detectors.admm`."""
    f = spec.formats
    filtered = sums(f_rows, y)
    x0 = [rounded(real(q, f.f, f.y), f.front) for q in filtered]
    found: list[dict[str, list[Any]]] = [{"filtered": filtered, "estimate": x0}]
    z, u, d = ([0] * spec.columns for _ in range(3))
    for k in range(len(spec.layers)):
        product = sums(p_rows, d)
        columns = [
            column(spec, k, index, *operands) for operands in zip(x0, product, z, u, strict=True)
        ]
        made = {wire: [c[wire] for c in columns] for wire in columns[0]}
        z, u, d = made["decoded"], made["dual"], made["difference"]
        found.append(made)
    return found


def column(
    spec: AdmmSpec, k: int, index: int, x0: int, product: int, z: int, u: int
) -> dict[str, Any]:
    """One column of layer k on real values."""
    f, layer = spec.formats, spec.layers[k]
    x = rounded(real(x0, f.front) + real(product, f.p, f.difference), f.state)
    before = real(z, f.state)
    moved = before + real(layer.relaxation, f.relaxation) * (real(x, f.state) - before)
    relaxed = rounded(moved, f.state)
    update = rounded(real(relaxed, f.state) + real(u, f.dual), f.state)
    t = layer.threshold
    if spec.prox == "box":
        v = t if update > t else -t if update < -t else update
    else:
        v = update - t if update > t else update + t if update < -t else 0
    code = rounded(real(v, f.state) * real(layer.inverse[index], f.inverse), f.code)
    decoded = rounded(code * real(layer.step[index], f.step), f.state)
    change = real(layer.dual_step, f.dual_step) * real(relaxed - decoded, f.state)
    dual = rounded(real(u, f.dual) + change, f.dual)
    difference = rounded(real(decoded, f.state) - real(dual, f.dual), f.difference)
    position = sum(v >= threshold for threshold in spec.slicer)
    width = spec.constellation.bits
    gray = format(position ^ (position >> 1), f"0{width}b")
    return {
        "product": product, "estimate": x, "relaxed": relaxed, "update": update, "state": v,
        "code": code, "decoded": decoded, "dual": dual, "difference": difference,
        "bits": [int(bit) for bit in gray],
    }  # fmt: skip


def with_formats(spec: AdmmSpec, **changes: Format) -> AdmmSpec:
    """The same constants in other formats."""
    formats = dataclasses.replace(spec.formats, **changes)
    return spec.replace(formats=formats, slicer=spec.constellation.thresholds(formats.state))


def finer(spec: AdmmSpec, bits: int) -> AdmmSpec:
    """The same detector with so many more fractional bits in every wire and in Δ."""
    f = spec.formats
    wires = {
        name: Format(getattr(f, name).bits + bits, getattr(f, name).frac + bits)
        for name in ("f", "p", "y", "front", "difference", "state", "dual")
    }
    formats = dataclasses.replace(
        f,
        **wires,
        code=Format(f.code.bits + bits, 0),
        step=Format(f.step.bits, f.step.frac + bits),
        inverse=Format(f.inverse.bits, f.inverse.frac - bits),
    )
    layers = (dataclasses.replace(one, threshold=one.threshold << bits) for one in spec.layers)
    return spec.replace(
        formats=formats,
        adc=dataclasses.replace(spec.adc, bits=spec.adc.bits + bits),
        layers=tuple(layers),
        slicer=spec.constellation.thresholds(formats.state),
    )


def roomy(spec: AdmmSpec) -> AdmmSpec:
    """The same detector with eight more integer bits in every wire, so that nothing clips."""
    names = ("f", "p", "front", "difference", "state", "dual", "code")
    formats = {name: getattr(spec.formats, name) for name in names}
    return with_formats(spec, **{n: Format(fmt.bits + 8, fmt.frac) for n, fmt in formats.items()})


def left() -> AdmmSpec:
    """Requantizations that shift left: x₀, x, z's decoding and the difference."""
    made = admm_stress.spec("box", 8, 4, layers=3)
    return with_formats(
        made, front=Format(13, 9), state=Format(16, 11), difference=Format(13, 12), p=Format(5, -2)
    )


def coarse() -> AdmmSpec:
    """A narrow state beside a fine dual, and 64-QAM: long shifts to the right."""
    made = admm_stress.spec("soft", 6, 10, layers=4)
    modulation = MODULATIONS["64qam"]
    state, inverse = Format(6, 2), Format(7, 3)
    formats = dataclasses.replace(
        made.formats, state=state, inverse=inverse, dual=Format(9, 8), dual_step=Format(7, 6)
    )
    layers = tuple(
        dataclasses.replace(
            layer,
            threshold=k,
            inverse=tuple(odd_reciprocal(q, formats.step, inverse) for q in layer.step),
        )
        for k, layer in enumerate(made.layers)
    )
    return made.replace(
        modulation=modulation.name, formats=formats, layers=layers,
        slicer=modulation.thresholds(state),
    )  # fmt: skip


SIZES = (("soft", 32, 32), ("box", 32, 32), ("soft", 32, 16), ("box", 8, 4), ("soft", 4, 12))
STRESSED = [
    *(admm_stress.spec(*size, layers=3 + size[1] // 16) for size in SIZES),
    left(),
    coarse(),
]
"""Every size, prox and direction of shifts."""


def quantized(made: AdmmSpec, prepared: Prepared) -> IntArray:
    """The blocks' integers (G, M + N, N): Fᵀ above P."""
    f = made.formats.f.quantize(prepared.f.transpose(0, 2, 1))
    return np.concatenate([f, made.formats.p.quantize(prepared.p)], axis=1)
