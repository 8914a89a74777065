# SPDX-License-Identifier: Apache-2.0
"""FPD-Net's hyper-network as the network beside a program that gives what it is supplied with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fixedpoint.detectors import hyper
from fixedpoint.numbers.format import Format, IntArray
from fixedpoint.program.coverage import Events
from fixedpoint.program.views.interpret import Wires
from fixedpoint.specs.fpd import FpdSpec
from fixedpoint.specs.fpd_tables import THETA
from fixedpoint.specs.hyper import AFFINE, HyperSpec

PRODUCTS = ("quartic_step", "gaussian_step")


@dataclass(frozen=True)
class HyperNetwork:
    """The network of a spec; see `fixedpoint.detectors.definition.Network`."""

    spec: FpdSpec
    hyper: HyperSpec
    name: str = "hyper"

    @classmethod
    def of(cls, spec: FpdSpec) -> HyperNetwork | None:
        """That of a spec, if it has one."""
        return None if spec.hyper is None else cls(spec, spec.hyper)

    @property
    def formats(self) -> dict[str, Format]:
        """The format of each wire."""
        return hyper.wire_formats(self.spec, self.hyper)

    def shape(self, wire: str) -> tuple[int, ...]:
        """Of a wire for one vector."""
        return self.spec.units, self.hyper.wire_size(self.spec, wire)

    def run(
        self, matrices: Mapping[str, IntArray], given: Mapping[str, IntArray], index: IntArray
    ) -> Wires:
        """Its wires, by the matrices (G, C, R, N) and samples (G, B, C, R) of each unit."""
        return hyper.run(self.spec, self.hyper, matrices["h"], given["y"], index)

    def float_twin(self, h: NDArray[np.float64], y: NDArray[np.float64], index: IntArray) -> Wires:
        """Its float twin, of real H (G, M, N) and samples (G, B, M)."""
        return hyper.float_twin(self.spec, self.hyper, h, y, index)

    def supplied(self, wires: Wires) -> dict[str, Any]:
        """What the program gets of them, (G, B, C, L) each."""
        return {name: getattr(wires, name) for name in THETA}

    def count(self, wires: Mapping[str, IntArray]) -> Events:
        """How often each event happened, by its wires' names.

        An output at an end of its format counts as saturated there: for a ReLU's lower end that is
        0.
        """
        events: Events = {}
        for name in (*AFFINE, *PRODUCTS):
            q, target = wires[name], self.formats[name]
            events[f"{self.name}.{name} saturated high"] = int(np.sum(q == target.max))
            if name in AFFINE:
                events[f"{self.name}.{name} saturated low"] = int(np.sum(q == target.min))
        return events
