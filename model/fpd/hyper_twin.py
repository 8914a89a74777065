# SPDX-License-Identifier: Apache-2.0
"""The hyper-network fake-quantized, float64, half up, by the names of `detectors.hyper`.

Gradients pass straight through roundings, as in `model.view`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, linear, softplus

from fixedpoint.detectors.hyper import PHI_LEAST
from fixedpoint.detectors.hyper_network import HyperNetwork
from fixedpoint.detectors.registry import network
from fixedpoint.numbers.format import Format, IntArray
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.specs.fpd import FpdSpec
from fixedpoint.specs.fpd_tables import THETA
from fixedpoint.specs.hyper import AFFINE, HEADS, SHARED, Affine, HyperSpec
from model.quant.quantizers import FormatQuantizer
from model.quant.tables import Table


class AffineTwin(nn.Module):
    """One layer, its weights and biases parameters; a convolution if its weights are one's."""

    def __init__(self, layer: Affine, shape: tuple[int, ...], rounding: nn.Module) -> None:
        super().__init__()
        weights, biases = layer.weight.value(layer.weights), layer.bias.value(layer.biases)
        self.weight = nn.Parameter(torch.from_numpy(weights).reshape(len(layer.biases), *shape))
        self.bias = nn.Parameter(torch.from_numpy(biases))
        self.quantize_weight = FormatQuantizer(layer.weight, rounding)
        self.quantize_bias = FormatQuantizer(layer.bias, rounding)
        output = layer.output
        self.relu = not output.signed
        wide = Format(output.bits + 1, output.frac) if self.relu else output
        self.quantize = FormatQuantizer(wide, rounding)

    def forward(self, x: Tensor) -> Tensor:
        """Maps (n, channels, rows, columns) or rows (n, inputs)."""
        weight, bias = self.quantize_weight(self.weight), self.quantize_bias(self.bias)
        if weight.dim() == 4:
            sums = conv2d(x, weight, bias, stride=2, padding=1)
        else:
            sums = linear(x.flatten(1), weight, bias)
        quantized: Tensor = self.quantize(sums.relu() if self.relu else sums)
        return quantized


class HyperTwin(nn.Module):
    """The network of a spec; with `rounding` = `HalfUp()` it equals the golden model exactly."""

    name = "hyper"

    def __init__(self, spec: FpdSpec, hyper: HyperSpec, rounding: nn.Module) -> None:
        super().__init__()
        f, self.depth = spec.formats, spec.depth
        self.h_format = f.h
        inputs = hyper.inputs(spec.unit_size, spec.columns)
        shapes = [(size // 9, 3, 3) for size in inputs[:2]] + [(size,) for size in inputs[2:]]
        self.layers = nn.ModuleDict(
            {
                name: AffineTwin(getattr(hyper, name), shape, rounding)
                for name, shape in zip(AFFINE, shapes, strict=True)
            }
        )
        kappa = float(f.kappa.value(spec.kappa))
        self.heads = nn.ModuleDict(
            {n: Table(getattr(hyper, n), g, rounding) for n, g in functions(kappa).items()}
        )
        outputs = {name: getattr(hyper, name).output for name in HEADS}
        steps = {name: getattr(f, name) for name in ("quartic_step", "gaussian_step")}
        self.quantizers = nn.ModuleDict(
            {name: FormatQuantizer(t, rounding) for name, t in (outputs | steps).items()}
        )
        self.fracs = {name: getattr(f, name).frac for name in THETA}
        self.image = FormatQuantizer(hyper.image, rounding)
        self.levels: Tensor
        self.register_buffer("levels", torch.from_numpy(spec.adc.level.value(spec.adc.levels)))

    def forward(self, h: Tensor, codes: Tensor, index: Tensor) -> dict[str, Tensor]:
        """Wires by name, real values.

        Args:
            h: (G, C, Q, N), as H's format has it, float64.
            codes: (G, B, C, Q), the converters'.
            index: (G, B).
        """
        levels = self.levels[index][:, :, None, None].expand(*codes.shape, -1)
        column = self.image(levels.gather(-1, codes[..., None]))
        image = torch.cat([h[:, None].expand(*codes.shape, -1), column], dim=-1)
        x, wires = image.flatten(0, 2)[:, None], {}
        for name, layer in self.layers.items():
            x = layer(x)
            wires[name] = x.reshape(*codes.shape[:3], -1)
        raw = wires["dense2"].unflatten(-1, (self.depth, len(HEADS))).unbind(-1)
        read = {n: self.quantizers[n](self.heads[n](r)) for n, r in zip(HEADS, raw, strict=True)}
        steps = {
            "quartic_step": ("mu2", "quartic_scale"),
            "gaussian_step": ("mu3", "gaussian_scale"),
        }
        for name, (mu, scale) in steps.items():
            wires[name] = self.quantizers[name](read[mu] * read[scale])
        return wires | {name: read[name] for name in SHARED}

    def run(
        self, matrices: Mapping[str, IntArray], given: Mapping[str, IntArray], index: IntArray
    ) -> dict[str, Tensor]:
        """Its wires, of what each unit sees in integers; see `receivers.receiver.Supplier`."""
        h = torch.from_numpy(self.h_format.value(matrices["h"]))
        return self(h, torch.from_numpy(given["y"]), torch.from_numpy(index))

    def supplied(self, wires: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """What FPD-Net's program gets of the wires, in last bits."""
        return {name: wires[name] * 2.0**frac for name, frac in self.fracs.items()}


def functions(kappa: float) -> dict[str, Callable[[Tensor], Tensor]]:
    """`fixedpoint.detectors.hyper.heads` in torch."""
    return {
        "step": lambda raw: kappa * softplus(raw),
        "mu2": softplus,
        "mu3": softplus,
        "cosine_step": lambda raw: torch.pi * softplus(raw),
        "quartic_scale": lambda raw: softplus(raw) ** 0.25,
        "gaussian_scale": lambda raw: softplus(raw) ** 0.5,
        "phi": lambda raw: PHI_LEAST + softplus(raw),
    }


def hyper_twin(spec: DetectorSpec, rounding: nn.Module) -> HyperTwin | None:
    """That of a spec, if it has one."""
    found = network(spec)
    if not isinstance(found, HyperNetwork):
        return None
    return HyperTwin(found.spec, found.hyper, rounding).double()
