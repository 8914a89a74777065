# SPDX-License-Identifier: Apache-2.0
"""Tables that a figure is held against, and whether two measurements agree.

`references.json` keeps another implementation's BERs as they were printed, with their sizes.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

FILE = Path(__file__).parent / "references.json"
CONFIDENCE_95 = 1.96


@dataclass(frozen=True)
class Reference:
    """One printed BER: `rounding` is half a unit of its last digit."""

    system: str
    detector: str
    snr_db: float
    ber: float
    rounding: float
    vectors: int


def load() -> list[Reference]:
    """Every reference of the file."""
    found = []
    for table in json.loads(FILE.read_text("utf-8"))["tables"]:
        for snr, text in table["ber"].items():
            printed = Decimal(text)
            rounding = 0.5 * 10.0 ** int(printed.as_tuple().exponent)
            size = table["vectors"]
            found.append(
                Reference(
                    table["system"], table["detector"], float(snr), float(printed), rounding, size
                )
            )
    return found


def joint_half_width(reference: Reference, half_width: float, ber: float, vectors: int) -> float:
    """Half of the joint 95% interval of a measurement and its reference.

    Args:
        half_width: of the measurement's own 95% interval.
        ber: the measurement.
        vectors: its size.

    Nobody kept the reference's spread: its variance a vector is taken from the measurement, scaled
    by the ratio of the two BERs, which is how a count's variance goes.
    """
    a_vector = (half_width / CONFIDENCE_95) ** 2 * vectors
    scaled = a_vector * reference.ber / ber if ber else 0.0
    theirs = CONFIDENCE_95 * math.sqrt(scaled / reference.vectors)
    return math.hypot(half_width, theirs) + reference.rounding
