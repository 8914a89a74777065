# SPDX-License-Identifier: Apache-2.0
"""The KDE-MMD loss of eqs. (11) to (14): quantized against full-precision activations.

    L = 1/B² Σ K₁(xᵢ, xⱼ) + 1/B² Σ K₂(sᵢ, sⱼ) − 2/B² Σ K₃(xᵢ, sⱼ)
    K_t(a, b) = exp(−‖a − b‖²/2σ_t²)

x are activations of the full-precision net, s of the quantized one, for the same batch. The loss
is 0 for x = s if σ₁ = σ₂ = σ₃ and bounded below by 0 only if they are tied; with the paper's three
free bandwidths its infimum is 2/B − 2, reached at σ₁, σ₂ → 0, σ₃ → ∞ for any x and s.

The paper's eq. (13) lacks a factor: s_j stands in the second sum twice, as sᵢ and as sⱼ, so that
its gradient carries 2/B², not 1/B². We compute

    ∂L/∂s_j = 2/B² Σᵢ ∂K₂(s_j, sᵢ)/∂s_j − 2/B² Σᵢ ∂K₃(s_j, xᵢ)/∂s_j,   ∂K/∂s_j from eq. (14).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

OVER = ("coordinates", "vectors")


def silverman(deviation: Tensor, points: int, dimensions: int) -> Tensor:
    """Silverman's bandwidth of a Gaussian KDE, σ̂ (4 / ((d + 2) n))^(1/(d + 4))."""
    factor: float = (4 / ((dimensions + 2) * points)) ** (1 / (dimensions + 4))
    return deviation * factor


def mmd_with_gradient(x: Tensor, s: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """L averaged over groups, with its analytic gradients.

    Args:
        x, s: (G, B, D): G groups of B points in D dimensions.
        sigma: (3,), the bandwidths of eq. (11)'s three sums.

    Returns:
        L, ∂L/∂s of shape (G, B, D), ∂L/∂σ of shape (3,).
    """
    groups, points, _ = s.shape
    weights = (1.0, 1.0, -2.0)
    scale = 1 / (groups * points**2)
    loss = s.new_zeros(())
    grad_s = torch.zeros_like(s)
    grad_sigma = []
    for (a, b), weight, bandwidth in zip(((x, x), (s, s), (s, x)), weights, sigma, strict=True):
        distance = _squared_distance(a, b)
        # Below e^-80 a kernel is 0 for the sum, but its exp is ten times as slow (denormals).
        kernel = (distance * (-0.5 / bandwidth.square())).clamp_min_(-80).exp_()
        mass = kernel.sum(-1, keepdim=True)
        loss = loss + weight * scale * mass.sum()
        grad_sigma.append(
            weight * scale * torch.vdot(kernel.ravel(), distance.ravel()) / bandwidth**3
        )
        if a is s:
            # Σᵢ ∂K(s_j, bᵢ)/∂s_j = −(s_j Σᵢ K − Σᵢ K bᵢ)/σ²; the sum over (s, s) meets s_j twice.
            slope = (kernel @ b - s * mass) / bandwidth.square()
            grad_s += (2 if b is s else 1) * weight * scale * slope
    return loss, grad_s, torch.stack(grad_sigma)


def _squared_distance(a: Tensor, b: Tensor) -> Tensor:
    """‖aᵢ − bⱼ‖² for (G, B, D) points: (G, B, B), from differences, which don't cancel."""
    if a.shape[-1] == 1:
        return (a - b.transpose(1, 2)).square_()
    return (a.unsqueeze(2) - b.unsqueeze(1)).square_().sum(-1)


class _Mmd(torch.autograd.Function):
    """`mmd_with_gradient` as a node: no gradient reaches the full-precision branch."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, s: Tensor, sigma: Tensor) -> Tensor:
        loss, grad_s, grad_sigma = mmd_with_gradient(x, s, sigma)
        ctx.save_for_backward(grad_s, grad_sigma)
        return loss

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[None, Tensor, Tensor]:
        grad_s, grad_sigma = ctx.saved_tensors
        return None, grads[0] * grad_s, grads[0] * grad_sigma


def mmd(x: Tensor, s: Tensor, sigma: Tensor) -> Tensor:
    """L of eq. (11), averaged over groups; shapes as in `mmd_with_gradient`."""
    return _Mmd.apply(x, s, sigma)


class Bandwidths(nn.Module):
    """σ₁, σ₂, σ₃ of one layer, from the KDE's bandwidth.

    free: three parameters, as the paper has it (degenerate: see the module's text);
    tied: one parameter (minimised, it goes to ∞ and the loss to 0);
    bounded: one parameter kept within a factor of 2 of the KDE's bandwidth;
    kde: the KDE's bandwidth itself, not trained.
    """

    FORMS = ("free", "tied", "bounded", "kde")

    def __init__(self, form: str, initial: Tensor) -> None:
        super().__init__()
        self.form = form
        self.initial: Tensor
        self.register_buffer("initial", initial.clone())
        if form != "kde":
            self.log2_ratio = nn.Parameter(initial.new_zeros(3 if form == "free" else 1))

    def forward(self) -> Tensor:
        """The three bandwidths, shape (3,)."""
        if self.form == "kde":
            return self.initial.expand(3)
        ratio = torch.tanh(self.log2_ratio) if self.form == "bounded" else self.log2_ratio
        return (self.initial * torch.exp2(ratio)).expand(3)


class MmdLoss(nn.Module):
    """Σ_k L^(k) over the layers of a net, the second term of eq. (16) without ε.

    Args:
        form: one of `Bandwidths.FORMS`.
        over: "vectors" (points of R^N) or "coordinates" (the mean over 1-D losses).
        deviations: (K,), the standard deviation of a coordinate of x^(k).
        points: how many vectors the KDE saw.
        columns: N.
        drawn: how many coordinates a step looks at; they are exchangeable, so that any of them
            estimate the mean over all without bias. Ignored over vectors.
    """

    def __init__(
        self, form: str, over: str, deviations: Tensor, points: int, columns: int, drawn: int = 8
    ) -> None:
        super().__init__()
        self.over = over
        self.drawn = min(drawn, columns)
        dimensions = columns if over == "vectors" else 1
        initial = silverman(deviations, points, dimensions)
        self.bandwidths = nn.ModuleList(Bandwidths(form, sigma) for sigma in initial)

    def forward(self, x: list[Tensor], s: list[Tensor], generator: torch.Generator) -> Tensor:
        """x, s: K activations of shape (B, N), full-precision and quantized."""
        if self.over == "vectors":
            grouped = [(a.unsqueeze(0), b.unsqueeze(0)) for a, b in zip(x, s, strict=True)]
        else:
            chosen = torch.randperm(x[0].shape[1], generator=generator)[: self.drawn]
            grouped = [
                (a.T[chosen].unsqueeze(-1), b.T[chosen].unsqueeze(-1))
                for a, b in zip(x, s, strict=True)
            ]
        losses = [
            mmd(a, b, sigma()) for (a, b), sigma in zip(grouped, self.bandwidths, strict=True)
        ]
        return torch.stack(losses).sum()
