# SPDX-License-Identifier: Apache-2.0
"""The tables of `model.variants`: BER of every variant, and what each differs from its base."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from model.lab.intervals import Effect, holm, over_seeds
from model.unfolded.trainer import EVALUATED_DB

CONFIDENCE, NORMAL = 0.95, 1.96
HEAD = """{vectors} draws at each SNR, the same for all; ± is 95% over the draws of one seed.
`mean`: over 0 … 25 dB.
"""
PAIRED = """Mean BER over 0 … 25 dB less that of the base of the same seed, paired on the same
draws; 95% limits by t over the seeds; `p` corrected for the {count} comparisons of this table
(Holm).
"""


class Group(NamedTuple):
    """A variant's family, factor and code width; its seeds' entries follow."""

    family: str
    factor: str
    bits: str


def groups(record: Mapping[str, Any]) -> dict[Group, list[dict[str, Any]]]:
    """The entries of every variant, one a seed."""
    found: dict[Group, list[dict[str, Any]]] = {}
    for name, entry in record["variants"].items():
        family, rest = name.split("-", 1)
        factor, bits, _ = rest.rsplit("-", 2)
        found.setdefault(Group(family, factor, bits), []).append(entry)
    return found


def effects(record: Mapping[str, Any]) -> dict[Group, Effect]:
    """What each variant of at least two seeds differs from its base, not yet corrected."""
    return {
        group: over_seeds(
            [entry["less_base"]["mean"] for entry in entries],
            [entry["less_base"]["mean_half_width"] / NORMAL for entry in entries],
            CONFIDENCE,
        )
        for group, entries in groups(record).items()
        if len(entries) > 1 and all("less_base" in entry for entry in entries)
    }


def tables(record: Mapping[str, Any]) -> str:
    """Both tables in Markdown."""
    return "\n".join([HEAD.format(vectors=record["vectors"]), _rates(record), "", _paired(record)])


def _rates(record: Mapping[str, Any]) -> str:
    heads = " | ".join(f"{snr:g} dB" for snr in EVALUATED_DB)
    lines = [
        f"| net | variant | bits | epochs | seeds | {heads} | mean | spread of the seeds' means |",
        "|" + "---|" * (len(EVALUATED_DB) + 7),
    ]
    for (family, factor, bits), entries in groups(record).items():
        mean = np.mean([entry["ber"] for entry in entries], axis=0)
        widths = entries[0]["half_width"]
        cells = " | ".join(f"{b:.4f} ± {w:.4f}" for b, w in zip(mean, widths, strict=True))
        means = [np.mean(entry["ber"]) for entry in entries]
        epochs = entries[0]["config"]["epochs"]
        row = f"{family} | {factor} | {bits} | {epochs} | {len(entries)} | {cells}"
        lines.append(f"| {row} | {mean.mean():.5f} | {max(means) - min(means):.5f} |")
    return "\n".join(lines)


def _paired(record: Mapping[str, Any]) -> str:
    found = effects(record)
    corrected = holm([effect.p for effect in found.values()])
    of = groups(record)
    lines = [
        PAIRED.format(count=len(found)),
        "| net | variant | bits | seeds | less the base (95%) | p, Holm |",
        "|" + "---|" * 6,
    ]
    for (group, effect), p in zip(found.items(), corrected, strict=True):
        limits = f"{effect.value:+.5f} ({effect.low:+.5f} to {effect.high:+.5f})"
        lines.append(f"| {' | '.join(group)} | {len(of[group])} | {limits} | {p:.3g} |")
    return "\n".join(lines) + "\n"
