# SPDX-License-Identifier: Apache-2.0
"""What papers and README say, and what we measured, claim by claim, from docs/results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.evidence.claims import hpd, kaq, links, memory, own
from benchmarks.evidence.finding import Finding, Found
from benchmarks.evidence.tables import markdown

HEAD = """# What the papers say, what we measured

Written by `python -m benchmarks.evidence` from the numbers in this folder; do not edit.
Differences are paired, on the same channels, bits and noise, with 95% intervals; negative means
that the first is better. Verdicts over several comparisons are corrected for their number (Holm, 5%
for a row together); n.s. marks what is not significant then. Rows of coded links take each interval
by itself. Nets are those of one training seed unless a row says how many. Conventions of the
simulation: [Results](README.md).
"""
KAQ = "KAQ: *Deep Unfolding with Kernel-based Quantization in MIMO Detection* (Ren et al.)"
HPD = (
    "HPD/FPD: *Smooth Penalty Detection Methods for Quantized and Distributed Massive MIMO "
    "Systems* (Chen et al.)"
)


@dataclass(frozen=True)
class Section:
    """A paper and the functions that measure its claims."""

    title: str
    findings: tuple[Callable[[Found], Finding], ...]


OWN = "bitfold: what README says of its own detectors"
SECTIONS = (
    Section(KAQ, (*kaq.FINDINGS, *memory.FINDINGS)),
    Section(HPD, hpd.FINDINGS),
    Section(OWN, (*own.FINDINGS, *links.FINDINGS)),
)


def page(found: Found) -> str:
    """The page; a claim whose numbers a quick run lacks says so."""
    parts = [HEAD]
    for section in SECTIONS:
        rows = []
        for measure in section.findings:
            try:
                finding = measure(found)
            except KeyError as missing:
                finding = Finding(str(measure.__doc__), f"no numbers for {missing}", "not measured")
            rows.append((finding.claim, finding.measured, f"**{finding.verdict}**"))
        table = markdown(("the claim", "we measured", "verdict"), rows)
        parts.append(f"## {section.title}\n\n{table}\n")
    return "\n".join(parts)
