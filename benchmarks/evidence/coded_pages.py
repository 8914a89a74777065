# SPDX-License-Identifier: Apache-2.0
"""Figure, tables and words of coded block error rates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes

from benchmarks.evidence import figures
from benchmarks.evidence.coded import BY_NAME, SEED, SIONNAS, Coded, wrong_of
from benchmarks.evidence.tables import markdown
from model.lab import palette
from model.link import plot
from model.link.outcome import Wrong, at_rate, bler, gain

TARGET = 1e-1
FIRST = "lmmse"
NEVER = "not crossed"
RATES = {0.5: "1/2", 0.75: "3/4"}


def label(name: str) -> str:
    """What a reader calls a detector of a file."""
    return SIONNAS.get(name) or f"`{name.removeprefix('golden ')}`, integers"


def figure(part: Coded, data: Mapping[str, Any], path: Path) -> None:
    """BLER against SNR, a panel for each code rate, with 95% intervals; only where words fail."""

    def draw(grid: Sequence[Axes]) -> None:
        for axes, run in zip(grid, data["runs"], strict=True):
            for number, name in enumerate(run["wrong"]):
                rates = [bler(row) for row in wrong_of(run, name)]
                color = palette.GREY if name in SIONNAS else palette.COLORS[number]
                shown = label(name).replace("`", "")
                plot.curve(axes, run["snr_db"], rates, number, color=color, label=shown)
            plot.scale(axes, run["words"])
            title = f"{part.array}, {part.channel}, rate {RATES[run['rate']]}"
            axes.set(xlabel="SNR, dB", ylabel="BLER", title=title)

    figures.sheet(len(data["runs"]), len(data["runs"][0]["wrong"]), draw, path)


def section(part: Coded, data: Mapping[str, Any]) -> Iterator[str]:
    """Of the page of results."""
    words = data["runs"][0]["words"]
    yield f"## {part.title}\n\n![{part.title}]({part.name}{figures.SUFFIX})\n"
    yield (
        "5G LDPC words of at least 1,024 bits, each over vectors with channels of their own, "
        f"Sionna's encoder and sum-product decoder with 20 iterations; seed {SEED}, {words:,} "
        "words a point, the same for all; Wilson's 95% intervals, of dB those of resampled words. "
        f"`python -m benchmarks.evidence --only {part.name}`\n"
    )
    for run in data["runs"]:
        found = {name: wrong_of(run, name) for name in run["wrong"]}
        yield f"Rate {RATES[run['rate']]}, BLER:\n\n{rates(run['snr_db'], found)}\n"
        first, *others = (f"golden {name}" for name in part.specs)
        told = [f"{label(each)}, {ahead(run['snr_db'], found, each, first)} dB" for each in others]
        if told:
            yield f"Ahead of {label(first)}, at BLER 10⁻¹: {'; '.join(told)}.\n"


def rates(snr_db: Sequence[float], found: Mapping[str, Wrong]) -> str:
    """BLER by detector and SNR, the dB at `TARGET`, and how much less than LMMSE that is."""
    header = [
        "detector",
        *(f"{snr:g} dB".replace("-", "−") for snr in snr_db),
        "dB at 10⁻¹",
        "ahead of LMMSE, dB",
    ]
    rows = [
        [label(name), *(_rate(row) for row in wrong), at(snr_db, wrong), ahead(snr_db, found, name)]
        for name, wrong in found.items()
    ]
    return markdown(header, rows)


def at(snr_db: Sequence[float], wrong: Wrong) -> str:
    """The dB at which a curve falls to `TARGET`."""
    found = at_rate(TARGET, tuple(snr_db), wrong)
    return NEVER if found is None else _db(found)


def ahead(
    snr_db: Sequence[float], found: Mapping[str, Wrong], name: str, against: str = FIRST
) -> str:
    """By how many dB a detector reaches `TARGET` before another, with its interval."""
    if name == against:
        return "0"
    if at_rate(TARGET, tuple(snr_db), found[name]) is None:
        return NEVER
    each = gain(name, against, TARGET, tuple(snr_db), dict(found))
    if each.value is None:
        return "unknown"
    low, high = ("?" if x is None else _db(x) for x in (each.low, each.high))
    return f"{_db(each.value)} ({low} to {high})"


def _db(value: float) -> str:
    sign = "−" if value < 0 else ""
    return sign + f"{abs(value):.2f}".removeprefix("0")


def _rate(wrong: Wrong) -> str:
    value, low, high = bler(wrong)
    return f"{_short(value)} ({_short(low)} to {_short(high)})"


def _short(value: float) -> str:
    return f"{value:.3f}".lstrip("0") if value < 1 else "1"


def cores(parts: Mapping[str, Any]) -> str:
    """Which core to take: dB ahead of LMMSE at `TARGET` by channel and code rate.

    A table for each array, whose specs are its own.
    """
    arrays: dict[str, list[tuple[Coded, Mapping[str, Any]]]] = {}
    for name, data in parts.items():
        part = BY_NAME[name]
        arrays.setdefault(part.array, []).extend((part, run) for run in data["runs"])
    return "\n\n".join(_cores(array, runs) for array, runs in arrays.items())


def _cores(array: str, runs: Sequence[tuple[Coded, Mapping[str, Any]]]) -> str:
    header = [array, *(f"{part.channel}, {RATES[run['rate']]}" for part, run in runs)]
    found = [{name: wrong_of(run, name) for name in run["wrong"]} for _, run in runs]
    rows = [
        [label(name), *(_core(run["snr_db"], each, name)
                        for (_, run), each in zip(runs, found, strict=True))]
        for name in found[0]
    ]  # fmt: skip
    return markdown(header, rows)


def _core(snr_db: Sequence[float], found: Mapping[str, Wrong], name: str) -> str:
    return f"at {at(snr_db, found[name])} dB" if name == FIRST else ahead(snr_db, found, name)
