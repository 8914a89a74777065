# SPDX-License-Identifier: Apache-2.0
"""Distributed FPD-Net, Algorithm 2 of the HPD/FPD paper: (37) to (40) in the units, then fusion.

The network runs on κH, κq_low and κq_up. The paper leaves this normalisation out; κ = 1 is its
letter.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from model.distributed.likelihood import gradient
from model.distributed.penalty import grid, smooth_gradient
from model.systems.scene import Received
from model.systems.system import System
from model.systems.units import split_h, split_y

KAPPA = 1.5


class Theta(NamedTuple):
    """θ_c^t, the learnable parameters of one layer, each broadcast against (G, C, B, N).

    mu1, …, mu4: step sizes of the likelihood and of the three penalties.
    eta, beta, phi: shapes of the penalties (34), (35), (36); phi > 1.
    """

    mu1: Tensor
    mu2: Tensor
    mu3: Tensor
    mu4: Tensor
    eta: Tensor
    beta: Tensor
    phi: Tensor

    @classmethod
    def of_layer(cls, theta: Tensor, layer: int) -> Theta:
        """Layer `layer` of θ (…, L, 7)."""
        return cls(*(value.unsqueeze(-1) for value in theta[..., layer, :].unbind(-1)))


class Observed(NamedTuple):
    """What the units observe, scaled to channels whose complex entries have variance 1.

    h: (G, C, Q, N); y, low, up: (G, C, B, Q), as in `Received`.
    """

    h: Tensor
    y: Tensor
    low: Tensor
    up: Tensor


def observed(system: System, received: Received, h: Tensor) -> Observed:
    """The rows of each unit, divided by the square root of the channel's gain; h is (G, M, N)."""
    rows, scale = system.unit_rows(), system.gain**-0.5
    split = [split_y(part, rows) * scale for part in received]
    return Observed(split_h(h, rows) * scale, *split)


def gaussian_slope(x: Tensor, beta: Tensor | float, peak: int) -> Tensor:
    """∇g₂ of (35): Σ_j 2β(x − j)·exp(−β(x − j)²)."""
    total = torch.zeros_like(x)
    for j in grid(peak):
        scaled = (x - j) * beta
        total = total + 2 * scaled * torch.exp(-scaled * (x - j))
    return total


def cosine_slope(x: Tensor, phi: Tensor | float) -> Tensor:
    """∇g₃ of (36): −π sin(πx) / (cos(πx) + φ), finite for φ > 1."""
    return -torch.pi * torch.sin(torch.pi * x) / (torch.cos(torch.pi * x) + phi)


def penalties(b: Tensor, theta: Theta, peak: int) -> Tensor:
    """b_c → p_c → d_c → x_c, eqs. (38), (39), (40), in turn; x_c lies in [−peak, peak]."""
    p = b - theta.mu2 * smooth_gradient(b, peak, theta.eta)
    d = p - theta.mu3 * gaussian_slope(p, theta.beta, peak)
    return (d - theta.mu4 * cosine_slope(d, theta.phi)).clamp(-peak, peak)


def fpd(seen: Observed, theta: Tensor, peak: int, kappa: float = KAPPA) -> Tensor:
    """s^L of Algorithm 2, before it is rounded.

    Args:
        seen: what the units observe.
        theta: (G, C, B, L, 7), or any shape that broadcasts against it, such as a table (L, 7).
        peak: the largest coordinate of the constellation.
        kappa: the normalisation.

    Returns (G, B, N). Finite for finite h and y: nothing is inverted, and x_c is projected.
    """
    groups, _, vectors = seen.low.shape[:3]
    h, low, up = kappa * seen.h, kappa * seen.low, kappa * seen.up
    fused = h.new_zeros(groups, 1, vectors, h.shape[-1])
    z = fused
    for layer in range(theta.shape[-2]):
        parameters = Theta.of_layer(theta, layer)
        b = z - parameters.mu1 * gradient(h, z, low, up)  # (37)
        x = penalties(b, parameters, peak)
        before, fused = fused, x.mean(1, keepdim=True)
        t = layer + 1
        z = fused + t / (t + 3) * (fused - before)
    return fused.squeeze(1)
