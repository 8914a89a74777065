# SPDX-License-Identifier: Apache-2.0
"""Distributed homotopy penalty detection (HPD), Algorithm 1 of the HPD/FPD paper."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from model.detectors.options import Build, Options
from model.distributed.likelihood import hardened_lipschitz, residual
from model.distributed.penalty import best_weight, smooth_gradient
from model.systems.scene import Detector, Received
from model.systems.system import System
from model.systems.units import split_h

STOPS = ("layers", "threshold")
STEP_A_UNIT = 0.05
"""μ/C of the paper."""
CHUNK = 64
"""Blocks at a time: their matrices stay in the core's cache from layer to layer."""


@dataclass(frozen=True)
class HPD:
    """Algorithm 1 for B vectors of each of G blocks; C units, one fusion a layer.

        x_c = Π{ z − μ[∇f_c(z) + (αγᵗ/C)·∇ψ(z)] },  γᵗ = γᵗ⁻¹·ϱ                       (18)–(21)
        s = (1/C) Σ x_c,  z = s + t/(t + 3)·(s − s_prev)                              (22), (23)

    Args:
        system: gives the units, the grid and the variance of H.
        kappa: the normalisation that the paper leaves out: the algorithm runs on κH and κq, where
            the complex entries of H have variance 1 (another channel gain is divided out). The
            letter of the paper is κ = 1.
        layers: L.
        step, penalty, growth: μ, γ⁰ and ϱ. The mean of C units moves z by μ/C times the whole
            gradient, so μ goes with the units: the paper's 0.2 is for 4.
        stop: `layers` runs all L; `threshold` stops as line 11 does, at the first t with γᵗ at
            least the hardened L_f of eq. (13), or at L.

    Open thresholds are ±∞. Unquantized samples are cells without width. The output is s, which
    lies within the grid whatever H is.
    """

    system: System
    kappa: float = 1.5
    layers: int = 5
    step: float = 0.2
    penalty: float = 1.0
    growth: float = 1.5
    stop: str = "layers"

    def __call__(self, received: Received, h: Tensor, noise: Tensor) -> Tensor:
        """See `model.systems.scene.Detector`; the noise is not used."""
        scale = self.kappa / math.sqrt(self.system.gain)
        rows = torch.from_numpy(self.system.unit_rows().ravel()).to(h.device)
        estimates = []
        for start in range(0, len(h), CHUNK):
            block = slice(start, start + CHUNK)
            low, up = (q[block].index_select(-1, rows) * scale for q in received[1:])
            units = split_h(h[block], self.system.unit_rows()) * scale
            estimates.append(self._descend(units, low, up))
        return torch.cat(estimates)

    def weights(self) -> list[float]:
        """γᵗ of every layer that is run, eq. (18)."""
        gammas = [self.penalty * self.growth**t for t in range(1, self.layers + 1)]
        if self.stop == "threshold":
            limit = hardened_lipschitz(self.system.rows, self.system.columns)
            reached = [t for t, gamma in enumerate(gammas) if gamma >= limit]
            gammas = gammas[: reached[0] + 1] if reached else gammas
        return gammas

    def _descend(self, h: Tensor, low: Tensor, up: Tensor) -> Tensor:
        """All layers on H_c (G, C, M/C, N), rows of q (G, B, M) sorted by unit; (G, B, N)."""
        units, peak = h.shape[1], self.system.constellation.peak
        whole = h.flatten(1, 2)
        alpha = best_weight(peak)
        s = z = h.new_zeros(len(low), low.shape[1], h.shape[-1])
        for t, gamma in enumerate(self.weights(), start=1):
            bracket = residual(z @ whole.mT, low, up).unflatten(-1, (units, -1))
            gradient = -(bracket.transpose(1, 2) @ h)
            pull = alpha * gamma / units * smooth_gradient(z, peak)
            x = z.unsqueeze(1) - self.step * (gradient + pull.unsqueeze(1))
            fused = x.clamp_(-peak, peak).mean(dim=1)
            z = fused + t / (t + 3) * (fused - s)
            s = fused
        return s


def _build(system: System, options: Options) -> Detector:
    return HPD(
        system,
        kappa=options.number("kappa", 1.5, above=0),
        layers=options.integer("layers", 5),
        step=options.number("mu", STEP_A_UNIT * system.units, above=0),
        penalty=options.number("gamma", 1.0, above=0),
        growth=options.number("growth", 1.5, above=0),
        stop=options.word("stop", "layers", STOPS),
    )


DETECTORS: dict[str, Build] = {"hpd": _build}
