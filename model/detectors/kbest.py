# SPDX-License-Identifier: Apache-2.0
"""K-best tree search on the real or the complex lattice, breadth first."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from model.detectors.linear import blocks_of_one_noise
from model.detectors.options import Build, Options
from model.systems.scene import Detector, Received
from model.systems.system import System

CHUNK = 1 << 19
TIE = 2.0**-12
NOTHING = 2.0**-30
"""What projection leaves of a column that depends on others is rounding, against the largest."""


class Triangle(NamedTuple):
    """QR of the ordered columns: r (G, n, n), the rows `front` of Qᴴ for y (G, n, M), `order`."""

    r: Tensor
    front: Tensor
    order: Tensor


def natural_order(h: Tensor) -> Tensor:
    """Columns as they stand, (G, n)."""
    return torch.arange(h.shape[-1], device=h.device).expand(len(h), -1)


def norm_order(h: Tensor) -> Tensor:
    """Columns by falling norm: the weakest is decided first (Sionna's order)."""
    return h.abs().square().sum(dim=-2).argsort(dim=-1, descending=True)


def sorted_qr_order(h: Tensor) -> Tensor:
    """The order of the sorted QR decomposition (Wübben et al. 2001).

    Each step takes the column of least norm after projection, so that what is decided first, the
    last column, keeps a large diagonal entry. Energies within `TIE` are one: the two columns of an
    antenna in the real form, equal but for rounding, come in the same order on every processor.
    """
    gram = h.mH @ h
    taken = torch.zeros(gram.shape[:2], dtype=torch.bool, device=h.device)
    block = torch.arange(len(h), device=h.device)
    nothing = NOTHING * gram.diagonal(dim1=1, dim2=2).real.amax(dim=1, keepdim=True)
    order = []
    for _ in range(h.shape[2]):
        energy = gram.diagonal(dim1=1, dim2=2).real.maximum(nothing).masked_fill(taken, torch.inf)
        least = energy.amin(dim=1, keepdim=True)
        pick = (energy <= least * (1 + TIE)).to(torch.uint8).argmax(dim=1)  # the first one
        order.append(pick)
        taken[block, pick] = True
        # the Schur complement is the Gram matrix of the columns after projection
        column = gram[block, :, pick]
        scale = energy[block, pick].clamp_min(torch.finfo(energy.dtype).tiny).sqrt()
        column = column / scale.unsqueeze(1)
        gram = gram - column.unsqueeze(2) * column.conj().unsqueeze(1)
    return torch.stack(order, dim=1)


ORDERS: dict[str, Callable[[Tensor], Tensor]] = {
    "sqrd": sorted_qr_order,
    "norm": norm_order,
    "natural": natural_order,
}


def triangle(h: Tensor, ridge: Tensor, order: Callable[[Tensor], Tensor]) -> Triangle:
    """QR of the sorted columns of [H; √ridge·I], ridge (G,); H itself where ridge is 0.

    Householder's QR serves any H: a singular one has zeros on the diagonal of r, where a level of
    the search has no preference.
    """
    identity = torch.eye(h.shape[-1], dtype=h.dtype, device=h.device)
    extended = torch.cat([h, ridge.sqrt().view(-1, 1, 1) * identity], dim=1)
    columns = order(extended)
    q, r = torch.linalg.qr(extended.gather(2, columns.unsqueeze(1).expand_as(extended)))
    return Triangle(r, q[:, : h.shape[1]].mH, columns)


class KBest:
    """Keeps the K best partial vectors at every level and returns the best survivor by ‖y − Hx‖².

    Options: k = 64; order = sqrd, norm or natural; qr = mmse (the QR of [H; √ρI], ρ = σ²/(Es/2)) or
    plain; lattice = real (N levels of √M-PAM) or complex (N/2 levels of M-QAM).
    `order=norm,qr=plain,lattice=complex` is `KBestDetector` of Sionna, decision for decision.
    """

    def __init__(self, system: System, options: Options) -> None:
        self.k = options.integer("k", 64)
        self.order = ORDERS[options.word("order", "sqrd", tuple(ORDERS))]
        self.mmse = options.word("qr", "mmse", ("mmse", "plain")) == "mmse"
        self.complex = options.word("lattice", "real", ("real", "complex")) == "complex"
        modulation = system.constellation
        axis = torch.from_numpy(modulation.modulate(np.arange(modulation.levels)))
        self.points = torch.cartesian_prod(axis, axis) if self.complex else axis
        self.ridge = 2 / modulation.symbol_energy if self.mmse else 0.0
        self.nt = system.nt

    def __call__(self, received: Received, h: Tensor, noise: Tensor) -> Tensor:
        """See `model.systems.scene.Detector`; the estimates are points of the grid."""
        blocks, h, variance = blocks_of_one_noise(received, h, noise)
        y, channel, points = self._lattice(blocks.y, h)
        tree = triangle(channel, self.ridge * variance, self.order)
        z = (y @ tree.front.mT).flatten(0, 1)
        vectors = blocks.y.shape[1]
        parts = []
        size = max(1, CHUNK // (self.k * len(points)))
        for first in range(0, len(z), size):
            chosen = torch.arange(first, min(first + size, len(z)), device=z.device)
            block = chosen // vectors
            parts.append(self._search(z[chosen], tree.r[block], variance[block], points))
        best = torch.cat(parts)
        order = tree.order.repeat_interleave(vectors, dim=0)
        x = torch.empty_like(best).scatter_(1, order, best)
        if self.complex:
            x = torch.cat([x.real, x.imag], dim=-1)
        return x.view(*noise.shape, -1)

    def _lattice(self, y: Tensor, h: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """y, H and the alphabet of one level, in the numbers of the lattice."""
        points = self.points.to(h)
        if not self.complex:
            return y, h, points
        nr = h.shape[1] // 2
        samples = torch.complex(y[..., :nr], y[..., nr:])
        channel = torch.complex(h[:, :nr, : self.nt], h[:, nr:, : self.nt])
        return samples, channel, torch.complex(points[:, 0], points[:, 1])

    def _search(self, z: Tensor, r: Tensor, variance: Tensor, points: Tensor) -> Tensor:
        """The best survivor of each vector in the order of the columns of r, (n, levels)."""
        levels = r.shape[-1]
        paths = z.new_zeros(len(z), 1, levels)
        cost = variance.new_zeros(len(z), 1)
        for level in range(levels - 1, -1, -1):
            known = (paths[..., level + 1 :] @ r[:, level, level + 1 :].unsqueeze(-1)).squeeze(-1)
            target = z[:, level, None] - known
            steps = target.unsqueeze(-1) - r[:, level, level, None, None] * points
            costs = (cost.unsqueeze(-1) + steps.abs().square()).flatten(1)
            cost, index = costs.topk(min(self.k, costs.shape[1]), dim=1, largest=False)
            parent = (index // len(points)).unsqueeze(-1)
            paths = paths.gather(1, parent.expand(-1, -1, levels))
            paths[..., level] = points[index % len(points)]
        # ‖y − Hx‖² = cost − ρ‖x‖² + what no x changes
        cost = cost - self.ridge * variance.unsqueeze(-1) * paths.abs().square().sum(dim=-1)
        winner = cost.argmin(dim=1).view(-1, 1, 1)
        return paths.gather(1, winner.expand(-1, 1, levels)).squeeze(1)


def _build(system: System, options: Options) -> Detector:
    return KBest(system, options)


DETECTORS: dict[str, Build] = {"kbest": _build}
