# SPDX-License-Identifier: Apache-2.0
"""The logistic likelihood of quantized samples, §II-A and Theorem 1 of the HPD/FPD paper.

The paper puts the logistic function in place of the Gaussian distribution of the noise, and leaves
out the noise's variance; `model.distributed.hpd` has the normalisation κ.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid


def objective(h: Tensor, x: Tensor, low: Tensor, up: Tensor) -> Tensor:
    """f(x) = Σ −log[σ(q_up − Hx) − σ(q_low − Hx)], eq. (4).

    Args:
        h: (…, M, N).
        x: (…, B, N).
        low, up: (…, B, M), the thresholds around each sample, −∞ and ∞ where the cell is open.
            An empty cell (low = up, an unquantized sample) counts by its density.

    Returns (…, B).

    By σ(u) − σ(l) = σ(u)·σ(−l)·(1 − e^(l−u)), exact however far x is from the cell.
    """
    a = x @ h.mT
    width = up - low
    cell = torch.where(width > 0, torch.log(-torch.expm1(-width)), 0.0)
    return -(logsigmoid(up - a) + logsigmoid(a - low) + cell).sum(-1)


def residual(a: Tensor, low: Tensor, up: Tensor) -> Tensor:
    """1 − σ(a − q_up) − σ(a − q_low), the bracket of eq. (10) at a = Hx; shape of a."""
    return 1 - torch.sigmoid(a - up) - torch.sigmoid(a - low)


def gradient(h: Tensor, z: Tensor, low: Tensor, up: Tensor) -> Tensor:
    """−Hᵀ[1 − σ(Hz − q_up) − σ(Hz − q_low)], eq. (10): shapes of `objective` → (…, B, N)."""
    return -residual(z @ h.mT, low, up) @ h


def hessian(h: Tensor, x: Tensor, low: Tensor, up: Tensor) -> Tensor:
    """Hᵀ diag(v_up + v_low) H, v = σ(1 − σ), eq. (11); shapes of `objective` → (…, B, N, N)."""
    a = x @ h.mT
    curvature = _slope(a - up) + _slope(a - low)
    return torch.einsum("...mi,...bm,...mj->...bij", h, curvature, h)


def lipschitz(h: Tensor) -> Tensor:
    """L_f = ½ λ_max(HᵀH) of Theorem 1, eq. (9): the Hessian ≤ L_f·I. (…, M, N) → (…)."""
    return torch.linalg.eigvalsh(h.mT @ h)[..., -1] / 2


def hardened_lipschitz(rows: int, columns: int) -> float:
    """M/4·(1 + √(N/M))², eq. (13): L_f of a large H whose complex entries have variance 1."""
    return rows / 4 * (1 + (columns / rows) ** 0.5) ** 2


def _slope(u: Tensor) -> Tensor:
    return torch.sigmoid(u) * torch.sigmoid(-u)
