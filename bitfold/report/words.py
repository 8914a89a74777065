# SPDX-License-Identifier: Apache-2.0
"""The search for word lengths: its front of loss against area, as a figure and as rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bitfold.report.curves import STYLE, svg
from bitfold.report.found import FRONT, Found
from model.lab import palette, plot

Point = Mapping[str, Any]


@dataclass(frozen=True)
class Words:
    """What a search found: its figure, a row for each formats, and at which rate it looked."""

    figure: Markup
    rows: list[tuple[str, ...]]
    ber: float
    limit_db: float


def words(found: Found) -> Words | None:
    """Of the search's own file, or of the stage's result; None where word lengths were given."""
    for record in found.objects(FRONT) + found.records("words"):
        if "front" in record:
            chosen = record["chosen"]["words"]
            named = [("given", record["given"])] + [
                ("chosen" if point["words"] == chosen else f"front {place}", point)
                for place, point in enumerate(record["front"], start=1)
            ]
            rows = [_row(name, point) for name, point in named]
            return Words(_figure(record), rows, record["ber"], record["limit_db"])
    return None


def _row(name: str, point: Point) -> tuple[str, ...]:
    loss = f"{point['loss_db']:+.3f} dB ({point['low']:+.3f} to {point['high']:+.3f})"
    seen = _area(point, "yosys_") if "yosys_lut" in point else "–"
    return name, _area(point), seen, f"{point['cost']:,.0f}", loss


def _area(point: Point, prefix: str = "") -> str:
    """LUTs of logic and of memory, multipliers."""
    lut, memory, dsp = (point[prefix + name] for name in ("lut", "memory", "dsp"))
    return f"{lut:,.0f} + {memory:,.0f}, {dsp:.0f}"


def _figure(record: Mapping[str, Any]) -> Markup:
    with mpl.rc_context(plot.STYLE | STYLE):
        made = Figure(figsize=(5.0, 3.2), layout="constrained")
        axes = made.add_subplot()
        blue, orange, green = palette.COLORS[:3]
        _draw(axes, record["front"], "front", "o-", blue)
        _draw(axes, [record["given"]], "given", "s", orange)
        _draw(axes, [record["chosen"]], "chosen", "D", green)
        axes.axhline(record["limit_db"], color=palette.GREY, linestyle="--", linewidth=0.8)
        axes.set_xlabel(f"LUT + memory + {record['dsp_luts']} DSP, by the model")
        axes.set_ylabel(f"dB lost at BER {record['ber']:g}")
        axes.legend(frameon=False)
        return svg(made, "loss against area of word lengths")


def _draw(axes: Axes, points: Sequence[Point], label: str, style: str, color: str) -> None:
    losses = [point["loss_db"] for point in points]
    errors = [[max(point["loss_db"] - point["low"], 0.0) for point in points],
              [max(point["high"] - point["loss_db"], 0.0) for point in points]]  # fmt: skip
    axes.errorbar([point["cost"] for point in points], losses, yerr=errors, fmt=style, color=color,
                  label=label, capsize=2, elinewidth=0.8)  # fmt: skip
