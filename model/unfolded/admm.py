# SPDX-License-Identifier: Apache-2.0
"""ADMM-Net: min ½‖y − Hx‖² over a set or with a penalty, by variable splitting x = z, unfolded.

With W = (HᵀH + ρI)⁻¹, P = ρW and the scaled dual u, layer k, from z = u = 0:

    x  = W Hᵀ y + P (z − u)             # exact; `linearised`: x − η(Hᵀ(Hx − y) + ρ(x − z + u))
    xr = z + rel·(x − z)
    z  = prox(xr + u)                   # sent on as codes of Δ in a quantized net
    u  = u + un·(xr − z)

The KAQ paper names ADMM-Net and gives no equations; `exact` trains one ρ a layer, `scalar` one for
all layers and `shared` ρ = a/SNR + c for all of them, so that a coherence block needs one inverse.
x₀ = W Hᵀ y is then the LMMSE estimate for a = 1, c = 0 and as many users as antennas.

Quantized, every wire is that of `fixedpoint.detectors.admm`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, cast

import torch
from torch import Tensor, nn

from model.quant.quantizers import FormatQuantizer
from model.unfolded.admm_constants import ONE_RHO, AdmmConstants, AdmmLayers
from model.unfolded.layered import Layered, product
from model.unfolded.prox import at


class Gram(NamedTuple):
    """HᵀH = V·diag(values)·Vᵀ: every (HᵀH + ρI)⁻¹ from one decomposition; (…, N) and (…, N, N)."""

    values: Tensor
    vectors: Tensor


def gram_of(h: Tensor) -> Gram:
    """Of channels (…, M, N); rounding may not push an eigenvalue of HᵀH below 0."""
    values, vectors = torch.linalg.eigh(h.transpose(-1, -2) @ h)
    return Gram(values.clamp(min=0), vectors)


class AdmmValues(NamedTuple):
    """One layer's values, (B, N) each, by the names of `fixedpoint.detectors.admm`.

    estimate = x; relaxed = xr; update = xr + u; state = the prox of it; code = its code times Δ,
    the state itself in a float net; decoded = z, which the layer goes on with; dual = u;
    difference = z − u.
    """

    estimate: Tensor
    relaxed: Tensor
    update: Tensor
    state: Tensor
    code: Tensor
    decoded: Tensor
    dual: Tensor
    difference: Tensor


Update = Callable[[int, Tensor, Tensor], Tensor]
"""The x-update of layer k from the last x and z − u; both are 0 before the first layer."""


class AdmmNet(Layered):
    """K layers of ADMM.

    form: one of `model.unfolded.admm_constants.FORMS`; constants: `AdmmConstants`, or a module that
    returns `AdmmLayers` and is given `update`; wires: those of `admm_wires.WIRES`.
    """

    gram = True

    def __init__(
        self,
        prox: str,
        form: str,
        constants: nn.Module,
        wires: nn.ModuleDict | None = None,
        steps: Sequence[nn.Module] = (),
    ) -> None:
        super().__init__(prox, constants, wires, steps)
        self.form = form

    def forward(
        self, h: Tensor, y: Tensor, index: Tensor, gram: Gram | None = None
    ) -> list[AdmmValues]:
        """Every layer in turn, from z = u = 0.

        Args:
            h: (B, M, N), a channel for each vector, (M, N), one for all, or blocks (G, M, N).
            y: (B, M), or (G, B, M) for blocks.
            index: (B,) or (G, B), the entry of the SNR bank of each vector. Quantized, the vectors
                that share a channel share its P and F, and must share the entry.
            gram: of `h`, if it is at hand.
        """
        zero = y.new_zeros(*y.shape[:-1], h.shape[-1])
        return self.layers(self._update(h, y, index, gram), zero, index)

    def layers(self, update: Update, zero: Tensor, index: Tensor) -> list[AdmmValues]:
        """The same with an x-update of any kind; `zero`: in the shape of x."""
        constants = cast(AdmmLayers, self.constants())
        x = z = u = difference = zero
        layers = []
        for k in range(len(constants.relaxation)):
            x = self.wire("estimate", update(k, x, difference))
            relaxed = self.wire("estimate", z + constants.relaxation[k] * (x - z))
            moved = self.wire("state", relaxed + u)
            state = self.prox(moved, at(constants.threshold[k], index))
            code = self.code(k, state, index)
            z = self.wire("estimate", code)
            u = self.wire("dual", u + constants.dual[k] * (relaxed - z))
            difference = self.wire("difference", z - u)
            layers.append(AdmmValues(x, relaxed, moved, state, code, z, u, difference))
        return layers

    def _update(self, h: Tensor, y: Tensor, index: Tensor, gram: Gram | None) -> Update:
        if self.form == "linearised":
            return self._linearised(h, y)
        gram = gram_of(h) if gram is None else gram
        if self.wires is None:
            return self._exact(h, y, index, gram)
        return self._prepared(self.wires, h, y, index, gram)

    def _linearised(self, h: Tensor, y: Tensor) -> Update:
        """A gradient step instead of the inverse."""
        constants = cast(AdmmConstants, self.constants)

        def update(k: int, x: Tensor, difference: Tensor) -> Tensor:
            slope = product(h.transpose(-1, -2), product(h, x) - y)
            return x - constants.eta[k] * (slope + constants.rho(k, None) * (x - difference))

        return update

    def _exact(self, h: Tensor, y: Tensor, index: Tensor, gram: Gram) -> Update:
        """V (Vᵀ(Hᵀy + ρ(z − u)) / (values + ρ)): no matrix is formed."""
        to_basis = gram.vectors.transpose(-1, -2)
        matched = product(to_basis, product(h.transpose(-1, -2), y))
        values = gram.values.unsqueeze(-2) if y.ndim == h.ndim else gram.values

        def update(k: int, x: Tensor, difference: Tensor) -> Tensor:
            rho = self._rho(k, index)
            spectrum = (matched + rho * product(to_basis, difference)) / (values + rho)
            return product(gram.vectors, spectrum)

        return update

    def _prepared(
        self, wires: nn.ModuleDict, h: Tensor, y: Tensor, index: Tensor, gram: Gram
    ) -> Update:
        """P and F = W Hᵀ as the matrices of a coherence block, each through its format."""
        if y.ndim == h.ndim:
            if not bool((index == index[..., :1]).all()):
                raise ValueError("a quantized ADMM-Net takes one SNR entry a coherence block")
            index = index[..., 0]
        smooth = self._exact(h, y, index if y.ndim < h.ndim else index.unsqueeze(-1), gram)
        shared = self._matrices(wires, 0, h, y, index, gram) if self.form in ONE_RHO else None

        def update(k: int, x: Tensor, difference: Tensor) -> Tensor:
            p, front = shared or self._matrices(wires, k, h, y, index, gram)
            with torch.no_grad():
                # The first layer has z = u = 0: nothing to multiply.
                quantized = front + product(p, difference) if k else front
            if torch.is_grad_enabled():
                return straight_through(quantized, smooth(k, x, difference))
            return quantized

        return update

    @torch.no_grad()
    def _matrices(
        self, wires: nn.ModuleDict, k: int, h: Tensor, y: Tensor, index: Tensor, gram: Gram
    ) -> tuple[Tensor, Tensor]:
        """P of layer k and x₀ = F y, quantized."""
        rho = self._rho(k, index)
        damped = gram.vectors * (1 / (gram.values + rho)).unsqueeze(-2)
        w = damped @ gram.vectors.transpose(-1, -2)
        f = _values(wires["f"], w @ h.transpose(-1, -2))
        return _values(wires["p"], w * rho.unsqueeze(-1)), wires["front"](product(f, y))

    def _rho(self, k: int, index: Tensor) -> Tensor:
        return cast(AdmmConstants, self.constants).rho(k, index)


def _values(quantizer: nn.Module, matrix: Tensor) -> Tensor:
    """A matrix in its format, without a gradient: half the passes."""
    return cast(FormatQuantizer, quantizer).values(matrix)


class _StraightThrough(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, value: Tensor, smooth: Tensor) -> Tensor:
        return value.clone()

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[None, Tensor]:
        return None, grads[0]


def straight_through(value: Tensor, smooth: Tensor) -> Tensor:
    """`value` with the gradient of `smooth`: P and F are rounded, ρ learns as if they were not."""
    return _StraightThrough.apply(value, smooth)
