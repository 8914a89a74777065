# SPDX-License-Identifier: Apache-2.0
"""A receiver's converter whose samples are levels; those of few-bit codes are in `few_bit.py`.

A b-bit uniform mid-rise converter: code c ∈ 0 … 2^b − 1 stands for the level
(2c + 1 − 2^b) · half_step, an odd number of half steps, as an integer in y's format.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fixedpoint.numbers.format import Format, IntArray, integers


@dataclass(frozen=True)
class Adc:
    """A b-bit uniform mid-rise converter: code c has the level (2c + 1 − 2^bits) · half_step.

    `half_step` is an integer in y's format.
    """

    bits: int
    half_step: int

    @property
    def highest(self) -> int:
        """The highest level."""
        return self.half_step * ((1 << self.bits) - 1)

    def faults(self, y: Format) -> list[str]:
        """A line if it has no bits, or levels outside y's format."""
        if not 1 <= self.bits <= 16:
            return [f"adc.bits: {self.bits} is outside 1 to 16"]
        if self.half_step < 1 or self.highest > y.max:
            return [f"adc.half_step: {self.half_step} puts levels outside y's {y}"]
        return []


@dataclass(frozen=True)
class Levels:
    """A converter with the format of its levels; see `detector_spec.Converter`."""

    adc: Adc
    format: Format

    @property
    def ends(self) -> tuple[int, int]:
        """The lowest and the highest level."""
        return -self.adc.highest, self.adc.highest

    @property
    def system(self) -> dict[str, object]:
        """Samples that nothing has quantized."""
        return {"adc_bits": 0}

    @property
    def full_scale(self) -> float | None:
        """2^bits half steps: where the cell of the highest level would end."""
        return (self.adc.highest + self.adc.half_step) * self.format.step

    def convert(self, y: ArrayLike, index: IntArray) -> IntArray:
        """Real samples to levels, the same at every SNR entry."""
        return level(convert(y, self.adc, self.format), self.adc)

    def given(self, y: IntArray, index: IntArray) -> dict[str, IntArray]:
        """The levels themselves."""
        return {"y": y}

    def real(self, y: NDArray[np.float64], index: IntArray) -> dict[str, NDArray[np.float64]]:
        """The samples in last bits, clipped at the converter's ends."""
        return {"y": np.clip(y * 2.0**self.format.frac, *self.ends)}


def convert(y: ArrayLike, adc: Adc, y_format: Format) -> IntArray:
    """Real samples to ADC codes 0 … 2^bits − 1; samples beyond the range saturate.

    Thresholds lie at the even numbers of half steps; a sample on one gets the upper code.
    Raises `ValueError` on NaN and infinity.
    """
    full_steps = np.asarray(y, dtype=np.float64) / (2 * adc.half_step * y_format.step)
    codes = Format(adc.bits, 0, signed=False)
    return codes.quantize(full_steps + (2 ** (adc.bits - 1) - 0.5))


def level(codes: ArrayLike, adc: Adc) -> IntArray:
    """ADC codes to levels, integers in y's format.

    Raises `ValueError` on a code outside the range and on what are no integers.
    """
    codes = integers("codes", codes)
    if not Format(adc.bits, 0, signed=False).allows(codes):
        raise ValueError(f"an ADC code is outside 0 to {2**adc.bits - 1}")
    levels: IntArray = (2 * codes + 1 - 2**adc.bits) * adc.half_step
    return levels
