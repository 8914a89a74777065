# SPDX-License-Identifier: Apache-2.0
"""Error rates against SNR as a paper prints them: logarithmic, intervals as bands.

A panel has six curves at most beside grey references, and its legend below it. A rate without
errors is an arrow that points down from its upper bound.
"""

from __future__ import annotations

import io
import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.transforms import ScaledTranslation

from fixedpoint.support.files import write_bytes
from model.lab import palette
from model.lab.palette import Style
from model.lab.plan import describe
from model.lab.result import Rate, Result

SUFFIXES = (".png", ".svg")
RATES = {"ber": "bit error rate", "ser": "symbol error rate", "ver": "vector-error rate"}
INCHES, DPI, MOST_TICKS, COLUMNS = (5.0, 4.0), 200, 12, 2
WIDTH, WIDER, SIZE, LARGER = 1.1, 0.35, 4.0, 0.8
"""Points of the line and the markers on top, and what each further one below them has more: where
curves are equal, every one of them shows."""
LEGEND_DROP, LEGEND_LINE = 0.45, 0.17
"""Inches from the axes down to the legend, which leaves room for ticks and name; and of a line."""
LEGEND_HALF, LEGEND_WHOLE, TITLE = 34, 64, 72
"""Characters of a label in a legend of two columns, in one of one; of a line of a title."""
STYLE: Any = {
    "font.size": 9,
    "axes.grid": True,
    "axes.titlesize": 9,
    "figure.titlesize": 10,
    "grid.alpha": 0.3,
    "lines.linewidth": 1.2,
    "legend.fontsize": 7.5,
    "svg.hashsalt": "bitfold",
}


@dataclass(frozen=True)
class Panel:
    """What is drawn into one pair of axes.

    `labels`: detectors, in the legend's order, by what a reader calls them. Raises `ValueError` on
    more curves than there are colours.
    """

    title: str
    labels: Mapping[str, str]

    def __post_init__(self) -> None:
        palette.check(self.title, self.labels)


def check_path(path: Path) -> None:
    """`ValueError` unless the file's name says PNG or SVG."""
    if path.suffix not in SUFFIXES:
        raise ValueError(f"plot {path} is neither {' nor '.join(SUFFIXES)}")


def split(title: str, labels: Mapping[str, str]) -> list[Panel]:
    """Panels of nearly equal numbers of curves, as few as hold them; references are in each."""
    curves = palette.colored(labels)
    number = max(1, math.ceil(len(curves) / len(palette.COLORS)))
    if number == 1:
        return [Panel(title, labels)]
    panels = []
    for place, part in enumerate(np.array_split(np.array(curves), number), start=1):
        kept = {d: text for d, text in labels.items() if d in part or d in palette.REFERENCES}
        panels.append(Panel(f"{title} ({place} of {number})", kept))
    return panels


def figure(results: Sequence[Result], rate: str = "ber") -> Figure:
    """Every detector of every result: a panel for each system, or several."""
    parts = [
        (panel, result)
        for result in results
        for panel in split(describe(result.plan.system), {d: d for d in result.plan.detectors})
    ]
    return rates(parts, rate)


def rates(parts: Sequence[tuple[Panel, Result]], rate: str = "ber", title: str = "") -> Figure:
    """Panels side by side, two in a row; a detector looks the same in all of them."""
    styles = palette.styles([tuple(panel.labels) for panel, _ in parts])
    with mpl.rc_context(STYLE):
        made, grid = sheet(len(parts), max(len(panel.labels) for panel, _ in parts))
        for place, (axes, (panel, result)) in enumerate(zip(grid, parts, strict=True)):
            draw(axes, result, panel, styles, rate, place)
        if title:
            made.suptitle(textwrap.fill(plain(title), TITLE * min(len(parts), COLUMNS)))
    return made


def sheet(panels: int, entries: int) -> tuple[Figure, list[Axes]]:
    """An empty figure with room for a legend of `entries` below each panel."""
    columns = min(panels, COLUMNS)
    rows = math.ceil(panels / columns)
    height = INCHES[1] + math.ceil(entries / 2) * LEGEND_LINE
    made = Figure(figsize=(INCHES[0] * columns, height * rows), layout="constrained")
    grid = made.add_gridspec(rows, 2 * columns)
    places = [divmod(place, columns) for place in range(panels)]
    shift = [columns * rows - panels if row == rows - 1 else 0 for row, _ in places]
    return made, [
        made.add_subplot(grid[row, 2 * column + s : 2 * column + s + 2])
        for (row, column), s in zip(places, shift, strict=True)
    ]


def draw(
    axes: Axes,
    result: Result,
    panel: Panel,
    styles: Mapping[str, Style],
    rate: str = "ber",
    place: int = 0,
) -> None:
    """The curves of a panel into `axes`; `place`: of the panel in its figure."""
    axes.set_yscale("log")
    curves = palette.colored(panel.labels)
    for number, (detector, label) in enumerate(panel.labels.items()):
        below = len(curves) - curves.index(detector) if detector in curves else 0
        curve = _curve(axes, result, detector, rate, styles[detector], f"{place}-{number}")
        curve.set(label=plain(label), zorder=3 - below / 10)
        curve.set(linewidth=WIDTH + below * WIDER, markersize=SIZE + below * LARGER)
    found = [
        getattr(result.points[text, snr], rate)
        for text in panel.labels
        for snr in result.plan.snr_db
    ]
    # a limit that is nearly 0 must not stretch the axis
    least = min(r.value if r.errors else r.high / 2 for r in found) / 2
    axes.set_ylim(bottom=max(least, axes.get_ylim()[0]))
    snrs = sorted(result.plan.snr_db)
    if np.diff(snrs).min(initial=math.inf) * MOST_TICKS >= snrs[-1] - snrs[0]:
        axes.set_xticks(snrs, [f"{snr:g}" for snr in snrs])
    axes.set_xlabel("SNR per receive antenna, dB")
    axes.set_ylabel(RATES[rate])
    axes.set_title(textwrap.fill(plain(panel.title), TITLE))
    legend(axes)


def plain(text: str) -> str:
    """A label without the marks of Markdown."""
    return text.replace("`", "").replace("**", "")


def legend(axes: Axes) -> None:
    """The legend below the axes, outside, in two columns if the labels are short."""
    handles, labels = axes.get_legend_handles_labels()
    short = max(map(len, labels)) <= LEGEND_HALF
    below = ScaledTranslation(0, -LEGEND_DROP, axes.figure.dpi_scale_trans)
    axes.legend(
        handles,
        [textwrap.fill(label, LEGEND_WHOLE) for label in labels],
        loc="upper center",
        bbox_to_anchor=(0.5, 0.0),
        bbox_transform=axes.transAxes + below,
        borderaxespad=0,
        frameon=False,
        handlelength=3.5,
        ncols=2 if short else 1,
    )


def _curve(axes: Axes, result: Result, detector: str, rate: str, style: Style, name: str) -> Line2D:
    """One detector: points with errors joined, in a band of their intervals; others as arrows."""
    snrs = sorted(result.plan.snr_db)
    found: list[Rate] = [getattr(result.points[detector, snr], rate) for snr in snrs]
    seen = np.array([r.errors > 0 for r in found])
    value, low, high = (np.array([getattr(r, name) for r in found])
                        for name in ("value", "low", "high"))  # fmt: skip
    x, color = np.array(snrs), style.color
    band = axes.fill_between(x[seen], low[seen], high[seen], color=color, alpha=0.25, linewidth=0)
    band.set_gid(f"band-{name}")
    if seen.sum() == 1:  # a band around one point has no area
        axes.vlines(x[seen], low[seen], high[seen], color=color)
    if not seen.all():
        bound = high[~seen]
        axes.errorbar(x[~seen], bound, bound / 2, uplims=True, fmt="none", ecolor=color, capsize=2)
    (line,) = axes.plot(x[seen], value[seen], color=color, linestyle=style.dash)
    line.set(marker=style.marker, markerfacecolor="white", gid=f"curve-{name}")
    return line


def save(made: Figure, path: Path) -> None:
    """Write a figure, whole or not at all; equal figures give equal SVG files."""
    check_path(path)
    data = io.BytesIO()
    with mpl.rc_context(STYLE):
        FigureCanvasAgg(made)
        metadata = {"Date": None} if path.suffix == ".svg" else None
        made.savefig(data, format=path.suffix[1:], dpi=DPI, metadata=metadata)
    write_bytes(path, data.getvalue())
