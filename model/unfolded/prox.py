# SPDX-License-Identifier: Apache-2.0
"""Proximal operators of the unfolded nets, and their thresholds: λ of eq. (8), or a box."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from fixedpoint.numbers.bank import SnrBank
from model.quant.steps import inverse_root, returning_clamp

BOX_LIMITS = (0.125, 16.0)


def soft_threshold(u: Tensor, threshold: Tensor) -> Tensor:
    """sgn(u)·max(|u| − λ, 0), eq. (8)."""
    return u - torch.clamp(u, -threshold, threshold)


def box(u: Tensor, threshold: Tensor) -> Tensor:
    """clip(u, ±b): the proximal operator of |x| ≤ b."""
    return torch.clamp(u, -threshold, threshold)


SNR_BOX = "snr-box"
PROXES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "soft": soft_threshold,
    "box": box,
    SNR_BOX: box,
}


class Thresholds(nn.Module):
    """λ_k or b_k of K layers as parameters; a module of constants derives from it.

    One a layer, softplus of its parameter: λ ≥ 0 in every forward pass, not only at export. Or, for
    the SNR-driven box, b = α·SNR^-½ + γ (the form of eq. (15)) at every entry of a bank, clamped to
    `BOX_LIMITS`, from α = 0.
    """

    def add_thresholds(self, layers: int, threshold: float, bank: SnrBank | None) -> None:
        """Make the parameters; with a `bank` those of an SNR-driven box."""
        self.inverse_root: Tensor | None
        root = None if bank is None else inverse_root(bank)
        self.register_buffer("inverse_root", root, persistent=False)
        if root is None:
            raw = torch.full((layers,), threshold, dtype=torch.float64).expm1().log()
            self.raw_threshold = nn.Parameter(raw.to(torch.get_default_dtype()))
        else:
            self.alpha = nn.Parameter(torch.zeros(layers))
            self.gamma = nn.Parameter(torch.full((layers,), threshold))

    def thresholds(self) -> Tensor:
        """λ or b, (K,); (K, entries) if the SNR drives it."""
        if self.inverse_root is None:
            return nn.functional.softplus(self.raw_threshold)
        table = self.alpha[:, None] * self.inverse_root + self.gamma[:, None]
        return returning_clamp(table, *BOX_LIMITS)

    def project(self) -> None:
        """Bring the constants back into their limits, after every step of the optimizer."""


def at(threshold: Tensor, index: Tensor) -> Tensor:
    """One layer's threshold, a scalar, or its table (entries,) at `index` (…): (…, 1)."""
    return threshold[index].unsqueeze(-1) if threshold.ndim else threshold
