# SPDX-License-Identifier: Apache-2.0
"""FPD-Net fake-quantized, eqs. (37) to (40) of the HPD/FPD paper; see `model.distributed_twin`."""

from __future__ import annotations

import functools

import torch
from brevitas.core.function_wrapper import Identity
from torch import Tensor, nn

from fixedpoint.fpd_spec import SCALES, FpdSpec
from model.distributed_twin import DistributedTwin, Layer
from model.hyper_twin import HyperTwin, ThirdPenalty
from model.penalty import grid
from model.quantizers import HalfUp
from model.tables import Table


class FpdTwin(DistributedTwin):
    """FPD-Net; θ is that of `scales`, φ that of its tables, or all by the spec's hyper-network."""

    names = SCALES

    def __init__(self, spec: FpdSpec, rounding: nn.Module) -> None:
        super().__init__(spec, rounding)
        self.quartic = Table(spec.quartic, lambda v: 4 * v**3 / (v**4 + 1) ** 2, rounding)
        self.gaussian = Table(spec.gaussian, lambda v: 2 * v * torch.exp(-(v**2)), rounding)
        self.hyper = self.third = None
        if spec.hyper is not None:
            self.hyper = HyperTwin(spec, spec.hyper, rounding)
            self.third = ThirdPenalty(spec, spec.hyper, rounding)
        phis = spec.formats.phi.value([layer.phi for layer in spec.layers]).tolist()
        self.cosines = nn.ModuleList(
            Table(spec.cosine(k), functools.partial(cosine_slope, phi=phi), rounding)
            for k, phi in enumerate(phis)
        )
        self.double()

    def thetas(self, h: Tensor, codes: Tensor, index: Tensor) -> tuple[list[Layer], list[Layer]]:
        """As in the base class."""
        if self.hyper is None:
            return super().thetas(h, codes, index)
        wires = self.hyper(h, codes, index)
        names, layers = (*SCALES, "phi"), range(self.spec.depth)
        return [{name: wires[name][..., k, None] for name in names} for k in layers], [wires]

    def column(self, k: int, theta: Layer, z: Tensor, gradient: Tensor) -> Layer:
        """As in the base class."""
        b = self.quantize(z + theta["step"] * gradient)
        quartic = self._over_grid(self.quartic, b, theta["quartic_scale"])
        p = self.quantize(b - theta["quartic_step"] * quartic)
        gaussian = self._over_grid(self.gaussian, p, theta["gaussian_scale"])
        d = self.quantize(p - theta["gaussian_step"] * gaussian)
        cosine = self._third(k, theta, self.distance(d))
        estimate = self.project(d + theta["cosine_step"] * cosine)
        return {"b": b, "quartic": quartic, "p": p, "gaussian": gaussian, "d": d, "cosine": cosine,
                "estimate": estimate}  # fmt: skip

    def _third(self, k: int, theta: Layer, distance: Tensor) -> Tensor:
        if self.third is not None:
            return self.third(distance, theta["phi"])
        return self.cosines[k](distance)

    def _over_grid(self, table: nn.Module, x: Tensor, scale: Tensor) -> Tensor:
        total = torch.zeros_like(x)
        for point in grid(self.peak):
            total = total + table((x - point) * scale)
        return total


def cosine_slope(a: Tensor, phi: float) -> Tensor:
    """`fixedpoint.detectors.fpd.cosine_slope` in torch."""
    return -torch.sin(torch.pi * a) / (phi - torch.cos(torch.pi * a))


def fake_quantized(spec: FpdSpec) -> FpdTwin:
    """The twin that equals the golden model exactly."""
    return FpdTwin(spec, HalfUp())


def float_twin(spec: FpdSpec) -> FpdTwin:
    """The twin that only clips; `fixedpoint.family.float_twin` in torch."""
    return FpdTwin(spec, Identity())
