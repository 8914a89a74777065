"""Worst-case bounds of every intermediate of a PGD layer, and the carriers that must hold them.

Bounds come from the formats alone, not from a spec's present constants, so that a wire's width does
not change when a network is trained again. They cover shifted operands and rounding constants.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fixedpoint.spec import DetectorSpec

FLOAT64 = 53


@dataclass(frozen=True)
class Bound:
    """The largest magnitude that an intermediate can take."""

    magnitude: int

    @property
    def bits(self) -> int:
        """The width of a two's-complement wire that holds ± magnitude."""
        return self.magnitude.bit_length() + 1

    def fits(self, carrier: int) -> bool:
        """True if ± magnitude is exact in a carrier of that many magnitude bits."""
        return self.magnitude.bit_length() <= carrier


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


def shifts(spec: DetectorSpec) -> PgdShifts:
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


def bounds(spec: DetectorSpec) -> dict[str, Bound]:
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
        "error_rounded": _rounded(error, s.residual),
        "gradient": gradient,
        "x_scaled": x_scaled,
        "g_scaled": g_scaled,
        "update": update,
        "update_rounded": _rounded(update, s.update),
        "code_product": code,
        "code_rounded": _rounded(code, s.code),
    }
    return {name: Bound(magnitude) for name, magnitude in magnitudes.items()}


def faults(spec: DetectorSpec) -> list[str]:
    """One line for each intermediate that could pass the float64 twin's 53 bits.

    int64 and native C++ (63 bits) are wider, so that a spec without a fault cannot wrap there.
    """
    return [
        f"formats: {name} needs {bound.magnitude.bit_length()} bits in the worst case, "
        f"at most {FLOAT64} are exact"
        for name, bound in bounds(spec).items()
        if not bound.fits(FLOAT64)
    ]


def _rounded(magnitude: int, shift: int) -> int:
    """The largest magnitude inside a requantizer: with its rounding constant, or shifted left."""
    return magnitude + (1 << shift - 1) if shift > 0 else magnitude << -shift
