# SPDX-License-Identifier: Apache-2.0
"""Coded block error rates of a build: curves, numbers and dB ahead of soft LMMSE."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.figure import Figure

from bitfold.report.curves import STYLE, svg
from bitfold.report.found import Found
from model.lab import palette, plot
from model.lab.intervals import Interval
from model.link import plot as blocks

LABELS = {"lmmse": "soft LMMSE, float", "golden": "integers"}


def coded(found: Found) -> dict[str, Any] | None:
    """What the page shows of the words that were decoded; None where there were none."""
    for record in found.records("coded"):
        if "why" in record:
            return {"why": record["why"]}
        if record:
            return {
                "why": "",
                "code": record["code"],
                "words": record["words"],
                "seed": record["seed"],
                "snr_db": record["snr_db"],
                "figure": _figure(record),
                "rows": [(_label(name), [_cell(one) for one in rates])
                         for name, rates in record["bler"].items()],
                "ahead": [_ahead(one) for one in record["ahead"]],
            }  # fmt: skip
    return None


def _label(name: str) -> str:
    return LABELS[name.partition(" ")[0]]


def _cell(one: Mapping[str, float]) -> tuple[str, str]:
    """A rate, and its interval."""
    return f"{one['value']:.3g}", f"{one['low']:.2g} to {one['high']:.2g}"


def _ahead(one: Mapping[str, Any]) -> str:
    value, low, high = one["value"], one["low"], one["high"]
    text = f"BLER {one['rate']:g}, {_label(one['detector'])}: "
    if value is None:
        return text + "a curve does not cross it"
    limits = f" ({low:.2f} to {high:.2f})" if low is not None and high is not None else ""
    return text + f"{value:.2f} dB{limits} ahead of {_label(one['against'])}"


def _figure(record: Mapping[str, Any]) -> Markup:
    """BLER over SNR with Wilson's intervals, where any word failed."""
    with mpl.rc_context(plot.STYLE | STYLE):
        made = Figure(figsize=(5.0, 3.5), layout="constrained")
        axes = made.add_subplot()
        for number, (name, rates) in enumerate(record["bler"].items()):
            each = [Interval(**one) for one in rates]
            color = palette.GREY if name == "lmmse" else palette.COLORS[number]
            blocks.curve(axes, record["snr_db"], each, number, color=color, label=_label(name))
        blocks.scale(axes, record["words"])
        axes.set_xlabel("SNR per receive antenna, dB")
        axes.set_ylabel("block error rate")
        axes.legend(frameon=False)
        return svg(made, "coded block error rates over SNR")
