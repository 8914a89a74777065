# SPDX-License-Identifier: Apache-2.0
"""What the latency benchmark concludes from its times, and its command."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from benchmarks import latency, latency_golden, latency_measure
from benchmarks.latency_library import NETWORKS, VARIANTS, Library
from benchmarks.latency_measure import PREPARE, Key
from fixedpoint.detectors import library as specs


def test_a_ratio_is_paired_by_rounds():
    rng = np.random.default_rng(8)
    reference = rng.uniform(1, 10, (60, 1)) * rng.normal(1, 0.01, (60, 5))
    slower = latency_measure.ratio(0.8 * reference, reference, 0)
    assert slower == pytest.approx((0.8, 0.8, 0.8))
    noisy = latency_measure.ratio(0.8 * reference * rng.normal(1, 0.05, (60, 5)), reference, 0)
    assert noisy.low < noisy.value < noisy.high
    assert noisy.low > 0.76
    assert noisy.high < 0.84


def test_preparation_is_shared_by_the_vectors_of_a_block():
    times = {}
    for variant, run, prepare in (("fp32", 100.0, 280.0), ("int8", 50.0, 420.0)):
        times[Key("pgd", variant, "run", 14)] = np.full((3, 2), run)
        times[Key("pgd", variant, PREPARE)] = np.full((3, 2), prepare)
    row = latency_measure.rows(times, "fp32", 0)[1]
    assert row["ratio"] == 0.5
    assert row["amortised_ns"] == 50 + 420 / 14
    assert row["amortised_ratio"] == pytest.approx((50 + 30) / (100 + 20))


@pytest.mark.parametrize(
    ("value", "high", "word"),
    [
        (0.7, 0.75, "less is reached"),
        (0.79, 0.81, "within the interval"),
        (0.9, 0.92, "not reached"),
    ],
)
def test_the_claim_is_judged_by_the_whole_interval(value, high, word):
    row = {"network": "pgd", "variant": "int8", "batch": 1, "cache": "hot"}
    row |= {"ratio": value, "ratio_low": 2 * value - high, "ratio_high": high}
    row |= {"amortised_ratio": 1.05, "amortised_ratio_low": 1.04, "amortised_ratio_high": 1.06}
    slow = {**row, "variant": "int8-vnni", "ratio": 2.0}
    sentence = latency.verdict([slow, row], "pgd")
    assert word in sentence
    assert f"by {value - 1:+.1%} [" in sentence
    assert sentence.endswith("H of its own, by +5.0% [+4.0%, +6.0%]")


def test_every_round_visits_every_task():
    counts = dict.fromkeys(VARIANTS, 0)

    def sampler(variant):
        def sample(calls):
            counts[variant] += 1
            return 1e9 / calls

        return sample

    tasks = {Key("pgd", variant, "run"): sampler(variant) for variant in VARIANTS}
    times = latency_measure.alternate(tasks, rounds=7, samples=3, seed=0)
    assert all(array.shape == (7, 3) for array in times.values())
    assert set(counts.values()) == {2 + 7 * 3}


def test_the_command_prints_a_table_and_writes_its_json(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(latency_measure, "RING_BYTES", 1 << 20)
    file = tmp_path / "latency.json"
    assert latency.main(["--quick", "--rounds", "4", "--json", str(file)]) == 0
    report = json.loads(file.read_text("utf-8"))
    assert report["specs"] == {name: specs.load(name).digest for name in ("pgd", "admm-box")}
    compared = {(row["network"], row["variant"]): row for row in report["golden"]}
    ran = {r["variant"] for r in report["rows"] if "absent" not in r and "int8" in r["variant"]}
    assert set(compared) == {(network, variant) for network in NETWORKS for variant in ran}
    for row in compared.values():
        assert row["vectors"] >= 4000
        assert row["integers"] >= 2 * 32 * row["vectors"]
        assert row["unlike"] <= row["prepared"] / 10_000
    measured = [row for row in report["rows"] if "absent" not in row]
    timed = {(r["network"], r["variant"], r["batch"], r["cache"]) for r in measured}
    for network in NETWORKS:
        for batch, cache in ((1, "hot"), (1, "cold"), (14, "hot"), (128, "hot")):
            assert (network, "fp32", batch, cache) in timed
            assert (network, "int8", batch, cache) in timed
        assert {"int8-vnni", "torch fp32"} <= {
            row["variant"] for row in report["rows"] if row["network"] == network
        }
    assert all(0 < row["median_ns"] <= row["p95_ns"] for row in measured)
    assert all(row["ratio"] == 1 for row in measured if row["variant"] == "fp32")
    text = capsys.readouterr().out
    assert "int8-vnni" in text
    digest = specs.load("admm-box").digest[:12]
    assert re.search(rf"admm int8: 0 of 714,240 integers differ .* of spec {digest}", text)
    assert text.count("20% less is") == 2


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("wire", ["state", "code"])
def test_one_differing_integer_ends_the_run_before_it_is_timed(network, wire, monkeypatch, capsys):
    unchanged, calls = Library.run, []

    def wrong(self, name, block, y, index):
        output = unchanged(self, name, block, y, index)
        if name == network and len(y) == latency_golden.VECTORS:
            calls.append(name)
            if len(calls) == 3:  # the third block
                getattr(output, wire)[5, 17] ^= 1
        return output

    monkeypatch.setattr(Library, "run", wrong)
    monkeypatch.setattr(latency_measure, "alternate", lambda *_: pytest.fail("timed"))
    assert latency.main(["--quick", "--rounds", "1"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    vector = 2 * latency_golden.VECTORS + 5
    found = re.search(
        rf"DIFFERS: 1 of 714240 integers; {network} int8, its own preparation, 31 a call: seed 7, "
        rf"vector {vector}, wire {network}5\.{wire}\[17\]: (-?\d+), the golden model has (-?\d+);",
        captured.err,
    )
    assert found is not None
    assert int(found[1]) == int(found[2]) ^ 1


def test_a_processor_without_vnni_says_so(monkeypatch, capsys):
    monkeypatch.setattr(latency_measure, "RING_BYTES", 1 << 20)
    monkeypatch.setattr(Library, "has_vnni", property(lambda self: False))
    assert latency.main(["--quick", "--rounds", "2"]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if "int8-vnni" in line]
    assert len(lines) == 2
    assert all("this processor has no AVX512-VNNI" in line for line in lines)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [([], "C\\+\\+ compiler /nonexistent is not installed"), (["--rounds", "0"], "rounds 0")],
)
def test_a_mistake_is_one_line_and_status_2(arguments, line, monkeypatch, capsys):
    if not arguments:
        monkeypatch.setenv("CXX", "/nonexistent")
    assert latency.main(arguments) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert re.search(line, error)
