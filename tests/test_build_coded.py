# SPDX-License-Identifier: Apache-2.0
"""Coded words in a build: where they are counted, what a page shows, and why there are none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bitfold import report
from bitfold.build.coded import DECODED, around
from bitfold.report.coded import coded
from bitfold.report.found import Found
from model.link.__main__ import main
from tests.small_systems import SHORT, bitfold, written

SOFT = SHORT.replace('snr = "10:30:10"', 'snr = "-4:12:4"\nwords = 10') + "[words]\nsoft_bits = 5\n"


def measured(*each: tuple[float, float, float]) -> list[dict[str, float]]:
    return [{"snr_db": snr, "integers": ours, "lmmse": linear} for snr, ours, linear in each]


def test_words_are_sent_where_both_receivers_begin_to_decode_them() -> None:
    soft = measured((0, 0.2, 0.1), (4, 0.5, 0.4), (8, 0.7, 0.5), (12, 0.9, 0.7))
    snr_db = around(soft)  # .6 at 6 dB and at 10 dB
    assert snr_db == (4.5, 6.5, 8.75, 10.75)
    assert around(list(reversed(soft))) == snr_db
    assert around(measured((0, 0.2, 0.1), (4, DECODED, 0.4))) == (2.5, 3.25, 4.0, 4.75)
    assert around(measured((3, 0.9, 0.8))) == (1.5, 2.25, 3.0, 3.75)
    assert around(measured((0, 0.2, 0.1), (4, 0.5, 0.4))) == ()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The file and the folder of a build with soft bits, as far as its rates."""
    folder = tmp_path_factory.mktemp("coded")
    path = written(folder, "4x4-qpsk", SOFT)
    done = bitfold("evaluate", path, "--out", folder / "build")
    assert done.returncode == 0, done.stderr
    return path, folder / "build"


def test_a_build_counts_what_the_command_counts(
    built: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    _, folder = built
    made = json.loads((folder / "results/coded.json").read_text())
    assert made["words"] == 10
    assert len(made["snr_db"]) == 4
    again = folder.parent / "again.json"
    assert main(["coded", "--spec", str(folder / "spec.json"), "--detectors", "lmmse", "golden",
                 "--snr", ",".join(f"{snr:g}" for snr in made["snr_db"]), "--words", "10",
                 "--seed", "1", "--json", str(again)]) == 0  # fmt: skip
    assert made == json.loads(again.read_text())
    rates = {name: [one["value"] for one in each] for name, each in made["bler"].items()}
    assert max(rates["lmmse"]) > 0.3, "words that are all decoded say nothing"
    assert "ahead of" in capsys.readouterr().out


def test_the_page_shows_curves_and_every_rate(built: tuple[Path, Path]) -> None:
    _, folder = built
    page = report.page(folder)
    made = json.loads((folder / "results/coded.json").read_text())
    shown = coded(Found(folder))
    assert shown is not None
    assert [label for label, _ in shown["rows"]] == ["soft LMMSE, float", "integers"]
    for (_, cells), rates in zip(shown["rows"], made["bler"].values(), strict=True):
        assert [float(value) for value, _ in cells] == [one["value"] for one in rates]
    section = page[page.index("In coded words") :]
    assert 'aria-label="coded block error rates over SNR"' in section
    assert '<table id="coded">' in section


@pytest.mark.parametrize(
    ("record", "words"),
    [({"why": "channel rician"}, "No coded words: channel rician."), ({}, None)],
)
def test_a_page_without_coded_words_says_why(
    built: tuple[Path, Path], record: dict[str, str], words: str | None
) -> None:
    _, folder = built
    result = folder / "results/coded.json"
    before = result.read_text()
    try:
        result.write_text(json.dumps(record))
        page = report.page(folder)
    finally:
        result.write_text(before)
    assert "In coded words" not in page
    assert ("No coded words" in page) == (words is not None)
    assert words is None or words in page


def test_channels_that_words_are_not_sent_over_are_named(built: tuple[Path, Path]) -> None:
    path, folder = built
    other = path.with_name("rician.toml")
    other.write_text(path.read_text() + '[channel]\nkind = "rician"\n')
    done = bitfold("evaluate", other, "--out", folder.parent / "other")
    assert done.returncode == 0, done.stderr
    why = json.loads((folder.parent / "other/results/coded.json").read_text())["why"]
    assert "channel iid or kronecker" in why
    assert "\n" not in why
