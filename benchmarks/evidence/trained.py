# SPDX-License-Identifier: Apache-2.0
"""Claims about training: paired differences of `model.variants` over seeds, corrected by Holm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.evidence.finding import FAILS, HOLDS, LEVEL, PARTLY, Found
from model.lab.intervals import Effect, holm
from model.variant_tables import Group, effects, groups

NETS = {"pgd": "PGD, soft", "admm": "ADMM, box"}
"""The families of `model.variants` that vary one factor, in words."""
SEEDED = (("pgd", 8), ("pgd", 4))
"""Where these trained several seeds with each Δ and each MMD loss."""


@dataclass(frozen=True)
class Test:
    """One comparison: a variant less its base; `turned`: the base less the variant."""

    label: str
    family: str
    factor: str
    bits: int
    turned: bool = False

    @property
    def group(self) -> Group:
        """Where `model.variants` has it."""
        return Group(self.family, self.factor, f"{self.bits}bit")


def tested(found: Found, tests: Sequence[Test]) -> tuple[str, str]:
    """What the comparisons gave in words, and the verdict that the first is better in each.

    Raises `KeyError` if one was not trained with at least two seeds.
    """
    record = found.variants or {"variants": {}}
    measured, entries = effects(record), groups(record)
    chosen = [_turned(measured[test.group], test.turned) for test in tests]
    corrected = holm([effect.p for effect in chosen])
    parts = []
    for test, e, p in zip(tests, chosen, corrected, strict=True):
        of = entries[test.group]
        size = f"{len(of)} seeds, {of[0]['config']['epochs']} epochs"
        text = f"{e.value:+.5f} ({e.low:+.5f} to {e.high:+.5f}, p = {p:.2g}; {size})"
        parts.append(f"{test.label}: {text}")
    better = [p < LEVEL and e.value < 0 for e, p in zip(chosen, corrected, strict=True)]
    verdict = HOLDS if all(better) else PARTLY if any(better) else FAILS
    head = f"mean BER over 0 … 25 dB, paired, 95% limits over seeds, p by Holm for {len(tests)}: "
    return head + "; ".join(parts), verdict


def means(found: Found, family: str, factor: str, bits: int) -> list[float]:
    """Mean BER over the SNRs of every seed. Raises `KeyError` if nobody trained it."""
    record = found.variants or {"variants": {}}
    entries = groups(record)[Group(family, factor, f"{bits}bit")]
    return [float(np.mean(entry["ber"])) for entry in entries]


def _turned(effect: Effect, turned: bool) -> Effect:
    if not turned:
        return effect
    return Effect(-effect.value, -effect.high, -effect.low, effect.p)
