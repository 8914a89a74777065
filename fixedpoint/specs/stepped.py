# SPDX-License-Identifier: Apache-2.0
"""What PGD-Net and ADMM-Net have in common: converters of levels, a prox, codes in steps Δ."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from fixedpoint.numbers.adc import Adc, Levels
from fixedpoint.numbers.bank import constant_faults, step_faults
from fixedpoint.numbers.format import Format
from fixedpoint.numbers.prox import PROXES
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.support.reading import brief


class SteppedSpec(DetectorSpec):
    """Entries that both declare as fields, each with formats and layers of its own.

    formats: y, state, code, step and inverse among them; layers: with threshold, step and inverse.
    """

    prox: str
    adc: Adc
    formats: Any
    layers: tuple[Any, ...]

    @property
    def depth(self) -> int:
        """As in the base class."""
        return len(self.layers)

    @property
    def converter(self) -> Levels:
        """As in the base class."""
        return Levels(self.adc, self.formats.y)

    @property
    def state_format(self) -> Format:
        """As in the base class."""
        state: Format = self.formats.state
        return state

    @property
    def number_formats(self) -> Mapping[str, str]:
        """As in the base class; a detector adds its own."""
        return {"layers.threshold": "state", "layers.step": "step"}

    @property
    def reciprocal_entries(self) -> Mapping[str, str]:
        """As in the base class."""
        return {"layers.inverse": "layers.step"}

    @property
    def positive_entries(self) -> frozenset[str]:
        """As in the base class; a detector adds its own. A box is no point."""
        box = {"layers.threshold"} if self.prox == "box" else frozenset[str]()
        return super().positive_entries | box

    @property
    def counted(self) -> Mapping[str, str]:
        """As in the base class."""
        return {"step": "code"}

    def faults(self) -> list[str]:
        """As in the base class; a detector adds its own."""
        formats, found = self.formats, []
        if self.prox not in PROXES:
            found.append(f"prox: {brief(self.prox)} is not one of {', '.join(PROXES)}")
        for field in dataclasses.fields(formats):
            if not getattr(formats, field.name).signed:
                found.append(f"formats.{field.name}.signed: false, true expected")
        if formats.code.frac != 0:
            found.append(f"formats.code.frac: {formats.code.frac} is not 0 (codes count steps)")
        if formats.state.frac + formats.inverse.frac < 0:
            found.append(f"formats.inverse.frac: {formats.inverse.frac} is below -state.frac")
        found += self.adc.faults(formats.y)
        lowest = 0 if self.prox == "soft" else 1
        for k, layer in enumerate(self.layers):
            path = f"layers[{k}]"
            found += constant_faults(f"{path}.threshold", layer.threshold, lowest, formats.state)
            found += step_faults(path, layer, len(self.snr), formats)
        return found
