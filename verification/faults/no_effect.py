# SPDX-License-Identifier: Apache-2.0
"""Why a flipped bit cannot change an integer: the reasons that follow from the spec, computed.

Asked only about a flip that the comparison did not notice; None means that there is no reason, and
that the comparison should have noticed.
"""

from __future__ import annotations

from fixedpoint.specs.admm import AdmmSpec
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.specs.fpd import FpdSpec
from fixedpoint.specs.hpd import HpdSpec
from fixedpoint.specs.pgd import PgdSpec
from verification.faults import no_effect_admm, no_effect_distributed
from verification.faults.mutate import Mutation
from verification.faults.no_effect_values import entry_of, same_bits, same_carrier, same_codes

NATIVE_WIDTHS = ("entry_bits", "index_bits")
"""Widths that a native integer only has to hold."""


def reason(spec: DetectorSpec, mutation: Mutation) -> str | None:
    """A short proof that the flip has no effect in any comparison of this spec, or None."""
    if isinstance(spec, HpdSpec | FpdSpec):
        return no_effect_distributed.reason(spec, mutation)
    if isinstance(spec, AdmmSpec):
        return no_effect_admm.reason(spec, mutation)
    assert isinstance(spec, PgdSpec)
    if mutation.kind in ("header", "mem"):
        excuse = _unread(spec, mutation) or same_codes(spec, mutation)
        if excuse is not None:
            return excuse
    if mutation.kind == "header":
        return same_bits(spec, mutation, 10) or _same_carrier(mutation)
    return None


def _unread(spec: PgdSpec, mutation: Mutation) -> str | None:
    """Δ of the last layer scales no further layer's code; the first layer has no code to scale."""
    before = entry_of(spec, mutation, "step_before")
    if before is not None and before[0] == 0:
        return f"{mutation.name} is what the first layer reads: its code is 0"
    place, last = entry_of(spec, mutation, "step"), len(spec.layers) - 1
    if place is None or place[0] != last:
        return None
    return f"{mutation.name} is Δ of layer {last + 1}, the last: no layer reads it"


def _same_carrier(mutation: Mutation) -> str | None:
    """A width that a native integer only has to hold."""
    return same_carrier(mutation) if mutation.name in NATIVE_WIDTHS else None
