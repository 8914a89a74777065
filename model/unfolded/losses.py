# SPDX-License-Identifier: Apache-2.0
"""The loss of eq. (16): squared error, balanced over the SNRs if asked, and the KDE-MMD loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from model.store.balance import Balance
from model.unfolded.data import Batch
from model.unfolded.mmd import MmdLoss
from model.unfolded.nets import Layers, UnfoldedNet, layers_of


class Loss(NamedTuple):
    """A batch's loss by its terms, scalars: the squared error, and ε Σ_k L_MMD^(k) (0 without)."""

    error: Tensor
    mmd: Tensor

    @property
    def total(self) -> Tensor:
        """Their sum, which is minimised."""
        return self.error + self.mmd


@dataclass(frozen=True)
class SquaredError:
    """1/B Σ ‖x_true − x_S^(K)‖², the first term of eq. (16).

    `last`: the last layer's code as in the paper, or "wide", the state before the code; `balance`:
    each vector's weight by the bin of its SNR entry, `BIN` entries each; none: 1 as in the paper.
    """

    net: UnfoldedNet
    last: str
    balance: Balance | None = None

    def __call__(self, batch: Batch, generator: torch.Generator) -> Loss:
        """The loss of one batch."""
        error = self.of(layers_of(self.net, batch), batch)
        return Loss(error, error.new_zeros(()))

    def of(self, layers: Layers, batch: Batch) -> Tensor:
        """The loss of what the net made of a batch."""
        decided = layers[-1].code if self.last == "quantized" else layers[-1].state
        squared = (decided - batch.x).square()
        if self.balance is None:
            return squared.sum(-1).mean()
        each = squared.mean(-1)
        return (each * self.balance.weights(each, batch.index // BIN)).mean()


BIN = 3
"""Entries of a bin, a dB each: with few vectors of a batch in each the weights are noise."""


def balance_of(share: float, entries: int) -> Balance | None:
    """The weights of a bank's entries; none of a share of 0."""
    return Balance(-(-entries // BIN), share) if share else None


@dataclass(frozen=True)
class TotalLoss:
    """Eq. (16): squared error + ε Σ_k L_MMD^(k), quantized against full-precision activations."""

    error: SquaredError
    teacher: UnfoldedNet
    mmd: MmdLoss
    epsilon: float

    def __call__(self, batch: Batch, generator: torch.Generator) -> Loss:
        """The loss of one batch; the teacher runs on the same batch and gets no gradient."""
        layers = layers_of(self.error.net, batch)
        with torch.no_grad():
            full = layers_of(self.teacher, batch)
        distance: Tensor = self.mmd([v.code for v in full], [v.code for v in layers], generator)
        return Loss(self.error.of(layers, batch), distance * self.epsilon)
