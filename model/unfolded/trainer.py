# SPDX-License-Identifier: Apache-2.0
"""Algorithm 1: full-precision training, statistics and KDE, then quantization-aware training.

    L_total = 1/B Σ ‖x_true − x_S^(K)‖² + ε Σ_k L_MMD^(k)                                   (16)

Adam trains η, λ (or b), Δ (or α, γ) and the bandwidths; its rate is halved every `halve_every`
epochs. "Adjust Δ based on current SNR" is eq. (15), evaluated for each vector's SNR entry.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from fixedpoint.detectors.library import PgdSpec
from model.quant.quantizers import HalfUp
from model.store import checkpoint as checkpoints
from model.store import shipped
from model.store.balance import Balance
from model.store.loop import Losses, Stage, Staged
from model.store.resume import Report
from model.systems.system import System
from model.unfolded.accuracy import bit_error_rates
from model.unfolded.config import TrainConfig
from model.unfolded.data import Batch, Dataset, check_vectors, dataset, dataset_of, uniform_snr
from model.unfolded.losses import Loss, SquaredError, TotalLoss, balance_of
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
LossOf = Callable[[Batch, torch.Generator], Loss]


class Trainer(Staged[TrainConfig]):
    """Algorithm 1; see the base class."""

    def __init__(self, config: TrainConfig, out: Path, resume: bool, report: Report) -> None:
        check_vectors(config, config.samples, "samples")
        check_vectors(config, config.validation, "vectors of validation")
        super().__init__(config, out, resume, report)
        self.validation = _validation_data(*source_of(config), evaluated(config), config.validation,
                                           config.seed)  # fmt: skip

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
            error, data = self._error(net), self._training_data(quantized=False)
            self.fit(Epochs("float", config, net, error, data, self.validation, error.balance))
        return net

    def _quantized_stage(self, start: UnfoldedNet) -> None:
        config = self.config
        taught = config.teacher and load_float_net(shipped.locate(config.teacher))
        teacher = taught or start
        data = self._training_data(quantized=True)
        largest, deviations = statistics(start, teacher, data, config.batch)
        steps = initial_steps(config, start, data, largest)
        net = quantized_net(config, start, steps, HalfUp())
        error = self._error(net)
        loss: LossOf = error
        modules: dict[str, nn.Module] = {}
        if config.mmd != "none":
            columns = config.template.columns
            mmd = MmdLoss(config.mmd, config.mmd_over, deviations, len(data), columns)
            loss = TotalLoss(error, teacher, mmd, config.epsilon)
            modules["mmd"] = mmd
        stage = Epochs("quantized", config, net, loss, data, self.validation, error.balance)
        stage.modules |= {**modules, "start": start}
        self.fit(stage)

    def _error(self, net: UnfoldedNet) -> SquaredError:
        """Of a stage, which learns the weights of its SNRs anew."""
        entries = len(self.config.template.snr.snr_db)
        return SquaredError(net, self.config.last, balance_of(self.config.balance, entries))

    def _training_data(self, quantized: bool) -> Dataset:
        c = self.config
        size = (*source_of(c), c.samples, c.snr_low_db, c.snr_high_db, c.seed)
        return _training_data(*size, quantized, c.gram)


class Epochs(Stage):
    """One half of Algorithm 1 over a data set, anew mixed in each epoch.

    modules: the net, what balances its loss, and of a quantized one what the MMD loss trains and
    the float net that it started from, which is kept as it is.
    """

    def __init__(
        self,
        name: str,
        config: TrainConfig,
        net: UnfoldedNet,
        loss_of: LossOf,
        data: Dataset,
        validation: Dataset,
        balance: Balance | None = None,
    ) -> None:
        self.name, self.config, self.net, self.loss_of = name, config, net, loss_of
        self.data, self.validation = data, validation
        self.epochs = config.float_epochs if name == "float" else config.epochs
        self.steps = -(-len(data) // config.batch)
        self.modules: dict[str, nn.Module] = {"net": net}
        if balance is not None:
            self.modules["balance"] = balance
        self.mmd = 0.0

    def groups(self) -> list[dict[str, Any]]:
        """As in the base class."""
        trained = [module for name, module in self.modules.items() if name != "start"]
        parameters = [p for module in trained for p in module.parameters()]
        return [{"params": parameters, "lr": self.config.learning_rate}]

    def share(self, epoch: int, step: int) -> float:
        """It is halved every `halve_every` epochs."""
        return float(0.5 ** (epoch // self.config.halve_every))

    def losses(self, epoch: int) -> Losses:
        """Of the data set's parts, a random order of them."""
        words = [self.config.seed, checkpoints.STAGES.index(self.name), epoch]
        seed = int(np.random.SeedSequence(words).generate_state(1, np.uint32)[0])
        generator = torch.Generator().manual_seed(seed)
        order = torch.randperm(len(self.data), generator=generator)
        for loss in self._losses(order, generator):
            yield loss
            cast(Thresholds, self.net.constants).project()

    def _losses(self, order: Tensor, generator: torch.Generator) -> Losses:
        """Of the vectors in that order, a batch at a time; `mmd`: the mean of its term."""
        total = 0.0
        for rows in order.split(self.config.batch):
            loss = self.loss_of(self.data.batch(rows), generator)
            total += loss.mmd.item() * len(rows)
            yield loss.total, len(rows)
        self.mmd = total / len(self.data)

    def entry(self, epoch: int, loss: float) -> dict[str, Any]:
        """With the rate, the loss's MMD term, and the BER on validation data."""
        rate = self.config.learning_rate * self.share(epoch - 1, 0) if epoch else 0.0
        found = {"rate": rate, "loss": loss if epoch else self._mean_loss(), "mmd": self.mmd}
        ber = bit_error_rates(self.net, self.validation, self.config.template.modulation)
        return {**found, "ber": ber, "mean_ber": float(np.mean(list(ber.values())))}

    @torch.no_grad()
    def _mean_loss(self) -> float:
        """Over the data set, before any step."""
        losses = self._losses(torch.arange(len(self.data)), torch.Generator().manual_seed(0))
        return sum(loss.item() * rows for loss, rows in losses) / len(self.data)


@functools.lru_cache(maxsize=2)
def _training_data(
    spec: PgdSpec,
    system: System | None,
    samples: int,
    low_db: float,
    high_db: float,
    seed: int,
    quantized: bool,
    gram: bool,
) -> Dataset:
    """The last sets stay at hand: trainings that differ in nothing else share them."""
    snr_db = uniform_snr(samples, low_db, high_db, seed)
    return dataset_of(spec, gram, snr_db, seed, "train", quantized=quantized, system=system)


@functools.lru_cache(maxsize=2)
def _validation_data(
    spec: PgdSpec, system: System | None, at_db: tuple[float, ...], vectors: int, seed: int
) -> Dataset:
    snr_db = np.tile(at_db, -(-vectors // len(at_db)))
    return dataset(spec, snr_db, seed, "validation", quantized=True, system=system)


def source_of(config: TrainConfig) -> tuple[PgdSpec, System | None]:
    """What is drawn for a training: sizes and formats, and the system if it has one of its own."""
    return config.template, config.receiver if config.system else None


def evaluated(config: TrainConfig) -> tuple[float, ...]:
    """SNRs in dB of the validation set: those of the paper, or of a system as many as trained."""
    if not config.system:
        return EVALUATED_DB
    found = np.linspace(config.snr_low_db, config.snr_high_db, len(EVALUATED_DB)).round()
    return tuple(float(x) for x in found)
