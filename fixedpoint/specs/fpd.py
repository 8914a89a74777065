# SPDX-License-Identifier: Apache-2.0
"""The spec of FPD-Net, Algorithm 2 of the HPD/FPD paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from fixedpoint.numbers.bank import constant_faults
from fixedpoint.numbers.lookup import Lookup
from fixedpoint.specs import hyper_widths
from fixedpoint.specs.fpd_tables import SCALES, THETA, FpdTables
from fixedpoint.specs.hyper import HyperSpec


@dataclass(frozen=True)
class FpdLayer:
    """θ of one layer, integers of the formats of `FpdFormats`, step κμ₁ first.

    cosine: the table of the third penalty for this φ, see `FpdSpec.cosine`.
    """

    step: int
    quartic_scale: int
    quartic_step: int
    gaussian_scale: int
    gaussian_step: int
    cosine_step: int
    phi: int
    cosine: tuple[int, ...]


@dataclass(frozen=True)
class FpdSpec(FpdTables):
    """FPD-Net, its θ from a table of constants or from the hyper-network.

    layers: θ and that table for each layer; none if `hyper`, the hyper-network, gives θ.
    """

    of: ClassVar[str] = "fpd"

    layers: tuple[FpdLayer, ...]
    hyper: HyperSpec | None = None

    def cosine(self, layer: int) -> Lookup:
        """The third penalty's table of a layer, from 0."""
        return Lookup(self.cosine_address, self.cosine_output, self.layers[layer].cosine)

    @property
    def number_formats(self) -> Mapping[str, str]:
        """As in the base class."""
        return {**super().number_formats, **{f"layers.{name}": name for name in THETA}}

    @property
    def table_formats(self) -> Mapping[str, tuple[str, str]]:
        """As in the base class: those of the third penalty, too."""
        return {**super().table_formats, "layers.cosine": ("cosine_address", "cosine_output")}

    def faults(self) -> list[str]:
        """As in the base class."""
        found, f = super().faults(), self.formats
        found += self.quartic.faults("quartic") + self.gaussian.faults("gaussian")
        expected = self.depth if self.hyper is None else 0
        if len(self.layers) != expected:
            beside = "" if self.hyper is None else " beside a hyper-network"
            found.append(f"layers: {len(self.layers)} entries, {expected} expected{beside}")
        for k, layer in enumerate(self.layers):
            for name in SCALES:
                value, fmt = getattr(layer, name), getattr(f, name)
                found += constant_faults(f"layers[{k}].{name}", value, 0, fmt)
            found += constant_faults(
                f"layers[{k}].phi", layer.phi, (1 << max(f.phi.frac, 0)) + 1, f.phi
            )
            table = Lookup(self.cosine_address, self.cosine_output, layer.cosine)
            found += [fault.replace(".values", "") for fault in table.faults(f"layers[{k}].cosine")]
        if self.hyper is not None and not found:
            found += self.hyper.faults(self) or hyper_widths.faults(self, self.hyper)
        return found
