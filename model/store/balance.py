# SPDX-License-Identifier: Apache-2.0
"""A squared error balanced over the SNRs, for every training that draws vectors of many SNRs.

The error falls by orders of magnitude with the SNR, and its plain mean trains the low SNRs, at the
cost of the high ones. So each vector's error is divided by a power of the running mean of its SNR
bin's: the gradient is that of the mean over dB of E^(1 − balance), E = E‖v − x‖², or log E. With
all of the balance, a few wrong vectors of the highest SNRs carry the gradient and make it noisy.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Balance(nn.Module):
    """Weights of vectors by SNR bin: (running mean of the bin's error)^−balance.

    Args:
        bins: how many.
        balance: 0 leaves errors as they are, 1 gives every bin the same weight.
        floor: the least mean that is divided by.
        memory: the weight of a new batch in the mean; of the first ones it is 1/(their number).

    The means are buffers: a checkpoint holds them, and a resumed training goes on with them.
    """

    mean: Tensor
    batches: Tensor

    def __init__(self, bins: int, balance: float, floor: float = 1e-4, memory: float = 0.03):
        super().__init__()
        self.balance, self.floor, self.memory = balance, floor, memory
        self.register_buffer("mean", torch.zeros(bins, dtype=torch.float64))
        self.register_buffer("batches", torch.zeros(bins, dtype=torch.int64))

    def weights(self, squared: Tensor, index: Tensor) -> Tensor:
        """Of vectors in bins `index`; their errors, of the same shape, enter the means first."""
        self._remember(squared.detach().double(), index)
        weight = self.mean.clamp(min=self.floor) ** -self.balance
        return weight[index].to(squared.dtype)

    def _remember(self, squared: Tensor, index: Tensor) -> None:
        zeros = torch.zeros_like(self.mean)
        counts = zeros.index_add(0, index.ravel(), torch.ones_like(squared).ravel())
        sums = zeros.index_add(0, index.ravel(), squared.ravel())
        seen = counts > 0
        self.batches += seen
        share = (1 / self.batches.clamp(min=1)).clamp(min=self.memory) * seen
        self.mean += share * (sums / counts.clamp(min=1) - self.mean)
