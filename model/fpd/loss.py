# SPDX-License-Identifier: Apache-2.0
"""The loss of FPD-Net: not (41) but the same squared error, balanced over bins of the SNR in dB."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.fpd.config import FpdConfig
from model.store.balance import Balance


class BalancedError(Balance):
    """The mean of squared errors, each over (running mean of its SNR bin)^balance.

    Balance 0 is (41) to the letter, E‖s^L − x‖², over its N coordinates.
    """

    def __init__(self, config: FpdConfig) -> None:
        super().__init__(config.bins, config.balance, config.floor, config.memory)
        self.config = config

    def forward(self, error: Tensor, snr_db: NDArray[np.float64]) -> Tensor:
        """The loss of errors (G, B, N) at SNRs (G, B); the batch enters the running mean first."""
        squared = error.square().mean(-1)
        position = (snr_db - self.config.snr_low_db) / self.config.bin_db
        index = torch.from_numpy(position.astype(np.int64)).clamp(max=self.config.bins - 1)
        return (squared * self.weights(squared, index)).mean()
