# SPDX-License-Identifier: Apache-2.0
"""PGD-Net, eqs. (6) to (8) of the KAQ paper: float, fake-quantized, and anything in between.

One forward pass serves every net; what differs is which quantizers it is given and where its
constants come from. Wires keep the golden model's names (`fixedpoint.detectors.pgd`): `residual`
is Hx − y and `update` what the paper calls r^(k).
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from fixedpoint.numbers.bank import SnrBank
from model.unfolded.layered import Layered, product
from model.unfolded.prox import Thresholds, at

WIRES = ("residual", "state")
"""What is quantized beside the code, each in the format of its name; `state`: before the prox."""


class LayerValues(NamedTuple):
    """The real values of one layer's wires, in the order of computation; shapes (B, M) or (B, N).

    accumulator = Hx; residual = Hx − y; gradient = Hᵀ·residual; update, before the prox; state,
    after it; code = x of eq. (7), the quantized state (the state itself in a float net).
    """

    accumulator: Tensor
    residual: Tensor
    gradient: Tensor
    update: Tensor
    state: Tensor
    code: Tensor


class Constants(Thresholds):
    """η_k and λ_k (or b_k) of K layers as parameters, shape (K,) each.

    `eta_limits`: the smallest η, and the largest of each layer, (K,), for a net to be exported.
    `bank`: given for an SNR-driven box, whose threshold has the shape (K, entries).
    """

    def __init__(
        self,
        layers: int,
        eta: float,
        threshold: float,
        eta_limits: tuple[float, Tensor] | None = None,
        bank: SnrBank | None = None,
    ) -> None:
        super().__init__()
        self.eta_limits = eta_limits
        self.eta = nn.Parameter(torch.full((layers,), eta))
        self.add_thresholds(layers, threshold, bank)

    def forward(self) -> tuple[Tensor, Tensor]:
        """η, (K,), and the threshold, (K,) or (K, entries)."""
        return self.eta, self.thresholds()

    @torch.no_grad()
    def project(self) -> None:
        """Bring η back into its limits: called after every step of the optimizer."""
        if self.eta_limits is not None:
            lowest, highest = self.eta_limits
            self.eta.copy_(self.eta.clamp(min=lowest).minimum(highest))


class PgdNet(Layered):
    """K layers of eqs. (6) to (8).

    constants: a module that returns η and the threshold, (K,) each; wires: those of `WIRES`.
    """

    def forward(self, h: Tensor, y: Tensor, index: Tensor) -> list[LayerValues]:
        """Every layer in turn, from x = 0.

        Args:
            h: (B, M, N), a channel for each vector, or (M, N), one for all; or blocks (G, M, N).
            y: (B, M), or (G, B, M) for blocks.
            index: (B,) or (G, B), the entry of the SNR bank of each vector (a float net ignores it
                unless its box is SNR-driven).
        """
        etas, thresholds = self.constants()
        x = y.new_zeros(*y.shape[:-1], h.shape[-1])
        layers = []
        for k in range(len(etas)):
            layers.append(self._layer(k, etas[k], thresholds[k], h, y, index, x))
            x = layers[-1].code
        return layers

    def _layer(
        self, k: int, eta: Tensor, threshold: Tensor, h: Tensor, y: Tensor, index: Tensor, x: Tensor
    ) -> LayerValues:
        accumulator = product(h, x)
        residual = self.wire("residual", accumulator - y)
        gradient = product(h.transpose(-1, -2), residual)
        update = self.wire("state", x - eta * gradient)
        state = self.prox(update, at(threshold, index))
        code = self.code(k, state, index)
        return LayerValues(accumulator, residual, gradient, update, state, code)
