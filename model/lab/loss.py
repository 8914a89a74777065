# SPDX-License-Identifier: Apache-2.0
"""How many dB a detector loses to another one at a bit error rate.

Curves are log BER over SNR in dB, straight between the points of a sweep. The loss is the SNR at
which one curve falls to the rate, less that of the reference. The detector's curve is the
reference's BER plus the paired difference, so that what both share cancels; its limits are those of
the differences, moved all together.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from model.lab.intervals import Interval
from model.lab.result import Result

RATES = (1e-2, 1e-3)


@dataclass(frozen=True)
class Difference:
    """dB between `detector` and `against` at an error rate, and its limits.

    None where a curve doesn't cross the rate between two points of the sweep.
    """

    detector: str
    against: str
    rate: float
    value: float | None
    low: float | None
    high: float | None


class Loss(Difference):
    """dB that `detector` loses to `against` at a BER of `rate`."""

    def __str__(self) -> str:
        if self.value is None:
            outcome = "unknown, a curve does not cross it"
        elif self.low is None or self.high is None:
            outcome = f"{self.value:+.3f} dB, too few errors for limits"
        else:
            outcome = f"{self.value:+.3f} dB ({self.low:+.3f} to {self.high:+.3f})"
        return f"at BER {self.rate:g} {self.detector} loses to {self.against}: {outcome}"


def losses(result: Result, detector: str, against: str) -> list[Loss]:
    """At each of `RATES`."""
    snrs = sorted(result.plan.snr_db)
    reference = [result.points[against, snr].ber.value for snr in snrs]
    differences = [result.difference(detector, against, snr) for snr in snrs]
    found = []
    for rate in RATES:
        start = crossing(rate, snrs, reference)
        limits = {
            name: _less(crossing(rate, snrs, _moved(reference, differences, name)), start)
            for name in Interval._fields
        }
        found.append(Loss(detector, against, rate, **limits))
    return found


def crossing(rate: float, snr_db: Sequence[float], ber: Sequence[float]) -> float | None:
    """The first SNR, ascending, at which the curve falls to `rate`; None if it does not."""
    for (left, above), (right, below) in itertools.pairwise(zip(snr_db, ber, strict=True)):
        if above >= rate > below > 0:
            share = math.log(above / rate) / math.log(above / below)
            return left + share * (right - left)
    return None


def _moved(reference: list[float], differences: list[Interval], name: str) -> list[float]:
    return [ber + getattr(d, name) for ber, d in zip(reference, differences, strict=True)]


def _less(snr_db: float | None, reference: float | None) -> float | None:
    return None if snr_db is None or reference is None else snr_db - reference
