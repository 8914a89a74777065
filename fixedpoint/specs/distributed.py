# SPDX-License-Identifier: Apache-2.0
"""What HPD and FPD-Net have in common: C distributed units of few-bit converters, and their fusion.

Each unit runs one layer on its own rows of H and sends its estimate x_c to the fusion node, which
answers with the point z where the next layer starts; eqs. (10), (22), (23) and (37) of the HPD/FPD
paper. Its normalisation κ is part of the sigmoid table and of the step sizes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from fixedpoint.numbers.bank import constant_faults
from fixedpoint.numbers.few_bit import FewBitAdc
from fixedpoint.numbers.format import Format
from fixedpoint.numbers.lookup import Lookup
from fixedpoint.numbers.modulation import MODULATIONS
from fixedpoint.specs.block import MatrixPart
from fixedpoint.specs.detector import DetectorSpec

COARSEST = Fraction(1, 64)
"""How far C·(1/C) may lie from 1 by the rounding of 1/C to its format."""


@dataclass(frozen=True)
class DistributedFormats:
    """The formats of wires and constants that both detectors have.

    h: H; state: x_c, s and z; residual: e = 1 − σ_up − σ_low; step: κμ₁; kappa: κ; mean: 1/C;
    momentum: t/(t + 3).
    """

    h: Format
    state: Format
    residual: Format
    step: Format
    kappa: Format
    mean: Format
    momentum: Format


@dataclass(frozen=True)
class DistributedSpec(DetectorSpec):
    """The entries of both detectors.

    units: C; kappa: κ in `formats.kappa`, for the float twin alone; sigmoid: σ(κ·a) of the distance
    a of Hz from a threshold, from 0 to 2^residual.frac; mean: 1/C in `formats.mean`; momentum:
    t/(t + 3) of every layer in `formats.momentum`, the factor of eq. (23).
    """

    units: int
    kappa: int
    adc: FewBitAdc
    sigmoid: Lookup
    mean: int
    momentum: tuple[int, ...]
    formats: DistributedFormats

    @property
    def depth(self) -> int:
        """As in the base class."""
        return len(self.momentum)

    @property
    def matrix_parts(self) -> tuple[MatrixPart, ...]:
        """As in the base class: H."""
        return (MatrixPart("h", self.rows, self.formats.h),)

    @property
    def converter(self) -> FewBitAdc:
        """As in the base class."""
        return self.adc

    @property
    def state_format(self) -> Format:
        """As in the base class: s, z and the units' estimates."""
        return self.formats.state

    @property
    def entry_variance(self) -> float:
        """As in the base class."""
        return 1.0

    @property
    def unit_count(self) -> int:
        """As in the base class: C."""
        return self.units

    @property
    def peak(self) -> int:
        """The largest coordinate of the grid, in the state's format."""
        return self.constellation.peak << self.state_format.frac

    @property
    def one(self) -> int:
        """1 in the residual's format: what σ is worth at an open threshold."""
        return 1 << self.formats.residual.frac

    @property
    def number_formats(self) -> Mapping[str, str]:
        """As in the base class; a detector adds its own. 1/C is made anew."""
        return {"kappa": "kappa", "momentum": "momentum"}

    def follow(self, formats: Mapping[str, Format]) -> tuple[dict[str, Format], dict[str, Any]]:
        """As in the base class: σ has the residual's point; 1/C."""
        old, frac = self.sigmoid.output, formats["residual"].frac
        output = Format(old.bits + frac - old.frac, frac)
        mean = min(reciprocal(self.units, formats["mean"].frac), formats["mean"].max)
        return {"sigmoid.output": output}, {"mean": mean}

    def faults(self) -> list[str]:
        """As in the base class; a detector adds its own."""
        if found := self.unit_faults(self.units):
            return found
        formats, found = self.formats, self._format_faults()
        if found or self.modulation not in MODULATIONS:  # which `common_faults` names
            return found
        found += self.adc.faults(len(self.snr))
        accumulated = formats.h.frac + formats.state.frac
        if self.adc.threshold.frac > accumulated:
            found.append(f"adc.threshold.frac: {self.adc.threshold.frac} exceeds h + state")
        if self.peak > formats.state.max:
            found.append(f"formats.state: {formats.state} does not hold the grid's ±{self.peak}")
        found += self.sigmoid.faults("sigmoid")
        if self.sigmoid.output.frac != formats.residual.frac:
            found.append(f"sigmoid.output: {self.sigmoid.output} is not in residual's units")
        elif formats.residual.max < self.one:
            found.append(f"formats.residual: {formats.residual} does not hold ±1")
        if any(not 0 <= value <= self.one for value in self.sigmoid.values):
            found.append(f"sigmoid.values: an entry is outside 0 to {self.one}")
        elif list(self.sigmoid.values) != sorted(self.sigmoid.values):
            found.append("sigmoid.values: they do not ascend")
        found += constant_faults("kappa", self.kappa, 1, formats.kappa)
        found += self.mean_faults()
        for k, value in enumerate(self.momentum):
            found += constant_faults(f"momentum[{k}]", value, 0, formats.momentum)
        return found

    def mean_faults(self) -> list[str]:
        """A line if `mean` is not 1/C rounded half up, or if its format has no 1/C.

        s would be a multiple of the mean of eq. (22), and every decision wrong with it.
        """
        fmt, units = self.formats.mean, self.units
        expected = reciprocal(units, fmt.frac)
        if expected > fmt.max:
            finest = next(f for f in range(fmt.frac, -1, -1) if reciprocal(units, f) <= fmt.max)
            return [f"formats.mean: {fmt} does not hold 1/{units}; frac {finest} or less expected"]
        error = abs(Fraction(units * expected, 1 << fmt.frac) - 1)
        if error > COARSEST:
            return [
                f"formats.mean: {fmt} is too coarse for 1/{units}, off by {float(error):.2%}; "
                f"at most {float(COARSEST):.2%} expected"
            ]
        found = constant_faults("mean", self.mean, 1, fmt)
        if not found and self.mean != expected:
            found.append(f"mean: {self.mean}, {expected} expected for 1/{units} in {fmt}")
        return found

    def _format_faults(self) -> list[str]:
        """Formats that are unsigned or have no bit at the point, tables' and constants' alike."""
        named = {f"formats.{name}": fmt for name, fmt in vars(self.formats).items()}
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, Lookup):
                named |= {
                    f"{field.name}.{end}": getattr(value, end) for end in ("address", "output")
                }
            elif isinstance(value, Format):
                named[field.name] = value
        found = [
            f"{path}.signed: false, true expected" for path, f in named.items() if not f.signed
        ]
        return found + [
            f"{path}.frac: {f.frac} is below 0" for path, f in named.items() if f.frac < 0
        ]


def reciprocal(units: int, frac: int) -> int:
    """1/C in units of 2^-frac, rounded half up."""
    return ((2 << frac) + units) // (2 * units)
