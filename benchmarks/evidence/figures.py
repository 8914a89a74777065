# SPDX-License-Identifier: Apache-2.0
"""The figures of docs/results, each drawn from what was just measured or from a shipped network."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import torch
from matplotlib.axes import Axes

from benchmarks.evidence.studies import Study
from model.distributed.penalty import best_weight, exact, smooth
from model.lab import palette, plot
from model.lab.plot import Panel
from model.lab.result import Result
from model.store import shipped

SUFFIX = ".svg"
CURVES = {
    "PGD-Net": {
        "pgd-soft-int8-qat": "INT8 QAT (learned Δ, squared error)",
        "pgd-soft-int8-kaq": "INT8 KAQ (SNR-driven Δ, KDE-MMD)",
        "pgd-box": "FP32 + box",
        "pgd-snr-box": "FP32 + SNR-driven box",
    },
    "ADMM-Net": {
        "admm-soft-int8-qat": "INT8 QAT (learned Δ, squared error)",
        "admm-soft-int8-kaq": "INT8 KAQ (SNR-driven Δ, KDE-MMD)",
        "admm-exact-box": "FP32 + box",
        "admm-exact-snr-box": "FP32 + SNR-driven box",
    },
}
LATENCIES = ("fp32", "int8", "int8-vnni")
FLOATS = {"PGD-Net": "pgd-soft", "ADMM-Net": "admm-soft"}


def sheet(panels: int, entries: int, draw: Callable[[Sequence[Axes]], None], path: Path) -> None:
    """A figure of `panels` with legends of `entries`, drawn by `draw`, into a file."""
    with mpl.rc_context(plot.STYLE):
        made, grid = plot.sheet(panels, entries)
        draw(grid)
        for axes in grid:
            plot.legend(axes)
    plot.save(made, path)


def panels(study: Study, detectors: Collection[str]) -> list[Panel]:
    """The panels of a study's figure; of its detectors those in `detectors`, and the references.

    Raises `ValueError` on a panel with too many curves, and on one of a detector that the study
    does not have.
    """
    made = []
    for title, names in (study.panels or {study.title: tuple(study.labels)}).items():
        unknown = sorted(set(names) - set(study.labels))
        if unknown:
            raise ValueError(f"study {study.name}: panel {title!r} names {', '.join(unknown)}, "
                             f"not one of {', '.join(study.labels)}")  # fmt: skip
        drawn = {
            d: label for d, label in study.labels.items()
            if d in detectors and (d in names or d in palette.REFERENCES)
        }  # fmt: skip
        try:
            made.append(Panel(title, drawn))
        except ValueError as error:
            raise ValueError(f"study {study.name}: {error}") from None
    return [panel for panel in made if panel.labels]


def rates(study: Study, result: Result, path: Path) -> None:
    """BER against SNR of a study's detectors."""
    parts = [(panel, result) for panel in panels(study, result.plan.detectors)]
    plot.save(plot.rates(parts, title=study.title if study.panels else ""), path)


def penalties(path: Path) -> None:
    """Figure 2 of the HPD/FPD paper: φ and α*ψ for 16-QAM."""

    def draw(grid: Sequence[Axes]) -> None:
        (axes,) = grid
        x = torch.linspace(-3, 3, 2401, dtype=torch.float64)
        weight = best_weight(3)
        curves = {
            "exact penalty φ, eq. (6)": exact(x, 3),
            f"α*ψ, eqs. (14) to (16), α* = {weight:.4f}": weight * smooth(x, 3),
        }
        for number, (label, y) in enumerate(curves.items()):
            axes.plot(x, y, label=label, **_line(number))
        axes.set(xlabel="x", ylabel="penalty", title="Penalties, 16-QAM")

    sheet(1, 2, draw, path)


def training(path: Path) -> None:
    """Figure 5 of the KAQ paper: validation BER against the epoch, mean over 0, 5 … 25 dB."""

    def draw(grid: Sequence[Axes]) -> None:
        for axes, (net, curves) in zip(grid, CURVES.items(), strict=True):
            start = shipped.log(FLOATS[net])
            label = "FP32, soft threshold (their start)"
            axes.plot(*_epochs(start), color=palette.GREY, linestyle="--", label=label)
            for number, (name, label) in enumerate(curves.items()):
                log = shipped.log(name)
                axes.plot(*_epochs(log, len(start)), label=label, **_line(number))
            axes.set(xlabel="epoch", ylabel="mean BER on validation data", title=net)

    sheet(len(CURVES), 1 + max(map(len, CURVES.values())), draw, path)


def latency(record: Mapping[str, Any], path: Path) -> None:
    """Figure 6 of the KAQ paper: nanoseconds a vector of each variant, H prepared and in cache."""

    def draw(grid: Sequence[Axes]) -> None:
        for axes, network in zip(grid, ("pgd", "admm"), strict=True):
            rows = [
                r for r in record["rows"] if r["network"] == network and r.get("cache") == "hot"
            ]
            batches = sorted({row["batch"] for row in rows})
            variants = [v for v in LATENCIES if any(row["variant"] == v for row in rows)]
            for place, variant in enumerate(variants):
                kept = [row for row in rows if row["variant"] == variant]
                x = [batches.index(row["batch"]) + (place - 1) * 0.25 for row in kept]
                y = [row["median_ns"] for row in kept]
                up = [max(0.0, row["p95_ns"] - row["median_ns"]) for row in kept]
                axes.bar(x, y, 0.23, yerr=([0.0] * len(up), up), capsize=2, label=variant,
                         color=palette.COLORS[place])  # fmt: skip
            axes.set_xticks(range(len(batches)), [f"batch {b}" for b in batches])
            axes.set(ylabel="ns a vector, median and p95", title=f"{network.upper()}-Net")

    sheet(2, len(LATENCIES), draw, path)


def _line(number: int) -> dict[str, Any]:
    """Colour and dash of a curve without points."""
    return {"color": palette.COLORS[number], "linestyle": palette.DASHES[number]}


def _epochs(log: Sequence[Mapping[str, Any]], after: int = 0) -> tuple[list[int], list[float]]:
    return [after + 1 + i for i in range(len(log))], [entry["mean_ber"] for entry in log]
