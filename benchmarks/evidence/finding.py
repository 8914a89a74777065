# SPDX-License-Identifier: Apache-2.0
"""What a claim is judged by: the numbers that were measured, and how they are put in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.evidence.tables import number
from model.lab.intervals import holm
from model.lab.result import Result

HOLDS, FAILS, PARTLY = "holds", "does not hold", "holds in part"
LEVEL = 0.05
"""Of a family of comparisons: the chance that any of its findings is none, after Holm."""


@dataclass(frozen=True)
class Found:
    """What was measured: sweeps by their study, latency, the trained variants, words of links."""

    results: Mapping[str, Result]
    latency: Any = None
    variants: Any = None
    links: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """A paper's claim, what was measured of it, and the verdict."""

    claim: str
    measured: str
    verdict: str


@dataclass(frozen=True)
class Comparison:
    """A detector against another over the SNRs of a sweep: text, and at how many each is better.

    Better and worse are counted after Holm's correction for the `count` comparisons.
    """

    text: str
    better: int
    worse: int
    count: int

    @property
    def verdict(self) -> str:
        """Of the claim that the first is better."""
        if not self.worse and self.better:
            return HOLDS
        return PARTLY if self.better else FAILS


def compared(found: Found, study: str, a: str, b: str) -> Comparison:
    """BER of a less that of b at every SNR that both were measured at.

    Raises `KeyError` if the study lacks one of them.
    """
    result = found.results[study]
    for name in (a, b):
        if name not in result.plan.detectors:
            raise KeyError(f"{name} in {study}")
    snrs = result.plan.snr_db
    corrected = holm([result.p_value(a, b, snr) for snr in snrs])
    parts, better, worse = [], 0, 0
    for snr, p in zip(snrs, corrected, strict=True):
        d = result.difference(a, b, snr)
        better += p < LEVEL and d.value < 0
        worse += p < LEVEL and d.value > 0
        mark = "" if p < LEVEL else " (n.s.)"
        parts.append(f"{d.value:+.1e} ± {(d.high - d.low) / 2:.0e} at {snr:g} dB{mark}")
    return Comparison("; ".join(parts), better, worse, len(snrs))


def mean_difference(found: Found, study: str, a: str, b: str) -> tuple[float, float]:
    """BER of a less that of b, averaged over the sweep's SNRs, with half of its 95% interval.

    The SNRs are independent draws. Raises `KeyError` if the study lacks one of them.
    """
    result = found.results[study]
    if not {a, b} <= set(result.plan.detectors):
        raise KeyError(f"{a}, {b} in {study}")
    d = [result.difference(a, b, snr) for snr in result.plan.snr_db]
    half = math.hypot(*((x.high - x.low) / 2 for x in d)) / len(d)
    return sum(x.value for x in d) / len(d), half


def ber(found: Found, study: str, detector: str, snr_db: float) -> str:
    """A BER as text. Raises `KeyError` if it was not measured."""
    point = found.results[study].points[detector, snr_db]
    return number(point.ber.value)
