# SPDX-License-Identifier: Apache-2.0
"""Errors of sliced estimates: bits, symbols and vectors, counted a coherence block.

The slicer is that of `fixedpoint.numbers.slicer`: a coordinate on a threshold decides upwards.
"""

from __future__ import annotations

import torch
from torch import Tensor

from fixedpoint.numbers.modulation import Modulation

KINDS = ("bits", "symbols", "vectors")


def gray_words(coordinates: Tensor, m: Modulation) -> Tensor:
    """Coordinates (…) to the Gray words of their decisions, uint8, first bit highest."""
    position = torch.zeros_like(coordinates, dtype=torch.uint8)
    for i in range(m.peak):
        position += coordinates >= 2 * i - m.peak + 1
    return position ^ (position >> 1)


def errors(estimate: Tensor, sent: Tensor, m: Modulation) -> Tensor:
    """Wrong bits, complex symbols and vectors of each coherence block, int64, shape (3, G).

    Args:
        estimate: (G, B, 2Nt) wide estimates in units of the grid.
        sent: (G, B, 2Nt), the Gray words that were sent.
        m: the modulation.
    """
    wrong = gray_words(estimate, m) ^ sent
    bits = sum(((wrong >> place) & 1 for place in range(m.bits)), torch.zeros_like(wrong))
    real, imaginary = wrong.chunk(2, dim=-1)
    symbols = (real | imaginary) != 0
    return torch.stack([
        bits.sum(dim=(1, 2), dtype=torch.int64),
        symbols.sum(dim=(1, 2), dtype=torch.int64),
        symbols.any(dim=2).sum(dim=1, dtype=torch.int64),
    ])  # fmt: skip


def trials(m: Modulation, nt: int) -> tuple[int, int, int]:
    """Bits, symbols and vectors that one vector counts as, in the order of `KINDS`."""
    return 2 * nt * m.bits, nt, 1
