# SPDX-License-Identifier: Apache-2.0
"""The sweep: paired scenes, the stop rule in index order, the journal, refusals."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from fixedpoint.numbers import slicer
from model.detectors import catalog
from model.detectors.options import Options
from model.lab import report, task
from model.lab.count import gray_words
from model.lab.counts import Sums
from model.lab.plan import Plan
from model.lab.result import Result
from model.lab.sweep import sweep
from model.systems.scene import Received, scene
from model.systems.system import System
from model.unfolded.accuracy import sliced_errors

SMALL = System(nt=4, nr=4, modulation="16qam", vectors=2)
PLAN = Plan(SMALL, ("lmmse", "zf", "kbest:k=4"), (12.0, 20.0), seed=3, errors=300,
            max_vectors=1200, min_vectors=100, limits={"kbest": 250}, task_vectors=100)  # fmt: skip


class Broken:
    """An estimate of NaN at one place, from some SNR on."""

    def __call__(self, received: Received, h: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
        estimate = received.y @ h
        if noise.max() < 0.1:
            estimate[3, 0, 1] = torch.nan
        return estimate


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def build(system: System, options: Options) -> Broken:
        return Broken()

    monkeypatch.setitem(catalog.CATALOG, "broken", build)
    task._built.cache_clear()
    yield
    task._built.cache_clear()


def per_block(plan: Plan, detector: str, snr_db: float, tasks: int) -> np.ndarray:
    """Wrong bits of every coherence block by the golden slicer: the reference of the counts."""
    found, detect = [], catalog.make(detector, plan.system)
    for index in range(tasks):
        words = [plan.seed, 1_000_000 + int(snr_db * 1000), index]
        rng = np.random.Generator(np.random.SFC64(words))
        drawn = scene(plan.system, snr_db, plan.task_blocks, rng)
        estimate = detect(drawn.received, drawn.h, drawn.noise).numpy()
        wrong = sliced_errors(estimate, drawn.x.numpy(), plan.system.constellation)
        found.append(wrong.sum(axis=1))
    return np.concatenate(found)


@pytest.fixture(scope="module")
def result() -> Result:
    return sweep(PLAN, workers=1)


def test_gray_words_are_those_of_the_golden_slicer() -> None:
    for system in (SMALL, dataclasses.replace(SMALL, modulation="64qam"),
                   dataclasses.replace(SMALL, modulation="qpsk")):  # fmt: skip
        m = system.constellation
        thresholds = np.arange(2 - m.levels, m.levels, 2, dtype=np.float64)
        x = np.concatenate([thresholds, thresholds - 1e-9, np.linspace(-9, 9, 1001)])
        bits = m.gray(slicer.position(x, thresholds))
        words = bits @ (1 << np.arange(m.bits - 1, -1, -1))
        assert np.array_equal(gray_words(torch.from_numpy(x), m).numpy(), words)


def test_sums_of_a_task_are_those_of_its_blocks() -> None:
    errors = np.random.default_rng(0).integers(0, 4, (3, 2, 50))
    sums = Sums.of(errors)
    for kind in range(3):
        a, b = errors[kind]
        assert sums.errors[kind].tolist() == [a.sum(), b.sum()]
        assert sums.products[kind].tolist() == [[a @ a, a @ b], [a @ b, b @ b]]
        assert sums.unequal[kind, 0].tolist() == [(a != 0).sum(), (a != b).sum()]


def test_points_end_by_the_stop_rule_in_index_order(result: Result) -> None:
    for snr in PLAN.snr_db:
        for detector in PLAN.detectors:
            limit = 3 if detector == "kbest:k=4" else 12  # 250 vectors are 3 whole tasks
            wrong = per_block(PLAN, detector, snr, limit).reshape(limit, -1)
            enough = np.flatnonzero(wrong.sum(axis=1).cumsum() >= PLAN.errors)
            tasks = min(limit, int(enough[0]) + 1) if len(enough) else limit
            point = result.points[detector, snr]
            assert point.vectors == tasks * 100
            assert point.ber.errors == wrong[:tasks].sum()
            assert point.ber.trials == tasks * 100 * 16


def test_paired_differences_are_over_the_common_blocks(result: Result) -> None:
    for snr in PLAN.snr_db:
        blocks = result.points["kbest:k=4", snr].blocks
        blocks = min(blocks, result.points["zf", snr].blocks)
        a, b = (per_block(PLAN, text, snr, blocks // 50)[:blocks] for text in ("zf", "kbest:k=4"))
        d = result.difference("zf", "kbest:k=4", snr)
        assert d.value == pytest.approx((a - b).mean() / 32, rel=1e-12)
        half = 1.96 * (a - b).std(ddof=1) / 32 / np.sqrt(blocks)
        assert (d.high - d.low) / 2 == pytest.approx(half, rel=0.05)
        back = result.difference("kbest:k=4", "zf", snr)
        assert (back.low, back.high) == pytest.approx((-d.high, -d.low))


def test_rates_of_bits_symbols_and_vectors_agree(result: Result) -> None:
    for point in result.points.values():
        assert point.ber.value <= point.ser.value <= point.ver.value <= 16 * point.ber.value
        for rate in (point.ber, point.ser, point.ver):
            assert 0 <= rate.low <= rate.value <= rate.high <= 1


def test_a_bound_without_errors_knows_how_much_of_a_wrong_block_is_wrong() -> None:
    plan = dataclasses.replace(PLAN, detectors=("zf",), limits={}, snr_db=(80.0, 20.0, 10.0))
    found = sweep(plan, workers=1)
    point, below = found.points["zf", 80.0], per_block(plan, "zf", 20.0, 12)
    below = below[: found.points["zf", 20.0].blocks]
    assert point.ber.errors == 0
    blocks = 1 - 0.025 ** (1 / point.blocks)
    assert point.ber.high == pytest.approx(blocks * below[below > 0].mean() / 32)
    assert point.ber.high < point.ser.high < point.ver.high < blocks


def test_any_number_of_workers_gives_the_same_digits(result: Result) -> None:
    for workers in (2, 3):
        assert sweep(PLAN, workers=workers).to_json() == result.to_json()


def test_results_survive_json(result: Result, tmp_path: Path) -> None:
    report.save([result], tmp_path / "r.json")
    (again,) = report.load(tmp_path / "r.json")
    assert again.points == result.points
    assert again.plan == dataclasses.replace(PLAN, task_vectors=100)
    (tmp_path / "r.json").write_text('{"results": [{}]}')
    with pytest.raises(ValueError, match="does not hold results"):
        report.load(tmp_path / "r.json")


def test_a_torn_journal_goes_on_without_losing_or_repeating_a_task(
    result: Result, tmp_path: Path
) -> None:
    whole = tmp_path / "whole.jsonl"
    assert sweep(PLAN, workers=1, journal=whole).to_json() == result.to_json()
    data = whole.read_bytes()
    ends = [i + 1 for i, byte in enumerate(data) if byte == ord("\n")]
    for cut in (0, ends[0] // 2, ends[0], ends[4], ends[4] + 20, ends[-1] - 1, ends[-1]):
        torn = tmp_path / "torn.jsonl"
        torn.write_bytes(data[:cut])
        assert sweep(PLAN, workers=1, journal=torn, resume=True).to_json() == result.to_json()
        entries = [json.loads(line) for line in torn.read_text().splitlines()[1:]]
        keys = [(entry["point"], entry["task"]) for entry in entries]
        assert len(set(keys)) == len(keys)
        assert sorted(map(json.dumps, entries)) == sorted(
            json.dumps(json.loads(line)) for line in whole.read_text().splitlines()[1:]
        )


def test_journals_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    quick = dataclasses.replace(PLAN, detectors=("zf",), limits={}, snr_db=(12.0,), errors=3000)
    sweep(quick, workers=1, journal=path)
    with pytest.raises(ValueError, match="--resume goes on"):
        sweep(quick, workers=1, journal=path)
    other = dataclasses.replace(
        quick, errors=3001, system=dataclasses.replace(SMALL, modulation="qpsk")
    )
    with pytest.raises(ValueError, match="errors 3000 not 3001, modulation 16qam not qpsk"):
        sweep(other, workers=1, journal=path, resume=True)
    lines = path.read_text().splitlines(keepends=True)
    path.write_text(lines[0] + lines[1] + lines[1])
    with pytest.raises(ValueError, match=r"line 3: it is damaged, or the one before it is missing"):
        sweep(quick, workers=1, journal=path, resume=True)
    path.write_text("something else\n")
    with pytest.raises(ValueError, match="not the journal"):
        sweep(quick, workers=1, journal=path, resume=True)
    with pytest.raises(ValueError, match="resume needs a journal"):
        sweep(quick, workers=1, resume=True)


@pytest.mark.usefixtures("broken")
def test_an_estimate_that_is_not_finite_is_named() -> None:
    plan = dataclasses.replace(PLAN, detectors=("broken",), limits={}, snr_db=(5.0, 30.0))
    with pytest.raises(ValueError, match="broken at 30 dB, coherence block 3 of seed 3"):
        sweep(plan, workers=1)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"detectors": ()}, "detectors is empty"),
        ({"snr_db": ()}, "snr_db is empty"),
        ({"snr_db": (1.0, 1.0)}, "1.0 more than once"),
        ({"snr_db": (float("nan"),)}, "within"),
        ({"seed": -1}, "seed -1 is below 0"),
        ({"errors": 0}, "errors 0 is below 1"),
        ({"limits": {"ml": 5}}, "limit of 'ml'"),
        ({"limits": {"zf": 0}}, "limit 0 of zf"),
    ],
)
def test_bad_plans_are_refused(change: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        dataclasses.replace(PLAN, **change)


def test_a_sweep_refuses_what_it_can_not_run_before_it_starts() -> None:
    with pytest.raises(ValueError, match="'magic' is not one of"):
        sweep(dataclasses.replace(PLAN, detectors=("magic",), limits={}), workers=1)
    with pytest.raises(ValueError, match="device 'cuda:77'"):
        sweep(PLAN, workers=1, device="cuda:77")
    with pytest.raises(ValueError, match="workers -1"):
        sweep(PLAN, workers=-1)
