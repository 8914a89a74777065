# SPDX-License-Identifier: Apache-2.0
"""Analog samples and channel estimates become integers here, and in `fixedpoint.few_bit`.

PGD-Net's converter: a b-bit uniform mid-rise converter: code c ∈ 0 … 2^b − 1 stands for the level
(2c + 1 − 2^b) · half_step, an odd number of half steps, as an integer in y's format.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from fixedpoint.admm_spec import AdmmSpec
from fixedpoint.detector_spec import DetectorSpec
from fixedpoint.format import Format, IntArray, integers
from fixedpoint.pgd_spec import Adc, PgdSpec


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


def sample(y: ArrayLike, spec: PgdSpec | AdmmSpec) -> IntArray:
    """Received samples through the spec's converter: levels, integers in y's format."""
    return level(convert(y, spec.adc, spec.formats.y), spec.adc)


def estimate(h: ArrayLike, spec: DetectorSpec) -> IntArray:
    """Channel estimates as integers in H's format (round half up, saturate)."""
    return spec.h_format.quantize(h)
