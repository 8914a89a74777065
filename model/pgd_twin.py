# SPDX-License-Identifier: Apache-2.0
"""PGD-Net's fake-quantized twin, equal to the golden model on every wire, and its float twin.

float64, half up, every constant an integer times a power of two. The code divides by 1/(I·2^-SI)
and multiplies by Δ: 1/I is no float64, but I is odd, so that v·I never lies on a tie and the
quotient's error of 2^-52 cannot reach one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from brevitas.core.function_wrapper import Identity
from numpy.typing import NDArray
from torch import Tensor, nn

from fixedpoint import family, slicer
from fixedpoint.bank import StepFormats, Steps
from fixedpoint.format import Format, IntArray
from fixedpoint.pgd_spec import PgdSpec
from model.pgd import LayerValues, PgdNet, Wires
from model.quantizers import AdcQuantizer, FormatQuantizer, HalfUp

FloatArray = NDArray[np.float64]
Values = dict[str, FloatArray]
"""Real values by `h`, `y`, `1.residual` and so on."""


class TwinValues(NamedTuple):
    """The quantized inputs and the wires of every layer, float64 values."""

    h: Tensor
    y: Tensor
    layers: list[LayerValues]


class SpecConstants(nn.Module):
    """η and λ (or b) of a spec, (K,) each, exact."""

    def __init__(self, spec: PgdSpec) -> None:
        super().__init__()
        f = spec.formats
        self.eta: Tensor
        self.threshold: Tensor
        self.register_buffer("eta", _values([layer.eta for layer in spec.layers], f.eta))
        self.register_buffer(
            "threshold", _values([layer.threshold for layer in spec.layers], f.state)
        )

    def forward(self) -> tuple[Tensor, Tensor]:
        """η and the threshold, (K,) each."""
        return self.eta, self.threshold


class BankStep(nn.Module):
    """Δ and 1/Δ of one layer from a spec's bank: a `StepSize`."""

    def __init__(self, formats: StepFormats, layer: Steps) -> None:
        super().__init__()
        self.step: Tensor
        self.divisor: Tensor
        self.register_buffer("step", _values(list(layer.step), formats.step))
        inverse = _values(list(layer.inverse), formats.inverse)
        self.register_buffer("divisor", inverse.reciprocal())

    def table(self) -> Tensor:
        """Δ at every entry of the bank, (entries,)."""
        return self.step

    def scales(self, index: Tensor) -> tuple[Tensor, Tensor]:
        """1/I and Δ of each vector, (B, 1) each."""
        return self.divisor[index].unsqueeze(-1), self.step[index].unsqueeze(-1)


class Twin(nn.Module):
    """A spec as a torch net on real H and y.

    With `rounding` = `HalfUp()` it is the fake-quantized twin; with `Identity()` the float twin:
    the same constants, the same clipping, no rounding.
    """

    def __init__(self, spec: PgdSpec, rounding: nn.Module) -> None:
        super().__init__()
        self.h = FormatQuantizer(spec.formats.h, rounding)
        self.y = AdcQuantizer(spec.adc, spec.formats.y, rounding)
        steps = [BankStep(spec.formats, layer) for layer in spec.layers]
        wires = Wires.of_formats(spec.formats, spec.formats.code, rounding)
        self.net = PgdNet(spec.prox, SpecConstants(spec), wires, steps)
        self.double()

    @torch.no_grad()
    def forward(self, h: Tensor, y: Tensor, index: Tensor) -> TwinValues:
        """h (B, M, N) or (M, N), y (B, M), float64; index (B,)."""
        h, y = self.h(h), self.y(y)
        return TwinValues(h, y, self.net(h, y, index))


def fake_quantized(spec: PgdSpec) -> Twin:
    """The twin that equals the golden model exactly."""
    return Twin(spec, HalfUp())


def float_twin(spec: PgdSpec) -> Twin:
    """The twin that only clips; `fixedpoint.family.float_twin` in torch."""
    return Twin(spec, Identity())


def values(spec: PgdSpec, twin: Twin, h: FloatArray, y: FloatArray, index: IntArray) -> Values:
    """Inputs and wires of the twin on real h (G, M, N) and y (G, B, M), index (G, B)."""
    vectors = index.shape[1]
    found = twin(
        torch.from_numpy(np.repeat(h, vectors, axis=0)),
        torch.from_numpy(y.reshape(-1, spec.rows)),
        torch.from_numpy(index.ravel()),
    )
    wires = {"h": found.h.numpy()[::vectors], "y": found.y.numpy().reshape(y.shape)}
    for k, layer in enumerate(found.layers, start=1):
        for name, value in layer._asdict().items():
            wires[f"{k}.{name}"] = value.numpy().reshape(*index.shape, -1)
        bits = decide(spec, layer.state)
        wires[f"{k}.bits"] = bits.reshape(*index.shape, spec.columns, -1).astype(np.float64)
    return wires


def expected(
    spec: PgdSpec, h: IntArray, y: IntArray, index: IntArray, layers: list[family.Wires]
) -> Values:
    """The golden model's inputs and wires as real values, by the same names."""
    formats, unit = family.wire_formats(spec), spec.formats.step.step
    wires = {"h": spec.formats.h.value(h), "y": spec.formats.y.value(y)}
    step: FloatArray = np.zeros((*index.shape, 1))
    for k, (constants, layer) in enumerate(zip(spec.layers, layers, strict=True), start=1):
        next_step = np.array(constants.step)[index][..., None] * unit
        scales = {"accumulator": step, "code": next_step}
        for name, target in formats.items():
            wires[f"{k}.{name}"] = target.value(getattr(layer, name)) * scales.get(name, 1.0)
        step = next_step
    return wires


def decide(spec: PgdSpec, state: Tensor) -> NDArray[np.int64]:
    """The slicer on real states (B, N): Gray bits (B, N, bits a dimension)."""
    thresholds = spec.formats.state.value(spec.slicer)
    return spec.constellation.gray(slicer.position(state.numpy(), thresholds))


def _values(integers: list[int], target: Format) -> Tensor:
    return torch.from_numpy(target.value(integers))
