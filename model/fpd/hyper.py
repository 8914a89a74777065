# SPDX-License-Identifier: Apache-2.0
"""The hyper-network of FPD-Net, fig. 3 of the HPD/FPD paper: (H_c, y_c) → θ_c, shared by the units.

Two convolutions of stride 2, then two fully connected layers with ReLU and linear activation. Its
output is added to learned constants and made positive: θ = softplus(base + 0.1·net), φ more than 1.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from model.distributed.fpd import Observed, fpd
from model.systems.system import System

NAMES = ("mu1", "mu2", "mu3", "mu4", "eta", "beta", "phi")
START = (0.2, 0.03, 0.03, 0.02, 8.0, 3.0, 2.02)
"""θ of every layer before training. η = 100, HPD's, is too stiff to train."""

PHI_LEAST = 1.02
SHARE = 0.1
CHANNELS, HIDDEN = 8, 64


def constrained(raw: Tensor) -> Tensor:
    """Real numbers (…, 7) to θ: softplus, so that all are positive, and φ ≥ 1.02."""
    return softplus(raw) + _least(raw)


def unconstrained(theta: Tensor) -> Tensor:
    """The inverse of `constrained`."""
    return torch.log(torch.expm1(theta - _least(theta)))


def _least(like: Tensor) -> Tensor:
    return like.new_tensor([0.0] * (len(NAMES) - 1) + [PHI_LEAST])


class HyperNetwork(nn.Module):
    """θ from the image [H_c | y_c] of each unit and vector.

    Args:
        rows, columns: Q and N, the shape of H_c.
        layers: L.
    """

    def __init__(self, rows: int, columns: int, layers: int) -> None:
        super().__init__()
        self.layers = layers
        pixels = _halved(rows) * _halved(columns + 1)
        self.features = nn.Sequential(
            nn.Conv2d(1, CHANNELS, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(CHANNELS, CHANNELS, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Flatten(),
        )
        self.dense = nn.Sequential(
            nn.Linear(CHANNELS * pixels, HIDDEN),
            nn.ReLU(),
            nn.Linear(HIDDEN, layers * len(NAMES)),
        )
        start = unconstrained(torch.tensor(START, dtype=torch.float64))
        self.base = nn.Parameter(start.float().repeat(layers, 1))

    def forward(self, seen: Observed) -> Tensor:
        """θ, shape (G, C, B, L, 7)."""
        vectors = seen.y.shape[2]
        h = seen.h.unsqueeze(2).expand(-1, -1, vectors, -1, -1)
        image = torch.cat([h, seen.y.unsqueeze(-1)], dim=-1)
        shape = image.shape[:3]
        out = self.dense(self.features(image.flatten(0, 2).unsqueeze(1)))
        return constrained(self.base + SHARE * out.view(*shape, *self.base.shape))


class FpdNet(nn.Module):
    """FPD-Net with its hyper-network, for the system that it is made for."""

    def __init__(self, system: System, layers: int, kappa: float) -> None:
        super().__init__()
        self.peak, self.kappa = system.constellation.peak, kappa
        self.hyper = HyperNetwork(system.rows // system.units, system.columns, layers)

    def forward(self, seen: Observed) -> Tensor:
        """s^L, (G, B, N)."""
        return fpd(seen, self.hyper(seen), self.peak, self.kappa)


def _halved(length: int) -> int:
    """Length after two convolutions of stride 2, width 3 and padding 1."""
    return -(-length // 4)
