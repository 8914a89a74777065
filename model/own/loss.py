# SPDX-License-Identifier: Apache-2.0
"""What training makes small: squared errors, or wrong decisions by a smooth bound on them.

The least squared error shrinks a state towards 0 where noise is strong, past the slicer's outer
thresholds. The other loss asks on which side of each threshold m a state v is: softplus of
−sgn(x − m)·(v − m)/τ, summed over m, where τ follows the error of the SNR entry.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import softplus

from fixedpoint.numbers.format import IntArray
from fixedpoint.numbers.modulation import Modulation
from model.own.data import by_entry
from model.own.graph_config import GraphConfig

WIDTH, LEAST_WIDTH, LEAST = 0.5, 0.05, 1e-6
"""τ over the root mean squared error, and its least; the least loss of an entry."""


def loss_of(
    config: GraphConfig, state: Tensor, x: Tensor, index: IntArray, modulation: Modulation
) -> Tensor:
    """Of states and sent coordinates (G, B, N): one number, each SNR entry weighted as asked."""
    squares = (state - x).square().mean(-1)
    found, at = by_entry(squares, index)
    if config.loss != "squared":
        width = (WIDTH * found.detach().sqrt()).clamp_min(LEAST_WIDTH)[at][..., None, None]
        middles = torch.arange(2.0 - modulation.levels, modulation.levels, 2, dtype=x.dtype)
        side = (x[..., None] - middles).sign()
        wrong = softplus(-side * (state[..., None] - middles) / width).sum(-1).mean(-1)
        found, _ = by_entry(wrong, index)
    return balanced(config, found)


def balanced(config: GraphConfig, found: Tensor) -> Tensor:
    """One number of the losses of SNR entries, each weighted as asked."""
    return (found * found.detach().clamp_min(LEAST) ** -config.balance).mean()
