# SPDX-License-Identifier: Apache-2.0
"""Styles of curves that colour-blind readers, and readers on paper, tell apart.

Colours are six of Okabe and Ito's eight (*Color Universal Design*, 2008), without black and their
pale yellow. References are grey, each with a dash of its own, and look the same in every figure.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
GREY = "#555555"
MARKERS = "osD^vP<>X*hp"

Dash = tuple[int, tuple[float, ...] | None]
"""Offset, then lengths of ink and gap in line widths; `None`: unbroken."""
DASHES: tuple[Dash, ...] = (
    (0, None),
    (0, (5, 1.5)),
    (0, (6, 1.5, 1, 1.5)),
    (0, (1.5, 1)),
    (0, (3, 1, 1, 1, 1, 1)),
    (0, (9, 2)),
)


@dataclass(frozen=True)
class Style:
    """How a curve is drawn."""

    color: str
    dash: Dash
    marker: str


REFERENCES = {
    "lmmse": Style(GREY, DASHES[1], "x"),
    "bmmse": Style(GREY, DASHES[2], "+"),
    "ml": Style(GREY, DASHES[0], "1"),
    "1bit-ml": Style(GREY, DASHES[3], "2"),
    "few-bit-ml": Style(GREY, DASHES[4], "3"),
}
"""Detectors that others are measured against: they don't count as curves of a panel."""


def colored(detectors: Collection[str]) -> tuple[str, ...]:
    """The detectors that are no references."""
    return tuple(name for name in detectors if name not in REFERENCES)


def check(title: str, detectors: Collection[str]) -> None:
    """`ValueError` on a panel with more curves than there are colours."""
    curves = colored(detectors)
    if len(curves) > len(COLORS):
        raise ValueError(f"panel {title!r} draws {len(curves)} curves beside the references "
                         f"({', '.join(curves)}), at most {len(COLORS)} were expected")  # fmt: skip


def styles(panels: Sequence[Collection[str]]) -> dict[str, Style]:
    """A style for each detector of a figure, the same in all of its panels.

    Within a panel no colour comes twice; where one comes again in another panel, dash and marker
    differ. Raises `ValueError` if the panels share so many detectors that no colour is left.
    """
    mates: dict[str, list[str]] = {}
    for panel in panels:
        for name in colored(panel):
            mates.setdefault(name, []).extend(colored(panel))
    number: dict[str, int] = {}
    for name in sorted(mates, key=lambda name: -sum(name in panel for panel in panels)):
        taken = {number[mate] % len(COLORS) for mate in mates[name] if mate in number}
        used = [sum(n % len(COLORS) == c for n in number.values()) for c in range(len(COLORS))]
        free = [c for c in range(len(COLORS)) if c not in taken]
        if not free:
            raise ValueError(f"{name}: none of {len(COLORS)} colours is left in all of its panels")
        color = min(free, key=lambda c: used[c])
        number[name] = used[color] * len(COLORS) + color
    return dict(REFERENCES) | {name: _style(n) for name, n in number.items()}


def _style(number: int) -> Style:
    again, color = divmod(number, len(COLORS))
    dash = DASHES[(color + again) % len(DASHES)]
    return Style(COLORS[color], dash, MARKERS[number % len(MARKERS)])
