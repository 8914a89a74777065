# SPDX-License-Identifier: Apache-2.0
"""The front of loss against area, as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from model.lab import plot


def draw(found: Mapping[str, Any], path: Path) -> None:
    """The front of `front.json`, the given spec and what was chosen, into PNG or SVG."""
    with mpl.rc_context(plot.STYLE):
        made = Figure(figsize=plot.INCHES, layout="constrained")
        axes = made.add_subplot()
        _points(axes, found["front"], "front", marker="o", linestyle="-", color="#0072b2")
        _points(axes, [found["given"]], "given", marker="s", linestyle="none", color="#d55e00")
        _points(axes, [found["chosen"]], "chosen", marker="*", linestyle="none", color="#009e73",
                markersize=12)  # fmt: skip
        axes.axhline(found["limit_db"], color="0.4", linestyle="--", linewidth=0.8)
        axes.set_xlabel(
            f"LUTs, {found['dsp_luts']} a multiplier, {found['ram_luts']} a block RAM, by the model"
        )
        axes.set_ylabel(f"dB lost to the float twin at BER {found['ber']:g}")
        axes.set_title(f"{found['spec']}, {found['lanes']} lanes")
        axes.legend(frameon=False)
        plot.save(made, path)


def _points(axes: Any, points: Sequence[Mapping[str, Any]], label: str, **style: Any) -> None:
    x, y = [each["cost"] for each in points], [each["loss_db"] for each in points]
    errors = [[max(each["loss_db"] - each["low"], 0) for each in points],
              [max(each["high"] - each["loss_db"], 0) for each in points]]  # fmt: skip
    axes.errorbar(x, y, yerr=errors, label=label, capsize=2, elinewidth=0.8, **style)
