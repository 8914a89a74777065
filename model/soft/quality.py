# SPDX-License-Identifier: Apache-2.0
"""What soft bits are worth: information beside soft LMMSE, and whether they say the truth.

A ratio says the truth where log odds counted over all bits that have it are the ratio itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fixedpoint.detectors.library import DetectorSpec
from fixedpoint.numbers.format import IntArray
from model.soft import draws
from model.soft.rule import information, lmmse, max_log
from model.systems.system import System

FloatArray = NDArray[np.float64]
FEWEST_BITS = 200
"""Of a ratio, before its odds are counted."""


@dataclass(frozen=True)
class Quality:
    """At one SNR, of bits from the integers, the float twin (max-log, unrounded), soft LMMSE."""

    snr_db: float
    bits: int
    integers: float
    twin: float
    lmmse: float
    more: float
    error: float
    """What the integers have more than soft LMMSE, or than another spec's, with its standard error
    over vectors."""


@dataclass(frozen=True)
class Odds:
    """A ratio L that the integers gave `count` times, and the measured log odds of a 1."""

    llr: float
    measured: float
    count: int


def ratios(spec: DetectorSpec, last: draws.Last) -> FloatArray:
    """The soft bits of a run, (G, B, N, b)."""
    each = [last.wires[f"llr{b}"] for b in range(spec.constellation.bits)]
    return np.stack(each, -1)


def exact(spec: DetectorSpec, last: draws.Last, entries: IntArray) -> FloatArray:
    """Max-log of the twin's wire with its weights, neither rounded nor clipped, (G, B, N, b).

    entries: (G, B), those of the SNR bank.
    """
    soft = spec.soft
    assert soft is not None
    w, weight = last.wires[soft.wire], spec.soft_kappa(last.matrices, entries)
    return max_log(w, np.broadcast_to(weight, w.shape), spec.constellation)


def measure(
    spec: DetectorSpec,
    system: System,
    entry: int,
    vectors: int,
    seed: int,
    against: DetectorSpec | None = None,
) -> tuple[Quality, list[Odds]]:
    """Both on the same draws. against: another spec of the system, in place of soft LMMSE.

    Raises `ValueError` on a spec without soft bits, and on another system's.
    """
    for each in filter(None, (spec, against)):
        if each.soft is None:
            raise ValueError(f"spec {each.name} has no soft bits: python -m model.soft add gives "
                             "them")  # fmt: skip
        if _sizes(each) != _sizes(spec):
            raise ValueError(
                f"spec {each.name} is of another system than {spec.name}: "
                f"{_sizes(each)}, {_sizes(spec)} was expected"
            )
    drawn = draws.draws(spec, system, entry, vectors, seed)
    ours = ratios(spec, draws.golden(spec, drawn))
    twin = exact(spec, draws.float_twin(spec, drawn), drawn.index)
    linear = lmmse(drawn.h, drawn.y, drawn.noise, spec.constellation)
    rival = linear if against is None else ratios(against, draws.golden(against, drawn))
    lost = [np.logaddexp(0, (1 - 2 * drawn.bits) * llr).mean(axis=(2, 3)) for llr in (rival, ours)]
    more = (lost[0] - lost[1]) / np.log(2)
    error = float(more.std(ddof=1) / np.sqrt(more.size)) if more.size > 1 else 0.0
    found = Quality(float(spec.snr.snr_db[entry]), drawn.bits.size, information(ours, drawn.bits),
                    information(twin, drawn.bits), information(linear, drawn.bits),
                    float(more.mean()), error)  # fmt: skip
    return found, odds(ours, drawn.bits)


def _sizes(spec: DetectorSpec) -> str:
    """What vectors of one detector need to have for another one to take them."""
    return (f"{spec.rows}x{spec.columns} {spec.modulation}, {spec.snr.first_db:g} to "
            f"{spec.snr.last_db:g} dB, E|h|² {spec.entry_variance:g}")  # fmt: skip


def odds(llr: FloatArray, bits: IntArray) -> list[Odds]:
    """Of every ratio that came often enough."""
    values, at = np.unique(llr, return_inverse=True)
    total = np.bincount(at.ravel())
    ones = np.bincount(at.ravel(), weights=bits.ravel().astype(np.float64))
    found = []
    for value, count, one in zip(values, total, ones, strict=True):
        if count >= FEWEST_BITS:
            share = (one + 0.5) / (count + 1)
            found.append(Odds(float(value), float(np.log(share / (1 - share))), int(count)))
    return found


def slope(odds: list[Odds]) -> float:
    """Of measured log odds over ratios, through 0, by how often each came; 0 without any."""
    inner = [one for one in odds if one.llr]
    squares = sum(one.count * one.llr**2 for one in inner)
    return sum(one.count * one.llr * one.measured for one in inner) / squares if squares else 0.0
