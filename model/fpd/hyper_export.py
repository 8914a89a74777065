# SPDX-License-Identifier: Apache-2.0
"""FPD-Net's hyper-network in the integers of a spec, by post-training quantization.

Whatever is not the network's is that of the spec with the same net's frozen table. Weights and
activations have 8 bits, and the power-of-two scales that leave the least squared error: of the
weights themselves, and of the activations in some hundred draws.
"""

from __future__ import annotations

import dataclasses
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from fixedpoint.detectors import hyper
from fixedpoint.numbers.format import Format
from fixedpoint.numbers.lookup import Lookup
from fixedpoint.specs.fpd import FpdSpec
from fixedpoint.specs.hyper import HEADS, SHARED, Affine, HyperSpec
from model.fpd.config import FpdConfig
from model.fpd.data import sample
from model.fpd.hyper import SHARE, HyperNetwork
from model.quant.constants import fitting

STREAM = 5
"""Of the draws, beside `fpd_data.STREAMS`."""

DRAWS = 400
BITS, BIAS_BITS = 8, 24
OUTPUT = Format(10, 5)
"""dense2's outputs, the arguments of softplus: they lie within ±16."""

STEP = Format(12, 11)
"""μ₂ and μ₃, before they meet η^¼ and √β."""

TRIGONOMETRY = Format(12, 10)
RECIPROCAL = (Format(7, 7, signed=False), Format(11, 10, signed=False))

FloatArray = NDArray[np.float64]


def with_network(base: FpdSpec, net: HyperNetwork, config: FpdConfig) -> FpdSpec:
    """`base` with θ by `net` in place of its table.

    The formats of θ keep their bits; they lose fractional bits where the table's θ is smaller than
    what the network gives in the draws. So does that of the third penalty.
    """
    outputs = activations(net, base, config)
    kappa = float(base.formats.kappa.value(base.kappa))
    real = _scales(outputs["dense2"], kappa, base.depth)
    formats = dataclasses.replace(
        base.formats,
        **{name: _holding(getattr(base.formats, name), value) for name, value in real.items()},
    )
    third = 1 / np.sqrt(real["phi"].min() ** 2 - 1)
    tables: dict[str, Any] = {
        name: Lookup.of(function, OUTPUT, getattr(formats, name) if name in SHARED else STEP)
        for name, function in hyper.heads(kappa).items()
    }
    network = HyperSpec(
        image=_image(base),
        **_affine(net, _image(base), outputs),
        **tables,
        sine=Lookup.of(lambda a: np.sin(np.pi * a), base.cosine_address, TRIGONOMETRY),
        cosine=Lookup.of(lambda a: np.cos(np.pi * a), base.cosine_address, TRIGONOMETRY),
        reciprocal=Lookup.of(lambda t: 1 / (1 + t), *RECIPROCAL),
    )
    return base.replace(
        formats=formats,
        cosine_output=_holding(base.cosine_output, np.array([third])),
        layers=(),
        hyper=network,
    )


def activations(net: HyperNetwork, base: FpdSpec, config: FpdConfig) -> dict[str, FloatArray]:
    """Real outputs of each layer in draws over the SNRs of the bank, (draws·units, …)."""
    found: dict[str, FloatArray] = {}

    def keep(name: str) -> Any:
        return lambda module, inputs, output: found.update({name: output.double().numpy()})

    modules = {"conv1": net.features[1], "conv2": net.features[3], "dense1": net.dense[1]}
    modules["dense2"] = net.dense[2]
    hooks = [module.register_forward_hook(keep(name)) for name, module in modules.items()]
    rng = np.random.default_rng([config.seed, STREAM])
    snr_db = rng.uniform(base.snr.snr_db[0], base.snr.snr_db[-1], (DRAWS, 1))
    with torch.no_grad():
        net(sample(config, rng, snr_db)[0])
    for hook in hooks:
        hook.remove()
    return found | {"dense2": _flat(net.base) + SHARE * found["dense2"]}


def _scales(raw: FloatArray, kappa: float, layers: int) -> dict[str, FloatArray]:
    """Real run-time scales of raw outputs (n, 7·L), by their names in `FpdFormats`."""
    raw = raw.reshape(-1, layers, len(HEADS))
    functions = hyper.heads(kappa).items()
    value = {name: function(raw[..., i]) for i, (name, function) in enumerate(functions)}
    return {name: value[name] for name in SHARED} | {
        "quartic_step": value["mu2"] * value["quartic_scale"],
        "gaussian_step": value["mu3"] * value["gaussian_scale"],
    }


def _affine(net: HyperNetwork, image: Format, outputs: dict[str, FloatArray]) -> dict[str, Any]:
    """The layers in integers; 0.1 and base of θ are part of the last one."""
    modules = (net.features[0], net.features[2], net.dense[0], net.dense[2])
    made, inputs = {}, image
    for name, module in zip(outputs, modules, strict=True):
        weights, biases = _flat(module.weight), _flat(module.bias)
        output = OUTPUT
        if name == "dense2":
            weights, biases = SHARE * weights, SHARE * biases + _flat(net.base)
        else:
            output = _closest(outputs[name], signed=False)
        weight = _closest(weights, signed=True)
        bias = Format(BIAS_BITS, inputs.frac + weight.frac)
        integers = (tuple(weight.quantize(weights).tolist()), tuple(bias.quantize(biases).tolist()))
        made[name] = Affine(weight, bias, output, *integers)
        inputs = output
    return made


def _image(base: FpdSpec) -> Format:
    """At H's point, with the bits for H and for every level."""
    levels = base.adc.level.value(base.adc.levels)
    largest = int(np.abs(Format(63, base.formats.h.frac).quantize(levels)).max())
    return Format(max(base.formats.h.bits, largest.bit_length() + 1), base.formats.h.frac)


def _holding(target: Format, values: FloatArray) -> Format:
    """`target`, with fewer fractional bits if one of the values is larger than it holds."""
    return Format(target.bits, min(target.frac, fitting(target.bits, [float(values.max())]).frac))


def _closest(values: FloatArray, *, signed: bool) -> Format:
    """The format of `BITS` that leaves the least squared error; it may saturate a few values."""
    flat = values.ravel()
    widest = fitting(BITS + (not signed), [float(np.abs(flat).max())]).frac
    formats = [Format(BITS, widest + more, signed) for more in range(4)]
    return min(formats, key=lambda f: float(np.mean((f.value(f.quantize(flat)) - flat) ** 2)))


def _flat(parameter: Tensor | nn.Module) -> FloatArray:
    flat: FloatArray = cast(Tensor, parameter).detach().double().numpy().ravel()
    return flat
