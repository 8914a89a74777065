# SPDX-License-Identifier: Apache-2.0
"""A shipped detector as a definition of one's own, which trains for soft bits: ADMM with a box.

The block brings F = (HᵀH + ρI)⁻¹Hᵀ and P = ρ(HᵀH + ρI)⁻¹. With x₀ = F·y, and z = u = 0 first,

    x = x₀ + P·(z − u)      xr = z + rel·(x − z)      w = xr + u      v = clip(w, ±b)
    c = v/Δ                 z = c·Δ                   u = u + un·(xr − z)

as in `fixedpoint.detectors.admm`. `certainty` says how well each stream is known, so that soft bits
have a weight of each stream: `--loss soft --soft-wire update` trains w for them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from fixedpoint.detectors.own import COLUMNS, ROWS, OwnDetector
from fixedpoint.detectors.own_spec import OwnSpec
from fixedpoint.numbers.format import Format, IntArray
from fixedpoint.program.trace import Trace
from fixedpoint.specs.prepare import inverse_share, regularized

FloatArray = NDArray[np.float64]
RIDGE = 0.61
"""ρ over the variance of the noise in one real dimension."""


def define(t: Trace, spec: OwnSpec) -> None:
    """The front end and one layer."""
    f = spec.format
    front, p, y = t.matrix("f"), t.matrix("p"), t.given("y", f("y"))
    step, inverse, box = spec.bank("step"), spec.bank("inverse"), spec.constant("box")
    relaxation, dual_step = spec.constant("relaxation"), spec.constant("dual_step")
    with t.once("front"):
        filtered = t.wire("filtered", front.T @ y)
        x0 = t.wire("estimate", filtered.to(f("front")))
    with t.layers():
        z, u = t.before("decoded", f("state")), t.before("dual", f("dual"))
        product = t.wire("product", p.T @ t.before("difference", f("difference")))
        x = t.wire("estimate", (x0 + product).to(f("state")))
        xr = t.wire("relaxed", (z + relaxation * (x - z)).to(f("state")))
        update = t.wire("update", (xr + u).to(f("state")))
        v = t.wire("state", update.clip(box, "box"), f("state"))
        code = t.wire("code", (v * inverse).to(f("code")))
        z = t.wire("decoded", (code * step).to(f("state")))
        u = t.wire("dual", (u + dual_step * (xr - z)).to(f("dual")))
        t.wire("difference", (z - u).to(f("difference")))
        t.wire("bits", t.sliced(v))


def prepare(spec: OwnSpec, h: FloatArray, index: IntArray) -> Mapping[str, FloatArray]:
    """Fᵀ and P of blocks."""
    energy = spec.constellation.symbol_energy / 2 * spec.columns / spec.rows
    f, p = regularized(h, RIDGE * energy * 10 ** (-spec.snr.snr_db[index] / 10))
    return {"f": f.transpose(0, 2, 1), "p": p}


DETECTOR = OwnDetector(
    define,
    name="boxed",
    matrices={"f": ROWS, "p": COLUMNS},
    prepare=prepare,
    certainty=lambda matrices: inverse_share(matrices["p"]),
    formats={
        "f": Format(11, 8), "p": Format(8, 7), "y": Format(12, 7), "front": Format(10, 6),
        "difference": Format(8, 4), "state": Format(16, 11), "dual": Format(8, 4),
        "code": Format(8, 0), "step": Format(13, 14), "inverse": Format(16, 8),
        "box": Format(16, 11), "relaxation": Format(12, 9), "dual_step": Format(12, 8),
    },
    constants={
        "relaxation": [0.81, 0.84, 0.94, 0.74, 0.55], "dual_step": [4.7, 4.1, 3.4, 1.5, 1.0],
        "box": [2.1, 2.6, 3.0, 2.7, 2.9],
    },
    banks={"step": 0.022},
    reciprocals={"inverse": "step"},
)  # fmt: skip
