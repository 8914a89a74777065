# SPDX-License-Identifier: Apache-2.0
"""Training of FPD-Net with its hyper-network, resumable epoch by epoch."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import torch
from torch import nn

from model.fpd.config import FpdConfig
from model.fpd.data import CHUNK, STREAMS, sample, uniform_snr
from model.fpd.hyper import FpdNet
from model.fpd.loss import BalancedError
from model.store import checkpoint as checkpoints
from model.store.resume import Report, Training
from model.unfolded.accuracy import sliced_errors

EVALUATED_DB = (0.0, 5.0, 7.5, 10.0, 12.5, 15.0, 20.0)
STAGE = "float"


class FpdTrainer(Training[FpdConfig]):
    """See the base class."""

    def __init__(self, config: FpdConfig, out: Path, resume: bool, report: Report) -> None:
        super().__init__(config, out, resume, report)
        saved = self.saved
        torch.manual_seed(config.seed)
        self.net = FpdNet(config.receiver, config.layers, config.kappa)
        self.loss = BalancedError(config)
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=config.learning_rate)
        self.done = 0
        if saved is not None:
            checkpoints.restore(self.net, saved.part("net"), "checkpoint, net")
            checkpoints.restore(self.loss, saved.part("loss"), "checkpoint, loss")
            checkpoints.restore_optimizer(self.optimizer, saved.part("optimizer"))
            self.done = saved.epoch

    def train(self) -> None:
        """What is left of all epochs."""
        for epoch in range(self.done, self.config.epochs):
            loss = self._epoch(epoch)
            if not math.isfinite(loss):
                raise ValueError(f"epoch {epoch + 1}: the loss is {loss}, training stops")
            self._finish(epoch, loss)

    def _epoch(self, epoch: int) -> float:
        config, total = self.config, 0.0
        rng = np.random.default_rng([config.seed, STREAMS["train"], epoch])
        for group in self.optimizer.param_groups:
            group["lr"] = config.rate(epoch)
        for step in range(config.steps):
            snr_db = uniform_snr(config, rng, config.batch)
            seen, x = sample(config, rng, snr_db)
            loss = self.loss(self.net(seen) - x, snr_db)
            self.optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(self.net.parameters(), config.clip)
            self.optimizer.step()
            total += loss.item()
            self.report(STAGE, epoch, step + 1, config.steps)
        return total / config.steps

    @torch.no_grad()
    def _validate(self) -> dict[str, float]:
        """BER at each SNR."""
        config, system = self.config, self.config.receiver
        rng = np.random.default_rng([config.seed, STREAMS["validation"]])
        ber = {}
        for snr_db in EVALUATED_DB:
            wrong = 0
            for start in range(0, config.validation, CHUNK):
                size = min(CHUNK, config.validation - start)
                seen, x = sample(config, rng, np.full((size, 1), snr_db))
                estimate = self.net(seen).double().numpy()
                errors = sliced_errors(estimate, x.double().numpy(), system.constellation)
                wrong += int(errors.sum())
            ber[f"{snr_db:g}"] = wrong / (config.validation * system.bits)
        return ber

    def _finish(self, epoch: int, loss: float) -> None:
        ber, means = self._validate(), self.loss.mean.tolist()
        entry = {"loss": loss, "rate": self.config.rate(epoch), "ber": ber, "mse": means}
        parts = {"net": self.net.state_dict(), "loss": self.loss.state_dict()}
        parts["optimizer"] = checkpoints.optimizer_tensors(self.optimizer)
        self.keep(STAGE, epoch + 1, entry, parts)
