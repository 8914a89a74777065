# SPDX-License-Identifier: Apache-2.0
"""A user's file of channels whose scale no spec expects is named once, with cause and factor."""

from __future__ import annotations

import contextlib
import dataclasses
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bitfold import report
from bitfold.command import main as bitfold
from fixedpoint.numbers.modulation import MODULATIONS
from model import evaluate, train
from model.detectors.recorded import remarks
from model.recipes import own, tuned
from model.recipes.recipe import Recipe
from model.recipes.registry import RECIPES
from model.systems.system import System
from model.systems.text import system_of, text_of
from tests.small_systems import SHORT, written

M = MODULATIONS["16qam"]
TEXTS = ("4x4-16qam", "32x4-16qam:adc_bits=3,units=2")


def arrays(nr: int, nt: int, gain: float, energy: float = M.symbol_energy) -> dict[str, Any]:
    """H with E|h|² = gain, y = Hx + n of 4 vectors a draw at 20 dB, E|x|² = energy."""
    rng = np.random.default_rng(5)

    def normal(*shape: int) -> Any:
        return (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)) / 2**0.5

    h = gain**0.5 * normal(100, nr, nt)
    grid = np.arange(-M.peak, M.peak + 1, 2) * (energy / M.symbol_energy) ** 0.5
    x = rng.choice(grid, (100, 4, nt)) + 1j * rng.choice(grid, (100, 4, nt))
    noise = (nt * energy * gain / 100) ** 0.5 * normal(100, 4, nr)
    return {"H": h, "y": np.einsum("gmn,gbn->gbm", h, x) + noise, "x": x,
            "snr_db": np.full(100, 20.0)}  # fmt: skip


def file(folder: Path, **kept: Any) -> Path:
    np.savez(folder / "mine.npz", **kept)
    return folder / "mine.npz"


def served(recipe: Recipe) -> str:
    """The first small system that a recipe serves."""
    for text in TEXTS:
        with contextlib.suppress(ValueError):
            recipe.configuration(text)
            return text
    raise AssertionError(f"{recipe.title} serves none of {TEXTS}")


@pytest.mark.parametrize("recipe", [r for r in RECIPES if r not in (own.RECIPE, tuned.RECIPE)],
                         ids=lambda recipe: recipe.detector)  # fmt: skip
def test_every_recipe_names_an_h_of_another_scale(recipe: Recipe, tmp_path: Path) -> None:
    """Of those that a system alone configures.

    `none` leaves E|h|² = 1 where 1/nr is expected; `mean` brings it there.
    """
    text = served(recipe)
    system, nr = system_of(text), system_of(text).nr
    path = file(tmp_path, H=arrays(nr, 4, 1.0)["H"])
    lines = []
    for scale in ("none", "mean"):
        seen = dataclasses.replace(
            system, channel="file", channel_file=str(path), channel_scale=scale
        )
        lines.append(recipe.remark(recipe.configuration(text_of(seen))))
    assert lines[1] is None
    assert lines[0] is not None
    assert "mine.npz, blocks for train: " in lines[0]
    factor = f"{nr**0.5:.2g}"
    assert f"divide H and y by {factor} (the scale mean of a channel's file does it)" in lines[0]
    assert "\n" not in lines[0]


def said(path: Path, scale: str = "mean") -> list[str]:
    """Of a spec's integers and their twin, beside a detector that is no spec."""
    system = System(nt=16, nr=16, modulation="16qam", channel="file", channel_file=str(path),
                    channel_scale=scale)  # fmt: skip
    return remarks(system, ["golden:spec=pgd-box", "twin:spec=pgd-box", "lmmse"])


def test_h_and_y_are_named_once_for_a_spec(tmp_path: Path) -> None:
    right, far, unit = (arrays(16, 16, *each)
                        for each in ((1 / 16,), (1.0,), (1 / 16, 1.0)))  # fmt: skip
    assert said(file(tmp_path, **right)) == []
    assert said(file(tmp_path, **far)) == []
    (line,) = said(file(tmp_path, **far), "none")
    assert line.startswith("spec pgd-box: channel file")
    assert "of the entries of H were clipped" in line
    assert re.search(r"this spec expects 1/16: divide H and y by (4|3\.9) ", line)
    assert said(file(tmp_path, **unit)) == []  # x says it
    del unit["x"]
    (line,) = said(file(tmp_path, **unit))
    assert "received vectors: y is as of symbols of unit energy" in line
    assert re.search(r"multiply y by 3\.1\d*$", line)
    h = 0.01 * right["H"]  # all power in 8 of 256 entries, of one modulus each
    h[:, ::5, ::8] *= 100 / np.abs(h[:, ::5, ::8])
    (line,) = said(file(tmp_path, H=h))
    assert "blocks for test: " in line
    assert "of the entries of H were clipped" in line
    assert "their scale is as expected, their largest entries are not" in line


def test_a_sweep_says_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = file(tmp_path, H=arrays(16, 16, 1.0)["H"])
    words = ["--spec", "pgd-box", "--channel", "file", "--channel-file", str(path), "--snr", "20",
             "--channel-scale", "none", "--max-vectors", "40", "--errors", "10"]  # fmt: skip
    assert evaluate.main(words) == 0
    (line,) = (x for x in capsys.readouterr().err.splitlines() if x.startswith("warning"))
    assert "spec pgd-box: channel file" in line


def test_training_says_it_before_it_begins(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = file(tmp_path, H=arrays(4, 4, 1.0)["H"])
    text = f"4x4-16qam:channel=file,channel_file={path},channel_scale=none"
    words = ["pgd", "--system", text, "--samples", "40", "--validation", "9", "--float-epochs", "1",
             "--epochs", "0", "--out", str(tmp_path / "out")]  # fmt: skip
    assert train.main(words) == 0
    first, *_ = capsys.readouterr().err.splitlines()
    assert first.startswith("warning: channel file")
    assert "divide H and y by 2" in first


def test_a_build_says_it_and_keeps_it_on_its_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.savez(tmp_path / "mine.npz", H=arrays(32, 4, 1.0)["H"])
    table = '[channel]\nkind = "file"\nfile = "mine.npz"\nscale = "none"\n'
    path = written(tmp_path, "32x4-2units-3bit", table + SHORT)
    assert bitfold(["export", str(path), "--out", str(tmp_path / "build")]) == 0
    lines = [line for line in capsys.readouterr().err.splitlines() if "warning" in line]
    assert len(lines) == 1
    assert "divide H and y by 5.7" in lines[0]
    assert "divide H and y by 5.7" in report.page(tmp_path / "build")
