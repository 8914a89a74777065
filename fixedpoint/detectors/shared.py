# SPDX-License-Identifier: Apache-2.0
"""Pieces that several detectors have in common."""

from __future__ import annotations

from fixedpoint.admm_spec import AdmmSpec
from fixedpoint.pgd_spec import PgdSpec
from fixedpoint.program.leaves import constant
from fixedpoint.program.values import Value


def prox(spec: PgdSpec | AdmmSpec, update: Value) -> Value:
    """Eq. (8) of the KAQ paper: the soft threshold λ, or its box ±b."""
    fmt = spec.formats.state
    threshold = constant("threshold", fmt, [layer.threshold for layer in spec.layers])
    if spec.prox == "box":
        return update.clip(threshold, "prox")
    return update.soft(threshold, "prox")
