# SPDX-License-Identifier: Apache-2.0
"""Which events some legal input of a PGD-Net can cause."""

from __future__ import annotations

from fixedpoint.pgd_spec import PgdSpec
from fixedpoint.pgd_widths import shifts


def reachable(spec: PgdSpec, event: str) -> bool:
    """Whether any legal input can cause the event, from the spec's constants.

    Sums are bounded by their worst case. Ties of the first residual, y·2^align alone, need a shift
    beyond that alignment; ties of the code need v to be a multiple of 2^(shift − 1), as the odd
    reciprocal shares no factor with it.
    """
    layer_name, _, kind = event.partition(".")
    k = int(layer_name.removeprefix("pgd")) - 1
    layer, f, s = spec.layers[k], spec.formats, shifts(spec)
    step = max(spec.layers[k - 1].step) if k else 0
    x = f.code.max if k else 0
    largest_state = f.state.max - layer.threshold if spec.prox == "soft" else layer.threshold
    largest = {
        "residual": spec.columns * f.h.max * x * step + (f.y.max << s.y_align),
        "update": (x * step << s.x_align)
        + (layer.eta * spec.rows * f.h.max * f.residual.max << s.g_align),
        "code": largest_state * max(layer.inverse),
    }
    shift = {"residual": s.residual, "update": s.update, "code": s.code}
    target = {"residual": f.residual, "update": f.state, "code": f.code}
    wire, _, what = kind.partition(" ")
    if wire == "prox":
        return what in ("zero", "inside") or layer.threshold < f.state.max
    if what == "tie":
        if wire == "code":
            return shift[wire] > 0 and largest_state >= 1 << shift[wire] - 1
        return shift[wire] > (s.y_align if wire == "residual" and k == 0 else 0)
    half = 1 << shift[wire] - 1 if shift[wire] > 0 else 0
    left = 1 << max(-shift[wire], 0)
    return largest[wire] * left + half >= (target[wire].max + 1) * (1 << max(shift[wire], 0))
