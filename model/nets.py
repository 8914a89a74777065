"""Nets from configurations and checkpoints, and the statistics that a quantized one starts from."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from model import checkpoint as checkpoints
from model.checkpoint import Checkpoint
from model.config import TrainConfig
from model.data import Dataset
from model.pgd import Constants, PgdNet, Wires
from model.quantizers import HalfUp
from model.steps import STEPS, initial_step, step_limits


def float_net(config: TrainConfig) -> PgdNet:
    """The full-precision net before training: η and λ of `config`, or a box at the peak."""
    peak = float(config.template.constellation.peak)
    threshold = config.threshold if config.prox == "soft" else peak
    return PgdNet(config.prox, Constants(config.layers, config.eta, threshold))


def quantized_net(config: TrainConfig, start: PgdNet, largest: Tensor) -> PgdNet:
    """The fake-quantized net with the constants of `start` and Δ from eq. (10).

    `largest`: (K,), max|x^(k)| over the training set.
    """
    template = config.template
    make, limits = STEPS[config.quantizer], step_limits(template.formats)
    steps = [
        make(initial_step(peak, template.formats.code), template.snr, limits)
        for peak in largest.tolist()
    ]
    eta = template.formats.eta
    highest = torch.full((config.layers,), eta.max * eta.step)
    highest[-1] = min(highest[-1].item(), config.last_eta_max)
    constants = Constants(config.layers, config.eta, config.threshold, (eta.step, highest))
    constants.load_state_dict(start.constants.state_dict())
    constants.project()
    return PgdNet(config.prox, constants, Wires(template.formats, HalfUp()), steps)


def net_of(checkpoint: Checkpoint) -> PgdNet:
    """The net of a checkpoint, float or quantized as its stage says."""
    config = TrainConfig.from_json(checkpoint.config)
    net = float_net(config)
    if checkpoint.stage == "quantized":
        net = quantized_net(config, net, torch.ones(config.layers))
    checkpoints.restore(net, checkpoint.part("net"), "checkpoint, net")
    return net


def load_float_net(path: Path) -> PgdNet:
    """The full-precision net of a checkpoint; `ValueError` if it holds a quantized one."""
    checkpoint = checkpoints.load(path)
    if checkpoint.stage != "float":
        raise ValueError(f"checkpoint {path}: the stage is {checkpoint.stage}, float was expected")
    return net_of(checkpoint)


@torch.no_grad()
def statistics(net: PgdNet, teacher: PgdNet, data: Dataset, batch: int) -> tuple[Tensor, Tensor]:
    """Activation statistics of Algorithm 1, line 2, over a whole data set.

    Returns:
        max|x^(k)| of `net`, (K,), for eq. (10); the standard deviation of a coordinate of the
        teacher's x^(k), (K,), for the KDE.
    """
    largest, squares = [], []
    for start_row in range(0, len(data), batch):
        part = data.batch(torch.arange(start_row, min(start_row + batch, len(data))))
        codes = torch.stack([v.code for v in net(part.h, part.y, part.index)])
        full = torch.stack([v.code for v in teacher(part.h, part.y, part.index)])
        largest.append(codes.abs().amax(dim=(1, 2)))
        squares.append(full.square().mean(dim=2).sum(dim=1))
    deviations = (torch.stack(squares).sum(dim=0) / len(data)).sqrt()
    return torch.stack(largest).amax(dim=0), deviations
