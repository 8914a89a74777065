# SPDX-License-Identifier: Apache-2.0
"""Words and slots of docs/results: measured, written, repeated, and noticed where they differ."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.evidence import __main__ as command
from benchmarks.evidence import provenance
from benchmarks.evidence.claims import links
from benchmarks.evidence.finding import FAILS, HOLDS, PARTLY, Found
from benchmarks.evidence.link import pages
from benchmarks.evidence.link.coded import Coded
from benchmarks.evidence.link.part import Part, packed, wrong_of
from benchmarks.evidence.link.parts import BY_NAME, PARTS
from benchmarks.evidence.link.pusch import Pusch

MEASURED = ("coded-64x8", "coded-units", "pusch-tdl-a")
"""A part of shipped specs, one of specs that the evidence seals, one of slots."""


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("coded")
    assert command.main(["--quick", "--only", *MEASURED, "--out", str(out)]) == 0
    return out


def changed(measured: Path, folder: Path, name: str, change: Any) -> Path:
    data = json.loads((measured / f"{name}.json").read_text())
    change(data)
    (folder / f"{name}.json").write_text(json.dumps(data))
    return folder


def test_words_are_packed_and_found_again() -> None:
    rows = np.random.default_rng(1).random((3, 13)) < 0.4
    run = {"words": 13, "wrong": {"lmmse": packed(rows)}}
    assert (wrong_of(run, "lmmse") == rows).all()
    slots = np.random.default_rng(1).random((2, 5, 3)) < 0.4
    run = {"slots": 5, "users": 3, "wrong": {"lmmse": packed(slots)}}
    assert (wrong_of(run, "lmmse") == slots).all()


@pytest.mark.parametrize("name", MEASURED)
def test_a_part_is_a_page_and_a_figure(measured: Path, name: str) -> None:
    text = (measured / "README.md").read_text()
    assert BY_NAME[name].title in text
    assert "Which core for coded words" in text
    assert (measured / f"{name}.svg").read_text().count("<svg") == 1


def test_the_same_words_come_out_wrong_again(measured: Path) -> None:
    assert command.main(["--repeat", "--only", *MEASURED, "--out", str(measured)]) == 0


@pytest.mark.parametrize("name", MEASURED)
def test_one_word_more_or_less_is_a_difference(
    measured: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    detector = f"golden {BY_NAME[name].specs[0]}"

    def flip(data: Any) -> None:
        row = wrong_of(data["runs"][0], detector)[:1]
        row[0].flat[2] = not row[0].flat[2]
        data["runs"][0]["wrong"][detector][0] = packed(row)[0]

    out = changed(measured, tmp_path, name, flip)
    assert command.main(["--repeat", "--only", name, "--out", str(out)]) == 1
    assert f"{name}: {detector} at" in capsys.readouterr().err


@pytest.mark.parametrize("name", MEASURED)
def test_words_of_another_spec_make_no_page(
    measured: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    spec = BY_NAME[name].specs[0]

    def spoil(data: Any) -> None:
        data[provenance.KEY]["files"][f"{spec}.json"] = "0"

    out = changed(measured, tmp_path, name, spoil)
    assert command.main(["--pages", "--out", str(out)]) == 2
    assert f"file {spec}.json" in capsys.readouterr().err
    assert not (out / "README.md").exists()


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_committed_words_are_whole_not_quick(part: Part) -> None:
    runs = provenance.numbers(command.OUT / f"{part.name}.json")["runs"]
    if isinstance(part, Coded):
        assert {run["rate"]: tuple(run["snr_db"]) for run in runs} == dict(part.runs)
        assert {run["words"] for run in runs} == {part.words}
        assert {tuple(run["wrong"]) for run in runs} == {part.detectors}
    else:
        assert isinstance(part, Pusch)
        assert [(tuple(run["snr_db"]), run["slots"]) for run in runs] == [(part.snr_db, part.slots)]
        assert len(runs[0]["wrong"]) == 1 + len(part.groups)


def test_a_curve_that_does_not_reach_the_target_is_said_to() -> None:
    never = np.ones((2, 20), bool)
    assert pages.at((1.0, 2.0), never) == "not crossed"
    falls = never & (np.arange(2) == 0)[:, None]
    assert pages.ahead((1.0, 2.0), {"lmmse": falls, "ep": never}, "ep") == "not crossed"
    assert pages.ahead((1.0, 2.0), {"lmmse": never, "ep": falls}, "ep") == "unknown"


def test_too_few_words_for_limits_are_said_to_be() -> None:
    rare = np.ones((2, 150), bool)
    rare[1, 1:] = False
    found = {"lmmse": rare, "ep": rare}
    assert pages.ahead((1.0, 2.0), found, "ep", target=0.01) == f".00, {pages.FEW}"
    assert pages.ahead((1.0, 2.0), found, "ep") == ".00 (.00 to .00)"


def test_a_claim_is_judged_by_all_limits(measured: Path) -> None:
    above, below = links.Told("", 0.1, 0.3), links.Told("", -0.3, -0.2)
    few = links.Told("", None, None)
    assert links._verdict([above, above]) == HOLDS
    assert links._verdict([below, below]) == FAILS
    assert [links._verdict([above, each]) for each in (below, few)] == [PARTLY, PARTLY]
    assert links._verdict([below], -0.4) == HOLDS
    found = Found({}, links={"coded-64x8": provenance.numbers(measured / "coded-64x8.json")})
    text = links.tall(found).measured
    assert "`pm5-64x8-16qam-soft`, 64×8, 16-QAM, independent entries, rate 1/2: " in text
    with pytest.raises(KeyError, match="coded-64qam"):
        links.larger(found)
