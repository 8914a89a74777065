# SPDX-License-Identifier: Apache-2.0
"""A tiny training, for the tests of model/."""

from __future__ import annotations

from pathlib import Path

import torch

from model.store import checkpoint
from model.unfolded.config import TrainConfig
from model.unfolded.trainer import Trainer

torch.set_num_threads(1)
TINY = TrainConfig(samples=512, validation=60, float_epochs=2, epochs=2, learning_rate=5e-3)


def silent(stage: str, epoch: int, done: int, total: int) -> None:
    """No progress bar."""


class StopError(Exception):
    """Raised by a report, as Ctrl-C would be."""


def run(config: TrainConfig, out: Path, resume: bool = False) -> checkpoint.Checkpoint:
    Trainer(config, out, resume, silent).run()
    return checkpoint.load(out)
