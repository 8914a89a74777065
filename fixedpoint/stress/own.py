# SPDX-License-Identifier: Apache-2.0
"""Stress specs of a detector of one's own: constants with which the most events can happen."""

from __future__ import annotations

import numpy as np

from fixedpoint.detectors.own_spec import OwnSpec
from fixedpoint.detectors.registry import program
from fixedpoint.numbers.bank import odd_reciprocal
from fixedpoint.numbers.format import Format
from fixedpoint.program.views import reach
from fixedpoint.support.schema import Entries

TRIES = 6
"""Of random constants; those by which the most events are in reach are taken."""


def stressed(spec: OwnSpec, seed: int = 0) -> OwnSpec:
    """The spec with random constants and banks, all of their formats' magnitudes alike.

    In the same formats and of the same sizes: it has the same hardware. What draws of its channel
    would leave untouched, a saturation or a branch, happens within a thousand vectors.
    """
    made = [spec, *(_drawn(spec, np.random.default_rng([seed, k]), k) for k in range(TRIES))]
    return max(made, key=lambda one: sum(reach.possible(program(one)).values()))


def _drawn(spec: OwnSpec, rng: np.random.Generator, number: int) -> OwnSpec:
    definition, entries = spec.definition, len(spec.snr)
    constants = {name: tuple(_integers(rng, spec.formats[name], spec.layers))
                 for name in spec.constants}  # fmt: skip
    banks = {}
    for name in definition.banks:
        fmt, positive = spec.formats[name], name in definition.reciprocals.values()
        rows = [_integers(rng, fmt, entries) for _ in range(spec.layers)]
        banks[name] = tuple(tuple(abs(q) or 1 for q in row) if positive else tuple(row)
                            for row in rows)  # fmt: skip
    for name, of in definition.reciprocals.items():
        banks[of] = tuple(tuple(_fitting(spec, q, of, name) for q in row) for row in banks[of])
        banks[name] = tuple(tuple(_reciprocal(spec, q, of, name) for q in row) for row in banks[of])
    return spec.replace(
        name=f"stress-{spec.name}-{number}", provenance="fixedpoint/stress/own.py",
        constants=Entries.of(constants), banks=Entries.of(banks),
    )  # fmt: skip


def _reciprocal(spec: OwnSpec, q: int, of: str, name: str) -> int:
    return odd_reciprocal(q, spec.formats[of], spec.formats[name])


def _fitting(spec: OwnSpec, q: int, of: str, name: str) -> int:
    """q, or the next power of two times it whose reciprocal fits its format."""
    largest, fmt = spec.formats[name].max, spec.formats[of]
    while _reciprocal(spec, q, of, name) > largest and 2 * q <= fmt.max:
        q *= 2
    return q


def _integers(rng: np.random.Generator, fmt: Format, count: int) -> list[int]:
    """Of either sign, one in four near the end, the others smaller by powers of two alike."""
    shift = rng.integers(0, fmt.bits - 1, count) * (rng.integers(0, 4, count) > 0)
    drawn = rng.integers(fmt.max // 2 + 1, fmt.max + 1, count) >> shift
    found: list[int] = (drawn * rng.choice((-1, 1), count)).tolist()
    return found
