# SPDX-License-Identifier: Apache-2.0
"""The precisions of a float net: FP64, FP32, and FP16, the KAQ paper's baseline.

FP16 rounds weights (the trained constants, ADMM's P and F) and activations to float16; products
accumulate in float32. Its inputs H and y are the caller's to round.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from model.quant.quantizers import Float16
from model.unfolded.admm import AdmmNet
from model.unfolded.admm_wires import WIRES as ADMM_WIRES
from model.unfolded.nets import UnfoldedNet
from model.unfolded.pgd import WIRES as PGD_WIRES

DTYPES = {"fp64": torch.float64, "fp32": torch.float32, "fp16": torch.float32}


def at_precision(net: UnfoldedNet, precision: str) -> UnfoldedNet:
    """The float net computing in `precision`, one of `DTYPES`; it is changed in place.

    Raises `ValueError` if FP16 is asked of a quantized net, or of the linearised ADMM-Net, which
    has no P and F to round.
    """
    net = net.to(DTYPES[precision])
    if precision == "fp16":
        _halve(net)
    return net


def _halve(net: UnfoldedNet) -> None:
    if net.wires is not None:
        raise ValueError("precision fp16 is for float nets, this one is quantized")
    rounding, prox = Float16(), net.prox
    if isinstance(net, AdmmNet):
        if net.form == "linearised":
            raise ValueError("precision fp16 is not made for the linearised ADMM-Net")
        names = {**dict.fromkeys((*ADMM_WIRES, "code"), rounding), "estimate": nn.Identity()}
        net.wires = nn.ModuleDict(names)
    else:
        net.wires = nn.ModuleDict(dict.fromkeys((*PGD_WIRES, "code"), rounding))
    net.prox = lambda u, threshold: rounding(prox(u, threshold))
    net.constants.register_forward_hook(_round_constants)


def _round_constants(module: nn.Module, inputs: Any, constants: tuple[Tensor, ...]) -> Any:
    rounded = [tensor.half().to(tensor.dtype) for tensor in constants]
    named = type(constants)
    return named(*rounded) if hasattr(constants, "_fields") else tuple(rounded)
