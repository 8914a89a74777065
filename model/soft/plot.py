# SPDX-License-Identifier: Apache-2.0
"""Reliability: ratios against measured log odds."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from fixedpoint.detectors.library import DetectorSpec
from fixedpoint.support.files import write_text
from model.soft.quality import Odds


def reliability(
    spec: DetectorSpec, found: Sequence[tuple[float, Sequence[Odds]]], path: Path
) -> None:
    """One curve for each SNR, as SVG, whole or not at all."""
    made = Figure(figsize=(5.0, 4.0), layout="constrained")
    FigureCanvasAgg(made)
    axes = made.subplots()
    ends = [one.llr for _, odds in found for one in odds] or [0.0]
    axes.plot([min(ends), max(ends)], [min(ends), max(ends)], color="0.6", label="the truth")
    for snr_db, odds in found:
        axes.plot([one.llr for one in odds], [one.measured for one in odds], ".-",
                  label=f"{snr_db:g} dB")  # fmt: skip
    axes.set_xlabel("soft bit, log p(1)/p(0)")
    axes.set_ylabel("measured log odds of a 1")
    axes.set_title(spec.name)
    axes.legend()
    text = io.StringIO()
    made.savefig(text, format="svg", metadata={"Date": None})
    write_text(path, text.getvalue())
