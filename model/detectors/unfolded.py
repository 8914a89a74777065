# SPDX-License-Identifier: Apache-2.0
"""Every shipped PGD- and ADMM-Net as a detector, by its name.

Options: `precision` = fp64, fp32 or fp16 (float nets); `last` = wide (the state before the last
code is sliced, as the hardware does) or quantized (the code); `twin` = yes for the float twin of a
quantized net: its constants and its clipping without any rounding.

A net that reads the SNR is given the nearest entry of its bank. HᵀH + ρI has an inverse for every
H, a singular one too.
"""

from __future__ import annotations

import functools
import math

import torch
from brevitas.core.function_wrapper import Identity
from torch import Tensor, nn

from model.detectors.golden import snr_index
from model.detectors.options import Build, Options
from model.quant.quantizers import AdcQuantizer, Float16, FormatQuantizer, HalfUp
from model.store import shipped
from model.store.checkpoint import Checkpoint
from model.systems.scene import Detector, Received
from model.systems.system import System
from model.unfolded.admm import AdmmNet
from model.unfolded.config import TrainConfig
from model.unfolded.nets import UnfoldedNet, net_of, shipped_names
from model.unfolded.pgd import LayerValues
from model.unfolded.precision import DTYPES, at_precision
from model.unfolded.prox import SNR_BOX


class Unfolded(nn.Module):
    """A shipped net behind the one call; `model.systems.scene.Detector`.

    Args:
        system: where it is used.
        config: how it was trained.
        net: the net, in its precision.
        h, y: what rounds its inputs.
        last: which output of the last layer is the estimate.
    """

    def __init__(
        self,
        system: System,
        config: TrainConfig,
        net: UnfoldedNet,
        h: nn.Module,
        y: nn.Module,
        last: str,
    ) -> None:
        super().__init__()
        self.system = system
        self.template = config.template
        self.reads_snr = (
            config.quantizer != "float" or config.prox == SNR_BOX or config.form == "shared"
        )
        self.net = net
        self.h = h
        self.y = y
        self.last = last

    @torch.no_grad()
    def forward(self, received: Received, h: Tensor, noise: Tensor) -> Tensor:
        """As `Detector` says; `ValueError` on an SNR outside the bank of a net that reads it."""
        dtype = next(self.net.parameters()).dtype
        self.to(h.device)
        y = self.y(received.y.to(dtype))
        layers = self._layers(self.h(h.to(dtype)), y, self._entries(noise, received.y.shape[:2]))
        estimate = layers.code if self.last == "quantized" else layers.state
        return estimate.reshape(*y.shape[:-1], -1).to(h.dtype)

    def _layers(self, h: Tensor, y: Tensor, index: Tensor) -> LayerValues:
        """The last layer, on blocks, or on single vectors where a block's matrices can't serve."""
        vectors = y.shape[1]
        shares = isinstance(self.net, AdmmNet) and self.net.wires is not None
        if vectors > 1 and not (shares and bool((index != index[:, :1]).any())):
            return self.net(h, y, index)[-1]
        own = h.repeat_interleave(vectors, dim=0) if vectors > 1 else h
        return self.net(own, y.flatten(0, 1), index.flatten())[-1]

    def _entries(self, noise: Tensor, leading: torch.Size) -> Tensor:
        if not self.reads_snr:
            return torch.zeros(leading, dtype=torch.int64, device=noise.device)
        index = snr_index(self.template, self.system, noise, leading)
        return torch.from_numpy(index).to(noise.device)


def _build(name: str, system: System, options: Options) -> Detector:
    return of_checkpoint(name, shipped.checkpoint_of(name), system, options)


def of_checkpoint(name: str, checkpoint: Checkpoint, system: System, options: Options) -> Detector:
    """A net's checkpoint as a detector; `ValueError` on a system that it is not made for."""
    config = TrainConfig.from_json(checkpoint.config)
    template, quantized = config.template, checkpoint.stage == "quantized"
    wanted = (template.rows, template.columns, template.modulation)
    if (system.rows, system.columns, system.modulation) != wanted:
        raise ValueError(
            f"detector {name}: trained for {template.columns // 2} users, {template.rows // 2} "
            f"antennas and {template.modulation}, not for {system.nt}, {system.nr} and "
            f"{system.modulation}"
        )
    if not math.isclose(system.gain * system.nr, 1):
        raise ValueError(f"detector {name}: channel_gain {system.gain:g}, 1/nr was expected")
    if system.adc_bits:
        raise ValueError(f"detector {name}: adc_bits {system.adc_bits}, 0 (unquantized) expected")
    precision = options.word("precision", "fp64", tuple(DTYPES))
    last = options.word("last", "wide", ("wide", "quantized"))
    twin = options.word("twin", "no", ("no", "yes")) == "yes"
    if twin and not quantized:
        raise ValueError(f"detector {name}: twin is for quantized nets, this one is float")
    rounding = Identity() if twin else HalfUp()
    try:
        net = at_precision(net_of(checkpoint, rounding), precision).eval()
    except ValueError as error:
        raise ValueError(f"detector {name}: {error}") from None
    h, y = _inputs(config, quantized, precision, rounding)
    return Unfolded(system, config, net, h, y, last)


def _inputs(
    config: TrainConfig, quantized: bool, precision: str, rounding: nn.Module
) -> tuple[nn.Module, nn.Module]:
    """What rounds H and y: a quantized net's formats, float16, or nothing.

    ADMM-Net's P and F are made of H as estimated: on its way, H is no integer.
    """
    if quantized:
        template, dtype = config.template, DTYPES[precision]
        y = AdcQuantizer(template.adc, template.formats.y, rounding).to(dtype)
        if config.network == "admm":
            return nn.Identity(), y
        return FormatQuantizer(template.formats.h, rounding).to(dtype), y
    chosen = Float16() if precision == "fp16" else nn.Identity()
    return chosen, chosen


DETECTORS: dict[str, Build] = {name: functools.partial(_build, name) for name in shipped_names()}
