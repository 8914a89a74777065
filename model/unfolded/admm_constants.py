# SPDX-License-Identifier: Apache-2.0
"""The trained constants of ADMM-Net: ρ in its forms, relaxations, and the prox's thresholds."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from fixedpoint.numbers.bank import SnrBank
from model.quant.steps import inverse_root
from model.unfolded.prox import Thresholds

FORMS = ("exact", "scalar", "shared", "linearised")
ONE_RHO = ("scalar", "shared")
"""The forms whose layers have one ρ: a coherence block has one P and one F, as in hardware."""
RHO_FLOOR = 0.01


class AdmmLayers(NamedTuple):
    """rel, un, (K,) each, and the threshold, (K,) or (K, entries)."""

    relaxation: Tensor
    dual: Tensor
    threshold: Tensor


class AdmmConstants(Thresholds):
    """ρ, rel, un and λ (or b) of K layers as parameters.

    ρ is one a layer (`exact`, `linearised`), one for all of them (`scalar`), or a/SNR + c for all
    of them (`shared`). ρ, a and c are softplus of their parameters: HᵀH + ρI has an inverse in
    every forward pass, for a singular H too.

    Args:
        layers: K.
        form: one of `FORMS`; `linearised` has a step η a layer besides.
        rho: the first ρ; `shared` starts at a = 1, c = `RHO_FLOOR` instead.
        eta: the first η.
        threshold: the first λ or b.
        bank: for `shared` ρ.
        driven: the box follows the SNR, its threshold has the shape (K, entries).
        limits: the largest |rel| and |un| that `project` leaves, for a net to be exported.
    """

    def __init__(
        self,
        layers: int,
        form: str,
        rho: float,
        eta: float,
        threshold: float,
        bank: SnrBank,
        driven: bool,
        limits: tuple[float, float] = (math.inf, math.inf),
    ) -> None:
        super().__init__()
        self.limits = limits
        self.relaxation = nn.Parameter(torch.ones(layers))
        self.dual = nn.Parameter(torch.ones(layers))
        self.inverse_snr: Tensor | None
        shared = inverse_root(bank).square() if form == "shared" else None
        self.register_buffer("inverse_snr", shared, persistent=False)
        if form == "shared":
            self.raw_slope = nn.Parameter(_inverse_softplus(1.0))
            self.raw_floor = nn.Parameter(_inverse_softplus(RHO_FLOOR))
        else:
            first = _inverse_softplus(rho)
            self.raw_rho = nn.Parameter(first if form == "scalar" else first.repeat(layers))
        if form == "linearised":
            self.eta = nn.Parameter(torch.full((layers,), eta))
        self.add_thresholds(layers, threshold, bank if driven else None)

    def forward(self) -> AdmmLayers:
        """Relaxations and thresholds."""
        return AdmmLayers(self.relaxation, self.dual, self.thresholds())

    @torch.no_grad()
    def project(self) -> None:
        """Bring rel and un back into their limits: called after every step of the optimizer."""
        for constants, limit in zip((self.relaxation, self.dual), self.limits, strict=True):
            constants.clamp_(-limit, limit)

    def rho(self, k: int, index: Tensor | None) -> Tensor:
        """ρ of layer k: a scalar, or for the shared form (…, 1) at SNR entries `index` (…)."""
        if self.inverse_snr is None or index is None:
            return softplus(self.raw_rho[k] if self.raw_rho.ndim else self.raw_rho)
        table = softplus(self.raw_slope) * self.inverse_snr + softplus(self.raw_floor)
        return table[index].unsqueeze(-1)


def _inverse_softplus(value: float) -> Tensor:
    return torch.tensor(value, dtype=torch.float64).expm1().log().to(torch.get_default_dtype())
