# SPDX-License-Identifier: Apache-2.0
"""Training of FPD-Net with its hyper-network, resumable epoch by epoch."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from fixedpoint.files import write_text
from model import checkpoint as checkpoints
from model.accuracy import sliced_errors
from model.checkpoint import Checkpoint
from model.fpd_config import FpdConfig
from model.fpd_data import CHUNK, STREAMS, sample, uniform_snr
from model.fpd_loss import BalancedError
from model.hyper import FpdNet
from model.resume import LOG, alone, previous, read_log
from model.trainer import Report

EVALUATED_DB = (0.0, 5.0, 7.5, 10.0, 12.5, 15.0, 20.0)
STAGE = "float"


class FpdTrainer:
    """One training in one folder; `run` does what is left of it.

    Args:
        config: what to train.
        out: the folder of checkpoint and log.
        resume: go on from the checkpoint in `out`.
        report: called after every step, for a progress bar.

    Raises `ValueError` as `model.trainer.Trainer` does.
    """

    def __init__(self, config: FpdConfig, out: Path, resume: bool, report: Report) -> None:
        self.config, self.out, self.report = config, out, report
        self.saved = saved = previous(config, out, resume)
        self.log: list[dict[str, Any]] = read_log(out) if saved else []
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

    def run(self) -> Checkpoint:
        """Train to the end; returns the last checkpoint, which also lies in the folder.

        Raises `ValueError` if another process trains in the folder.
        """
        with alone(self.config, self.out, self.saved):
            for epoch in range(self.done, self.config.epochs):
                loss = self._epoch(epoch)
                if not math.isfinite(loss):
                    raise ValueError(f"epoch {epoch + 1}: the loss is {loss}, training stops")
                self._finish(epoch, loss)
            return checkpoints.load(self.out)

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
        ber = self._validate()
        means = self.loss.mean.tolist()
        entry = {"stage": STAGE, "epoch": epoch + 1, "seed": self.config.seed, "loss": loss}
        entry |= {"rate": self.config.rate(epoch), "ber": ber, "mse": means}
        self.log = [e for e in self.log if e["epoch"] != epoch + 1] + [entry]
        # The log first: an epoch that is logged and not yet in the checkpoint is trained again.
        write_text(self.out / LOG, "".join(json.dumps(e) + "\n" for e in self.log))
        self._checkpoint(epoch + 1).save(self.out / checkpoints.FILE)

    def _checkpoint(self, epoch: int) -> Checkpoint:
        parts = {"net": self.net.state_dict(), "loss": self.loss.state_dict()}
        parts["optimizer"] = checkpoints.optimizer_tensors(self.optimizer)
        tensors = {f"{name}.{k}": v for name, part in parts.items() for k, v in part.items()}
        return Checkpoint(self.config.to_json(), STAGE, epoch, tensors)
