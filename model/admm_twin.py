# SPDX-License-Identifier: Apache-2.0
"""ADMM-Net's fake-quantized twin, equal to the golden model on every wire, and its float twin.

float64, half up, every constant an integer times a power of two; the code as in `model.pgd_twin`.
F and P come from `fixedpoint.prepare` on both sides: they are inputs, and nothing here makes them
again.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from brevitas.core.function_wrapper import Identity
from torch import Tensor, nn

from fixedpoint import family, slicer
from fixedpoint.admm_spec import AdmmSpec
from fixedpoint.format import Format, IntArray
from fixedpoint.inputs import split
from model.admm import AdmmNet, AdmmValues
from model.admm_constants import AdmmLayers
from model.admm_wires import AdmmWires
from model.pgd_twin import BankStep, FloatArray, Values
from model.quantizers import AdcQuantizer, HalfUp


class TwinValues(NamedTuple):
    """Quantized inputs and all wires, float64 values.

    f: Fᵀ (G, M, N); p: (G, N, N); y: (G, B, M); filtered = F·y and estimate = x₀, (G, B, N);
    products: P·(z − u) of the layer before, one a layer; layers: the other wires.
    """

    f: Tensor
    p: Tensor
    y: Tensor
    filtered: Tensor
    estimate: Tensor
    products: list[Tensor]
    layers: list[AdmmValues]


class SpecConstants(nn.Module):
    """rel, un and λ (or b) of a spec, (K,) each, exact."""

    def __init__(self, spec: AdmmSpec) -> None:
        super().__init__()
        f, layers = spec.formats, spec.layers
        self.relaxation: Tensor
        self.dual: Tensor
        self.threshold: Tensor
        for name, integers, target in (
            ("relaxation", [layer.relaxation for layer in layers], f.relaxation),
            ("dual", [layer.dual_step for layer in layers], f.dual_step),
            ("threshold", [layer.threshold for layer in layers], f.state),
        ):
            self.register_buffer(name, torch.from_numpy(target.value(integers)))

    def forward(self) -> AdmmLayers:
        """As `AdmmConstants`."""
        return AdmmLayers(self.relaxation, self.dual, self.threshold)


class Twin(nn.Module):
    """A spec as a torch net on the real F, P and y.

    With `rounding` = `HalfUp()` it is the fake-quantized twin; with `Identity()` the float twin:
    the same constants, the same clipping, no rounding.
    """

    def __init__(self, spec: AdmmSpec, rounding: nn.Module) -> None:
        super().__init__()
        self.y = AdcQuantizer(spec.adc, spec.formats.y, rounding)
        self.wires = AdmmWires.of_formats(spec.formats, spec.formats.code, rounding)
        steps = [BankStep(spec.formats, layer) for layer in spec.layers]
        self.net = AdmmNet(spec.prox, "shared", SpecConstants(spec), self.wires, steps)
        self.double()

    @torch.no_grad()
    def forward(self, f: Tensor, p: Tensor, y: Tensor, index: Tensor) -> TwinValues:
        """Fᵀ (G, M, N), P (G, N, N) and y (G, B, M), float64; index (G, B)."""
        f, p, y = self.wires.f.values(f), self.wires.p.values(p), self.y(y)
        filtered = y @ f
        front = self.wires.front(filtered)
        products: list[Tensor] = []

        def update(k: int, x: Tensor, difference: Tensor) -> Tensor:
            products.append(difference @ p)
            return front + products[-1]

        layers = self.net.layers(update, torch.zeros_like(front), index)
        return TwinValues(f, p, y, filtered, front, products, layers)


def fake_quantized(spec: AdmmSpec) -> Twin:
    """The twin that equals the golden model exactly."""
    return Twin(spec, HalfUp())


def float_twin(spec: AdmmSpec) -> Twin:
    """The twin that only clips; `fixedpoint.family.float_twin` in torch."""
    return Twin(spec, Identity())


def values(spec: AdmmSpec, twin: Twin, h: IntArray, y: FloatArray, index: IntArray) -> Values:
    """Inputs and wires of the twin on the integers h (G, M + N, N), real y (G, B, M), index."""
    matrices = [torch.from_numpy(matrix) for matrix in _matrices(spec, h).values()]
    found = twin(*matrices, torch.from_numpy(y), torch.from_numpy(index))
    wires = {"f": found.f, "p": found.p, "y": found.y}
    wires |= {"front.filtered": found.filtered, "front.estimate": found.estimate}
    bits: Values = {}
    for k, (product, layer) in enumerate(zip(found.products, found.layers, strict=True), start=1):
        wires |= {f"{k}.product": product}
        wires |= {f"{k}.{name}": value for name, value in layer._asdict().items()}
        position = slicer.position(layer.state.numpy(), spec.formats.state.value(spec.slicer))
        bits[f"{k}.bits"] = spec.constellation.gray(position).astype(np.float64)
    return {name: value.numpy() for name, value in wires.items()} | bits


def expected(
    spec: AdmmSpec, h: IntArray, y: IntArray, index: IntArray, layers: list[family.Wires]
) -> Values:
    """The golden model's inputs and wires as real values, by the same names."""
    wires = _matrices(spec, h) | {"y": spec.formats.y.value(y)}
    front, *rest = layers
    wires |= _values("front", family.layer_formats(spec)[family.FRONT], front)
    for k, (constants, layer) in enumerate(zip(spec.layers, rest, strict=True), start=1):
        wires |= _values(str(k), family.wire_formats(spec), layer)
        wires[f"{k}.code"] *= spec.formats.step.value(constants.step)[index][..., None]
    return wires


def _values(prefix: str, formats: dict[str, Format], layer: family.Wires) -> Values:
    return {f"{prefix}.{n}": target.value(getattr(layer, n)) for n, target in formats.items()}


def _matrices(spec: AdmmSpec, h: IntArray) -> Values:
    """Fᵀ and P of the integers h as real values."""
    pieces = split(spec, h)
    return {part.name: part.format.value(pieces[part.name]) for part in spec.parts}
