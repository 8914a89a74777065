# SPDX-License-Identifier: Apache-2.0
"""Training by the torch view of a program: of a definition, or of a spec of any detector.

First without rounding, then fake-quantized from what that found; resumable epoch by epoch.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from brevitas.core.function_wrapper import Identity
from torch import Tensor, nn

from fixedpoint.cli import check_memory
from fixedpoint.detectors.registry import program
from fixedpoint.numbers.format import IntArray
from fixedpoint.program.leaves import Bank, Constant
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.specs.entries import leaves, reciprocals
from model.own.data import STREAMS, by_entry, entries, sample
from model.own.graph_config import GraphConfig
from model.own.loss import balanced, loss_of
from model.own.soft import Kappa, check_wire, entropy
from model.quant.quantizers import HalfUp
from model.store.loop import Losses, Stage, Staged
from model.store.resume import Report
from model.unfolded.accuracy import sliced_errors
from model.view.net import View

EVALUATED_DB = (0, 5, 10, 15, 20, 25, 30)
BLOCK = 10
"""Vectors of a block of validation."""


def view_of(spec: DetectorSpec, stage: str) -> View:
    """The net of a stage, float32, with the constants of a spec; those it has no entry of stay."""
    rounding, made = HalfUp() if stage == "quantized" else Identity(), program(spec)
    named = {value.name for part in (*made.once, made.layer) for value in part.order
             if isinstance(value, Constant | Bank)}  # fmt: skip
    fixed = named - set(leaves(spec)) | spec.untrained
    return View(made, rounding, torch.float32, reciprocals(spec), fixed)


def averages(bank: Tensor, spread: float) -> Tensor:
    """Of the entries of a bank (layers, n), (n, n): Gaussian weights, whose columns' sums are 1."""
    entry = torch.arange(bank.shape[1], dtype=bank.dtype)
    weights = torch.exp(-((entry[:, None] - entry) / spread).square() / 2)
    return weights / weights.sum(0)


class GraphTrainer(Staged[GraphConfig]):
    """See the base class."""

    def __init__(self, config: GraphConfig, out: Path, resume: bool, report: Report) -> None:
        spec = config.spec
        if config.loss == "soft":
            check_wire(spec, config.soft_wire)
        vector = config.vectors * (spec.rows + spec.columns)
        size = 8 * config.blocks * (spec.rows * spec.columns + vector)
        check_memory(size, f"a step of {config.blocks:,} blocks of {config.vectors:,} vectors")
        super().__init__(config, out, resume, report)

    def train(self) -> None:
        """Both stages."""
        found: GraphStage | None = None
        if self.saved is None or self.saved.stage == "float":
            found = GraphStage("float", self.config, self.config.float_epochs, None)
            self.fit(found)
        self.fit(GraphStage("quantized", self.config, self.config.epochs, found))


class GraphStage(Stage):
    """Without rounding or with it, from where the stage `start` ended, or from the spec's."""

    def __init__(
        self, name: str, config: GraphConfig, epochs: int, start: GraphStage | None
    ) -> None:
        self.name, self.config, self.epochs = name, config, epochs
        self.spec, self.steps, self.clip = config.spec, config.steps, config.clip
        self.net = view_of(self.spec, name)
        self.modules: dict[str, nn.Module] = {"net": self.net.leaves}
        if start is not None:
            self.net.leaves.load_state_dict(start.net.leaves.state_dict())
        self.kappa: Kappa | None = None
        if config.loss == "soft":
            self.kappa = self.modules["kappa"] = Kappa(self.spec)
            self._start_kappa(start)
        if config.spread:
            for bank in self.net.leaves.banks.values():
                if bank.requires_grad:
                    bank.register_hook(partial(torch.matmul, other=averages(bank, config.spread)))

    def groups(self) -> list[dict[str, Any]]:
        """As in the base class."""
        rate = self.config.learning_rate
        found = self.net.leaves.groups(rate)
        return found if self.kappa is None else found + self.kappa.groups(rate)

    def share(self, epoch: int, step: int) -> float:
        """It falls linearly to 0."""
        return 1 - (epoch + step / self.steps) / self.epochs

    def losses(self, epoch: int) -> Losses:
        """Of new draws each."""
        config = self.config
        rng = np.random.default_rng([config.seed, STREAMS[self.name], epoch])
        for _ in range(self.steps):
            index = entries(rng, config.trained, config.blocks, config.vectors)
            yield self._loss(rng, index), 1
            self.net.leaves.project()
        self.net.leaves.extend(config.trained)
        self.net.leaves.project()

    def _loss(self, rng: np.random.Generator, index: IntArray) -> Tensor:
        """Of the states, or the last layer's soft bits, weighted by layer and by SNR entry."""
        net, modulation = self.net, self.spec.constellation
        drawn = sample(self.spec, rng, index, not net.smooth, self.config.receiver)
        x, total = torch.from_numpy(drawn.x).to(net.dtype), torch.zeros((), dtype=net.dtype)
        layers = [wires for wires in net(drawn.inputs).values() if hasattr(wires, "state")]
        if self.kappa is not None:
            w = getattr(layers.pop(), self.config.soft_wire)
            lost = entropy(w, self.kappa(drawn.inputs), x, modulation)
            total = balanced(self.config, by_entry(lost, index)[0])
        for k, wires in enumerate(reversed(layers), int(self.kappa is not None)):
            weight = self.config.deep**k
            if weight:
                total = total + weight * loss_of(self.config, wires.state, x, index, modulation)
        return total

    @torch.no_grad()
    def _start_kappa(self, start: GraphStage | None) -> None:
        """From that of another stage, or from what draws say of the spec's."""
        assert self.kappa is not None
        if start is not None and start.kappa is not None:
            self.kappa.load_state_dict(start.kappa.state_dict())
            return
        config = self.config
        rng = np.random.default_rng([config.seed, STREAMS["kappa"]])
        blocks = max(config.blocks, len(config.trained))
        index = entries(rng, config.trained, blocks, config.vectors)
        drawn = sample(self.spec, rng, index, not self.net.smooth, config.receiver)
        *_, last = self.net(drawn.inputs).values()
        x = torch.from_numpy(drawn.x).to(self.net.dtype)
        self.kappa.start(drawn.inputs, getattr(last, config.soft_wire), x)

    @torch.no_grad()
    def entry(self, epoch: int, loss: float) -> dict[str, Any]:
        """With the BER at each SNR of `EVALUATED_DB`."""
        spec, ber = self.spec, {}
        rng = np.random.default_rng([self.config.seed, STREAMS["validation"]])
        for snr_db in EVALUATED_DB:
            if not spec.snr.first_db <= snr_db <= spec.snr.last_db:
                continue
            blocks = -(-self.config.validation // BLOCK)
            index = np.full((blocks, BLOCK), spec.snr.index(np.array(float(snr_db))))
            drawn = sample(spec, rng, index, not self.net.smooth, self.config.receiver,
                           "validation")  # fmt: skip
            *_, last = self.net(drawn.inputs).values()
            wrong = sliced_errors(last.state.double().numpy(), drawn.x, spec.constellation)
            ber[f"{snr_db}"] = float(wrong.mean() / (spec.columns * spec.constellation.bits))
        return {"loss": loss if epoch else 0.0, "ber": ber}
