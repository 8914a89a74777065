# SPDX-License-Identifier: Apache-2.0
"""Plots: at most six curves a panel, legends outside, bands, and colours that all readers see."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.container import BarContainer, ErrorbarContainer
from matplotlib.figure import Figure
from numpy.typing import NDArray

from benchmarks.evidence import convergence, figures
from benchmarks.evidence.studies import STUDIES, Study
from model.lab import palette, plot
from model.lab.plan import Plan
from model.lab.result import Result
from model.lab.sweep import sweep
from model.systems.system import System

SMALL = System(nr=4, nt=4, modulation="16qam")
SEARCHES = tuple(f"kbest:k={k}" for k in range(1, 9))
PAGES = [study for study in STUDIES if study.name not in convergence.NAMES]
STUDY = Study(
    "small",
    "A title that is long enough to be broken, for it says everything of `kbest` and more",
    SMALL,
    {"lmmse": "LMMSE", "ml": "ML"} | {name: f"`{name}`, **all** of it" for name in SEARCHES},
    (5.0, 60.0),
    panels={"few": SEARCHES[:3], "more of `them`": SEARCHES[2:7], "one": SEARCHES[7:]},
)

# Machado, Oliveira and Fernandes (2009), table 1, severity 1: linear RGB as a dichromat sees it
SEEN = {
    "all cones": np.eye(3),
    "no red cones": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
         [-0.003882, -0.048116, 1.051998]]),
    "no green cones": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
         [-0.011820, 0.042940, 0.968881]]),
    "no blue cones": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
         [0.004733, 0.691367, 0.303900]]),
}  # fmt: skip
XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
                [0.0193339, 0.1191920, 0.9503041]])  # fmt: skip


@pytest.fixture(scope="module")
def result() -> Result:
    plan = Plan(SMALL, tuple(STUDY.labels), STUDY.snr_db, max_vectors=500, errors=10**6)
    return sweep(plan, workers=1)


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """The figures that `plot.save` is given, which writes none of them."""
    made: list[Figure] = []
    monkeypatch.setattr(plot, "save", lambda figure, _: made.append(figure))
    return made


def lab(color: str, seen: NDArray[np.float64]) -> NDArray[np.float64]:
    """CIELAB of an sRGB colour as it is seen; 2.3 is a difference that is just noticed."""
    rgb = np.array(to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    t = XYZ @ np.clip(seen @ linear, 0, 1) / XYZ.sum(axis=1)
    x, y, z = np.where(t > (6 / 29) ** 3, np.cbrt(t), t * (29 / 6) ** 2 / 3 + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("who", SEEN)
def test_colours_and_grey_are_told_apart_by_every_reader(who: str) -> None:
    for a, b in combinations((*palette.COLORS, palette.GREY), 2):
        distance = np.linalg.norm(lab(a, SEEN[who]) - lab(b, SEEN[who]))
        assert distance > 15, f"{a} and {b} with {who}"


def test_a_detector_looks_the_same_in_every_panel() -> None:
    panels = [("a", "b", "c", "lmmse"), ("d", "c", "e", "lmmse"), ("c", "f", "g", "h", "i", "j")]
    styles = palette.styles(panels)
    for panel in panels:
        assert len({styles[name].color for name in panel}) == len(panel)
    assert len(set(styles.values())) == len(styles)
    assert {styles[name].color for name in palette.REFERENCES} == {palette.GREY}
    with pytest.raises(ValueError, match="none of 6 colours is left"):
        palette.styles(["abcdef", "abcdeg", "fg"])


def test_more_than_six_curves_are_split_into_panels(result: Result) -> None:
    made = plot.figure([result, result])
    drawn = [[text.get_text() for text in axes.get_legend().get_texts()] for axes in made.axes]
    assert len(drawn) == 4
    for first, second in (drawn[:2], drawn[2:]):
        assert set(first) & set(second) == {"lmmse", "ml"}
        assert set(first) | set(second) == set(STUDY.labels)
        assert len(first) == len(second) == 6


@pytest.mark.parametrize("study", PAGES, ids=lambda study: study.name)
def test_every_study_has_six_curves_a_panel_at_most(study: Study) -> None:
    made = figures.panels(study, tuple(study.labels))
    assert {name for panel in made for name in panel.labels} == set(study.labels)
    palette.styles([tuple(panel.labels) for panel in made])
    for panel in made:
        assert 1 <= len(palette.colored(panel.labels)) <= 6
        assert set(palette.REFERENCES) & set(study.labels) <= set(panel.labels)


def test_a_panel_that_does_not_fit_is_refused_by_its_study() -> None:
    full = dataclasses.replace(STUDY, panels={})
    with pytest.raises(ValueError, match=r"study small: panel .* draws 8 curves .* at most 6"):
        figures.panels(full, tuple(full.labels))
    assert len(figures.panels(full, SEARCHES[:6])) == 1
    strange = dataclasses.replace(STUDY, panels={"few": ("kbest:k=2", "zf")})
    with pytest.raises(ValueError, match="study small: panel 'few' names zf, not one of lmmse"):
        figures.panels(strange, tuple(strange.labels))


def study_figure(result: Result) -> None:
    figures.rates(STUDY, result, Path("small.svg"))


def commands_figure(result: Result) -> None:
    plot.save(plot.figure([result, result]), Path("rates.svg"))


def penalties(_: Result) -> None:
    figures.penalties(Path("penalties.svg"))


def training(_: Result) -> None:
    figures.training(Path("training.svg"))


def latency(_: Result) -> None:
    rows = [
        {"network": network, "variant": variant, "batch": batch, "cache": "hot",
         "median_ns": 50.0 * batch, "p95_ns": 60.0 * batch}
        for network in ("pgd", "admm") for variant in figures.LATENCIES for batch in (1, 14)
    ]  # fmt: skip
    figures.latency({"rows": rows}, Path("latency.svg"))


@pytest.mark.parametrize("make", [study_figure, commands_figure, penalties, training, latency])
def test_legends_stand_outside_of_all_axes_and_inside_the_figure(
    make: Callable[[Result], None], result: Result, kept: list[Figure]
) -> None:
    make(result)
    (made,) = kept
    canvas = FigureCanvasAgg(made)
    canvas.draw()
    renderer: Any = canvas.get_renderer()
    for axes in made.axes:
        legend = axes.get_legend().get_window_extent(renderer)
        assert made.bbox.x0 <= legend.x0 < legend.x1 <= made.bbox.x1
        assert made.bbox.y0 <= legend.y0 < legend.y1 <= made.bbox.y1
        for other in made.axes:
            assert not legend.overlaps(other.get_window_extent(renderer))
            for axis in (other.xaxis, other.yaxis):
                assert not legend.overlaps(axis.get_tightbbox(renderer))
            if other is not axes:
                assert not legend.overlaps(other.get_tightbbox(renderer))
        handles = axes.get_legend_handles_labels()[0]
        colors = [to_hex(h[0].get_facecolor() if isinstance(h, BarContainer) else h.get_color())
                  for h in handles]  # fmt: skip
        curves = [color for color in colors if color != palette.GREY]
        assert 0 < len(set(curves)) == len(curves) <= 6


def test_labels_and_titles_hold_no_markdown(result: Result, kept: list[Figure]) -> None:
    study_figure(result)
    (made,) = kept
    first, second, _ = made.axes
    labels = [text.get_text() for text in first.get_legend().get_texts()]
    assert labels == ["LMMSE", "ML", *(f"{name}, all of it" for name in SEARCHES[:3])]
    assert second.get_title() == "more of them"
    assert made.get_suptitle() == STUDY.title.replace("`", "")


def test_intervals_are_bands_and_points_without_errors_arrows(
    result: Result, kept: list[Figure]
) -> None:
    plan = dataclasses.replace(result.plan, snr_db=(5.0, 10.0, 60.0))
    swept = sweep(plan, workers=1)
    study_figure(swept)
    study_figure(result)
    joined, single = (made.axes[0] for made in kept)
    bands = {c.get_gid(): c for c in joined.collections if str(c.get_gid()).startswith("band-")}
    lines = {str(line.get_gid()): line for line in joined.get_lines() if line.get_gid()}
    assert set(bands) == {f"band-0-{n}" for n in range(5)}
    assert set(lines) == {f"curve-0-{n}" for n in range(5)}
    point = swept.points["lmmse", 5.0].ber
    edge = bands["band-0-0"].get_paths()[0].vertices
    assert {point.low, point.high} <= {y for x, y in edge if x == 5.0}
    assert list(lines["curve-0-0"].get_xdata()) == [5.0, 10.0]
    drawn = list(STUDY.labels)[:5]
    arrows = [c for c in joined.containers if isinstance(c, ErrorbarContainer)]
    assert len(arrows) == sum(not swept.points[d, 60.0].ber.errors for d in drawn)
    bound = swept.points["lmmse", 60.0].ber.high
    (down,) = arrows[0].lines[2][0].get_segments()
    assert down.tolist() == [[60.0, bound / 2], [60.0, bound]]
    spans = [s.tolist() for c in single.collections if not c.get_gid() for s in c.get_segments()]
    assert [[5.0, point.low], [5.0, point.high]] in spans


def test_equal_figures_give_equal_files(result: Result, tmp_path: Path) -> None:
    for name in ("a.svg", "b.svg"):
        figures.rates(STUDY, result, tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
