# SPDX-License-Identifier: Apache-2.0
"""Maximum likelihood after few-bit converters: the best of all candidates, exactly."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from model.detectors.branch_and_bound import search_blocks
from model.detectors.options import Build, Options
from model.systems.scene import Detector, Received
from model.systems.system import System

LIMIT = 1 << 32


class FewBitML:
    """The best candidate by a likelihood, exactly; of equals, any. CPU and float64 within.

    Refuses unquantized systems and more than 2^32 candidates.
    """

    def __init__(self, system: System, name: str, gaussian: bool, kappa: float) -> None:
        m = system.constellation
        if not system.adc_bits:
            raise ValueError(f"detector {name} serves few-bit converters, not unquantized samples")
        if m.levels**system.columns > LIMIT:
            raise ValueError(
                f"detector {name}: {system.nt} users of {m.name} are "
                f"{m.levels**system.columns:,} candidates, more than {LIMIT:,}"
            )
        self.gaussian, self.kappa, self.peak = gaussian, kappa, float(m.peak)

    def __call__(self, received: Received, h: Tensor, noise: Tensor) -> Tensor:
        """See `model.systems.scene.Detector`; the estimates are points of the grid."""
        scale = noise.double().rsqrt() if self.gaussian else torch.full_like(noise, self.kappa)
        cells = torch.stack([received.low, received.up], dim=2).double()
        best = np.zeros((*noise.shape, h.shape[-1]))
        channel, edges, scales = (
            part.double().cpu().contiguous().numpy() for part in (h, cells, scale)
        )
        search_blocks(channel, edges, scales, self.gaussian, self.peak, best)
        return torch.from_numpy(best).to(h)


def _gaussian(system: System, options: Options) -> Detector:
    """few-bit-ml: Σ log[Φ((q_up − h_mᵀx)/σ) − Φ((q_low − h_mᵀx)/σ)], σ² the believed noise."""
    return FewBitML(system, options.name, gaussian=True, kappa=1.0)


def _one_bit(system: System, options: Options) -> Detector:
    """1bit-ml: the same for one-bit samples, Σ log Φ(±h_mᵀx/σ)."""
    if system.adc_bits > 1:
        raise ValueError(f"detector {options.name} serves adc_bits 1, not {system.adc_bits}")
    return _gaussian(system, options)


def _logistic(system: System, options: Options) -> Detector:
    """logistic-ml: eq. (4) of the HPD/FPD paper, log[σ(κ(q_up − h_mᵀx)) − σ(κ(q_low − h_mᵀx))].

    The difference is σ(u)·σ(−l)·(1 − e^(l − u)), whose last factor no candidate changes.
    """
    kappa = options.number("kappa", 1.0, above=0.0)
    return FewBitML(system, options.name, gaussian=False, kappa=kappa)


DETECTORS: dict[str, Build] = {
    "1bit-ml": _one_bit,
    "few-bit-ml": _gaussian,
    "logistic-ml": _logistic,
}
