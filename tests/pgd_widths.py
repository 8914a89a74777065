# SPDX-License-Identifier: Apache-2.0
"""Shifts and worst-case bounds of a PGD layer."""

from __future__ import annotations

from dataclasses import dataclass

from fixedpoint.specs.pgd import PgdSpec
from tests.worst_case import Bound, rounded


@dataclass(frozen=True)
class PgdShifts:
    """The shifts of a PGD layer, from the fractional bits of its formats.

    y_align: y << y_align meets acc·Δ; residual, update, code: the three requantizations;
    x_align, g_align: left shifts that bring Δ·x and η·g to the same point.
    """

    y_align: int
    residual: int
    x_align: int
    g_align: int
    update: int
    code: int


def shifts(spec: PgdSpec) -> PgdShifts:
    """The shifts of the reference definition: P = max(SD, FH + FR + SE)."""
    f = spec.formats
    gradient = f.h.frac + f.residual.frac + f.eta.frac
    point = max(f.step.frac, gradient)
    return PgdShifts(
        y_align=f.h.frac + f.step.frac - f.y.frac,
        residual=f.h.frac + f.step.frac - f.residual.frac,
        x_align=point - f.step.frac,
        g_align=point - gradient,
        update=point - f.state.frac,
        code=f.state.frac + f.inverse.frac,
    )


def bounds(spec: PgdSpec) -> dict[str, Bound]:
    """The bound of every intermediate of a layer, by name, in the order of computation."""
    f, s = spec.formats, shifts(spec)
    accumulator = spec.columns * f.h.max * f.code.max
    scaled = accumulator * f.step.max
    y_aligned = f.y.max << s.y_align
    error = scaled + y_aligned
    gradient = spec.rows * f.h.max * f.residual.max
    x_scaled = f.code.max * f.step.max << s.x_align
    g_scaled = f.eta.max * gradient << s.g_align
    update = x_scaled + g_scaled
    code = f.state.max * f.inverse.max
    magnitudes = {
        "accumulator": accumulator,
        "scaled": scaled,
        "y_aligned": y_aligned,
        "error": error,
        "error_rounded": rounded(error, s.residual),
        "gradient": gradient,
        "x_scaled": x_scaled,
        "g_scaled": g_scaled,
        "update": update,
        "update_rounded": rounded(update, s.update),
        "code_product": code,
        "code_rounded": rounded(code, s.code),
    }
    return {name: Bound(magnitude) for name, magnitude in magnitudes.items()}
