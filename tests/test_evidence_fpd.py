# SPDX-License-Identifier: Apache-2.0
"""The evidence about HPD and FPD-Net: tables by layers, and the verdicts' families."""

from __future__ import annotations

import dataclasses
import re

import pytest

from benchmarks.evidence import convergence
from benchmarks.evidence.claims import fpd, hpd
from benchmarks.evidence.claims import memory as memory_claims
from benchmarks.evidence.convergence import COLUMNS, HPD, NAMES, NET, TWO_BITS
from benchmarks.evidence.finding import FAILS, HOLDS, PARTLY, Found
from benchmarks.evidence.paired import against
from benchmarks.evidence.studies import STUDIES, Study
from benchmarks.evidence.tables import number, rate
from fixedpoint.numbers.format import IntArray
from model.detectors.cost import memory
from model.lab.counts import Counts
from model.lab.plan import Plan
from model.lab.result import Result
from model.lab.sweep import sweep

BY_NAME = {study.name: study for study in STUDIES}
STUDY = BY_NAME[TWO_BITS]


@pytest.fixture(scope="module")
def result() -> Result:
    plan = Plan(STUDY.system, tuple(STUDY.labels), STUDY.snr_db, errors=10**6, max_vectors=400)
    return sweep(plan, workers=1)


@pytest.mark.parametrize("name", NAMES)
def test_every_detector_after_every_layer_is_a_point_of_the_studies(name: str) -> None:
    expected = {c.format(k) for c in COLUMNS for k in range(1, 9)}
    expected -= {NET.format(k) for k in (6, 7, 8)}
    assert set(BY_NAME[name].labels) == expected
    plan = BY_NAME[name].plan(quick=False)
    assert {plan.limit(detector) for detector in plan.detectors} == {20_000}
    plan.check()


def test_a_table_has_layers_down_and_no_state_after_the_last_layer(result: Result) -> None:
    lines = convergence.table(result, 10.0).splitlines()
    assert lines[0] == "| layers | " + " | ".join(COLUMNS.values()) + " |"
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines[2:]]
    assert [row[0] for row in rows] == [str(k) for k in range(1, 9)]
    assert [row[3] == "–" for row in rows] == [k > 5 for k in range(1, 9)]
    assert rows[2][2] == rate(result.points[HPD.format(3), 10.0].ber)
    assert rows[4][3] == rate(result.points[NET.format(5), 10.0].ber)
    text = "\n".join(convergence.section(STUDY, result))
    assert all(f"{snr:g} dB:\n\n{convergence.table(result, snr)}" in text for snr in STUDY.snr_db)


def test_the_claim_counts_ten_comparisons_and_says_what_the_net_needs(result: Result) -> None:
    finding = convergence.faster_two_bits(Found({TWO_BITS: result}))
    assert "10 comparisons" in finding.measured
    for k, snr in ((1, 10.0), (5, 12.5)):
        d = result.difference(NET.format(k), HPD.format(k), snr)
        assert f"{d.value:+.1e} ± {(d.high - d.low) / 2:.0e}" in finding.measured
    # at one layer FPD-Net makes half of HPD's errors: no chance of 400 vectors hides that
    assert finding.verdict in (HOLDS, PARTLY)
    assert "better in 0" not in finding.measured
    best = min(range(1, 9), key=lambda k: result.points[HPD.format(k), 10.0].ber.value)
    pairs = [(NET.format(k), HPD.format(best)) for k in range(1, 6)]
    reached = [k for k, pair in enumerate(pairs, 1) if result.difference(*pair, 10.0).low <= 0]
    words = f"is not worse after {reached[0]} layers" if reached else "is never as good"
    last = number(result.points[NET.format(5), 10.0].ber.value)
    assert f"HPD is best after {best} layers" in finding.measured
    assert f"FPD-Net {words} and has {last} after 5" in finding.measured


def test_exchanged_detectors_exchange_what_is_better_and_what_is_worse(result: Result) -> None:
    place = {name: n for n, name in enumerate(result.plan.detectors)}
    other = {NET.format(k): HPD.format(k) for k in range(1, 6)}
    other |= {hpd: net for net, hpd in other.items()}
    order = [place[other.get(d, d)] for d in result.plan.detectors]
    exchanged = dataclasses.replace(
        result, counts=tuple(dataclasses.replace(c, **_picked(c, order)) for c in result.counts)
    )
    texts = [convergence.faster_two_bits(Found({TWO_BITS: r})) for r in (result, exchanged)]
    counts = [re.search(r"better in (\d+), worse in (\d+)", t.measured) for t in texts]
    assert counts[0]
    assert counts[1]
    assert counts[0].groups() == counts[1].groups()[::-1]
    assert int(counts[0][1]) > 0
    assert texts[1].verdict == (PARTLY if int(counts[1][1]) else FAILS)


def _picked(counts: Counts, order: list[int]) -> dict[str, IntArray]:
    """Rows and columns of every array of `Counts`, in another order."""
    return {
        field.name: getattr(counts, field.name)[..., order, :][..., order]
        for field in dataclasses.fields(counts)
    }


def test_a_difference_is_told_with_its_comparisons_vectors_and_seed(result: Result) -> None:
    study = dataclasses.replace(STUDY, name="some")
    text = against(Found({study.name: result}), study.name, NET.format(1), HPD.format(1))
    assert text.endswith(
        f"(2 comparisons, better in 2 and worse in 0 after Holm; 400 to 400 vectors, draws of "
        f"seed {result.plan.seed})"
    )


@pytest.mark.parametrize(
    ("finding", "study", "detectors"),
    [
        (fpd.loss_one_bit, "fpd-loss-4qam-1bit", ("fpd:loss=mse,theta=hyper", "hpd")),
        (fpd.loss_two_bits, "fpd-loss-16qam-2bit", ("fpd:theta=hyper", "hpd")),
        (hpd.solved, "hpd-figure-4", ("hpd", "1bit-ml", "bmmse")),
        (hpd.stopping, "hpd-layers", ("hpd", "hpd:layers=20,stop=threshold")),
    ],
)
def test_what_a_claim_reads_is_measured_by_a_study(
    finding: object, study: str, detectors: tuple[str, ...]
) -> None:
    assert finding in hpd.FINDINGS
    found: Study = BY_NAME[study]
    assert set(detectors) <= set(found.labels)


def test_the_memory_row_gives_the_bytes_of_the_memory_model() -> None:
    finding = memory_claims.storage(Found({}))
    rows = {(row.network, row.precision): row for row in memory.rows()}
    for network in ("PGD-Net", "ADMM-Net"):
        small, full = rows[network, "int8"], rows[network, "fp32"]
        assert f"{network}: {small.total:,} bytes in INT8" in finding.measured
        assert f"{small.total / full.total:.2f} of FP32 ({full.total:,})" in finding.measured
        assert small.total < full.total
        assert small.parameters > full.parameters
    assert finding.verdict == PARTLY
