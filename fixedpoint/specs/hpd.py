# SPDX-License-Identifier: Apache-2.0
"""The spec of HPD, Algorithm 1 of the HPD/FPD paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from fixedpoint.numbers.bank import constant_faults
from fixedpoint.numbers.format import Format
from fixedpoint.numbers.lookup import Lookup
from fixedpoint.specs.distributed import DistributedFormats, DistributedSpec


@dataclass(frozen=True)
class HpdFormats(DistributedFormats):
    """Besides those of both detectors, weight: μαγᵗ/C of eqs. (18) and (21); eta: η of (14)."""

    weight: Format
    eta: Format


@dataclass(frozen=True)
class HpdLayer:
    """The constants of one layer: step κμ and weight μαγᵗ/C."""

    step: int
    weight: int


@dataclass(frozen=True)
class HpdSpec(DistributedSpec):
    """HPD. pull: ∇ψ of eq. (21) at the distance from the nearest point of the grid.

    eta: η of eq. (14) in `formats.eta`, for the float twin alone.
    """

    of: ClassVar[str] = "hpd"

    formats: HpdFormats
    eta: int
    pull: Lookup
    layers: tuple[HpdLayer, ...]

    @property
    def number_formats(self) -> Mapping[str, str]:
        """As in the base class."""
        own = {"eta": "eta", "layers.step": "step", "layers.weight": "weight"}
        return {**super().number_formats, **own}

    @property
    def positive_entries(self) -> frozenset[str]:
        """As in the base class."""
        return super().positive_entries | {"layers.step"}

    def faults(self) -> list[str]:
        """As in the base class."""
        found, f = super().faults(), self.formats
        found += self.pull.faults("pull")
        found += constant_faults("eta", self.eta, 1, f.eta)
        if len(self.layers) != self.depth:
            found.append(f"layers: {len(self.layers)} entries, {self.depth} expected")
        for k, layer in enumerate(self.layers):
            found += constant_faults(f"layers[{k}].step", layer.step, 1, f.step)
            found += constant_faults(f"layers[{k}].weight", layer.weight, 0, f.weight)
        return found
