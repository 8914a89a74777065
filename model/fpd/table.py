# SPDX-License-Identifier: Apache-2.0
"""The frozen form of FPD-Net: one table of 7·L constants in place of the hyper-network."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from model.distributed.fpd import fpd
from model.fpd.config import FpdConfig
from model.fpd.data import CHUNK, STREAMS, sample, uniform_snr
from model.fpd.hyper import FpdNet, constrained, unconstrained
from model.fpd.loss import BalancedError
from model.store.loop import Losses, Stage, adam, descend
from model.store.resume import Report


@torch.no_grad()
def frozen_table(net: FpdNet, config: FpdConfig) -> Tensor:
    """θ averaged over units and vectors of all SNRs, (L, 7), float64."""
    rng = np.random.default_rng([config.seed, STREAMS["table"]])
    total = torch.zeros(config.layers, net.hyper.base.shape[1], dtype=torch.float64)
    for start in range(0, config.table, CHUNK):
        size = min(CHUNK, config.table - start)
        seen, _ = sample(config, rng, uniform_snr(config, rng, size))
        total += net.hyper(seen).double().mean(dim=(1, 2)).sum(0)
    return total / config.table


def polished(table: Tensor, config: FpdConfig, report: Report) -> Tensor:
    """The table (L, 7) fine-tuned by itself, every SNR with the same weight; as it is for 0 steps.

    Without convolutions a step is cheap, so that batches can be large enough for the few wrong
    vectors of the highest SNRs.
    """
    if not config.polish:
        return table
    stage = TableStage(table, config)
    descend(adam(stage), stage, 0, report)
    return constrained(stage.raw.detach().double())


class TableStage(Stage):
    """The one epoch of the table's constants."""

    name, epochs = "table", 1

    def __init__(self, table: Tensor, config: FpdConfig) -> None:
        self.config, self.steps, self.clip = config, config.polish, config.clip
        self.raw = nn.Parameter(unconstrained(table).float())

    def groups(self) -> list[dict[str, Any]]:
        """As in the base class."""
        return [{"params": [self.raw], "lr": self.config.polish_rate}]

    def share(self, epoch: int, step: int) -> float:
        """It falls linearly to 0."""
        return 1 - step / self.steps

    def losses(self, epoch: int) -> Losses:
        """As in the base class."""
        config = self.config
        balanced = BalancedError(dataclasses.replace(config, balance=1.0))
        peak = config.receiver.constellation.peak
        rng = np.random.default_rng([config.seed, STREAMS["polish"]])
        for _ in range(self.steps):
            snr_db = uniform_snr(config, rng, config.polish_batch)
            seen, x = sample(config, rng, snr_db)
            yield balanced(fpd(seen, constrained(self.raw), peak, config.kappa) - x, snr_db), 1
