# SPDX-License-Identifier: Apache-2.0
"""Curves of a page as SVG that follows the page's colours: bit error rates and training."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from bitfold.report.found import SPEC
from model.lab import palette, plot
from model.lab.plan import describe
from model.lab.result import Result

INK, PAPER = "#010203", "#ffffff"
"""What a figure is drawn in, each of which no curve has: they become the page's own colours."""
COLORS = {INK: "currentColor", PAPER: "var(--paper)", palette.GREY.lower(): "var(--grey)"}
STYLE: Any = {
    **dict.fromkeys(("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color",
                     "ytick.color", "grid.color"), INK),
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "svg.fonttype": "none",
    "font.family": ["sans-serif"],
}  # fmt: skip
INTEGERS, TWIN = "golden:spec=", "twin:spec="


def rates(result: Result) -> Markup:
    """BER over SNR of every detector of a sweep, with its intervals."""
    names = {detector: label(detector) for detector in result.plan.detectors}
    with mpl.rc_context(STYLE):
        panels = plot.split(describe(result.plan.system), names)
        return svg(plot.rates([(panel, result) for panel in panels]), "bit error rates over SNR")


def label(detector: str) -> str:
    """A detector as a reader calls it; a spec by its file's name, but for the build's own."""
    for prefix, words in ((INTEGERS, "integers"), (TWIN, "float twin")):
        if detector.startswith(prefix):
            name = PurePath(detector.removeprefix(prefix)).stem
            return words if name == PurePath(SPEC).stem else f"{words} of {name}"
    return detector


def training(log: Sequence[Mapping[str, Any]]) -> Markup | None:
    """The loss of every epoch, a curve for each stage; None without any."""
    seen = [entry for entry in log if isinstance(entry.get("loss"), float)]
    if not seen:
        return None
    with mpl.rc_context(plot.STYLE | STYLE):
        made = Figure(figsize=(5.0, 3.0), layout="constrained")
        axes = made.add_subplot()
        before = 0
        stages = list(dict.fromkeys(str(entry["stage"]) for entry in seen))
        for stage, color in zip(stages, palette.COLORS, strict=False):
            mine = [entry for entry in seen if entry["stage"] == stage]
            epochs = [before + entry["epoch"] for entry in mine]
            losses = [entry["loss"] for entry in mine]
            axes.plot(epochs, losses, color=color, marker=".", label=stage)
            before = epochs[-1]
        axes.set_yscale("log")
        axes.set_xlabel("epoch")
        axes.set_ylabel("training loss")
        axes.legend(frameon=False)
        return svg(made, "training loss over epochs")


def svg(made: Figure, title: str) -> Markup:
    """A figure for the inside of a page, in the page's colours, as wide as there is room."""
    data = io.BytesIO()
    with mpl.rc_context(STYLE | {"svg.hashsalt": title}):
        FigureCanvasAgg(made)
        made.savefig(data, format="svg", metadata={"Date": None}, transparent=True)
    text = data.getvalue().decode()
    text = text[text.index("<svg") :]
    for drawn, shown in COLORS.items():
        text = text.replace(drawn, shown)
    text = re.sub(r'(<svg [^>]*?)width="([\d.]+)pt" height="[\d.]+pt"', _sized, text, count=1)
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    return Markup(text.replace("<svg ", f'<svg role="img" aria-label="{title}" ', 1))


def _sized(found: re.Match[str]) -> str:
    return f'{found[1]}style="width:100%;max-width:{float(found[2]) * 4 / 3 * 1.15:.0f}px"'
