# SPDX-License-Identifier: Apache-2.0
"""Block error rates with their intervals, and dB between curves that saw the same code words."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from model.lab.intervals import Cluster, Interval, proportion
from model.lab.loss import Difference, crossing

CONFIDENCE = 0.95
RATES = (1e-1, 1e-2)
RESAMPLED = 1000

Wrong = NDArray[np.bool_]
"""(SNRs, words) or (SNRs, slots, blocks of a slot): which were decoded wrong."""


def bler(wrong: Wrong) -> Interval:
    """The share of wrong words of one SNR with its 95% interval.

    (words,): Wilson's; (slots, blocks): one that takes a slot's blocks together.
    """
    if wrong.ndim > 1:
        errors = wrong.sum(axis=1)
        first, second = int(errors.sum()), int((errors**2).sum())
        cluster = Cluster(len(errors), wrong.shape[1], first, second, int((errors > 0).sum()))
        return proportion(cluster, CONFIDENCE)
    found = stats.binomtest(int(wrong.sum()), wrong.size).proportion_ci(CONFIDENCE, "wilson")
    return Interval(float(wrong.mean()), float(found.low), float(found.high))


def at_rate(rate: float, snr_db: tuple[float, ...], wrong: Wrong) -> float | None:
    """The SNR in dB at which a curve falls to a BLER, log BLER straight between its points.

    A point without errors counts as half an error.
    """
    flat = wrong.reshape(len(wrong), -1)
    return crossing(rate, snr_db, np.maximum(flat.mean(axis=1), 0.5 / flat.shape[1]).tolist())


class Gain(Difference):
    """dB that `detector` is ahead of `against` at a BLER of `rate`, with its 95% interval."""

    def __str__(self) -> str:
        ahead = f"at BLER {self.rate:g} {self.detector} is ahead of {self.against} by"
        if self.value is None:
            return f"{ahead}: unknown, a curve does not cross it"
        if self.low is None or self.high is None:
            return f"{ahead} {self.value:+.2f} dB, too few words for limits"
        return f"{ahead} {self.value:+.2f} dB ({self.low:+.2f} to {self.high:+.2f})"


def gain(
    detector: str, against: str, rate: float, snr_db: tuple[float, ...], wrong: dict[str, Wrong]
) -> Gain:
    """By paired words or slots: the interval resamples them, the same for both and for all SNRs."""
    one, other = wrong[detector], wrong[against]
    value = _ahead(rate, snr_db, one, other)
    if value is None:
        return Gain(detector, against, rate, None, None, None)
    rng, words = np.random.default_rng(0), one.shape[1]
    drawn = [_ahead(rate, snr_db, one[:, at], other[:, at])
             for at in rng.integers(words, size=(RESAMPLED, words))]  # fmt: skip
    known = [each for each in drawn if each is not None]
    if len(known) < CONFIDENCE * RESAMPLED:
        return Gain(detector, against, rate, value, None, None)
    tail = 100 * (1 - CONFIDENCE) / 2
    low, high = np.percentile(known, [tail, 100 - tail])
    return Gain(detector, against, rate, value, float(low), float(high))


def _ahead(rate: float, snr_db: tuple[float, ...], one: Wrong, other: Wrong) -> float | None:
    ours, theirs = at_rate(rate, snr_db, one), at_rate(rate, snr_db, other)
    return None if ours is None or theirs is None else theirs - ours
