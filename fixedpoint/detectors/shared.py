# SPDX-License-Identifier: Apache-2.0
"""Pieces that several detectors have in common."""

from __future__ import annotations

from fixedpoint.program.leaves import constant
from fixedpoint.program.values import Value
from fixedpoint.specs.admm import AdmmSpec
from fixedpoint.specs.pgd import PgdSpec


def prox(spec: PgdSpec | AdmmSpec, update: Value) -> Value:
    """Eq. (8) of the KAQ paper: the soft threshold λ, or its box ±b."""
    fmt = spec.formats.state
    threshold = constant("threshold", fmt, [layer.threshold for layer in spec.layers])
    if spec.prox == "box":
        return update.clip(threshold, "prox")
    return update.soft(threshold, "prox")
