# SPDX-License-Identifier: Apache-2.0
"""Nets from configurations and checkpoints, and the statistics that a quantized one starts from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from model.quant.quantizers import HalfUp, wires_of
from model.quant.steps import STEPS, initial_step, least_mse_step, step_limits
from model.store import checkpoint as checkpoints
from model.store import shipped
from model.store.checkpoint import Checkpoint
from model.unfolded.admm import AdmmNet, AdmmValues
from model.unfolded.admm_constants import AdmmConstants
from model.unfolded.admm_wires import WIRES as ADMM_WIRES
from model.unfolded.admm_wires import formats_of
from model.unfolded.config import NETWORKS, TrainConfig
from model.unfolded.data import Batch, Dataset
from model.unfolded.pgd import WIRES as PGD_WIRES
from model.unfolded.pgd import Constants, LayerValues, PgdNet
from model.unfolded.prox import SNR_BOX

UnfoldedNet = PgdNet | AdmmNet
Layers = Sequence[LayerValues] | Sequence[AdmmValues]
CALIBRATION = 4096


def layers_of(net: UnfoldedNet, batch: Batch) -> Layers:
    """What the layers make of a batch."""
    if isinstance(net, AdmmNet):
        return net(batch.h, batch.y, batch.index, batch.gram)
    return net(batch.h, batch.y, batch.index)


def float_net(config: TrainConfig) -> UnfoldedNet:
    """The full-precision net before training: constants of `config`, or a box at the peak."""
    peak = float(config.template.constellation.peak)
    threshold = config.threshold if config.prox == "soft" else peak
    if config.network == "admm":
        return AdmmNet(config.prox, config.form, _admm_constants(config, threshold))
    bank = config.template.snr if config.prox == SNR_BOX else None
    return PgdNet(config.prox, Constants(config.layers, config.eta, threshold, bank=bank))


def _admm_constants(
    config: TrainConfig, threshold: float, limits: tuple[float, float] = (math.inf, math.inf)
) -> AdmmConstants:
    bank, driven = config.template.snr, config.prox == SNR_BOX
    size = (config.layers, config.form, config.rho, config.eta)
    return AdmmConstants(*size, threshold, bank, driven, limits)


def quantized_net(
    config: TrainConfig, start: UnfoldedNet, steps: Sequence[float], rounding: nn.Module
) -> UnfoldedNet:
    """The fake-quantized net with the constants of `start`.

    Args:
        config: what is trained.
        start: a float net of the same kind.
        steps: the first Δ of each layer.
        rounding: `HalfUp()`, or `Identity()` for the float twin.
    """
    template = config.template
    low, high = step_limits(template.formats)
    # A narrower code needs a larger Δ for the same range.
    scale = 2.0 ** (template.formats.code.bits - config.bits)
    make, limits = STEPS[config.quantizer], (low * scale, high * scale)
    sizes = [make(step, template.snr, limits) for step in steps]
    if config.network == "admm":
        formats = formats_of(template)
        relaxation, dual = (f.max * f.step for f in (formats.relaxation, formats.dual_step))
        constants = _admm_constants(config, config.threshold, (relaxation, dual))
        constants.load_state_dict(start.constants.state_dict())
        constants.project()
        chosen = {wire: getattr(formats, name) for wire, name in ADMM_WIRES.items()}
        wires = wires_of(chosen, config.code, rounding)
        return AdmmNet(config.prox, config.form, constants, wires, sizes)
    limited = _limited_constants(config)
    limited.load_state_dict(start.constants.state_dict())
    limited.project()
    chosen = {name: getattr(template.formats, name) for name in PGD_WIRES}
    wired = wires_of(chosen, config.code, rounding)
    return PgdNet(config.prox, limited, wired, sizes)


def _limited_constants(config: TrainConfig) -> Constants:
    """PGD's constants with η inside its format and the last one below `last_eta_max`."""
    eta = config.template.formats.eta
    highest = torch.full((config.layers,), eta.max * eta.step)
    highest[-1] = min(highest[-1].item(), config.last_eta_max)
    bank = config.template.snr if config.prox == SNR_BOX else None
    return Constants(config.layers, config.eta, config.threshold, (eta.step, highest), bank)


def net_of(checkpoint: Checkpoint, rounding: nn.Module | None = None) -> UnfoldedNet:
    """The net of a checkpoint, float or quantized as its stage says; half up by default."""
    config = TrainConfig.from_json(checkpoint.config)
    net = float_net(config)
    if checkpoint.stage == "quantized":
        net = quantized_net(config, net, [1.0] * config.layers, rounding or HalfUp())
    checkpoints.restore(net, checkpoint.part("net"), "checkpoint, net")
    return net


def shipped_names() -> list[str]:
    """The shipped nets of these kinds (see `model.store.shipped`)."""
    return [name for name in shipped.names() if name.startswith(NETWORKS)]


def shipped_net(name: str, rounding: nn.Module | None = None) -> UnfoldedNet:
    """One of them, float32; `rounding` = `Identity()` makes the float twin of a quantized one.

    Raises `ValueError` on a name that is not shipped.
    """
    return net_of(shipped.checkpoint_of(name), rounding)


def load_float_net(path: Path) -> UnfoldedNet:
    """The full-precision net of a checkpoint; `ValueError` if it holds a quantized one."""
    checkpoint = checkpoints.load(path)
    if checkpoint.stage != "float":
        raise ValueError(f"checkpoint {path}: the stage is {checkpoint.stage}, float was expected")
    return net_of(checkpoint)


def load_start(path: Path, config: TrainConfig) -> UnfoldedNet:
    """The float net that a training of `config` starts from.

    A quantized training takes a net of its own kind as it is. A float training may change prox and
    form: what both nets have is taken over, but for the threshold of another prox.
    """
    loaded = load_float_net(path)
    theirs = TrainConfig.from_json(checkpoints.load(path).config)
    fixed = ("network", "layers") if config.quantizer == "float" else _KIND
    for name in fixed:
        if getattr(theirs, name) != getattr(config, name):
            raise ValueError(
                f"start {path}: {name} {getattr(theirs, name)} is not {getattr(config, name)}"
            )
    if config.quantizer != "float":
        return loaded
    net = float_net(config)
    wanted, offered = net.state_dict(), loaded.state_dict()
    # ρ a layer is not ρ for all of them.
    both = {k for k in wanted.keys() & offered.keys() if wanted[k].shape == offered[k].shape}
    kept = {k for k in both if theirs.prox == config.prox or "threshold" not in k}
    net.load_state_dict({**wanted, **{k: offered[k] for k in kept}})
    return net


_KIND = ("network", "layers", "prox", "form")


@torch.no_grad()
def statistics(
    net: UnfoldedNet, teacher: UnfoldedNet, data: Dataset, batch: int
) -> tuple[Tensor, Tensor]:
    """Activation statistics of Algorithm 1, line 2, over a whole data set.

    Returns:
        max|x^(k)| of `net`, (K,), for eq. (10); the standard deviation of a coordinate of the
        teacher's x^(k), (K,), for the KDE.
    """
    largest, squares = [], []
    for start_row in range(0, len(data), batch):
        part = data.batch(torch.arange(start_row, min(start_row + batch, len(data))))
        codes = torch.stack([v.code for v in layers_of(net, part)])
        full = torch.stack([v.code for v in layers_of(teacher, part)])
        largest.append(codes.abs().amax(dim=(1, 2)))
        squares.append(full.square().mean(dim=2).sum(dim=1))
    deviations = (torch.stack(squares).sum(dim=0) / len(data)).sqrt()
    return torch.stack(largest).amax(dim=0), deviations


@torch.no_grad()
def initial_steps(
    config: TrainConfig, net: UnfoldedNet, data: Dataset, largest: Tensor
) -> list[float]:
    """The first Δ of each layer: of `largest` by eq. (10), or of least squared error."""
    if config.initial == "max":
        return [initial_step(peak, config.code) for peak in largest.tolist()]
    part = data.batch(torch.arange(min(CALIBRATION, len(data))))
    return [least_mse_step(layer.code, config.code) for layer in layers_of(net, part)]
