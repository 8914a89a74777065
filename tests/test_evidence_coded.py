# SPDX-License-Identifier: Apache-2.0
"""Coded words of docs/results: measured, written, repeated, and noticed where they differ."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.evidence import __main__ as command
from benchmarks.evidence import coded_pages, provenance
from benchmarks.evidence.coded import CODED, WORDS, Coded, _packed, wrong_of

PART: Coded = next(part for part in CODED if part.name == "coded-64x8")


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("coded")
    assert command.main(["--quick", "--only", PART.name, "--out", str(out)]) == 0
    return out


def changed(measured: Path, folder: Path, change: Any) -> Path:
    data = json.loads((measured / f"{PART.name}.json").read_text())
    change(data)
    (folder / f"{PART.name}.json").write_text(json.dumps(data))
    return folder


def test_words_are_packed_and_found_again() -> None:
    rows = np.random.default_rng(1).random((3, 13)) < 0.4
    run = {"words": 13, "wrong": {"lmmse": [_packed(row) for row in rows]}}
    assert (wrong_of(run, "lmmse") == rows).all()


def test_a_part_is_a_page_and_a_figure(measured: Path) -> None:
    text = (measured / "README.md").read_text()
    assert PART.title in text
    assert "Which core for coded words" in text
    assert (measured / f"{PART.name}.svg").read_text().count("<svg") == 1


def test_the_same_words_come_out_wrong_again(measured: Path) -> None:
    assert command.main(["--repeat", "--only", PART.name, "--out", str(measured)]) == 0


def test_one_word_more_or_less_is_a_difference(
    measured: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = f"golden {PART.specs[0]}"

    def flip(data: Any) -> None:
        row = wrong_of(data["runs"][0], name)[0]
        row[2] = not row[2]
        data["runs"][0]["wrong"][name][0] = _packed(row)

    out = changed(measured, tmp_path, flip)
    assert command.main(["--repeat", "--only", PART.name, "--out", str(out)]) == 1
    assert f"{PART.name}: {name} at" in capsys.readouterr().err


def test_words_of_another_spec_make_no_page(
    measured: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def spoil(data: Any) -> None:
        data[provenance.KEY]["files"][f"{PART.specs[0]}.json"] = "0"

    out = changed(measured, tmp_path, spoil)
    assert command.main(["--pages", "--out", str(out)]) == 2
    assert f"file {PART.specs[0]}.json" in capsys.readouterr().err
    assert not (out / "README.md").exists()


@pytest.mark.parametrize("part", CODED, ids=lambda part: part.name)
def test_committed_words_are_whole_not_quick(part: Coded) -> None:
    data = provenance.numbers(command.OUT / f"{part.name}.json")
    assert {run["rate"]: tuple(run["snr_db"]) for run in data["runs"]} == dict(part.runs)
    assert {run["words"] for run in data["runs"]} == {WORDS}


def test_a_curve_that_does_not_reach_the_target_is_said_to() -> None:
    never = np.ones((2, 20), bool)
    assert coded_pages.at((1.0, 2.0), never) == "not crossed"
    falls = never & (np.arange(2) == 0)[:, None]
    assert coded_pages.ahead((1.0, 2.0), {"lmmse": falls, "ep": never}, "ep") == "not crossed"
    assert coded_pages.ahead((1.0, 2.0), {"lmmse": never, "ep": falls}, "ep") == "unknown"
