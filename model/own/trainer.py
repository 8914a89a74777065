# SPDX-License-Identifier: Apache-2.0
"""Training of a detector of one's own by the torch view of its program.

First without rounding, then fake-quantized from what that found; resumable epoch by epoch.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
from brevitas.core.function_wrapper import Identity
from torch import Tensor, nn

from fixedpoint.detectors.own_spec import OwnSpec
from fixedpoint.detectors.registry import program
from model.own.config import OwnConfig
from model.own.data import STREAMS, entries, sample
from model.own.loss import loss_of
from model.quant.quantizers import HalfUp
from model.store import checkpoint as checkpoints
from model.store.resume import Report, Training
from model.unfolded.accuracy import sliced_errors
from model.view.net import View

EVALUATED_DB = (0, 5, 10, 15, 20, 25, 30)
BLOCK = 10
"""Vectors of a block of validation."""


def view_of(spec: OwnSpec, stage: str) -> View:
    """The net of a stage, float32, with the constants of a spec."""
    rounding = HalfUp() if stage == "quantized" else Identity()
    own = spec.definition
    return View(program(spec), rounding, torch.float32, own.reciprocals, own.fixed)


class OwnTrainer(Training[OwnConfig]):
    """See the base class."""

    def __init__(self, config: OwnConfig, out: Path, resume: bool, report: Report) -> None:
        super().__init__(config, out, resume, report)
        self.spec = config.spec

    def train(self) -> None:
        """Both stages."""
        found: dict[str, Tensor] | None = None
        if self.saved is None or self.saved.stage == "float":
            found = self._stage("float", self.config.float_epochs, None)
        self._stage("quantized", self.config.epochs, found)

    def _stage(self, stage: str, epochs: int, start: dict[str, Tensor] | None) -> dict[str, Tensor]:
        """Train what is left of a stage; the constants and banks that it ends with."""
        net, done = view_of(self.spec, stage), 0
        if start is not None:
            net.leaves.load_state_dict(start)
        optimizer = torch.optim.Adam(net.leaves.groups(self.config.learning_rate))
        if self.saved is not None and self.saved.stage == stage:
            checkpoints.restore(net.leaves, self.saved.part("net"), "checkpoint, net")
            checkpoints.restore_optimizer(optimizer, self.saved.part("optimizer"))
            done = self.saved.epoch
        if not epochs:
            self._finish(stage, 0, math.nan, net, optimizer)
        for epoch in range(done, epochs):
            loss = self._epoch(stage, epoch, epochs, net, optimizer)
            if not math.isfinite(loss):
                raise ValueError(f"{stage} epoch {epoch + 1}: the loss is {loss}, training stops")
            self._finish(stage, epoch + 1, loss, net, optimizer)
        return net.leaves.state_dict()

    def _epoch(
        self, stage: str, epoch: int, epochs: int, net: View, optimizer: torch.optim.Adam
    ) -> float:
        config, total = self.config, 0.0
        rng = np.random.default_rng([config.seed, STREAMS[stage], epoch])
        for step in range(config.steps):
            left = 1 - (epoch + step / config.steps) / epochs
            for group in optimizer.param_groups:
                group["lr"] = config.learning_rate * group["size"] * left
            index = entries(rng, config.trained, config.blocks, config.vectors)
            loss = self._loss(net, rng, index)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.leaves.parameters(), config.clip)
            optimizer.step()
            net.leaves.project()
            total += loss.item()
            self.report(stage, epoch, step + 1, config.steps)
        net.leaves.extend(config.trained)
        return total / config.steps

    def _loss(self, net: View, rng: np.random.Generator, index: Any) -> Tensor:
        """Of the states, weighted by layer and by SNR entry."""
        drawn = sample(self.spec, rng, index, not net.smooth)
        x, total = torch.from_numpy(drawn.x).to(net.dtype), torch.zeros((), dtype=net.dtype)
        layers = [wires for wires in net(drawn.inputs).values() if hasattr(wires, "state")]
        for k, wires in enumerate(reversed(layers)):
            weight = self.config.deep**k
            if weight:
                modulation = self.spec.constellation
                total = total + weight * loss_of(self.config, wires.state, x, index, modulation)
        return total

    @torch.no_grad()
    def _validate(self, net: View) -> dict[str, float]:
        """BER at each SNR of `EVALUATED_DB` that the bank has."""
        spec, ber = self.spec, {}
        rng = np.random.default_rng([self.config.seed, STREAMS["validation"]])
        for snr_db in EVALUATED_DB:
            blocks = -(-self.config.validation // BLOCK)
            index = np.full((blocks, BLOCK), spec.snr.index(np.array(float(snr_db))))
            drawn = sample(spec, rng, index, not net.smooth)
            *_, last = net(drawn.inputs).values()
            wrong = sliced_errors(last.state.double().numpy(), drawn.x, spec.constellation)
            ber[f"{snr_db}"] = float(wrong.mean() / (spec.columns * spec.constellation.bits))
        return ber

    def _finish(
        self, stage: str, epoch: int, loss: float, net: View, optimizer: torch.optim.Adam
    ) -> None:
        """Log and save an epoch."""
        entry = {"loss": loss if epoch else 0.0, "ber": self._validate(net)}
        parts = {"net": net.leaves.state_dict()}
        parts["optimizer"] = checkpoints.optimizer_tensors(optimizer)
        self.keep(stage, epoch, entry, parts)
