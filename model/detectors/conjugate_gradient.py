# SPDX-License-Identifier: Apache-2.0
"""Decentralised conjugate gradients of Li et al. 2017, the HPD/FPD paper's baseline [7]."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from model.detectors.options import Build, Options
from model.systems.scene import Detector, Received
from model.systems.system import System


@dataclass(frozen=True)
class ConjugateGradient:
    """Solves (HᵀH + σ²/σx²·I)x = Hᵀy on the converters' levels, starting at x = 0.

    A unit computes H_cᵀy_c once and H_cᵀH_c·p in every iteration; the sum of each over the units is
    formed by the fusion node. Here that sum is the product with the whole H, which is the same.
    An exact solution stays where it is: a direction without energy is not followed.
    """

    system: System
    iterations: int = 5

    def __call__(self, received: Received, h: Tensor, noise: Tensor) -> Tensor:
        """See `model.systems.scene.Detector`."""
        power = self.system.constellation.symbol_energy / 2
        regular = (noise / power).unsqueeze(-1)
        residual = received.y @ h
        x = torch.zeros_like(residual)
        direction = residual
        energy = _energy(residual)
        for _ in range(self.iterations):
            image = direction @ h.mT @ h + regular * direction
            step = _ratio(energy, (direction * image).sum(-1, keepdim=True))
            x = x + step * direction
            residual = residual - step * image
            last, energy = energy, _energy(residual)
            direction = residual + _ratio(energy, last) * direction
        return x


def _energy(v: Tensor) -> Tensor:
    return v.square().sum(-1, keepdim=True)


def _ratio(numerator: Tensor, denominator: Tensor) -> Tensor:
    """0 where the denominator is 0."""
    return torch.where(denominator > 0, numerator / denominator, 0.0)


def _build(system: System, options: Options) -> Detector:
    return ConjugateGradient(system, options.integer("iterations", 5))


DETECTORS: dict[str, Build] = {"cg": _build}
