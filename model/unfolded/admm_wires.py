# SPDX-License-Identifier: Apache-2.0
"""The word lengths of a quantized ADMM-Net and the quantizers between its operations."""

from __future__ import annotations

import dataclasses

from fixedpoint.detectors.library import PgdSpec
from fixedpoint.numbers.format import Format
from fixedpoint.specs.admm import AdmmFormats
from model.unfolded.template import growth, wider

INT8 = AdmmFormats(
    f=Format(11, 8),
    p=Format(8, 7),
    y=Format(12, 7),
    front=Format(10, 6),
    difference=Format(8, 4),
    state=Format(16, 11),
    dual=Format(8, 4),
    code=Format(8, 0),
    step=Format(13, 14),
    inverse=Format(16, 8),
    relaxation=Format(12, 9),
    dual_step=Format(12, 8),
    rho=Format(32, 20),
)
"""The shipped word lengths: 8 bits, but for the front end, which wants more, and the wide state.

|P| ≤ 1 at every SNR; F grows with the SNR, as an inverse does. Where an entry of F would pass ±4,
`fixedpoint.specs.prepare` takes a larger ρ; training clips it.
"""


COORDINATES = ("front", "difference", "state", "dual")


def formats_of(template: PgdSpec) -> AdmmFormats:
    """`INT8` with what a training's template brings: y, the codes, Δ and 1/Δ, its symbols' range.

    A larger constellation widens what holds coordinates, and makes the matrices finer.
    """
    f, more = template.formats, growth(template.constellation)
    named = {name: wider(getattr(INT8, name), more) for name in COORDINATES}
    named |= {name: wider(getattr(INT8, name), 0, more) for name in ("f", "p")}
    return dataclasses.replace(INT8, y=f.y, code=f.code, step=f.step, inverse=f.inverse, **named)


WIRES = {
    "p": "p",
    "f": "f",
    "front": "front",
    "estimate": "state",
    "state": "state",
    "dual": "dual",
    "difference": "difference",
}
"""What is quantized beside the code, and by which format.

p, f: the matrices of a coherence block; front: x₀; estimate: x, xr and c·Δ; state: xr + u before
the prox; dual: u; difference: z − u.
"""
