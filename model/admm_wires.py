"""The word lengths of a quantized ADMM-Net and the quantizers between its operations."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from fixedpoint.format import Format
from model.quantizers import CodeQuantizer, Float16, FormatQuantizer


@dataclass(frozen=True)
class AdmmFormats:
    """p, f: the matrices P and F = W Hᵀ of a coherence block; front: x₀ = F y; difference: z − u.

    dual: u; state: xr + u, wide, before the prox. |P| ≤ 1 at every SNR; F grows with the SNR, as an
    inverse does, and entries beyond ±4 (30 dB) saturate.
    """

    p: Format
    f: Format
    front: Format
    difference: Format
    dual: Format
    state: Format


INT8 = AdmmFormats(
    p=Format(8, 7),
    f=Format(12, 9),
    front=Format(10, 6),
    difference=Format(8, 4),
    dual=Format(8, 4),
    state=Format(16, 11),
)
"""The shipped word lengths: 8 bits, but for the front end, which wants more, and the wide state."""


class AdmmWires(nn.Module):
    """The quantizers; all layers share them."""

    def __init__(
        self,
        p: FormatQuantizer | Float16,
        f: FormatQuantizer | Float16,
        front: nn.Module,
        difference: nn.Module,
        dual: nn.Module,
        state: nn.Module,
        code: nn.Module,
    ) -> None:
        super().__init__()
        self.p = p
        self.f = f
        self.front = front
        self.difference = difference
        self.dual = dual
        self.state = state
        self.code = code

    @classmethod
    def of_formats(cls, formats: AdmmFormats, code: Format, rounding: nn.Module) -> AdmmWires:
        """The wires of `formats`, with codes of any width."""
        return cls(
            p=FormatQuantizer(formats.p, rounding),
            f=FormatQuantizer(formats.f, rounding),
            front=FormatQuantizer(formats.front, rounding),
            difference=FormatQuantizer(formats.difference, rounding),
            dual=FormatQuantizer(formats.dual, rounding),
            state=FormatQuantizer(formats.state, rounding),
            code=CodeQuantizer(code, rounding),
        )
