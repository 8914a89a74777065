"""PGD-Net, eqs. (6) to (8) of the KAQ paper: float, fake-quantized, and anything in between.

One forward pass serves every net; what differs is which quantizers it is given and where its
constants come from. Wires keep the golden model's names (`fixedpoint.pgd.LayerWires`): `residual`
is Hx − y and `update` what the paper calls r^(k).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn

from fixedpoint.spec import PgdFormats
from model.quantizers import CodeQuantizer, FormatQuantizer
from model.steps import StepSize


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


def soft_threshold(u: Tensor, threshold: Tensor) -> Tensor:
    """sgn(u)·max(|u| − λ, 0), eq. (8)."""
    return u - torch.clamp(u, -threshold, threshold)


def box(u: Tensor, threshold: Tensor) -> Tensor:
    """clip(u, ±b): the proximal operator of |x| ≤ b."""
    return torch.clamp(u, -threshold, threshold)


PROXES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {"soft": soft_threshold, "box": box}


class Constants(nn.Module):
    """η_k and λ_k (or b_k) of K layers as parameters, shape (K,) each.

    The threshold is softplus of its parameter: λ ≥ 0 in every forward pass, not only at export.
    `eta_limits`: the smallest η, and the largest of each layer, (K,), for a net to be exported.
    """

    def __init__(
        self,
        layers: int,
        eta: float,
        threshold: float,
        eta_limits: tuple[float, Tensor] | None = None,
    ) -> None:
        super().__init__()
        self.eta_limits = eta_limits
        self.eta = nn.Parameter(torch.full((layers,), eta))
        raw = torch.full((layers,), threshold, dtype=torch.float64).expm1().log()
        self.raw_threshold = nn.Parameter(raw.to(torch.get_default_dtype()))

    def forward(self) -> tuple[Tensor, Tensor]:
        """η and the threshold, (K,) each."""
        return self.eta, nn.functional.softplus(self.raw_threshold)

    @torch.no_grad()
    def project(self) -> None:
        """Bring η back into its limits: called after every step of the optimizer."""
        if self.eta_limits is not None:
            lowest, highest = self.eta_limits
            self.eta.copy_(self.eta.clamp(min=lowest).minimum(highest))


class Wires(nn.Module):
    """The quantizers between the operations of a layer; all three are the same in every layer."""

    def __init__(self, formats: PgdFormats, rounding: nn.Module) -> None:
        super().__init__()
        self.residual = FormatQuantizer(formats.residual, rounding)
        self.state = FormatQuantizer(formats.state, rounding)
        self.code = CodeQuantizer(formats.code, rounding)


class PgdNet(nn.Module):
    """K layers of eqs. (6) to (8).

    Args:
        prox: "soft" or "box".
        constants: a module that returns η and the threshold, (K,) each.
        wires: the quantizers of residual, update and code; None for the float net.
        steps: a `StepSize` a layer; empty for the float net.
    """

    def __init__(
        self,
        prox: str,
        constants: nn.Module,
        wires: Wires | None = None,
        steps: Sequence[nn.Module] = (),
    ) -> None:
        super().__init__()
        self.prox = PROXES[prox]
        self.constants = constants
        self.wires = wires
        self.steps = nn.ModuleList(steps)

    def forward(self, h: Tensor, y: Tensor, index: Tensor) -> list[LayerValues]:
        """Every layer in turn, from x = 0.

        Args:
            h: (B, M, N), a channel for each vector, or (M, N), one for all.
            y: (B, M).
            index: (B,), the entry of the SNR bank of each vector (the float net ignores it).
        """
        etas, thresholds = self.constants()
        x = y.new_zeros(y.shape[0], h.shape[-1])
        layers = []
        for k in range(len(etas)):
            layers.append(self._layer(k, etas[k], thresholds[k], h, y, index, x))
            x = layers[-1].code
        return layers

    def _layer(
        self, k: int, eta: Tensor, threshold: Tensor, h: Tensor, y: Tensor, index: Tensor, x: Tensor
    ) -> LayerValues:
        accumulator = product(h, x)
        residual = accumulator - y
        if self.wires is not None:
            residual = self.wires.residual(residual)
        gradient = product(h.transpose(-1, -2), residual)
        update = x - eta * gradient
        if self.wires is None:
            state = self.prox(update, threshold)
            return LayerValues(accumulator, residual, gradient, update, state, state)
        update = self.wires.state(update)
        state = self.prox(update, threshold)
        divisor, step = cast(StepSize, self.steps[k]).scales(index)
        code = self.wires.code(state, divisor, step)
        return LayerValues(accumulator, residual, gradient, update, state, code)


def product(matrix: Tensor, vectors: Tensor) -> Tensor:
    """A·v for vectors (B, N) and a matrix each (B, M, N) or one for all (M, N): (B, M)."""
    if matrix.ndim == 2:
        return vectors @ matrix.T
    return torch.bmm(matrix, vectors.unsqueeze(-1)).squeeze(-1)
