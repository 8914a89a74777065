# SPDX-License-Identifier: Apache-2.0
"""The spec of a PGD-Net, and whether its entries lie in their ranges and go together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from fixedpoint.numbers.adc import Adc
from fixedpoint.numbers.bank import constant_faults
from fixedpoint.numbers.format import Format
from fixedpoint.specs.block import MatrixPart
from fixedpoint.specs.stepped import SteppedSpec


@dataclass(frozen=True)
class PgdFormats:
    """The formats of PGD-Net's wires and constants (the letters are those of the paper).

    h, y: inputs; residual: r = Hx − y; state: u and v; code: x in steps Δ (frac 0);
    step: Δ; inverse: 1/Δ; eta: η.
    """

    h: Format
    y: Format
    residual: Format
    state: Format
    code: Format
    step: Format
    inverse: Format
    eta: Format


@dataclass(frozen=True)
class PgdLayer:
    """The constants of one layer, integers of the formats above.

    `threshold` is λ of the soft threshold or b of the box, in the state's format; `step` and
    `inverse` hold one entry for each entry of the SNR bank and scale the layer's output code.
    """

    eta: int
    threshold: int
    step: tuple[int, ...]
    inverse: tuple[int, ...]


@dataclass(frozen=True)
class PgdSpec(SteppedSpec):
    """PGD-Net, eqs. (6) to (8) of the KAQ paper. `prox` is soft or box."""

    of: ClassVar[str] = "pgd"

    prox: str
    adc: Adc
    formats: PgdFormats
    layers: tuple[PgdLayer, ...]

    @property
    def matrix_parts(self) -> tuple[MatrixPart, ...]:
        """As in the base class: H."""
        return (MatrixPart("h", self.rows, self.formats.h),)

    @property
    def number_formats(self) -> Mapping[str, str]:
        """As in the base class."""
        return {**super().number_formats, "layers.eta": "eta"}

    @property
    def positive_entries(self) -> frozenset[str]:
        """As in the base class."""
        return super().positive_entries | {"layers.eta"}

    def faults(self) -> list[str]:
        """As in the base class."""
        formats, found = self.formats, super().faults()
        if formats.h.frac + formats.step.frac < formats.y.frac:
            found.append(f"formats.y.frac: {formats.y.frac} exceeds h.frac + step.frac")
        for k, layer in enumerate(self.layers):
            found += constant_faults(f"layers[{k}].eta", layer.eta, 1, formats.eta)
        return found
