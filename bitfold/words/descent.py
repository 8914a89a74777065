# SPDX-License-Identifier: Apache-2.0
"""Coordinate descent over word lengths, from wide to narrow.

Each step takes the one bit away that saves most for what it loses, as far as its loss stays below
the limit; a bit that loses too much once is not tried again, since narrower ones lose more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bitfold.words.candidate import Move, Words

NOISE_DB = 0.002
"""A loss below this is none: what draws cannot tell."""


@dataclass(frozen=True)
class Tried:
    """Word lengths with the loss of their integers in dB and their cost in LUTs."""

    words: Words
    loss: float
    cost: float


Try = Callable[[Words], Tried | None]
"""None where such a spec cannot be."""


def descend(first: Tried, attempt: Try, limit: float) -> Iterator[Tried]:
    """What each step arrives at. A step tries moves by what they promised when last tried."""
    now, promised = first, dict.fromkeys(first.words.moves(), float("inf"))
    while promised:
        best: tuple[float, Move, Tried] | None = None
        for move in sorted(promised, key=lambda each: -promised[each]):
            if best is not None and promised[move] < best[0]:
                break  # what a bit is worth falls as others go
            if move not in now.words.moves():
                del promised[move]
                continue
            made = attempt(now.words.moved(move))
            if made is None or made.loss > limit or made.cost >= now.cost:
                del promised[move]
                continue
            promised[move] = worth(now, made)
            if best is None or promised[move] > best[0]:
                best = promised[move], move, made
        if best is None:
            return
        now = best[2]
        yield now


def worth(before: Tried, after: Tried) -> float:
    """LUTs saved for a dB lost."""
    return (before.cost - after.cost) / max(after.loss - before.loss, NOISE_DB)


def front(tried: list[Tried]) -> list[Tried]:
    """Those that no other one beats in loss and cost both, the cheapest first."""
    found: list[Tried] = []
    for each in sorted(tried, key=lambda one: (one.cost, one.loss)):
        if not found or each.loss < found[-1].loss:
            found.append(each)
    return found
