# SPDX-License-Identifier: Apache-2.0
"""The logistic likelihood whose gradient `model.distributed.likelihood` has, and its curvature."""

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


def hessian(h: Tensor, x: Tensor, low: Tensor, up: Tensor) -> Tensor:
    """Hᵀ diag(v_up + v_low) H, v = σ(1 − σ), eq. (11); shapes of `objective` → (…, B, N, N)."""
    a = x @ h.mT
    curvature = _slope(a - up) + _slope(a - low)
    return torch.einsum("...mi,...bm,...mj->...bij", h, curvature, h)


def _slope(u: Tensor) -> Tensor:
    return torch.sigmoid(u) * torch.sigmoid(-u)
