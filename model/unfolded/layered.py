# SPDX-License-Identifier: Apache-2.0
"""What the layers of an unfolded net have in common: a prox, constants, quantizers, codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn

from model.quant.steps import StepSize
from model.unfolded.prox import PROXES


class Layered(nn.Module):
    """The base of such a net. `gram`: whether it takes H's Gram matrix.

    Args:
        prox: a name of `PROXES`.
        constants: a module that returns them, a row a layer.
        wires: the quantizers between the operations and of codes; None for the float net.
        steps: a `StepSize` a layer; without them the state itself is the code (a float net).
    """

    gram = False

    def __init__(
        self,
        prox: str,
        constants: nn.Module,
        wires: nn.ModuleDict | None = None,
        steps: Sequence[nn.Module] = (),
    ) -> None:
        super().__init__()
        self.prox = PROXES[prox]
        self.constants = constants
        self.wires = wires
        self.steps = nn.ModuleList(steps)

    def wire(self, name: str, value: Tensor) -> Tensor:
        """`value` through the quantizer of that name, if there are any."""
        return value if self.wires is None else cast(Tensor, self.wires[name](value))

    def code(self, k: int, state: Tensor, index: Tensor) -> Tensor:
        """The code of layer k times its Δ at SNR entries `index`; without Δ the state."""
        if self.wires is None or not len(self.steps):
            return state
        divisor, step = cast(StepSize, self.steps[k]).scales(index)
        return cast(Tensor, self.wires["code"](state, divisor, step))


def product(matrix: Tensor, vectors: Tensor) -> Tensor:
    """A·v for vectors (B, N), a matrix each (B, M, N) or one for all (M, N), or in blocks.

    Blocks: matrices (G, M, N) and vectors (G, B, N) give (G, B, M).
    """
    if matrix.ndim == vectors.ndim:
        return vectors @ matrix.transpose(-1, -2)
    return torch.bmm(matrix, vectors.unsqueeze(-1)).squeeze(-1)
