# SPDX-License-Identifier: Apache-2.0
"""Training of FPD-Net with its hyper-network, resumable epoch by epoch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

from fixedpoint.cli import check_memory
from model.fpd.config import FpdConfig
from model.fpd.data import CHUNK, STREAMS, sample, uniform_snr
from model.fpd.hyper import FpdNet
from model.fpd.loss import BalancedError
from model.store.loop import Losses, Stage, Staged
from model.store.resume import Report
from model.unfolded.accuracy import sliced_errors

EVALUATED_DB = (0.0, 5.0, 7.5, 10.0, 12.5, 15.0, 20.0)


class FpdTrainer(Staged[FpdConfig]):
    """See the base class."""

    def __init__(self, config: FpdConfig, out: Path, resume: bool, report: Report) -> None:
        system = config.receiver
        each = 8 * (system.rows * system.columns + system.rows + system.columns)
        for name in ("batch", "table", "polish_batch"):
            count = getattr(config, name)
            check_memory(count * each, f"{name} {count:,}")
        super().__init__(config, out, resume, report)

    def train(self) -> None:
        """What is left of all epochs."""
        self.fit(FpdStage(self.config))


class FpdStage(Stage):
    """The one stage: every step draws new vectors."""

    name = "float"

    def __init__(self, config: FpdConfig) -> None:
        torch.manual_seed(config.seed)
        self.config, self.net = config, FpdNet(config.receiver, config.layers, config.kappa)
        self.loss = BalancedError(config)
        self.modules = {"net": self.net, "loss": self.loss}
        self.epochs, self.steps, self.clip = config.epochs, config.steps, config.clip

    def groups(self) -> list[dict[str, Any]]:
        """As in the base class."""
        return [{"params": list(self.net.parameters()), "lr": self.config.learning_rate}]

    def share(self, epoch: int, step: int) -> float:
        """As in the base class."""
        return self.config.share(epoch)

    def losses(self, epoch: int) -> Losses:
        """As in the base class."""
        config = self.config
        rng = np.random.default_rng([config.seed, STREAMS["train"], epoch])
        for _ in range(self.steps):
            snr_db = uniform_snr(config, rng, config.batch)
            seen, x = sample(config, rng, snr_db)
            yield self.loss(self.net(seen) - x, snr_db), 1

    def entry(self, epoch: int, loss: float) -> dict[str, Any]:
        """With the rate, the BER at each SNR, and the errors by which the loss is balanced."""
        rate = self.config.rate(epoch - 1)
        return {"loss": loss, "rate": rate, "ber": self._ber(), "mse": self.loss.mean.tolist()}

    @torch.no_grad()
    def _ber(self) -> dict[str, float]:
        config, system = self.config, self.config.receiver
        rng = np.random.default_rng([config.seed, STREAMS["validation"]])
        ber = {}
        for snr_db in EVALUATED_DB:
            wrong = 0
            for start in range(0, config.validation, CHUNK):
                size = min(CHUNK, config.validation - start)
                seen, x = sample(config, rng, np.full((size, 1), snr_db), "validation")
                estimate = self.net(seen).double().numpy()
                errors = sliced_errors(estimate, x.double().numpy(), system.constellation)
                wrong += int(errors.sum())
            ber[f"{snr_db:g}"] = wrong / (config.validation * system.bits)
        return ber
