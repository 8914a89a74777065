# SPDX-License-Identifier: Apache-2.0
"""FPD-Net as a detector, from the shipped networks.

fpd                       the network of the system, θ from its frozen table
fpd:theta=hyper           θ from the hyper-network for every unit and vector
fpd:loss=mse              the network that was trained by (41) to the letter
fpd:after=3               its state after 3 of its layers, s³ of Algorithm 2
fpd-16qam-2bit            a network by its name
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from model.detectors.options import Build, Options
from model.distributed.fpd import Observed, fpd, observed
from model.fpd import shipped as fpd_shipped
from model.fpd.hyper import HyperNetwork
from model.systems.scene import Detector, Received
from model.systems.system import SYSTEMS, System

CHUNK = 128
"""Blocks at a time: their matrices stay in the core's cache from layer to layer."""

SERVED = ("nt", "nr", "modulation", "adc_bits", "units")

Parameters = Callable[[Observed], Tensor]
"""θ for what the units observe, broadcast against (G, C, B, L, 7)."""


@dataclass(frozen=True)
class FPD:
    """Algorithm 2 of the HPD/FPD paper with trained parameters.

    Open thresholds are ±∞; unquantized samples are refused with the system. The output is s^L,
    which lies within the grid whatever H is.
    """

    system: System
    theta: Parameters
    kappa: float

    @torch.no_grad()
    def __call__(self, received: Received, h: Tensor, noise: Tensor) -> Tensor:
        """See `model.systems.scene.Detector`; the noise is not used."""
        estimates = []
        for start in range(0, len(h), CHUNK):
            block = slice(start, start + CHUNK)
            part = Received(*(values[block] for values in received))
            seen = observed(self.system, part, h[block])
            peak = self.system.constellation.peak
            estimates.append(fpd(seen, self.theta(seen), peak, self.kappa))
        return torch.cat(estimates)


def from_table(table: Tensor) -> Parameters:
    """The frozen table (L, 7)."""
    return lambda seen: table.to(seen.h)


def from_network(hyper: HyperNetwork) -> Parameters:
    """The hyper-network, in the dtype of its inputs."""
    return lambda seen: hyper.to(seen.h.device, seen.h.dtype)(seen)


def first(parameters: Parameters, layers: int) -> Parameters:
    """Of the first `layers` alone, which are Algorithm 2 up to s^layers: nothing in it knows L."""
    return lambda seen: parameters(seen)[..., :layers, :]


def _build(system: System, options: Options, network: str = "") -> Detector:
    name = network or chosen(system, options)
    theta = options.word("theta", "table", ("table", "hyper"))
    _refuse_others(name, system)
    shipped = fpd_shipped.load(name)
    layers = shipped.config.layers
    after = options.integer("after", layers)
    if after > layers:
        raise ValueError(f"detector {options.name}: after {after} is not 1 to {layers} layers")
    parameters = from_table(shipped.table) if theta == "table" else from_network(shipped.net.hyper)
    return FPD(system, first(parameters, after), shipped.config.kappa)


def chosen(system: System, options: Options) -> str:
    """The network that the options ask for."""
    base = options.word("net", _default(system), tuple(fpd_shipped.NETWORKS.values()))
    loss = options.word("loss", "balanced", tuple(fpd_shipped.LOSSES))
    return f"{base}{fpd_shipped.LOSSES[loss]}"


def _default(system: System) -> str:
    """The network trained for the system, or else the first, to be refused by what differs."""
    for key, network in fpd_shipped.NETWORKS.items():
        if not _differences(SYSTEMS[key], system):
            return network
    return next(iter(fpd_shipped.NETWORKS.values()))


def _differences(trained: System, system: System) -> list[str]:
    return [name for name in SERVED if getattr(trained, name) != getattr(system, name)]


def _refuse_others(network: str, system: System) -> None:
    trained = SYSTEMS[fpd_shipped.SYSTEM_OF[network]]
    wrong = _differences(trained, system)
    if wrong:
        given = ", ".join(f"{name} {getattr(system, name)}" for name in wrong)
        wanted = ", ".join(f"{name} {getattr(trained, name)}" for name in wrong)
        raise ValueError(f"detector {network}: trained for {wanted}, not {given}")


DETECTORS: dict[str, Build] = {
    "fpd": _build,
    **{name: functools.partial(_build, network=name) for name in fpd_shipped.SYSTEM_OF},
}
