# SPDX-License-Identifier: Apache-2.0
"""Calibration and measurement of soft bits, and their command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fixedpoint.detectors import library
from fixedpoint.numbers.modulation import MODULATIONS
from model.soft import calibrate, draws, quality, rule, weights
from model.soft.__main__ import main


@pytest.mark.parametrize("name", MODULATIONS)
def test_the_rule_is_that_of_all_points(name: str) -> None:
    rng, modulation = np.random.default_rng(0), MODULATIONS[name]
    w, weight = rng.normal(scale=modulation.peak, size=200), 1.7
    found = rule.max_log(w, weight, modulation)
    words = modulation.gray(np.arange(modulation.levels))
    for one, ratios in zip(w, found, strict=True):
        for b, ratio in enumerate(ratios):
            nearest = [min((one - 2 * j + modulation.peak) ** 2 for j in range(modulation.levels)
                           if words[j, b] == bit) for bit in (0, 1)]  # fmt: skip
            assert ratio == pytest.approx((nearest[0] - nearest[1]) * weight / 2)


def test_information_of_gaussian_ratios_is_what_they_are_worth() -> None:
    """Ratios of a ±1 in noise of variance s² are Gaussian of mean ±2/s²: tabulated, I = .4859."""
    rng = np.random.default_rng(1)
    bits = rng.integers(0, 2, 400_000)
    y = 2 * bits - 1 + rng.normal(size=bits.size)
    assert rule.information(2 * y, bits) == pytest.approx(0.4859, abs=0.004)
    assert rule.information(6 * y, bits) < rule.information(2 * y, bits) - 0.05
    assert rule.information(np.zeros(10), np.ones(10, np.int64)) == pytest.approx(0)


def test_soft_lmmse_says_the_truth() -> None:
    """Where streams don't disturb one another, and max-log of QPSK is exact: H is orthogonal."""
    rng = np.random.default_rng(2)
    bits = rng.integers(0, 2, (1, 100_000, 4))
    h = np.linalg.qr(rng.normal(size=(1, 4, 4)))[0]
    y = (2 * bits - 1) @ h.transpose(0, 2, 1) + rng.normal(size=bits.shape)
    ratios = rule.lmmse(h, y, 1.0, MODULATIONS["qpsk"])[..., 0]
    near = np.abs(np.abs(ratios) - 2) < 0.1
    right = ((ratios > 0) == (bits == 1))[near].mean()
    assert np.log(right / (1 - right)) == pytest.approx(2, abs=0.1)


def test_add_takes_the_best_wire_and_measures_above_soft_lmmse(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, plot = tmp_path / "soft.json", tmp_path / "plot.svg"
    assert main(["add", "--spec", "admm-box", "--bits", "5", "--vectors", "300", "--json",
                 "--out", str(out)]) == 0  # fmt: skip
    said = json.loads(capsys.readouterr().out)
    spec = library.load(out)
    assert spec.digest == said["digest"]
    assert spec.soft is not None
    assert (spec.soft.llr.bits, spec.soft.wire, spec.name) == (5, said["wire"], "admm-box-soft")
    each = {wire: found["information"] for wire, found in said["wires"].items()}
    assert said["wire"] == max(each, key=lambda wire: each[wire])
    assert main(["quality", "--spec", str(out), "--snr", "14", "--vectors", "600", "--json",
                 "--plot", str(plot)]) == 0  # fmt: skip
    (found,) = json.loads(capsys.readouterr().out)["each"]
    assert found["integers"] - found["lmmse"] > 5 * found["error"] > 0
    assert abs(found["integers"] - found["twin"]) < 0.02
    assert plot.read_text().startswith("<?xml")
    for other, more in ((out, 0), ("admm-box-soft", None)):
        assert main(["quality", "--spec", str(out), "--snr", "14", "--vectors", "600", "--json",
                     "--against", str(other)]) == 0  # fmt: skip
        (beside,) = json.loads(capsys.readouterr().out)["each"]
        assert beside["integers"] == found["integers"]
        assert beside["error"] < found["error"]
        assert abs(beside["more"]) < 0.01
        assert more is None or (beside["more"], beside["error"]) == (more, 0)


@pytest.mark.parametrize("name", ["pgd-box", "hpd-4qam-1bit", "fpd-16qam-2bit"])
def test_a_constant_each_entry_never_falls(name: str) -> None:
    spec, llr = library.load(name), calibrate.llr_format(6)
    entries = [0, 10, 20]
    found = calibrate.fits(spec, llr, entries, draws.system_for(spec), 200, 0)
    made = calibrate.softened(spec, found[0], entries, llr)
    assert made.soft is not None
    assert list(made.soft.constants) == sorted(made.soft.constants)
    assert made.soft.constants[0] < made.soft.constants[20]
    measured, odds = quality.measure(made, draws.system_for(spec), 10, 200, 1)
    assert 0.2 < measured.integers <= 1
    assert 0.3 < quality.slope(odds) < 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["add", "--spec", "pgd", "--bits", "2"], "soft bits of 2 bits: 3 to 12 expected"),
        (["add", "--spec", "pgd", "--bits", "13"], "soft bits of 13 bits: 3 to 12 expected"),
        (["add", "--spec", "pgd", "--wire", "cod", "--vectors", "9"], "wire 'cod': one of"),
        (["add", "--spec", "pgd", "--vectors", "1"], "1 vectors: 2 to 1,000,000"),
        (["add", "--spec", "pgd", "--seed", "-1"], "seed -1: 0 or more"),
        (["add", "--spec", "pgd", "--system", "8x8-16qam"], "does not fit"),
        (["quality", "--spec", "pgd"], "has no soft bits"),
        (["weights", "--spec", "pgd", "--vectors", "1"], "1 vectors: 2 to 1,000,000"),
        (["weights", "--spec", "pgd", "--snr", "99"], "99"),
        (["quality", "--spec", "admm-box-soft", "--snr", "99"], "99"),
        (["quality", "--spec", "admm-box-soft", "--against", "pgd"], "pgd has no soft bits"),
    ],
)
def test_what_cannot_be_is_one_line(
    words: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.json"
    more: list[Any] = ["--out", str(out)] if words[0] == "add" else []
    assert main([*words, *more]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1
    assert not out.exists()


def test_weights_of_streams_are_those_of_their_formulas() -> None:
    rng = np.random.default_rng(4)
    h, noise, power = rng.normal(size=(3, 6, 4)), 0.3, 5.0
    made = {name: each(h, noise, power) for name, each in weights.WEIGHTS.items()}
    for g, block in enumerate(h):
        for i in range(4):
            mine, others = block[:, i], np.delete(block, i, axis=1)
            assert made["energy"][g, i] == pytest.approx(mine @ mine)
            # a matched filter, and the best linear one: power of the symbol over what is left
            disturbed = power * others @ others.T + noise * np.eye(6)
            assert made["matched"][g, i] == pytest.approx(
                (mine @ mine) ** 2 / (mine @ disturbed @ mine))  # fmt: skip
            assert made["inverse"][g, i] == pytest.approx(
                min(power * mine @ np.linalg.inv(disturbed) @ mine, 63))  # fmt: skip


def test_what_a_stored_inverse_says_of_streams_beats_the_bank() -> None:
    """As shipped soft bits have it; the bank is what it is compared with, and no weight is that."""
    spec = library.load("admm-box")
    wire, found = weights.compare(spec, draws.system_for(spec), [19], 300, 0)
    bank, *others = found
    assert (bank.weight, bank.mean_more, bank.mean_error) == ("bank", 0, 0)
    assert wire in calibrate.candidates(spec)
    each = {(one.weight, one.constant): one for one in others}
    assert len(each) == 12
    inverse = each["inverse", "all"]
    assert inverse.mean_more > 2 * inverse.mean_error > 0
    assert inverse.mean == pytest.approx(bank.mean + inverse.mean_more)
    assert inverse.mean == each["inverse", "an entry"].mean  # of one entry the two are one
    assert each["energy", "all"].mean < inverse.mean


def test_weights_are_compared_by_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["weights", "--spec", "pgd-box", "--snr", "6:22:16", "--vectors", "60"]
    assert main([*words, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["snr_db"] == [6, 22]
    assert {len(one["more"]) for one in said["each"]} == {2}
    assert main(words) == 0
    assert "matched, root" in capsys.readouterr().out
