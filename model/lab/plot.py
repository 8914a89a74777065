"""Error rates against SNR as a paper prints them: logarithmic, intervals drawn, grey-proof.

A rate without errors is an arrow that points down from its upper bound.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from fixedpoint.files import write_bytes
from model.lab.plan import describe
from model.lab.result import Rate, Result

SUFFIXES = (".png", ".svg")
RATES = {"ber": "bit error rate", "ser": "symbol error rate", "ver": "vector-error rate"}
MARKERS, DASHES = "osD^v<>PX*hd", ("-", "--", "-.", ":")
INCHES, DPI, MOST_TICKS = (5.0, 4.0), 200, 12
STYLE: Any = {
    "font.size": 9,
    "axes.grid": True,
    "axes.titlesize": 9,
    "grid.alpha": 0.3,
    "lines.linewidth": 1.2,
    "lines.markersize": 4.5,
    "legend.fontsize": 7.5,
    "svg.hashsalt": "bitfold",
}


def check_path(path: Path) -> None:
    """`ValueError` unless the file's name says PNG or SVG."""
    if path.suffix not in SUFFIXES:
        raise ValueError(f"plot {path} is neither {' nor '.join(SUFFIXES)}")


def draw(
    axes: Axes,
    result: Result,
    labels: Mapping[str, str] | None = None,
    rate: str = "ber",
) -> None:
    """The curves of one result into `axes`.

    `labels`: detectors to draw, in this order, with their names in the legend; all by default.
    """
    labels = labels or {text: text for text in result.plan.detectors}
    for number, (detector, label) in enumerate(labels.items()):
        _curve(axes, result, detector, label, rate, number)
    axes.set_yscale("log")
    rates = [
        getattr(result.points[text, snr], rate) for text in labels for snr in result.plan.snr_db
    ]
    # a limit that is nearly 0 must not stretch the axis
    axes.set_ylim(bottom=min(r.value if r.errors else r.high / 2 for r in rates) / 2)
    if len(result.plan.snr_db) <= MOST_TICKS:
        axes.set_xticks(result.plan.snr_db)
    axes.set_xlabel("SNR per receive antenna, dB")
    axes.set_ylabel(RATES[rate])
    axes.legend(framealpha=0.8)


def _curve(axes: Axes, result: Result, detector: str, label: str, rate: str, number: int) -> None:
    """One detector: points with errors joined and with caps, the others as arrows."""
    snrs = sorted(result.plan.snr_db)
    rates: list[Rate] = [getattr(result.points[detector, snr], rate) for snr in snrs]
    seen = np.array([r.errors > 0 for r in rates])
    value, low, high = (np.array([getattr(r, name) for r in rates])
                        for name in ("value", "low", "high"))  # fmt: skip
    x = np.array(snrs)
    spread = np.stack([value - low, high - value])[:, seen]
    color = f"C{number % 10}"
    bars = axes.errorbar(
        x[seen],
        value[seen],
        spread,
        capsize=2,
        label=label,
        color=color,
        marker=MARKERS[number % len(MARKERS)],
        markerfacecolor="white",
        linestyle=DASHES[number % len(DASHES)],
    )
    bars.lines[0].set_gid(f"curve-{number}")
    if not seen.all():
        bound = high[~seen]
        axes.errorbar(x[~seen], bound, bound / 2, uplims=True, fmt="none", ecolor=color, capsize=2)


def figure(results: Sequence[Result], rate: str = "ber") -> Figure:
    """One panel for each system, side by side."""
    with mpl.rc_context(STYLE):
        made = Figure(figsize=(INCHES[0] * len(results), INCHES[1]), layout="constrained")
        for place, result in enumerate(results, start=1):
            axes = made.add_subplot(1, len(results), place)
            draw(axes, result, rate=rate)
            axes.set_title(describe(result.plan.system))
    return made


def save(made: Figure, path: Path) -> None:
    """Write a figure, whole or not at all; equal figures give equal SVG files."""
    check_path(path)
    data = io.BytesIO()
    with mpl.rc_context(STYLE):
        FigureCanvasAgg(made)
        metadata = {"Date": None} if path.suffix == ".svg" else None
        made.savefig(data, format=path.suffix[1:], dpi=DPI, metadata=metadata)
    write_bytes(path, data.getvalue())
