# SPDX-License-Identifier: Apache-2.0
"""Few-bit converters with automatic gain control on tensors.

Thresholds and levels are those of `fixedpoint.numbers.gaussian` for a standard normal sample; the
gain control scales them. The integers of the hardware are in `fixedpoint.numbers.few_bit`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fixedpoint.numbers.gaussian import QUANTIZERS, Cells


@dataclass(frozen=True)
class Converter(Cells):
    """What a converter makes of samples, scaled by a gain control."""

    def codes(self, y: Tensor, scale: Tensor) -> Tensor:
        """Samples to codes 0 … 2^b − 1; `scale` broadcasts against y."""
        inner = y.new_tensor(self.thresholds)
        return torch.bucketize(y / scale, inner, right=True)

    def values(self, codes: Tensor, scale: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Codes to level, q_low and q_up; open thresholds are −∞ and ∞. Shapes of `codes`."""
        edges = scale.new_tensor([-np.inf, *self.thresholds, np.inf])
        levels = scale.new_tensor(self.levels)
        return levels[codes] * scale, edges[codes] * scale, edges[codes + 1] * scale


CONVERTERS = {
    name: lambda bits, cells=cells: Converter(**vars(cells(bits)))
    for name, cells in QUANTIZERS.items()
}


def measured_scale(y: Tensor, unit_rows: NDArray[np.int64]) -> Tensor:
    """Root mean square of each unit's samples over its coherence block.

    Args:
        y: (G, B, M) samples.
        unit_rows: (C, M / C), the rows of each unit.

    Returns (G, 1, M), the scale of each row.
    """
    rows = torch.from_numpy(unit_rows).to(y.device)
    power = y[:, :, rows].square().mean(dim=(1, 3))
    scale = y.new_empty(len(y), 1, y.shape[-1])
    scale[:, 0, rows.ravel()] = power.sqrt().repeat_interleave(rows.shape[1], dim=1)
    return scale
