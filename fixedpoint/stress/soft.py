# SPDX-License-Identifier: Apache-2.0
"""Soft bits of stress specs: few bits, and weights that saturate them."""

from __future__ import annotations

from fixedpoint.numbers.format import Format
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.specs.soft import SoftBits

LLR, STREAM, BANK = Format(4, 0), Format(5, 2), Format(6, 2)


def softened(spec: DetectorSpec) -> DetectorSpec:
    """The same with soft bits of its state, weighed by stream where the detector can.

    The scaled state saturates within the outermost fold of the axis.
    """
    entries, by_stream = len(spec.snr), spec.weighs_streams
    weight = STREAM if by_stream else BANK
    constants = (5,) if by_stream else tuple(1 + 7 * i % 23 for i in range(entries))
    scaled = Format(9, 3)
    made = SoftBits("state", LLR, weight, scaled, weight, constants)
    return spec.replace(soft=made)
