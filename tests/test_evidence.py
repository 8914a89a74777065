# SPDX-License-Identifier: Apache-2.0
"""The evidence: references, tables and pages say what the numbers say."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import pytest

from benchmarks.evidence import __main__ as command
from benchmarks.evidence import pages, tables
from benchmarks.evidence.claims import written
from benchmarks.evidence.finding import FAILS, HOLDS, PARTLY, Found, compared
from benchmarks.evidence.references import Reference, joint_half_width, load
from benchmarks.evidence.studies import MOST_BITS, NAMED_SYSTEMS, STUDIES, Study
from model.lab import report
from model.lab.plan import Plan
from model.lab.result import Result
from model.lab.sweep import sweep

STUDY = Study(
    "kaq-figure-4-pgd",
    "LMMSE and zero forcing",
    NAMED_SYSTEMS["16x16-16qam"],
    {"lmmse": "LMMSE", "zf": "ZF"},
    (10.0, 20.0),
    pairs=(("lmmse", "zf"),),
)


@pytest.fixture(scope="module")
def result() -> Result:
    plan = Plan(STUDY.system, tuple(STUDY.labels), STUDY.snr_db, max_vectors=1000)
    return sweep(plan, workers=1)


def test_the_joint_interval_of_equal_measurements_is_root_two_of_one() -> None:
    reference = Reference("16x16-16qam", "lmmse", 10.0, 0.01, 0.0, 5000)
    joint = joint_half_width(reference, half_width=1e-3, ber=0.01, vectors=5000)
    assert joint == pytest.approx(math.sqrt(2) * 1e-3)
    larger = dataclasses.replace(reference, vectors=20_000, rounding=5e-4)
    expected = math.hypot(1e-3, 5e-4) + 5e-4
    assert joint_half_width(larger, 1e-3, 0.01, 5000) == pytest.approx(expected)


def test_a_printed_reference_keeps_its_rounding() -> None:
    by_point = {(r.system, r.detector, r.snr_db): r for r in load()}
    ml = by_point["16x16-16qam", "ml", 20.0]
    assert (ml.ber, ml.rounding) == pytest.approx((7.6e-5, 0.5e-6))
    assert by_point["16x16-16qam", "lmmse", 16.0].rounding == pytest.approx(5e-4)
    assert by_point["64x8-16qam-2bit", "bmmse", 0.0].rounding == pytest.approx(5e-4)


def test_every_reference_is_a_point_of_a_study() -> None:
    measured = {(s.system, d, snr) for s in STUDIES for d in s.labels for snr in s.snr_db}
    for r in load():
        assert (NAMED_SYSTEMS[r.system], r.detector, r.snr_db) in measured


def test_numbers_of_another_plan_are_refused(
    result: Result, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report.save([result], tmp_path / f"{STUDY.name}.json")
    assert command.main(["--pages", "--out", str(tmp_path)]) == 2
    assert "is of another plan" in capsys.readouterr().err


def test_agreement_and_disagreement_are_told_apart(result: Result) -> None:
    ber = result.points["lmmse", 10.0].ber.value
    same = Reference("16x16-16qam", "lmmse", 10.0, ber, 0.0, 1000)
    off = dataclasses.replace(same, ber=ber / 2)
    assert "| equal |" in tables.agreements(STUDY, result, [same])
    assert "| worse by" in tables.agreements(STUDY, result, [off])
    assert not tables.agreements(STUDY, result, [dataclasses.replace(same, snr_db=11.0)])


def test_tables_hold_every_detector_and_pair(result: Result) -> None:
    text = tables.rates(STUDY, result)
    assert text.splitlines()[0] == "| SNR, dB | LMMSE | ZF |"
    assert len(text.splitlines()) == 4
    paired = tables.differences(STUDY, result)
    assert "| LMMSE | ZF | -" in paired
    assert "nan" not in text + paired


def test_the_verdict_follows_the_paired_differences(result: Result) -> None:
    found = Found({STUDY.name: result})
    better, worse = (compared(found, STUDY.name, *p) for p in (("lmmse", "zf"), ("zf", "lmmse")))
    assert (better.verdict, worse.verdict) == (HOLDS, FAILS)
    assert dataclasses.replace(better, worse=1).verdict == PARTLY
    with pytest.raises(KeyError, match="kbest"):
        compared(found, STUDY.name, "kbest", "zf")


def test_a_crossing_lies_between_its_points(result: Result) -> None:
    rates = {snr: result.points["lmmse", snr].ber.value for snr in STUDY.snr_db}
    middle = math.sqrt(rates[10.0] * rates[20.0])
    assert tables.crossing(result, "lmmse", middle) == pytest.approx(15.0)
    assert tables.crossing(result, "lmmse", 1e-6) is None
    assert "difference -" in tables.losses(STUDY, result, 0.17)


def test_a_claim_without_numbers_says_so() -> None:
    text = written.page(Found({}))
    assert text.count("not measured") >= 10
    assert "no numbers for" in text
    assert sum(len(section.findings) for section in written.SECTIONS) == text.count("| **")


def test_a_full_point_has_its_errors_down_to_1e_5() -> None:
    for study in STUDIES:
        plan = study.plan(quick=False)
        assert plan.errors >= 1000
        assert plan.max_vectors * study.system.bits == pytest.approx(MOST_BITS, rel=1e-3)
        assert MOST_BITS * 1e-4 >= 1000
        assert MOST_BITS * 1e-5 >= 100


def test_pages_alone_need_no_numbers(tmp_path: Path) -> None:
    assert command.main(["--pages", "--out", str(tmp_path)]) == 0
    names = {path.name for path in tmp_path.iterdir()}
    assert {"README.md", "claims.md", "hpd-figure-2.svg", "kaq-figure-5.svg"} <= names
    first = (tmp_path / "kaq-figure-5.svg").read_bytes()
    pages.write(tmp_path)
    assert (tmp_path / "kaq-figure-5.svg").read_bytes() == first


def test_bad_parts_exit_2_with_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(["--only", "figure-7"])
    assert ended.value.code == 2
    assert "figure-7" in capsys.readouterr().err
    (tmp_path / "latency.json").write_text("{")
    assert command.main(["--pages", "--out", str(tmp_path)]) == 2
    assert "latency.json" in capsys.readouterr().err
