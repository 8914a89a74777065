# SPDX-License-Identifier: Apache-2.0
"""Paired differences in words: effect, interval, number of comparisons and vectors."""

from __future__ import annotations

from benchmarks.evidence.finding import Found, compared
from model.lab.intervals import Interval


def against(found: Found, study: str, a: str, b: str) -> str:
    """BER of a less that of b at every SNR, with the comparisons and the vectors that both saw."""
    result = found.results[study]
    gain = compared(found, study, a, b)
    seen = [min(result.points[d, snr].vectors for d in (a, b)) for snr in result.plan.snr_db]
    return (
        f"{gain.text} ({gain.count} comparisons, better in {gain.better} and worse in "
        f"{gain.worse} after Holm; {min(seen):,} to {max(seen):,} vectors, draws of "
        f"seed {result.plan.seed})"
    )


def interval(difference: Interval) -> str:
    """A difference with its limits."""
    return f"{difference.value:+.1e} ({difference.low:+.1e} to {difference.high:+.1e})"
