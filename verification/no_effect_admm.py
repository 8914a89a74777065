# SPDX-License-Identifier: Apache-2.0
"""Why a flipped bit in ADMM-Net's C++ header or `.mem` files cannot change an integer.

As in `no_effect.py`, computed from the spec and asked only about a flip that nothing noticed.
"""

from __future__ import annotations

import re

import numpy as np

from fixedpoint.admm_spec import AdmmSpec
from fixedpoint.admm_widths import shifts
from fixedpoint.requantize import requantize
from hls import emit_cpp
from verification.mutate import Mutation
from verification.no_effect_values import (
    entry_of,
    largest_state,
    same_bits,
    same_carrier,
    same_codes,
    same_products,
)

# Widths that a native integer only has to hold, with the shift that is taken in them.
NATIVE_WIDTHS = {
    "h_bits": "",
    "index_bits": "",
    "filtered_bits": "",
    "front_rounded_bits": "front",
    "product_bits": "",
    "gap_bits": "",
    "gap_scaled_bits": "",
    "gap_stepped_bits": "",
    "code_rounded_bits": "code",
    "decoded_rounded_bits": "decoded",
    "step_bits": "",
    "inverse_bits": "",
    "relaxation_bits": "",
    "dual_step_bits": "",
}
STRUCT = re.compile(r"^  struct (\w+) \{")


def reason(spec: AdmmSpec, mutation: Mutation) -> str | None:
    """A short proof that the flip has no effect in any comparison of this spec, or None."""
    excuse = None
    if mutation.kind in ("header", "mem"):
        excuse = same_codes(spec, mutation, shifts(spec).code) or _same_steps(spec, mutation)
    if mutation.kind == "header" and excuse is None:
        excuse = same_bits(spec, mutation, 10) or _same_carrier(spec, mutation)
    return excuse


def _same_steps(spec: AdmmSpec, mutation: Mutation) -> str | None:
    """Another Δ, tried on every code that the layer can have at that SNR."""
    place = entry_of(spec, mutation, "step")
    if place is None:
        return None
    layer, s = spec.layers[place[0]], shifts(spec)
    most = np.array(largest_state(spec, layer) * layer.inverse[place[1]])
    largest = int(requantize(most, s.code, spec.formats.code))
    codes = np.arange(-largest, largest + 1)
    if not same_products(mutation, codes, s.decoded, spec.formats.state):
        return None
    return f"both decode every code from {-largest} to {largest} to the same"


def _same_carrier(spec: AdmmSpec, mutation: Mutation) -> str | None:
    """A width of its own, or the one in which a sum of two terms is taken."""
    s = shifts(spec)
    if mutation.name in NATIVE_WIDTHS:
        shift = NATIVE_WIDTHS[mutation.name]
        return same_carrier(mutation, getattr(s, shift) if shift else 0)
    if mutation.name == "work_bits":
        return same_carrier(mutation, getattr(s, _struct(spec, mutation.line)).shift)
    return None


def _struct(spec: AdmmSpec, line: int) -> str:
    """The combination whose struct holds this line of the header, as `AdmmShifts` names it."""
    names = [STRUCT.match(text) for text in emit_cpp.header(spec).splitlines()[:line]]
    return [name.group(1) for name in names if name is not None][-1].lower()
