# SPDX-License-Identifier: Apache-2.0
"""The loop of every training: epochs of steps by Adam, logged and saved, and where it goes on."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from model.store import checkpoint as checkpoints
from model.store.config import Config
from model.store.resume import Report, Training

C = TypeVar("C", bound=Config)
Losses = Iterator[tuple[Tensor, int]]
"""What each step makes small, and its weight in the epoch's mean."""


class Stage(ABC):
    """Some epochs: what is trained, on what, how fast, and what the log says.

    name: one of `checkpoints.STAGES` where it is saved; epochs, and steps of each; modules: all
    that a checkpoint holds, by name; clip: the largest norm of a gradient.
    """

    name: str
    epochs: int
    steps: int
    modules: Mapping[str, nn.Module]
    clip = math.inf

    @abstractmethod
    def groups(self) -> list[dict[str, Any]]:
        """Adam's: parameters with their first rate, `params` and `lr`."""

    @abstractmethod
    def share(self, epoch: int, step: int) -> float:
        """Of the first rates, in a step of an epoch, both from 0."""

    @abstractmethod
    def losses(self, epoch: int) -> Losses:
        """One a step; what follows a `yield` follows that step: limits of the parameters, say."""

    def entry(self, epoch: int, loss: float) -> dict[str, Any]:
        """Of the log after so many epochs; `loss`: the mean of the last, NaN before the first."""
        return {"loss": loss}


def adam(stage: Stage) -> torch.optim.Adam:
    """The optimizer of a stage, each group with its first rate."""
    return torch.optim.Adam([{**group, "first": group["lr"]} for group in stage.groups()])


def descend(optimizer: torch.optim.Adam, stage: Stage, epoch: int, report: Report) -> float:
    """The steps of an epoch; their mean loss."""
    total = weights = 0.0
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    for step, (loss, weight) in enumerate(stage.losses(epoch)):
        for group in optimizer.param_groups:
            group["lr"] = group["first"] * stage.share(epoch, step)
        optimizer.zero_grad()
        loss.backward()
        if stage.clip < math.inf:
            nn.utils.clip_grad_norm_(parameters, stage.clip)
        optimizer.step()
        total, weights = total + loss.item() * weight, weights + weight
        report(stage.name, epoch, step + 1, stage.steps)
    return total / weights


class Staged(Training[C]):
    """A training of stages, one after the other; see the base class."""

    def fit(self, stage: Stage) -> None:
        """Train what is left of a stage; one without epochs is saved as it is.

        Raises `ValueError` if its loss is no number any more.
        """
        optimizer = adam(stage)
        done = self._restored(stage, optimizer)
        if not stage.epochs:
            self._finish(stage, 0, math.nan, optimizer)
        for epoch in range(done, stage.epochs):
            loss = descend(optimizer, stage, epoch, self.report)
            if not math.isfinite(loss):
                raise ValueError(
                    f"{stage.name} epoch {epoch + 1}: the loss is {loss}, training stops"
                )
            self._finish(stage, epoch + 1, loss, optimizer)

    def _restored(self, stage: Stage, optimizer: torch.optim.Adam) -> int:
        """The finished epochs of a stage; modules and optimizer as the checkpoint has them."""
        if self.saved is None or self.saved.stage != stage.name:
            return 0
        for name, module in stage.modules.items():
            checkpoints.restore(module, self.saved.part(name), f"checkpoint, {name}")
        checkpoints.restore_optimizer(optimizer, self.saved.part("optimizer"))
        return self.saved.epoch

    def _finish(self, stage: Stage, epoch: int, loss: float, optimizer: torch.optim.Adam) -> None:
        """Log and save an epoch."""
        parts = {name: module.state_dict() for name, module in stage.modules.items()}
        parts["optimizer"] = checkpoints.optimizer_tensors(optimizer)
        self.keep(stage.name, epoch, stage.entry(epoch, loss), parts)
