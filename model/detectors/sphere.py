# SPDX-License-Identifier: Apache-2.0
"""Maximum likelihood by an exact sphere decoder, depth first (Schnorr and Euchner 1994)."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.detectors.compiled import compiled
from model.detectors.kbest import sorted_qr_order, triangle
from model.detectors.linear import blocks_of_one_noise
from model.detectors.options import Build, Options
from model.systems.scene import Detector, Received
from model.systems.system import System

FloatArray = NDArray[np.float64]
RADIUS, GROWTH, TINY = 1.25, 1.5, 1e-12
ENDLESS = 1 << 62
"""Nodes that no search visits."""


@compiled
def nearest_point(center: float, peak: float) -> float:
    """The point of −peak, …, −1, 1, …, peak that is nearest to `center`."""
    return min(max(2 * np.floor(center / 2) + 1, -peak), peak)


@compiled
def first_point(x: FloatArray, step: FloatArray, level: int, center: float, peak: float) -> None:
    """The point nearest to `center`, and the step to the second nearest."""
    x[level] = nearest_point(center, peak)
    step[level] = 2.0 if center > x[level] else -2.0


@compiled
def next_point(x: FloatArray, step: FloatArray, level: int, peak: float) -> bool:
    """The next point of the zigzag around the center; False after the last."""
    for _ in range(2):
        x[level] += step[level]
        step[level] = -step[level] - np.copysign(2.0, step[level])
        if -peak <= x[level] <= peak:
            return True
    return False


@compiled
def _search(
    r: FloatArray, z: FloatArray, peak: float, radius: float, best: FloatArray, most: int
) -> tuple[float, int]:
    """The x of least ‖z − Rx‖² < radius into `best`; returns that cost, or ∞ if there is none.

    And the nodes visited; a search that reaches `most` is given up, with what it has found.

    A level is decided after all levels above it. Its points come in the order of their cost, so
    the first that leaves the sphere ends the level. `rest[i, j]` is z_i − Σ_{k ≥ j} r_ik·x_k, true
    for j > stale[i]: no level above stale[i] changed since row i was summed.
    """
    n = len(z)
    x, step, cost = np.zeros(n), np.zeros(n), np.zeros(n + 1)
    rest = np.zeros((n, n + 1))
    rest[:, n] = z
    stale = np.full(n, n - 1)
    least = np.inf
    level, more, visited = n - 1, False, 0
    while level < n and visited < most:
        visited += 1
        if more:
            if not next_point(x, step, level, peak):
                level += 1
                continue
        else:
            for j in range(stale[level], level, -1):
                rest[level, j] = rest[level, j + 1] - r[level, j] * x[j]
            if level > 0:
                stale[level - 1] = max(stale[level - 1], stale[level])
            stale[level] = level
            pivot = r[level, level]
            first_point(x, step, level, rest[level, level + 1] / pivot if pivot else 0.0, peak)
        if level > 0:
            stale[level - 1] = max(stale[level - 1], level)
        distance = rest[level, level + 1] - r[level, level] * x[level]
        cost[level] = cost[level + 1] + distance * distance
        more = cost[level] >= radius or level == 0
        if cost[level] >= radius:
            level += 1
        elif level > 0:
            level -= 1
        else:
            radius = least = cost[0]
            best[:] = x
            level = 1
    return least, visited


@compiled
def _search_blocks(
    r: FloatArray,
    z: FloatArray,
    peak: float,
    radius: FloatArray,
    best: FloatArray,
    most: int,
    nodes: NDArray[np.int64],
) -> None:
    """Searches for z (G, B, n) with r (G, n, n), in spheres that grow until one has a point.

    nodes (G, B): how many were visited, or `most`, where a search was given up.
    """
    for g in range(z.shape[0]):
        for b in range(z.shape[1]):
            within = max(radius[g], TINY)
            least = np.inf
            while least == np.inf and nodes[g, b] < most:
                left = most - nodes[g, b]
                least, visited = _search(r[g], z[g, b], peak, within, best[g, b], left)
                nodes[g, b] += visited
                within *= GROWTH


class SphereDecoder:
    """The minimiser of ‖y − Hx‖² over the grid, exactly, for any H (a singular one takes long).

    The columns are searched in the order of the MMSE sorted QR and the first sphere holds what was
    sent with a probability of about .85: both make the search short and don't change its result.
    Runs on the CPU in float64 whatever the inputs' device.
    """

    def __init__(self, system: System) -> None:
        self.modulation = system.constellation

    def __call__(self, received: Received, h: Tensor, noise: Tensor) -> Tensor:
        """See `model.systems.scene.Detector`; the estimates are points of the grid."""
        return self._found(received, h, noise, ENDLESS)[0]

    def nodes(self, received: Received, h: Tensor, noise: Tensor, most: int) -> NDArray[np.int64]:
        """How many nodes the search of each vector visits, (G·B,); `most` where it is given up."""
        return self._found(received, h, noise, most)[1].ravel()

    def _found(
        self, received: Received, h: Tensor, noise: Tensor, most: int
    ) -> tuple[Tensor, NDArray[np.int64]]:
        """The estimates, and the nodes of each search, at most so many."""
        blocks, channel, variance = blocks_of_one_noise(received, h, noise)
        ridge = (2 / self.modulation.symbol_energy * variance).sqrt().view(-1, 1, 1)
        identity = torch.eye(h.shape[-1], dtype=h.dtype, device=h.device)
        order = sorted_qr_order(torch.cat([channel, ridge * identity], dim=1))
        tree = triangle(channel.double(), torch.zeros_like(variance).double(), lambda _: order)
        z = blocks.y.double() @ tree.front.mT
        best = np.zeros(z.shape)
        r = tree.r.cpu().numpy()
        peak = float(self.modulation.peak)
        radius = RADIUS * h.shape[1] * variance.double().cpu().numpy()
        nodes = np.zeros(z.shape[:2], dtype=np.int64)
        _search_blocks(r, np.ascontiguousarray(z.cpu().numpy()), peak, radius, best, most, nodes)
        columns = order.unsqueeze(1).expand(z.shape)
        x = torch.empty_like(z).scatter_(2, columns, torch.from_numpy(best).to(z))
        return x.to(h).view(*noise.shape, -1), nodes


def _build(system: System, options: Options) -> Detector:
    return SphereDecoder(system)


DETECTORS: dict[str, Build] = {"ml": _build}
