# SPDX-License-Identifier: Apache-2.0
"""BER after 1 … 8 layers of HPD, 1 … 5 of FPD-Net: a table an SNR; does FPD-Net need fewer?"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.evidence.finding import FAILS, HOLDS, LEVEL, PARTLY, Finding, Found
from benchmarks.evidence.studies import Study
from benchmarks.evidence.tables import markdown, number, rate
from model.lab.intervals import holm
from model.lab.result import Result

ONE_BIT, TWO_BITS = "convergence-4qam-1bit", "convergence-16qam-2bit"
NAMES = (ONE_BIT, TWO_BITS)
"""The studies that are a table of layers, in place of one of SNRs and of a figure."""

MOST, PAPER = 8, 5
"""Layers that were run; L of the paper."""
LETTER, HPD, NET = "hpd:kappa=1,layers={}", "hpd:layers={}", "fpd:after={}"
COLUMNS = {LETTER: "HPD, κ = 1", HPD: "HPD, κ = 1.5", NET: "FPD-Net"}


def section(study: Study, result: Result) -> Iterator[str]:
    """The study's part of the page: what was measured, and a table at every SNR."""
    vectors = max(point.vectors for point in result.points.values())
    yield f"## {study.title}\n"
    yield (
        f"Seed {result.plan.seed}; {vectors:,} vectors a point; 95% intervals over channel draws. "
        f"`python -m benchmarks.evidence --only {study.name}`. HPD after k layers is HPD with "
        "L = k: its γᵗ, 1.5ᵗ, does not depend on L. FPD-Net after k layers is sᵏ of a net of 5 "
        "layers, which was trained for s⁵ and ends there.\n"
    )
    for snr in result.plan.snr_db:
        yield f"{snr:g} dB:\n\n{table(result, snr)}\n"


def table(result: Result, snr_db: float) -> str:
    """BER, layers down, detectors across; a net has no state after its last layer."""
    rows = []
    for layers in range(1, MOST + 1):
        points = [result.points.get((c.format(layers), snr_db)) for c in COLUMNS]
        rows.append([str(layers), *(rate(point.ber) if point else "–" for point in points)])
    return markdown(["layers", *COLUMNS.values()], rows)


def faster_one_bit(found: Found) -> Finding:
    """FPD-Net converges faster than HPD (abstract, §VI), 4-QAM and 1 bit."""
    return _faster(str(faster_one_bit.__doc__), found, ONE_BIT)


def faster_two_bits(found: Found) -> Finding:
    """FPD-Net converges faster than HPD (abstract, §VI), 16-QAM and 2 bits."""
    return _faster(str(faster_two_bits.__doc__), found, TWO_BITS)


def _faster(claim: str, found: Found, study: str) -> Finding:
    """sᵏ of the net of 5 layers less HPD's, k = 1 … 5, at every SNR: one family of comparisons."""
    result = found.results[study]
    places = [(snr, k) for snr in result.plan.snr_db for k in range(1, PAPER + 1)]
    pairs = [(NET.format(k), HPD.format(k), snr) for snr, k in places]
    corrected = holm([result.p_value(*pair) for pair in pairs])
    differences = [result.difference(*pair) for pair in pairs]
    better = sum(p < LEVEL and d.value < 0 for p, d in zip(corrected, differences, strict=True))
    worse = sum(p < LEVEL and d.value > 0 for p, d in zip(corrected, differences, strict=True))
    parts = []
    for snr in result.plan.snr_db:
        told = [
            f"{d.value:+.1e} ± {(d.high - d.low) / 2:.0e}{'' if p < LEVEL else ' (n.s.)'}"
            for (at, _), d, p in zip(places, differences, corrected, strict=True)
            if at == snr
        ]
        parts.append(f"{', '.join(told)} at {snr:g} dB ({_needed(result, snr)})")
    vectors = result.points[pairs[0][0], pairs[0][2]].vectors
    text = (
        f"less HPD (κ = 1.5) after as many layers, 1 to {PAPER}, one seed of the net, "
        f"{vectors:,} vectors, {len(pairs)} comparisons (better in {better}, worse in {worse}): "
        + "; ".join(parts)
    )
    verdict = PARTLY if better and worse else HOLDS if better else FAILS
    return Finding(claim, text, verdict)


def _needed(result: Result, snr_db: float) -> str:
    """HPD's best number of layers, and after how many the net is not worse, by the interval."""
    rates = {
        (c, k): result.points[c.format(k), snr_db].ber.value
        for c in COLUMNS
        for k in range(1, MOST + 1)
        if (c.format(k), snr_db) in result.points
    }
    best, least = min((value, k) for (c, k), value in rates.items() if c == HPD)
    reached = [
        k
        for k in range(1, PAPER + 1)
        if result.difference(NET.format(k), HPD.format(least), snr_db).low <= 0
    ]
    low = f"is not worse after {reached[0]} layers" if reached else "is never as good"
    return (
        f"HPD is best after {least} layers, {number(best)}, and has {number(rates[HPD, MOST])} "
        f"after {MOST}; FPD-Net {low} and has {number(rates[NET, PAPER])} after {PAPER}"
    )


FINDINGS = (faster_one_bit, faster_two_bits)
