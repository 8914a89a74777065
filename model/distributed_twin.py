# SPDX-License-Identifier: Apache-2.0
"""Rows and fusion of HPD and FPD-Net fake-quantized; the columns are in `hpd_twin`, `fpd_twin`.

float64, half up, every constant an integer times a power of two, so that each sum is exact and only
the quantizers round. Gradients pass straight through roundings, and through tables as those of the
functions in their place. Shapes and names of wires as in `fixedpoint.detectors`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, NamedTuple

import numpy as np
import torch
from brevitas.core.function_wrapper import Identity
from numpy.typing import NDArray
from torch import Tensor, nn

from fixedpoint import family, slicer
from fixedpoint.distributed_spec import DistributedSpec
from fixedpoint.format import Format, IntArray
from fixedpoint.fpd_spec import FpdSpec
from fixedpoint.hpd_spec import HpdSpec
from model.pgd_twin import FloatArray, Values
from model.quantizers import FormatQuantizer
from model.tables import Table

Layer = dict[str, Tensor]
"""Real values of a layer's wires by the golden model's names, in order, without the bits."""


class TwinValues(NamedTuple):
    """H (G, M, N) as quantized, the converters' codes (G, B, M), every layer's wires.

    layers: as `run` of the golden model gives them, the hyper-network's first if there is one.
    """

    h: Tensor
    codes: Tensor
    layers: list[Layer]


class Scales(nn.Module):
    """Constants of each layer as parameters, fake-quantized in their formats: name → (L,)."""

    def __init__(
        self, spec: HpdSpec | FpdSpec, names: tuple[str, ...], rounding: nn.Module
    ) -> None:
        super().__init__()
        self.names = names
        self.quantizers = nn.ModuleDict()
        for name in names:
            target: Format = getattr(spec.formats, name)
            values = target.value([getattr(layer, name) for layer in spec.layers])
            self.register_parameter(name, nn.Parameter(torch.from_numpy(values)))
            self.quantizers[name] = FormatQuantizer(target, rounding)

    def forward(self) -> dict[str, Tensor]:
        """The constants as their integers say; a negative one is 0."""
        return {n: self.quantizers[n](self.get_parameter(n).clamp_min(0)) for n in self.names}


class DistributedTwin(nn.Module, ABC):
    """What both detectors share: rows and fusion; a subclass computes the columns.

    With `rounding` = `HalfUp()` it is the fake-quantized twin; with `Identity()` the float twin.
    """

    names: tuple[str, ...]

    def __init__(self, spec: HpdSpec | FpdSpec, rounding: nn.Module) -> None:
        super().__init__()
        f = spec.formats
        self.spec, self.scales = spec, Scales(spec, self.names, rounding)
        self.quantize_h, self.quantize = (FormatQuantizer(t, rounding) for t in (f.h, f.state))
        kappa = float(f.kappa.value(spec.kappa))
        self.sigmoid = Table(spec.sigmoid, lambda a: torch.sigmoid(kappa * a), rounding)
        self.peak = spec.constellation.peak
        exact = isinstance(rounding, Identity)
        self.mean = 1 / spec.units if exact else float(f.mean.value(spec.mean))
        self.momentum = f.momentum.value(spec.momentum).tolist()
        self.unit_rows = torch.from_numpy(spec.unit_rows())
        self.thresholds: Tensor
        self.middles: Tensor
        self.register_buffer("thresholds", _bank(spec.adc.threshold, spec.adc.thresholds))
        self.register_buffer("middles", _bank(f.state, spec.slicer))

    def thetas(self, h: Tensor, codes: Tensor, index: Tensor) -> tuple[list[Layer], list[Layer]]:
        """The constants of each layer; wires of what computed them.

        h (G, C, Q, N), codes (G, B, C, Q), index (G, B); a constant broadcasts to (G, B, C, N).
        """
        scales = self.scales()
        layers = range(self.spec.depth)
        return [{name: values[k] for name, values in scales.items()} for k in layers], []

    @abstractmethod
    def column(self, k: int, theta: Layer, z: Tensor, gradient: Tensor) -> Layer:
        """The wires from the gradient to `estimate`; z (G, B, 1, N), gradient (G, B, C, N)."""

    def forward(self, h: Tensor, y: Tensor, index: Tensor) -> TwinValues:
        """Real h (G, M, N) and y (G, B, M), float64; index (G, B)."""
        h, rows = self.quantize_h(h), self.unit_rows
        thresholds = self.thresholds[index].unsqueeze(2)  # (G, B, 1, 2^b − 1)
        codes = (y.unsqueeze(-1) >= thresholds).sum(-1)
        padded = nn.functional.pad(thresholds.expand(*y.shape, -1), (1, 1), value=torch.inf)
        padded[..., 0] = -torch.inf
        low, up = (padded.gather(-1, codes[..., None] + side)[..., 0][..., rows] for side in (0, 1))
        split = h[:, rows]
        state = z = h.new_zeros(*index.shape, h.shape[-1])
        thetas, layers = self.thetas(split, codes[..., rows], index)
        for k, theta in enumerate(thetas):
            layers.append(self._layer(k, theta, split, low, up, z, state))
            state, z = layers[-1]["state"], layers[-1]["extrapolated"]
        cells = {"low": low.where(low.isfinite(), up), "up": up.where(up.isfinite(), low)}
        return TwinValues(h, codes, [cells, *layers])

    def _layer(self, k: int, theta: Layer, h: Tensor, low: Tensor, up: Tensor, z: Tensor,
               before: Tensor) -> Layer:  # fmt: skip
        accumulator = torch.einsum("gbn,gcqn->gbcq", z, h)
        # An open threshold makes σ exactly 0 or 1, which a table's end need not be.
        above = torch.where(up.isinf(), 0.0, self.sigmoid(accumulator - up))
        below = torch.where(low.isinf(), 1.0, self.sigmoid(accumulator - low))
        residual = 1 - above - below
        gradient = torch.einsum("gbcq,gcqn->gbcn", residual, h)
        wires = {"accumulator": accumulator, "residual": residual, "gradient": gradient}
        wires |= self.column(k, theta, z.unsqueeze(2), gradient)
        state = self.quantize(wires["estimate"].sum(2) * self.mean)
        extrapolated = self.quantize(state + self.momentum[k] * (state - before))
        return wires | {"state": state, "extrapolated": extrapolated}

    def distance(self, x: Tensor) -> Tensor:
        """From the nearest point of the grid; in the middle of two from the upper one."""
        upper = torch.bucketize(x.detach().contiguous(), self.middles, right=True)
        return x - (2 * upper - self.peak)

    def project(self, update: Tensor) -> Tensor:
        """Into the state's format, then onto [−peak, peak]."""
        return self.quantize(update).clamp(-self.peak, self.peak)


@torch.no_grad()
def values(
    spec: DistributedSpec, twin: DistributedTwin, h: FloatArray, y: FloatArray, index: IntArray
) -> Values:
    """Inputs and wires of the twin on real h (G, M, N) and y (G, B, M), index (G, B)."""
    found = twin(*(torch.from_numpy(array) for array in (h, y, index)))
    wires = {"h": found.h.numpy(), "y": found.codes.double().numpy()}
    thresholds = spec.state_format.value(spec.slicer)
    for prefix, layer in zip(_prefixes(spec), found.layers, strict=True):
        wires |= {f"{prefix}.{name}": value.numpy() for name, value in layer.items()}
        if "state" in layer:
            position = slicer.position(layer["state"].numpy(), thresholds)
            wires[f"{prefix}.bits"] = spec.constellation.gray(position).astype(np.float64)
    return wires


def expected(
    spec: DistributedSpec, h: IntArray, y: IntArray, index: IntArray, layers: list[family.Wires]
) -> Values:
    """The golden model's inputs and wires as real values, by the same names."""
    wires = {"h": spec.h_format.value(h), "y": spec.y_format.value(y)}
    formats = family.layer_formats(spec).values()
    for prefix, layer, targets in zip(_prefixes(spec), layers, formats, strict=True):
        for name, target in targets.items():
            wires[f"{prefix}.{name}"] = target.value(getattr(layer, name))
    return wires


def _prefixes(spec: DistributedSpec) -> list[str]:
    """`3` for the layer `fpd3`; `hyper`."""
    return [name.removeprefix(spec.detector) for name in family.layer_formats(spec)]


def _bank(target: Format, integers: Any) -> Tensor:
    array: NDArray[np.float64] = target.value(integers)
    return torch.from_numpy(array)
