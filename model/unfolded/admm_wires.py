# SPDX-License-Identifier: Apache-2.0
"""The word lengths of a quantized ADMM-Net and the quantizers between its operations."""

from __future__ import annotations

import dataclasses

from torch import nn

from fixedpoint.detectors.library import PgdSpec
from fixedpoint.numbers.format import Format
from fixedpoint.specs.admm import AdmmFormats
from model.quant.quantizers import CodeQuantizer, Float16, FormatQuantizer

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


def formats_of(template: PgdSpec) -> AdmmFormats:
    """`INT8` with what a training's template brings: y, the codes, Δ and 1/Δ."""
    f = template.formats
    return dataclasses.replace(INT8, y=f.y, code=f.code, step=f.step, inverse=f.inverse)


class AdmmWires(nn.Module):
    """The quantizers; all layers share them.

    p, f: of the matrices of a coherence block; front: of x₀; estimate: of x, xr and c·Δ; state: of
    xr + u before the prox; code: of the state after it; dual: of u; difference: of z − u.
    """

    def __init__(
        self,
        p: FormatQuantizer | Float16,
        f: FormatQuantizer | Float16,
        front: nn.Module,
        estimate: nn.Module,
        state: nn.Module,
        code: nn.Module,
        dual: nn.Module,
        difference: nn.Module,
    ) -> None:
        super().__init__()
        self.p = p
        self.f = f
        self.front = front
        self.estimate = estimate
        self.state = state
        self.code = code
        self.dual = dual
        self.difference = difference

    @classmethod
    def of_formats(cls, formats: AdmmFormats, code: Format, rounding: nn.Module) -> AdmmWires:
        """The wires of `formats`, with codes of any width."""
        return cls(
            p=FormatQuantizer(formats.p, rounding),
            f=FormatQuantizer(formats.f, rounding),
            front=FormatQuantizer(formats.front, rounding),
            estimate=FormatQuantizer(formats.state, rounding),
            state=FormatQuantizer(formats.state, rounding),
            code=CodeQuantizer(code, rounding),
            dual=FormatQuantizer(formats.dual, rounding),
            difference=FormatQuantizer(formats.difference, rounding),
        )
