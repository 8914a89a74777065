# SPDX-License-Identifier: Apache-2.0
"""The shipped FPD-Nets: hyper-network and frozen table in one file (see `model.store.shipped`)."""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

import torch
from torch import Tensor

from model.fpd.config import FpdConfig
from model.fpd.hyper import FpdNet
from model.fpd.table import frozen_table, polished
from model.store import checkpoint as checkpoints
from model.store import shipped
from model.store.checkpoint import Checkpoint
from model.store.commands import progress_bar, reporter
from model.store.resume import Report

NETWORKS = {"64x8-4qam-1bit": "fpd-4qam-1bit", "64x8-16qam-2bit": "fpd-16qam-2bit"}
"""The network of each of the paper's systems."""

LOSSES = {"balanced": "", "mse": "-mse"}
"""What a network's name ends in, by the loss of its training; `mse` is (41) to the letter."""

SYSTEM_OF = {
    f"{network}{ending}": system
    for system, network in NETWORKS.items()
    for ending in LOSSES.values()
}
"""Every shipped FPD-Net, and the system that it was trained for."""

TABLE, CONSTANTS = "table", 7


class Shipped(NamedTuple):
    """What a shipped file holds: `table` is (L, 7), float64."""

    config: FpdConfig
    net: FpdNet
    table: Tensor


def net_of(checkpoint: Checkpoint) -> FpdNet:
    """The net of a checkpoint, float32."""
    config = FpdConfig.from_json(checkpoint.config)
    net = FpdNet(config.receiver, config.layers, config.kappa)
    checkpoints.restore(net, checkpoint.part("net"), "checkpoint, net")
    return net


def table_of(checkpoint: Checkpoint, subject: str) -> Tensor:
    """The table of a frozen net, (L, 7), float64. `ValueError` if it holds none of that shape."""
    if TABLE not in checkpoint.tensors:
        raise ValueError(f"{subject}: the checkpoint holds no {TABLE} of a frozen FPD-Net")
    table = checkpoint.tensors[TABLE]
    shape = (FpdConfig.from_json(checkpoint.config).layers, CONSTANTS)
    if tuple(table.shape) != shape or table.dtype != torch.float64:
        raise ValueError(f"{subject}: {TABLE} is {table.dtype} of {tuple(table.shape)}, "
                         f"float64 of {shape} was expected")  # fmt: skip
    return table


def freeze(checkpoint: Checkpoint, report: Report) -> Checkpoint:
    """A trained net's checkpoint with its table, fine-tuned, without training state."""
    config = FpdConfig.from_json(checkpoint.config)
    table = polished(frozen_table(net_of(checkpoint), config), config, report)
    tensors = {f"net.{name}": tensor for name, tensor in checkpoint.part("net").items()}
    return dataclasses.replace(checkpoint, tensors={**tensors, TABLE: table})


def frozen(checkpoint: Checkpoint) -> Checkpoint:
    """A net that has just been trained, frozen; one that has a table as it is."""
    if TABLE in checkpoint.tensors:
        return checkpoint
    with progress_bar() as progress:
        return freeze(checkpoint, reporter(progress, TABLE))


def checkpoint_of(name: str) -> Checkpoint:
    """That of a shipped FPD-Net. `ValueError` on a name that is not shipped."""
    if name not in SYSTEM_OF:
        raise ValueError(f"network {name!r} is not one of {', '.join(SYSTEM_OF)}")
    return shipped.checkpoint_of(name)


def load(name: str) -> Shipped:
    """A shipped FPD-Net. Raises as `checkpoint_of`."""
    saved = checkpoint_of(name)
    return Shipped(FpdConfig.from_json(saved.config), net_of(saved), table_of(saved, name))
