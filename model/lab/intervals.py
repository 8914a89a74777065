# SPDX-License-Identifier: Apache-2.0
"""Intervals of error rates whose errors cluster by coherence block.

Blocks are independent and of equal size; the errors of one block share its channel. The variance
of a rate is therefore that of the blocks' own rates (a ratio variance with a constant denominator):

    p = Σ e_g / (G·n),   var p = (Σ e_g² − (Σ e_g)²/G) / ((G − 1)·G·n²)

Its interval is Clopper and Pearson's at the effective sample size p(1 − p)/var p, reduced by
(z/t)² (Korn and Graubard, Survey Methodology 24, 1998). Only blocks with errors tell how errors
cluster; with twice their number as t's degrees of freedom the interval kept its 95% in simulations
of bursts down to five such blocks. It agrees with p ± 1.96·√var where errors are many, and is the
exact Clopper–Pearson interval where a block is one trial. Without errors only the blocks count: 0
of G blocks went wrong.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import stats


class Interval(NamedTuple):
    """An estimate between its confidence limits."""

    value: float
    low: float
    high: float


class Cluster(NamedTuple):
    """Errors e_g of G blocks of `size` trials each.

    first: Σ e_g; second: Σ e_g²; wrong: blocks with e_g ≠ 0.
    """

    blocks: int
    size: int
    first: int
    second: int
    wrong: int

    @property
    def variance(self) -> float:
        """Of Σ e_g / (G·size), from the spread between at least two blocks."""
        spread = max(self.second - self.first**2 / self.blocks, 0.0)
        return spread / ((self.blocks - 1) * self.blocks * self.size**2)


def clopper_pearson(errors: float, trials: float, confidence: float) -> tuple[float, float]:
    """Limits of a binomial proportion; fractions of errors and trials are allowed."""
    tail = (1 - confidence) / 2
    low = stats.beta.ppf(tail, errors, trials - errors + 1) if errors > 0 else 0.0
    high = stats.beta.ppf(1 - tail, errors + 1, trials - errors) if errors < trials else 1.0
    return float(low), float(high)


def proportion(cluster: Cluster, confidence: float) -> Interval:
    """A rate of errors with its limits. At least one block is expected."""
    blocks, size, first = cluster.blocks, cluster.size, cluster.first
    value = first / (blocks * size)
    if size == 1 or first in (0, blocks * size):
        return Interval(value, *clopper_pearson(value * blocks, blocks, confidence))
    if blocks == 1:
        return Interval(value, 0.0, 1.0)
    variance = cluster.variance
    effective = value * (1 - value) / variance if variance else blocks
    effective = min(effective, blocks * size) * _shrink(2 * cluster.wrong, blocks, confidence)
    return Interval(value, *clopper_pearson(value * effective, effective, confidence))


def difference(cluster: Cluster, confidence: float) -> Interval:
    """A mean paired difference Σ d_g / (G·size) with its limits.

    `cluster` holds the blocks' differences d_g. Where no block differs the limits are those of
    0 of G blocks, as if a whole block could differ.
    """
    value = cluster.first / (cluster.blocks * cluster.size)
    if not cluster.wrong or cluster.blocks == 1:
        half = clopper_pearson(0, cluster.blocks, confidence)[1]
    else:
        quantile = _t(min(cluster.wrong, cluster.blocks - 1), confidence)
        half = quantile * math.sqrt(cluster.variance)
    return Interval(value, value - half, value + half)


def p_value(cluster: Cluster) -> float:
    """Two-sided, of no mean difference; by the same t as `difference`. 1 if no block differs."""
    if not cluster.wrong or cluster.blocks == 1:
        return 1.0
    if not cluster.variance:
        return 0.0
    t = abs(cluster.first) / (cluster.blocks * cluster.size * math.sqrt(cluster.variance))
    return float(2 * stats.t.sf(t, min(cluster.wrong, cluster.blocks - 1)))


class Effect(NamedTuple):
    """A mean difference between trainings with its limits, and the p-value of none."""

    value: float
    low: float
    high: float
    p: float


def over_seeds(values: Sequence[float], errors: Sequence[float], confidence: float) -> Effect:
    """The mean of one paired difference a seed.

    Args:
        values: of n seeds, at least 2, all measured on the same draws.
        errors: each one's standard error over those draws.
        confidence: of the limits.

    Seeds differ by their spread; what the draws themselves leave open is common to all of them and
    is added. t has n − 1 degrees of freedom, which is too few rather than too many.
    """
    n = len(values)
    if n < 2:
        raise ValueError(f"{n} seeds, at least 2 were expected")
    mean = float(np.mean(values))
    error = math.sqrt(float(np.var(values, ddof=1)) / n + float(np.mean(np.square(errors))))
    half = _t(n - 1, confidence) * error
    return Effect(mean, mean - half, mean + half, float(2 * stats.t.sf(abs(mean) / error, n - 1)))


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values corrected for their number (Holm, Scand. J. Statist. 6, 1979), in the same order."""
    corrected, worst = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(np.argsort(p_values, kind="stable")):
        worst = max(worst, (len(p_values) - rank) * p_values[place])
        corrected[place] = min(worst, 1.0)
    return corrected


def _shrink(degrees: int, blocks: int, confidence: float) -> float:
    """(z/t)² for some degrees of freedom, of which there are blocks − 1 at most."""
    normal = float(stats.norm.ppf((1 + confidence) / 2))
    return (normal / _t(min(degrees, blocks - 1), confidence)) ** 2


def _t(degrees: int, confidence: float) -> float:
    return float(stats.t.ppf((1 + confidence) / 2, degrees))
