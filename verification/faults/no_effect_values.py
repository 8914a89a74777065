# SPDX-License-Identifier: Apache-2.0
"""Constants of PGD-Net and ADMM-Net tried on all that they meet: whether two make the same.

As in `no_effect.py`, computed from the spec and asked only about a flip that nothing noticed.
"""

from __future__ import annotations

import re

import numpy as np

from fixedpoint.numbers.format import Format, IntArray
from fixedpoint.numbers.requantize import requantize
from fixedpoint.specs.admm import AdmmLayer, AdmmSpec
from fixedpoint.specs.pgd import PgdLayer, PgdSpec
from hls.builds.native import CARRIERS
from verification.faults.mutate import Mutation


def entry_of(spec: PgdSpec | AdmmSpec, mutation: Mutation, table: str) -> tuple[int, int] | None:
    """Layer and SNR entry if the flip is in that table of the bank, as C++ or a `.mem` names it."""
    entry = re.fullmatch(rf"{table}\[(\d+)\]", mutation.name)
    return divmod(int(entry.group(1)), len(spec.snr)) if entry else None


def same_codes(spec: PgdSpec | AdmmSpec, mutation: Mutation) -> str | None:
    """Another 1/Δ, tried on every state that the layer can have."""
    place = entry_of(spec, mutation, "inverse")
    if place is None:
        return None
    largest, f = largest_state(spec, spec.layers[place[0]]), spec.formats
    shift = f.state.frac + f.inverse.frac
    if not same_products(mutation, np.arange(-largest, largest + 1), shift, f.code):
        return None
    return f"both give the same code for every state from {-largest} to {largest}"


def same_products(mutation: Mutation, q: IntArray, shift: int, target: Format) -> bool:
    """Whether both constants, times all of these integers, become the same."""
    base = 16 if mutation.kind == "mem" else 10
    old, new = (
        requantize(q * int(text, base), shift, target)
        for text in (mutation.before, mutation.after)
    )  # fmt: skip
    return bool(np.all(old == new))


def same_bits(spec: PgdSpec | AdmmSpec, mutation: Mutation, base: int) -> str | None:
    """Another threshold of the slicer, beyond every state."""
    if not re.fullmatch(r"slicer\[\d+\]", mutation.name):
        return None
    sign = 1 << spec.formats.state.bits - 1
    texts = (mutation.before, mutation.after)
    thresholds = [(int(q, base) & 2 * sign - 1 ^ sign) - sign for q in texts]
    largest = max(largest_state(spec, layer) for layer in spec.layers)
    state = np.arange(-largest, largest + 1)
    if np.any((state >= thresholds[0]) != (state >= thresholds[1])):
        return None
    return f"both decide the same on every state from {-largest} to {largest}"


def largest_state(spec: PgdSpec | AdmmSpec, layer: PgdLayer | AdmmLayer) -> int:
    """The largest |v| behind the prox."""
    if spec.prox == "box":
        return layer.threshold
    return spec.formats.state.max - layer.threshold


def same_carrier(mutation: Mutation) -> str | None:
    """Native integers come in four sizes: a width only chooses among them."""
    old, new = int(mutation.before), int(mutation.after)
    if new < 1 or new > CARRIERS[-1]:
        return None
    before, after = (next(c for c in CARRIERS if bits <= c) for bits in (old, new))
    if after < before:
        return None
    return (
        f"{new} bits ride in an int{after}_t, which holds all that the int{before}_t of {old} did"
    )
