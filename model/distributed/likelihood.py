# SPDX-License-Identifier: Apache-2.0
"""The logistic likelihood of quantized samples, §II-A and Theorem 1 of the HPD/FPD paper.

The paper puts the logistic function in place of the Gaussian distribution of the noise, and leaves
out the noise's variance; `model.distributed.hpd` has the normalisation κ.
"""

from __future__ import annotations

import torch
from torch import Tensor


def residual(a: Tensor, low: Tensor, up: Tensor) -> Tensor:
    """1 − σ(a − q_up) − σ(a − q_low), the bracket of eq. (10) at a = Hx; shape of a."""
    return 1 - torch.sigmoid(a - up) - torch.sigmoid(a - low)


def gradient(h: Tensor, z: Tensor, low: Tensor, up: Tensor) -> Tensor:
    """−Hᵀ[1 − σ(Hz − q_up) − σ(Hz − q_low)], eq. (10).

    h: (…, M, N); z: (…, B, N); low, up: (…, B, M), the thresholds around each sample, −∞ and ∞
    where the cell is open. Returns (…, B, N).
    """
    return -residual(z @ h.mT, low, up) @ h


def lipschitz(h: Tensor) -> Tensor:
    """L_f = ½ λ_max(HᵀH) of Theorem 1, eq. (9): the Hessian ≤ L_f·I. (…, M, N) → (…)."""
    return torch.linalg.eigvalsh(h.mT @ h)[..., -1] / 2


def hardened_lipschitz(rows: int, columns: int) -> float:
    """M/4·(1 + √(N/M))², eq. (13): L_f of a large H whose complex entries have variance 1."""
    return rows / 4 * (1 + (columns / rows) ** 0.5) ** 2
