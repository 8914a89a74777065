# SPDX-License-Identifier: Apache-2.0
"""Shifts and worst-case bounds of ADMM-Net's front end and of a layer."""

from __future__ import annotations

from dataclasses import dataclass

from fixedpoint.specs.admm import AdmmSpec
from tests.worst_case import Bound, Combination, rounded


@dataclass(frozen=True)
class AdmmShifts:
    """The requantizations of the front end and of a layer; sums as `Combination`, in term order.

    front: of F·y to x₀; estimate: x₀ + P·d; relaxed: z + rel·(x − z); update: relaxed + u;
    code: v·(1/Δ); decoded: c·Δ; dual: u + un·(relaxed − z); difference: z − u.
    """

    front: int
    estimate: Combination
    relaxed: Combination
    update: Combination
    code: int
    decoded: int
    dual: Combination
    difference: Combination


def shifts(spec: AdmmSpec) -> AdmmShifts:
    """From the fractional bits of the formats."""
    f = spec.formats
    state, dual = f.state.frac, f.dual.frac
    return AdmmShifts(
        front=f.f.frac + f.y.frac - f.front.frac,
        estimate=Combination.of(f.state, f.front.frac, f.p.frac + f.difference.frac),
        relaxed=Combination.of(f.state, state, f.relaxation.frac + state),
        update=Combination.of(f.state, state, dual),
        code=state + f.inverse.frac,
        decoded=f.step.frac - state,
        dual=Combination.of(f.dual, dual, f.dual_step.frac + state),
        difference=Combination.of(f.difference, state, dual),
    )


def bounds(spec: AdmmSpec) -> dict[str, Bound]:
    """The bound of every intermediate, by name, in the order of computation."""
    f, s = spec.formats, shifts(spec)
    filtered = spec.rows * f.f.max * f.y.max
    product = spec.columns * f.p.max * f.difference.max
    gap = 2 * f.state.max
    code, decoded = f.state.max * f.inverse.max, f.code.max * f.step.max
    magnitudes = {
        "filtered": filtered,
        "front_rounded": rounded(filtered, s.front),
        "product": product,
        **s.estimate.bounds("estimate", f.front.max, product),
        "gap": gap,
        "gap_scaled": gap * f.relaxation.max,
        **s.relaxed.bounds("relaxed", f.state.max, gap * f.relaxation.max),
        **s.update.bounds("update", f.state.max, f.dual.max),
        "code_product": code,
        "code_rounded": rounded(code, s.code),
        "decoded_product": decoded,
        "decoded_rounded": rounded(decoded, s.decoded),
        "gap_stepped": gap * f.dual_step.max,
        **s.dual.bounds("dual", f.dual.max, gap * f.dual_step.max),
        **s.difference.bounds("difference", f.state.max, f.dual.max),
    }
    return {name: Bound(magnitude) for name, magnitude in magnitudes.items()}
