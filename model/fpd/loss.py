# SPDX-License-Identifier: Apache-2.0
"""The loss of FPD-Net: not (41) but the same squared error, balanced over the SNRs.

The error falls by orders of magnitude with the SNR, and the plain mean (41) trains the low SNRs, at
the cost of the high ones. So each sample's error is divided by a power of the running mean of its
SNR's: the gradient is that of the mean over dB of E^(1 − balance), E = E‖s^L − x‖², or log E. With
all of the balance, a few wrong vectors of the highest SNRs carry the gradient and make it noisy.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from model.fpd.config import FpdConfig


class BalancedError(nn.Module):
    """The mean of squared errors, each over (running mean of its SNR bin)^balance.

    Balance 0 is (41) to the letter, E‖s^L − x‖², over its N coordinates.
    """

    mean: Tensor
    batches: Tensor

    def __init__(self, config: FpdConfig) -> None:
        super().__init__()
        self.config = config
        self.register_buffer("mean", torch.zeros(config.bins, dtype=torch.float64))
        self.register_buffer("batches", torch.zeros(config.bins, dtype=torch.int64))

    def forward(self, error: Tensor, snr_db: NDArray[np.float64]) -> Tensor:
        """The loss of errors (G, B, N) at SNRs (G, B); the batch enters the running mean first."""
        squared = error.square().mean(-1)
        position = (snr_db - self.config.snr_low_db) / self.config.bin_db
        index = torch.from_numpy(position.astype(np.int64)).clamp(max=self.config.bins - 1)
        self._remember(squared.detach().double(), index)
        weight = self.mean.clamp(min=self.config.floor) ** -self.config.balance
        return (squared * weight[index].to(squared.dtype)).mean()

    def _remember(self, squared: Tensor, index: Tensor) -> None:
        zeros = torch.zeros_like(self.mean)
        counts = zeros.index_add(0, index.ravel(), torch.ones_like(squared).ravel())
        sums = zeros.index_add(0, index.ravel(), squared.ravel())
        seen = counts > 0
        self.batches += seen
        share = (1 / self.batches.clamp(min=1)).clamp(min=self.config.memory) * seen
        self.mean += share * (sums / counts.clamp(min=1) - self.mean)
