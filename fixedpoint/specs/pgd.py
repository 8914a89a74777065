# SPDX-License-Identifier: Apache-2.0
"""The spec of a PGD-Net, and whether its entries lie in their ranges and go together."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from fixedpoint.numbers.adc import Adc, Levels
from fixedpoint.numbers.bank import step_faults
from fixedpoint.numbers.format import Format
from fixedpoint.numbers.prox import PROXES
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.support.reading import brief


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
class PgdSpec(DetectorSpec):
    """PGD-Net, eqs. (6) to (8) of the KAQ paper. `prox` is soft or box."""

    prox: str
    adc: Adc
    formats: PgdFormats
    layers: tuple[PgdLayer, ...]

    @classmethod
    def detector_name(cls) -> str:
        """As in the base class."""
        return "pgd"

    @property
    def depth(self) -> int:
        """As in the base class."""
        return len(self.layers)

    @property
    def h_format(self) -> Format:
        """As in the base class."""
        return self.formats.h

    @property
    def converter(self) -> Levels:
        """As in the base class."""
        return Levels(self.adc, self.formats.y)

    @property
    def state_format(self) -> Format:
        """As in the base class."""
        return self.formats.state

    @property
    def entry_variance(self) -> float:
        """As in the base class: 1/Nr."""
        return 2 / self.rows

    def faults(self) -> list[str]:
        """As in the base class."""
        found = []
        if self.prox not in PROXES:
            found.append(f"prox: {brief(self.prox)} is not one of {', '.join(PROXES)}")
        return found + self._format_faults() + self._layer_faults()

    def _format_faults(self) -> list[str]:
        formats, faults = self.formats, []
        for field in dataclasses.fields(formats):
            if not getattr(formats, field.name).signed:
                faults.append(f"formats.{field.name}.signed: false, true expected")
        if formats.code.frac != 0:
            faults.append(f"formats.code.frac: {formats.code.frac} is not 0 (codes count steps)")
        if formats.h.frac + formats.step.frac < formats.y.frac:
            faults.append(f"formats.y.frac: {formats.y.frac} exceeds h.frac + step.frac")
        if formats.state.frac + formats.inverse.frac < 0:
            faults.append(f"formats.inverse.frac: {formats.inverse.frac} is below -state.frac")
        faults += self.adc.faults(formats.y)
        return faults

    def _layer_faults(self) -> list[str]:
        formats, faults = self.formats, []
        for k, layer in enumerate(self.layers):
            path = f"layers[{k}]"
            if not 1 <= layer.eta <= formats.eta.max:
                faults.append(f"{path}.eta: {layer.eta} is outside 1 to {formats.eta.max}")
            lowest = 0 if self.prox == "soft" else 1
            if not lowest <= layer.threshold <= formats.state.max:
                expected = f"{lowest} to {formats.state.max}"
                faults.append(f"{path}.threshold: {layer.threshold} is outside {expected}")
            faults += step_faults(path, layer, len(self.snr), formats)
        return faults
