# SPDX-License-Identifier: Apache-2.0
"""Algorithm 1: full-precision training, statistics and KDE, then quantization-aware training.

    L_total = 1/B Σ ‖x_true − x_S^(K)‖² + ε Σ_k L_MMD^(k)                                   (16)

Adam trains η, λ (or b), Δ (or α, γ) and the bandwidths; its rate is halved every `halve_every`
epochs. "Adjust Δ based on current SNR" is eq. (15), evaluated for each vector's SNR entry.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import nn

from fixedpoint.detectors.library import PgdSpec, load_as
from model.quant.quantizers import HalfUp
from model.store import checkpoint as checkpoints
from model.store import shipped
from model.store.resume import Report, Training
from model.unfolded.accuracy import bit_error_rates
from model.unfolded.config import TrainConfig
from model.unfolded.data import Batch, Dataset, dataset, dataset_of, uniform_snr
from model.unfolded.losses import Loss, SquaredError, TotalLoss
from model.unfolded.mmd import MmdLoss
from model.unfolded.nets import (
    UnfoldedNet,
    float_net,
    initial_steps,
    load_float_net,
    load_start,
    quantized_net,
    statistics,
)
from model.unfolded.prox import Thresholds

EVALUATED_DB = (0.0, 5.0, 10.0, 15.0, 20.0, 25.0)


class Trainer(Training[TrainConfig]):
    """Algorithm 1; see the base class."""

    def __init__(self, config: TrainConfig, out: Path, resume: bool, report: Report) -> None:
        super().__init__(config, out, resume, report)
        self.template = config.template
        self.validation = _validation_data(config.spec, config.validation, config.seed)

    def train(self) -> None:
        """Both stages, or the first alone."""
        net = self._float_stage()
        if self.config.quantizer != "float":
            self._quantized_stage(net)

    def _float_stage(self) -> UnfoldedNet:
        config = self.config
        net = float_net(config)
        if self.saved is not None and self.saved.stage == "quantized":
            checkpoints.restore(net, self.saved.part("start"), "checkpoint, start")
        elif config.start and config.quantizer != "float":
            net = load_start(shipped.locate(config.start), config)
        else:
            if config.start:
                net = load_start(shipped.locate(config.start), config)
            data = self._training_data(quantized=False)
            stage = _Stage("float", config.float_epochs, net, {}, {})
            self._fit(stage, data, SquaredError(net, config.last))
        return net

    def _quantized_stage(self, start: UnfoldedNet) -> None:
        config = self.config
        taught = config.teacher and load_float_net(shipped.locate(config.teacher))
        teacher = taught or start
        data = self._training_data(quantized=True)
        largest, deviations = statistics(start, teacher, data, config.batch)
        steps = initial_steps(config, start, data, largest)
        net = quantized_net(config, start, steps, HalfUp())
        stage = _Stage("quantized", config.epochs, net, {}, {"start": start})
        error = SquaredError(net, config.last)
        if config.mmd == "none":
            self._fit(stage, data, error)
        else:
            mmd = MmdLoss(config.mmd, config.mmd_over, deviations, len(data), self.template.columns)
            stage.extra["mmd"] = mmd
            self._fit(stage, data, TotalLoss(error, teacher, mmd, config.epsilon))

    def _training_data(self, quantized: bool) -> Dataset:
        c = self.config
        size = (c.spec, c.samples, c.snr_low_db, c.snr_high_db, c.seed)
        return _training_data(*size, quantized, c.network == "admm")

    def _fit(
        self, stage: _Stage, data: Dataset, loss_of: Callable[[Batch, torch.Generator], Loss]
    ) -> None:
        """Train what is left of the stage's epochs."""
        optimizer, done = self._restored(stage)
        size = self.config.batch
        steps = -(-len(data) // size)
        if not stage.epochs:
            self._finish_epoch(stage, 0, 0.0, *_mean_loss(data, size, loss_of), optimizer)
        for epoch in range(done, stage.epochs):
            rate = self.config.learning_rate * 0.5 ** (epoch // self.config.halve_every)
            for group in optimizer.param_groups:
                group["lr"] = rate
            words = [self.config.seed, checkpoints.STAGES.index(stage.name), epoch]
            seed = int(np.random.SeedSequence(words).generate_state(1, np.uint32)[0])
            generator = torch.Generator().manual_seed(seed)
            order = torch.randperm(len(data), generator=generator)
            total = mmd = 0.0
            for step in range(steps):
                rows = order[step * size : (step + 1) * size]
                loss = loss_of(data.batch(rows), generator)
                optimizer.zero_grad()
                loss.total.backward()
                optimizer.step()
                cast(Thresholds, stage.net.constants).project()
                total += loss.total.item() * len(rows)
                mmd += loss.mmd.item() * len(rows)
                self.report(stage.name, epoch, step + 1, steps)
            if not math.isfinite(total):
                raise ValueError(
                    f"{stage.name} epoch {epoch + 1}: the loss is {total}, training stops"
                )
            means = total / len(data), mmd / len(data)
            self._finish_epoch(stage, epoch + 1, rate, *means, optimizer)

    def _restored(self, stage: _Stage) -> tuple[torch.optim.Adam, int]:
        """The stage's optimizer and its finished epochs; modules as the checkpoint has them."""
        parameters = [p for module in stage.trained.values() for p in module.parameters()]
        optimizer = torch.optim.Adam(parameters, lr=self.config.learning_rate)
        if self.saved is None or self.saved.stage != stage.name:
            return optimizer, 0
        for name, module in stage.modules.items():
            checkpoints.restore(module, self.saved.part(name), f"checkpoint, {name}")
        checkpoints.restore_optimizer(optimizer, self.saved.part("optimizer"))
        return optimizer, self.saved.epoch

    def _finish_epoch(
        self,
        stage: _Stage,
        epoch: int,
        rate: float,
        loss: float,
        mmd: float,
        optimizer: torch.optim.Adam,
    ) -> None:
        """Log and save an epoch; of its mean `loss` the MMD term is `mmd`."""
        ber = bit_error_rates(stage.net, self.validation, self.template.modulation)
        entry: dict[str, Any] = {"rate": rate, "loss": loss, "mmd": mmd}
        entry |= {"ber": ber, "mean_ber": float(np.mean(list(ber.values())))}
        parts = {name: module.state_dict() for name, module in stage.modules.items()}
        parts["optimizer"] = checkpoints.optimizer_tensors(optimizer)
        self.keep(stage.name, epoch, entry, parts)


@dataclass(frozen=True)
class _Stage:
    """One half of Algorithm 1: `extra` modules are trained beside the net, `kept` ones are not."""

    name: str
    epochs: int
    net: UnfoldedNet
    extra: dict[str, nn.Module]
    kept: dict[str, nn.Module]

    @property
    def trained(self) -> dict[str, nn.Module]:
        return {"net": self.net, **self.extra}

    @property
    def modules(self) -> dict[str, nn.Module]:
        return {**self.trained, **self.kept}


@functools.lru_cache(maxsize=2)
def _training_data(
    spec: str, samples: int, low_db: float, high_db: float, seed: int, quantized: bool, admm: bool
) -> Dataset:
    """The last sets stay at hand: trainings that differ in nothing else share them."""
    snr_db, of = uniform_snr(samples, low_db, high_db, seed), load_as(PgdSpec, spec)
    return dataset_of(of, admm, snr_db, seed, "train", quantized=quantized)


@functools.lru_cache(maxsize=2)
def _validation_data(spec: str, vectors: int, seed: int) -> Dataset:
    snr_db = np.tile(EVALUATED_DB, -(-vectors // len(EVALUATED_DB)))
    return dataset(load_as(PgdSpec, spec), snr_db, seed, "validation", quantized=True)


@torch.no_grad()
def _mean_loss(
    data: Dataset, size: int, loss_of: Callable[[Batch, torch.Generator], Loss]
) -> tuple[float, float]:
    """The mean loss over a data set, and its MMD term."""
    generator = torch.Generator().manual_seed(0)
    parts = torch.arange(len(data)).split(size)
    losses = [(loss_of(data.batch(rows), generator), len(rows)) for rows in parts]
    total, mmd = (
        sum(value.item() * rows for value, rows in terms) / len(data)
        for terms in (
            [(loss.total, rows) for loss, rows in losses],
            [(loss.mmd, rows) for loss, rows in losses],
        )
    )
    return total, mmd
