# SPDX-License-Identifier: Apache-2.0
"""Decentralised consensus ADMM of Li et al. 2017, the HPD/FPD paper's baseline [7]."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from model.detectors.options import Build, Options
from model.systems.scene import Detector, Received
from model.systems.system import System
from model.systems.units import split_h, split_y

PRIORS = ("gaussian", "box")
RHO_BINARY, RHO = 1.25, 0.3125
"""Best ρ of 5 iterations over the mean diagonal of H_cᵀH_c: two and more levels a dimension. The
estimate grows from 0, the slower the larger ρ is; signs do not mind, amplitudes do."""


@dataclass(frozen=True)
class DistributedADMM:
    """min Σ ½‖y_c − H_c z_c‖² + g(s) with z_c = s, on the converters' levels; s = 0, λ_c = 0 first.

        z_c = (H_cᵀH_c + ρI)⁻¹(H_cᵀy_c + ρ(s − λ_c))                        in the units
        s   = argmin g(s) + (ρ/2) Σ ‖s − z_c − λ_c‖²                        in the fusion node
        λ_c = λ_c − (s − z_c)

    Args:
        system: gives the units and the grid.
        rho: ρ in units of y², for H as it is.
        iterations: of the three steps.
        prior: `gaussian`, g = (σ²/2σx²)‖s‖², whose fixed point is the biased LMMSE estimate;
            `box`, the indicator of [−(M − 1), M − 1], in which s then lies.

    H_cᵀH_c + ρI has an inverse whatever H_c is.
    """

    system: System
    rho: float
    iterations: int = 5
    prior: str = "gaussian"

    def __call__(self, received: Received, h: Tensor, noise: Tensor) -> Tensor:
        """See `model.systems.scene.Detector`."""
        rows = self.system.unit_rows()
        units = split_h(h, rows)
        matched = split_y(received.y, rows) @ units
        identity = torch.eye(h.shape[-1], dtype=h.dtype, device=h.device)
        inverse = torch.linalg.inv(units.mT @ units + self.rho * identity)
        dual = torch.zeros_like(matched)
        s = dual[:, 0]
        for _ in range(self.iterations):
            z = (matched + self.rho * (s.unsqueeze(1) - dual)) @ inverse
            s = self._fuse((z + dual).sum(1), noise.unsqueeze(-1))
            dual = dual - (s.unsqueeze(1) - z)
        return s

    def _fuse(self, total: Tensor, noise: Tensor) -> Tensor:
        """The step of s; `total` is Σ(z_c + λ_c)."""
        constellation = self.system.constellation
        if self.prior == "box":
            return (total / self.system.units).clamp(-constellation.peak, constellation.peak)
        power = constellation.symbol_energy / 2
        return total / (self.system.units + noise / (power * self.rho))


def default_rho(system: System) -> float:
    """20 for the paper's 4-QAM and 5 for its 16-QAM system, in proportion to H_cᵀH_c for others."""
    factor = RHO_BINARY if system.constellation.levels == 2 else RHO
    return factor * system.nr / system.units * system.gain


def _build(system: System, options: Options) -> Detector:
    return DistributedADMM(
        system,
        rho=options.number("rho", default_rho(system), above=0),
        iterations=options.integer("iterations", 5),
        prior=options.word("prior", "gaussian", PRIORS),
    )


DETECTORS: dict[str, Build] = {"dadmm": _build}
