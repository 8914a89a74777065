# SPDX-License-Identifier: Apache-2.0
"""A shipped definition with word lengths of one's own: PM-Net's staircase in fewer bits.

Program, matrices and start are those of `fixedpoint.detectors.pm`; a detector is a value, and
`dataclasses.replace` makes another one of it. Here the coefficients have 8 bits in place of 11 and
a stream's weight 8 in place of 11: every view follows.
"""

from __future__ import annotations

from dataclasses import replace

from fixedpoint.detectors import pm
from fixedpoint.numbers.format import Format

NARROW = Format(8, 5)

DETECTOR = replace(
    pm.DETECTOR,
    name="staircase",
    formats={**pm.DETECTOR.formats, **dict.fromkeys(("c1", "c3", "c4", "a", "b"), NARROW),
             "weight": Format(8, 2)},
)  # fmt: skip
