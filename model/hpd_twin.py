# SPDX-License-Identifier: Apache-2.0
"""HPD fake-quantized, eqs. (18) to (21) of the HPD/FPD paper; see `model.distributed_twin`."""

from __future__ import annotations

from brevitas.core.function_wrapper import Identity
from torch import Tensor, nn

from fixedpoint.hpd_spec import HpdSpec
from model.distributed_twin import DistributedTwin, Layer
from model.penalty import smooth_gradient
from model.quantizers import HalfUp
from model.tables import Table


class HpdTwin(DistributedTwin):
    """HPD; its step sizes and weights are the parameters of `scales`."""

    names = ("step", "weight")

    def __init__(self, spec: HpdSpec, rounding: nn.Module) -> None:
        super().__init__(spec, rounding)
        eta = float(spec.formats.eta.value(spec.eta))
        # Around a point of the grid its neighbours lie at ±2.
        self.pull = Table(spec.pull, lambda a: smooth_gradient(a, 2, eta), rounding)
        self.double()

    def column(self, k: int, theta: Layer, z: Tensor, gradient: Tensor) -> Layer:
        """As in the base class."""
        pull = self.pull(self.distance(z))
        update = z + theta["step"] * gradient - theta["weight"] * pull
        return {"pull": pull.squeeze(2), "estimate": self.project(update)}


def fake_quantized(spec: HpdSpec) -> HpdTwin:
    """The twin that equals the golden model exactly."""
    return HpdTwin(spec, HalfUp())


def float_twin(spec: HpdSpec) -> HpdTwin:
    """The twin that only clips; `fixedpoint.family.float_twin` in torch."""
    return HpdTwin(spec, Identity())
