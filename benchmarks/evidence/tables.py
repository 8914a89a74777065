# SPDX-License-Identifier: Apache-2.0
"""Markdown tables of a study: BER with intervals, paired differences, agreement with references."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from benchmarks.evidence.references import Reference, joint_half_width
from benchmarks.evidence.studies import Study
from model.detectors.cost.central import CentralCost
from model.detectors.cost.memory import Memory
from model.detectors.cost.receivers import Cost
from model.lab.result import Rate, Result

FEW = 100


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; a bar in a cell is escaped."""
    lines = ["| " + " | ".join(header) + " |", "|---" * len(header) + "|"]
    cells = ([cell.replace("|", r"\|") for cell in row] for row in rows)
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in cells)])


def number(value: float) -> str:
    """A rate as the tables print it: .1234 or 1.23e-4."""
    return f"{value:.4f}".lstrip("0") if value >= 0.01 else f"{value:.2e}".replace("e-0", "e-")


def rate(found: Rate) -> str:
    """A rate with half of its interval, or the upper bound of a point without errors."""
    if not found.errors:
        return f"< {number(found.high)}"
    if found.errors < FEW:  # few errors: the interval is far from symmetric
        return f"{number(found.value)} ({number(found.low)} to {number(found.high)})"
    half = (found.high - found.low) / 2
    return f"{number(found.value)} ± {number(half)}"


def rates(study: Study, result: Result, kind: str = "ber") -> str:
    """BER (or `ser`, `ver`) of every detector at every SNR."""
    header = ["SNR, dB", *(study.labels[d] for d in result.plan.detectors)]
    rows = [
        [f"{snr:g}", *(rate(getattr(result.points[d, snr], kind)) for d in result.plan.detectors)]
        for snr in result.plan.snr_db
    ]
    return markdown(header, rows)


def differences(study: Study, result: Result) -> str:
    """The study's paired differences; empty if it has none."""
    pairs = [p for p in study.pairs if set(p) <= set(result.plan.detectors)]
    if not pairs:
        return ""
    header = ["BER of …", "less BER of …", *(f"{snr:g} dB" for snr in result.plan.snr_db)]
    rows = []
    for a, b in pairs:
        found = [result.difference(a, b, snr) for snr in result.plan.snr_db]
        cells = [f"{d.value:+.1e} ± {(d.high - d.low) / 2:.0e}" for d in found]
        rows.append([study.labels[a], study.labels[b], *cells])
    return markdown(header, rows)


def size(result: Result) -> str:
    """What a point was measured on, in words."""
    vectors = [p.vectors for p in result.points.values()]
    plan = result.plan
    return (
        f"Seed {plan.seed}; {min(vectors):,} to {max(vectors):,} vectors a point: a point ends at "
        f"{plan.errors:,} bit errors and {plan.min_vectors:,} vectors, or at "
        f"{plan.max_vectors:,} vectors; 95% intervals over channel draws."
    )


def agreements(study: Study, result: Result, references: Sequence[Reference]) -> str:
    """Each reference point beside ours, and whether they agree; empty if there is none."""
    rows = [
        [study.labels[r.detector], f"{r.snr_db:g}", number(r.ber), ours, verdict]
        for r in references
        for ours, verdict in [_held(result, r)]
        if ours
    ]
    if not rows:
        return ""
    return markdown(["detector", "SNR, dB", "reference", "ours", "verdict"], rows)


def _held(result: Result, reference: Reference) -> tuple[str, str]:
    point = result.points.get((reference.detector, reference.snr_db))
    if point is None:
        return "", ""
    if not point.ber.errors:
        return rate(point.ber), "no errors seen"
    half = (point.ber.high - point.ber.low) / 2
    joint = joint_half_width(reference, half, point.ber.value, point.vectors)
    gap = point.ber.value - reference.ber
    if abs(gap) <= joint:
        return rate(point.ber), "equal"
    return rate(
        point.ber
    ), f"{'worse' if gap > 0 else 'better'} by {abs(gap) / joint:.1f} joint half-widths"


def costs(rows: Sequence[tuple[str, Cost]]) -> str:
    """Operations of a unit and of the centre, and bits on each unit's fronthaul."""
    header = ["detector", "products of a unit", "its scalings", "its functions",
              "products of the centre", "bits up", "bits down"]  # fmt: skip
    return markdown(
        header,
        [
            [
                name,
                *(f"{x:,.0f}" for x in (c.unit.products, c.unit.scalings, c.unit.functions)),
                *(f"{x:,.0f}" for x in (c.centre.products, c.up, c.down)),
            ]
            for name, c in rows
        ],
    )


def central_costs(rows: Sequence[tuple[str, CentralCost]]) -> str:
    """Operations of a coherence block and of a vector, one receiver."""
    header = ["detector", "multiplications a block", "a vector", "its shift-adds", "its squares",
              "paths sorted a level"]  # fmt: skip
    return markdown(
        header,
        [
            [
                name,
                *(f"{x:,}" for x in (c.block, c.products, c.shift_adds, c.squares)),
                f"{c.sorted_paths}" if c.sorted_paths else "–",
            ]
            for name, c in rows
        ],
    )


def memory(rows: Sequence[Memory]) -> str:
    """Bytes of every network in every precision."""
    header = ["network", "precision", "parameters", "a coherence block", "a vector"]
    return markdown(
        header,
        [
            [m.network, m.precision, *(f"{b:,}" for b in (m.parameters, m.block, m.vector))]
            for m in rows
        ],
    )


def latency(record: Mapping[str, Any]) -> str:
    """Nanoseconds a vector, and their ratio to FP32 of the same run."""
    header = ["network", "variant", "batch", "H", "median, ns", "p95, ns", "ratio to FP32",
              "preparation of H, ns", "ratio with preparation"]  # fmt: skip
    rows = [
        [row["network"], row["variant"], "", "", f"absent: {row['absent']}", "", "", "", ""]
        if "absent" in row
        else [
            *(str(row[key]) for key in ("network", "variant", "batch", "cache")),
            *(f"{row[key]:,.0f}" for key in ("median_ns", "p95_ns")),
            _ratio(row, "ratio"),
            f"{row['prepare_ns']:,.0f}",
            _ratio(row, "amortised_ratio"),
        ]
        for row in record["rows"]
    ]
    head = f"{record['processor']}, {record['compiler']}, one thread, {record['rounds']} rounds."
    return f"{head}\n\n{markdown(header, rows)}"


def _ratio(row: Mapping[str, Any], key: str) -> str:
    return f"{row[key]:.2f} ({row[key + '_low']:.2f} to {row[key + '_high']:.2f})"


def crossing(result: Result, detector: str, target: float) -> float | None:
    """SNR in dB at which a detector's BER falls to `target`, log-linear between points."""
    snrs = result.plan.snr_db
    rates = [result.points[detector, snr].ber.value for snr in snrs]
    for (a, high), (b, low) in itertools.pairwise(zip(snrs, rates, strict=True)):
        if high >= target > low > 0:
            return a + (b - a) * math.log(high / target) / math.log(high / low)
    return None


def losses(study: Study, result: Result, target: float = 1e-2) -> str:
    """What each pair's first detector needs more SNR than the second, at a BER of `target`."""
    lines = []
    for a, b in study.pairs:
        if {a, b} <= set(result.plan.detectors):
            first, second = (crossing(result, name, target) for name in (a, b))
            if first is not None and second is not None:
                lines.append(
                    f"- {study.labels[a]}: {first:.2f} dB, {study.labels[b]}: {second:.2f} dB, "
                    f"difference {first - second:+.3f} dB"
                )
    return "\n".join(lines)
