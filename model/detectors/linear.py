# SPDX-License-Identifier: Apache-2.0
"""Linear reference detectors: zero forcing and LMMSE, computed on the complex channel.

The real form of H holds the complex matrix in its first columns, [Re H; Im H], so the Gram matrix
HᴴH and the matched filter Hᴴy are real products with it, and the inverse is of half the size.
"""

from __future__ import annotations

import torch
from torch import Tensor

from model.detectors.cholesky import ridge_solve
from model.detectors.options import Build, Options
from model.systems.scene import Detector, Received
from model.systems.system import System


def blocks_of_one_noise(
    received: Received, h: Tensor, noise: Tensor
) -> tuple[Received, Tensor, Tensor]:
    """The same vectors in blocks whose vectors share one noise variance.

    Returns `received`, `h` and the variance of each block, (G,). Where a block mixes noise
    variances, every vector becomes a block of its own: (G·B) blocks, with `h` repeated.
    """
    if noise.shape[1] == 1 or bool((noise == noise[:, :1]).all()):
        return received, h, noise[:, 0]
    single = Received(*(part.flatten(0, 1).unsqueeze(1) for part in received))
    return single, h.repeat_interleave(noise.shape[1], dim=0), noise.flatten()


class Linear:
    """x̂ = (HᴴH + ρI)⁻¹Hᴴy with ρ = `ridge`·σ²/(Es/2): ridge 0 is ZF, 1 is LMMSE.

    With `unbiased` each estimate is divided by its gain [(HᴴH + ρI)⁻¹HᴴH]ₙₙ, so that
    E[x̂ₙ | xₙ] = xₙ; a coordinate that the receiver doesn't see (gain 0) is estimated as 0.

    Blocks whose HᴴH + ρI is singular to working precision, by the pivots of its Cholesky factor,
    use the pseudo-inverse of [H; √ρI], which has the same value where both exist; ZF of a singular
    H is then the least-squares solution of least norm.
    """

    def __init__(self, system: System, ridge: float, unbiased: bool) -> None:
        self.nt = system.nt
        self.ridge = ridge * 2 / system.constellation.symbol_energy
        self.unbiased = unbiased

    def __call__(self, received: Received, h: Tensor, noise: Tensor) -> Tensor:
        """See `model.systems.scene.Detector`."""
        blocks, h, variance = blocks_of_one_noise(received, h, noise)
        rho = self.ridge * variance
        wide, diagonal, regular = ridge_solve(h, blocks.y @ h, rho)
        if self.unbiased:
            # diag((HᴴH + ρI)⁻¹HᴴH) = 1 − ρ·diag((HᴴH + ρI)⁻¹)
            wide = wide / _seen(1 - rho.unsqueeze(1) * diagonal, h).repeat(1, 2).unsqueeze(1)
        if not bool(regular.all()):
            singular = ~regular
            wide[singular] = self._by_pseudo_inverse(blocks.y[singular], h[singular], rho[singular])
        return wide.view(*noise.shape, -1)

    def _by_pseudo_inverse(self, y: Tensor, h: Tensor, rho: Tensor) -> Tensor:
        """The estimates (G, B, N) from the real form, by singular values of [H; √ρI]."""
        identity = torch.eye(h.shape[-1], dtype=h.dtype, device=h.device)
        ridge = rho.sqrt().view(-1, 1, 1) * identity
        extended = torch.cat([h, ridge], dim=1)
        rank_tolerance = torch.finfo(h.dtype).eps ** 0.5
        filters = torch.linalg.pinv(extended, rtol=rank_tolerance)[..., : h.shape[1]]
        estimate = y @ filters.mT
        if not self.unbiased:
            return estimate
        return estimate / _seen(torch.einsum("gnm,gmn->gn", filters, h), h).unsqueeze(1)


def _seen(gains: Tensor, h: Tensor) -> Tensor:
    """The gains (G, …), ∞ in place of one that is 0 up to rounding."""
    return torch.where(gains > h.shape[2] * torch.finfo(h.dtype).eps, gains, torch.inf)


def _build(ridge: float, unbiased: bool) -> Build:
    def build(system: System, options: Options) -> Detector:
        return Linear(system, ridge, unbiased)

    return build


DETECTORS: dict[str, Build] = {
    "zf": _build(0.0, unbiased=False),
    "lmmse": _build(1.0, unbiased=True),
    "lmmse-biased": _build(1.0, unbiased=False),
}
