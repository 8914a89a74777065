# SPDX-License-Identifier: Apache-2.0
"""Block error rates against SNR, with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes

from model.lab import palette
from model.lab.intervals import Interval


def curve(
    axes: Axes, snr_db: Sequence[float], rates: Sequence[Interval], number: int, **style: Any
) -> None:
    """One detector's, the `number`-th of the axes; a point of which no word failed is left out."""
    found = [(snr, each) for snr, each in zip(snr_db, rates, strict=True) if each.value]
    down = [max(0.0, each.value - each.low) for _, each in found]
    up = [max(0.0, each.high - each.value) for _, each in found]
    dash = palette.DASHES[number % len(palette.DASHES)]
    axes.errorbar(
        [snr for snr, _ in found], [each.value for _, each in found], yerr=(down, up), capsize=2,
        markersize=4, linestyle=dash, marker=palette.MARKERS[number], **style,
    )  # fmt: skip


def scale(axes: Axes, words: int) -> None:
    """Logarithmic, from half an error of so many words on."""
    axes.set_yscale("log")
    axes.set_ylim(0.5 / words, 1.3)
