# SPDX-License-Identifier: Apache-2.0
"""Why a flipped bit in ADMM-Net's C++ header or `.mem` files cannot change an integer.

As in `no_effect.py`, computed from the spec and asked only about a flip that nothing noticed.
"""

from __future__ import annotations

import numpy as np

from fixedpoint.numbers.requantize import requantize
from fixedpoint.specs.admm import AdmmSpec
from verification.faults.mutate import Mutation
from verification.faults.no_effect_values import (
    entry_of,
    largest_state,
    same_bits,
    same_carrier,
    same_codes,
    same_products,
)

NATIVE_WIDTHS = ("entry_bits", "index_bits")
"""Widths that a native integer only has to hold."""


def reason(spec: AdmmSpec, mutation: Mutation) -> str | None:
    """A short proof that the flip has no effect in any comparison of this spec, or None."""
    excuse = None
    if mutation.kind in ("header", "mem"):
        excuse = same_codes(spec, mutation) or _same_steps(spec, mutation)
    if mutation.kind == "header" and excuse is None:
        excuse = same_bits(spec, mutation, 10) or _same_carrier(mutation)
    return excuse


def _same_steps(spec: AdmmSpec, mutation: Mutation) -> str | None:
    """Another Δ, tried on every code that the layer can have at that SNR."""
    place = entry_of(spec, mutation, "step")
    if place is None:
        return None
    layer, f = spec.layers[place[0]], spec.formats
    most = np.array(largest_state(spec, layer) * layer.inverse[place[1]])
    largest = int(requantize(most, f.state.frac + f.inverse.frac, f.code))
    codes = np.arange(-largest, largest + 1)
    if not same_products(mutation, codes, f.step.frac - f.state.frac, f.state):
        return None
    return f"both decode every code from {-largest} to {largest} to the same"


def _same_carrier(mutation: Mutation) -> str | None:
    return same_carrier(mutation) if mutation.name in NATIVE_WIDTHS else None
