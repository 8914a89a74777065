# SPDX-License-Identifier: Apache-2.0
"""Figure, tables and words of block error rates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes

from benchmarks.evidence import figures
from benchmarks.evidence.link.part import SIONNAS, Part, Run, wrong_of
from benchmarks.evidence.link.parts import BY_NAME
from benchmarks.evidence.tables import markdown
from model.lab import palette
from model.link import plot
from model.link.outcome import RATES, Wrong, at_rate, bler, gain

TARGET, RARE = RATES
NAMES = {TARGET: "10⁻¹", RARE: "10⁻²"}
FIRST = "lmmse"
NEVER, UNKNOWN, FEW = "not crossed", "unknown", "too few words for limits"
KINDS = {"golden": "integers", "twin": "float twin", "hard": "decisions"}


def label(name: str) -> str:
    """What a reader calls a detector of a file."""
    if name in SIONNAS:
        return SIONNAS[name]
    kind, _, text = name.partition(" ")
    spec, comma, more = text.partition(",")
    return f"`{spec}`, {KINDS[kind]}{comma}{more}"


def figure(part: Part, data: Mapping[str, Any], path: Path) -> None:
    """BLER against SNR, a panel for each run, with 95% intervals; only where words fail."""

    def draw(grid: Sequence[Axes]) -> None:
        for axes, run in zip(grid, data["runs"], strict=True):
            for number, name in enumerate(run["wrong"]):
                rates = [bler(row) for row in wrong_of(run, name)]
                ours = palette.COLORS[number % len(palette.COLORS)]
                color = palette.GREY if name in SIONNAS else ours
                shown = label(name).replace("`", "")
                plot.curve(axes, run["snr_db"], rates, number, color=color, label=shown)
            plot.scale(axes, wrong_of(run, name)[0].size)
            title = f"{part.panel}{part.of_run(run)}"
            axes.set(xlabel="SNR, dB", ylabel="BLER", title=title)

    figures.sheet(len(data["runs"]), len(data["runs"][0]["wrong"]), draw, path)


def section(part: Part, data: Mapping[str, Any]) -> Iterator[str]:
    """Of the page of results."""
    yield f"## {part.title}\n\n![{part.title}]({part.name}{figures.SUFFIX})\n"
    said = [part.said(data["runs"][0]), part.note]
    said += [f"`python -m benchmarks.evidence --only {part.name}`"]
    yield f"{' '.join(filter(None, said))}\n"
    for run in data["runs"]:
        found = {name: wrong_of(run, name) for name in run["wrong"]}
        text = part.of_run(run)
        yield f"{text[0].upper()}{text[1:]}, BLER:\n\n{rates(run['snr_db'], found)}\n"
        for against, names in pairs(found).items():
            shown = {one: ahead(run["snr_db"], found, one, against) for one in names}
            told = [f"{label(one)}, {each} dB" for one, each in shown.items()
                    if each not in (UNKNOWN, NEVER)]  # fmt: skip
            if told:
                yield f"Ahead of {label(against)}, at BLER 10⁻¹: {'; '.join(told)}.\n"


def pairs(found: Mapping[str, Wrong]) -> dict[str, list[str]]:
    """What is compared beside LMMSE: integers with the first ones, their decisions, their twin."""
    goldens = [name for name in found if name.startswith("golden ")]
    made = {goldens[0]: goldens[1:]}
    for kind in ("hard", "twin"):
        for name in goldens:
            other = name.replace("golden", kind, 1)
            if other in found:
                made[other] = [name]
    return {against: names for against, names in made.items() if names}


def rates(snr_db: Sequence[float], found: Mapping[str, Wrong]) -> str:
    """BLER by detector and SNR, the dB at each of `RATES`, and how much less than LMMSE that is."""
    header = ["detector", *(f"{snr:g} dB".replace("-", "−") for snr in snr_db)]
    for name in NAMES.values():
        header += [f"dB at {name}", "ahead of LMMSE, dB"]
    rows = []
    for name, wrong in found.items():
        row = [label(name), *(_rate(each) for each in wrong)]
        for target in RATES:
            row += [at(snr_db, wrong, target), ahead(snr_db, found, name, target=target)]
        rows.append(row)
    return markdown(header, rows)


def at(snr_db: Sequence[float], wrong: Wrong, target: float = TARGET) -> str:
    """The dB at which a curve falls to a target."""
    found = at_rate(target, tuple(snr_db), wrong)
    return NEVER if found is None else _db(found)


def ahead(
    snr_db: Sequence[float],
    found: Mapping[str, Wrong],
    name: str,
    against: str = FIRST,
    target: float = TARGET,
) -> str:
    """By how many dB a detector reaches a target before another, with its interval."""
    if at_rate(target, tuple(snr_db), found[name]) is None:
        return NEVER
    if name == against:
        return "0"
    each = gain(name, against, target, tuple(snr_db), dict(found))
    if each.value is None:
        return UNKNOWN
    if each.low is None or each.high is None:
        return f"{_db(each.value)}, {FEW}"
    return f"{_db(each.value)} ({_db(each.low)} to {_db(each.high)})"


def _db(value: float) -> str:
    shown = f"{abs(value):.2f}".removeprefix("0")
    return shown if value >= 0 or not float(shown) else f"−{shown}"


def _rate(wrong: Wrong) -> str:
    value, low, high = bler(wrong)
    return f"{_short(value)} ({_short(low)} to {_short(high)})"


def _short(value: float) -> str:
    digits = 3 if value >= 0.01 or not value else 4
    return f"{value:.{digits}f}".lstrip("0") if value < 1 else "1"


def cores(parts: Mapping[str, Any]) -> str:
    """Which core to take: dB ahead of LMMSE at `TARGET` by channel and code rate.

    A table for each array, whose specs are its own.
    """
    arrays: dict[str, list[tuple[str, Run]]] = {}
    for name, data in parts.items():
        if BY_NAME[name].choice:
            array, channel = BY_NAME[name].title.split(", ", 1)[1].rsplit(", ", 1)
            heads = [f"{channel}, {BY_NAME[name].of_run(run).split()[-1]}" for run in data["runs"]]
            arrays.setdefault(array, []).extend(zip(heads, data["runs"], strict=True))
    return "\n\n".join(_cores(array, runs) for array, runs in arrays.items())


def _cores(array: str, runs: Sequence[tuple[str, Run]]) -> str:
    header = [array, *(head for head, _ in runs)]
    found = [{name: wrong_of(run, name) for name in run["wrong"]} for _, run in runs]
    rows = [
        [label(name), *(_core(run["snr_db"], each, name)
                        for (_, run), each in zip(runs, found, strict=True))]
        for name in found[0]
    ]  # fmt: skip
    return markdown(header, rows)


def _core(snr_db: Sequence[float], found: Mapping[str, Wrong], name: str) -> str:
    return f"at {at(snr_db, found[name])} dB" if name == FIRST else ahead(snr_db, found, name)
