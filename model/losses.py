"""The loss of eq. (16): squared error and, for KAQ, the KDE-MMD loss."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from model.data import Batch
from model.mmd import MmdLoss
from model.nets import Layers, UnfoldedNet, layers_of


@dataclass(frozen=True)
class SquaredError:
    """1/B Σ ‖x_true − x_S^(K)‖², the first term of eq. (16).

    `last`: the last layer's code as in the paper, or "wide", the state before the code.
    """

    net: UnfoldedNet
    last: str

    def __call__(self, batch: Batch, generator: torch.Generator) -> Tensor:
        """The loss of one batch."""
        return self.of(layers_of(self.net, batch), batch)

    def of(self, layers: Layers, batch: Batch) -> Tensor:
        """The loss of what the net made of a batch."""
        decided = layers[-1].code if self.last == "quantized" else layers[-1].state
        return (decided - batch.x).square().sum(-1).mean()


@dataclass(frozen=True)
class TotalLoss:
    """Eq. (16): squared error + ε Σ_k L_MMD^(k), quantized against full-precision activations."""

    error: SquaredError
    teacher: UnfoldedNet
    mmd: MmdLoss
    epsilon: float

    def __call__(self, batch: Batch, generator: torch.Generator) -> Tensor:
        """The loss of one batch; the teacher runs on the same batch and gets no gradient."""
        layers = layers_of(self.error.net, batch)
        with torch.no_grad():
            full = layers_of(self.teacher, batch)
        distance: Tensor = self.mmd([v.code for v in full], [v.code for v in layers], generator)
        return self.error.of(layers, batch) + distance * self.epsilon
