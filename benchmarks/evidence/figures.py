"""The figures of docs/results, each drawn from what was just measured or from a shipped network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.evidence.studies import Study
from model import shipped
from model.lab import plot
from model.lab.result import Result
from model.penalty import best_weight, exact, smooth

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


def sheet(panels: int, draw: Callable[[Sequence[Axes]], None], path: Path) -> None:
    """A figure of `panels` side by side, drawn by `draw`, into a file."""
    with mpl.rc_context(plot.STYLE):
        made = Figure(figsize=(plot.INCHES[0] * panels, plot.INCHES[1]), layout="constrained")
        draw([made.add_subplot(1, panels, place + 1) for place in range(panels)])
    plot.save(made, path)


def rates(study: Study, result: Result, path: Path) -> None:
    """BER against SNR of a study's detectors."""

    def draw(axes: Sequence[Axes]) -> None:
        kept = {d: label for d, label in study.labels.items() if d in result.plan.detectors}
        plot.draw(axes[0], result, kept)
        axes[0].set_title(study.title)

    sheet(1, draw, path)


def penalties(path: Path) -> None:
    """Figure 2 of the HPD/FPD paper: φ and α*ψ for 16-QAM."""

    def draw(axes: Sequence[Axes]) -> None:
        x = torch.linspace(-3, 3, 2401, dtype=torch.float64)
        weight = best_weight(3)
        axes[0].plot(x, exact(x, 3), "-", label="exact penalty φ, eq. (6)")
        label = f"α*ψ, eqs. (14) to (16), α* = {weight:.4f}"
        axes[0].plot(x, weight * smooth(x, 3), "--", label=label)
        axes[0].set(xlabel="x", ylabel="penalty", title="Penalties, 16-QAM")
        axes[0].legend()

    sheet(1, draw, path)


def training(path: Path) -> None:
    """Figure 5 of the KAQ paper: validation BER against the epoch, mean over 0, 5 … 25 dB."""

    def draw(axes: Sequence[Axes]) -> None:
        for panel, (net, curves) in zip(axes, CURVES.items(), strict=True):
            start = shipped.log(FLOATS[net])
            panel.plot(*_epochs(start), "k:", label="FP32, soft threshold (their start)")
            for number, (name, label) in enumerate(curves.items()):
                style = plot.DASHES[number % len(plot.DASHES)]
                panel.plot(*_epochs(shipped.log(name), len(start)), style, label=label)
            panel.set(xlabel="epoch", ylabel="mean BER on validation data", title=net)
            panel.legend()

    sheet(len(CURVES), draw, path)


def latency(record: Mapping[str, Any], path: Path) -> None:
    """Figure 6 of the KAQ paper: nanoseconds a vector of each variant, H prepared and in cache."""

    def draw(axes: Sequence[Axes]) -> None:
        for panel, network in zip(axes, ("pgd", "admm"), strict=True):
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
                panel.bar(x, y, 0.23, yerr=([0.0] * len(up), up), capsize=2, label=variant)
            panel.set_xticks(range(len(batches)), [f"batch {b}" for b in batches])
            panel.set(ylabel="ns a vector, median and p95", title=f"{network.upper()}-Net")
            panel.legend()

    sheet(2, draw, path)


def _epochs(log: Sequence[Mapping[str, Any]], after: int = 0) -> tuple[list[int], list[float]]:
    return [after + 1 + i for i in range(len(log))], [entry["mean_ber"] for entry in log]
