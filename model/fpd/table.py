# SPDX-License-Identifier: Apache-2.0
"""The frozen form of FPD-Net: one table of 7·L constants in place of the hyper-network."""

from __future__ import annotations

import dataclasses

import numpy as np
import torch
from torch import Tensor, nn

from model.distributed.fpd import fpd
from model.fpd.config import FpdConfig
from model.fpd.data import CHUNK, STREAMS, sample, uniform_snr
from model.fpd.hyper import FpdNet, constrained, unconstrained
from model.fpd.loss import BalancedError
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
    balanced = BalancedError(dataclasses.replace(config, balance=1.0))
    peak = config.receiver.constellation.peak
    rng = np.random.default_rng([config.seed, STREAMS["polish"]])
    raw = nn.Parameter(unconstrained(table).float())
    optimizer = torch.optim.Adam([raw], lr=config.polish_rate)
    for step in range(config.polish):
        for group in optimizer.param_groups:
            group["lr"] = config.polish_rate * (1 - step / config.polish)
        snr_db = uniform_snr(config, rng, config.polish_batch)
        seen, x = sample(config, rng, snr_db)
        loss = balanced(fpd(seen, constrained(raw), peak, config.kappa) - x, snr_db)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_([raw], config.clip)
        optimizer.step()
        report("table", 0, step + 1, config.polish)
    return constrained(raw.detach().double()) if config.polish else table
