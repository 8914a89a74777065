# SPDX-License-Identifier: Apache-2.0
"""Fake quantizers on Brevitas' own core: formats, the ADC, and codes of a step size Δ.

A quantizer returns real values (q · 2^-frac, or q · Δ) and passes gradients straight through inside
its range, as eq. (19) of the KAQ paper says. Rounding is half up, like `requantize`; Brevitas'
stock rounding is half to even. With rounding = `Identity()` the same modules only clip: the float
twin. `Float16` is the paper's other baseline.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from brevitas.core.function_wrapper import Identity, TensorClamp
from brevitas.core.quant import DecoupledIntQuant, IntQuant
from torch import Tensor, nn

from fixedpoint.detectors.library import Adc
from fixedpoint.numbers.format import Format


class _HalfUpSte(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        floor = x.floor()
        return floor + (x - floor >= 0.5).to(x.dtype)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        return grads[0]


class HalfUp(nn.Module):
    """Round half up with the gradient of the identity (straight-through estimator)."""

    def forward(self, x: Tensor) -> Tensor:
        """Any shape."""
        return _HalfUpSte.apply(x)


class Float16(nn.Module):
    """Values rounded to IEEE float16 (nearest, ties to even), kept in their dtype."""

    def forward(self, x: Tensor) -> Tensor:
        """Any shape."""
        return x.half().to(x.dtype)

    values = forward


class _GridQuantizer(nn.Module):
    """Values to a uniform grid by Brevitas' `IntQuant`, clipped to `limits` before it rounds.

    Brevitas alone clips after rounding and would pass gradients up to half a step too far.
    """

    def __init__(
        self,
        *,
        limits: tuple[float, float],
        scale: float,
        zero_point: float,
        bits: int,
        signed: bool,
        rounding: nn.Module,
    ) -> None:
        super().__init__()
        self.limits = limits
        self.rounding = rounding
        self.scale: Tensor
        self.zero_point: Tensor
        self.bit_width: Tensor
        self.register_buffer("scale", torch.tensor(scale), persistent=False)
        self.register_buffer("zero_point", torch.tensor(zero_point), persistent=False)
        self.register_buffer("bit_width", torch.tensor(float(bits)), persistent=False)
        self.quantize = IntQuant(
            narrow_range=signed,
            signed=signed,
            input_view_impl=Identity(),
            float_to_int_impl=rounding,
            tensor_clamp_impl=TensorClamp(),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Any shape; returns values on the grid."""
        x = x.clamp(*self.limits)
        return self.quantize(self.scale, self.zero_point, self.bit_width, x)


class FormatQuantizer(_GridQuantizer):
    """Values to the grid of a `Format`, q · 2^-frac: round, saturate; any shape."""

    def __init__(self, target: Format, rounding: nn.Module) -> None:
        super().__init__(
            limits=(target.min * target.step, target.max * target.step),
            scale=target.step,
            zero_point=0.0,
            bits=target.bits,
            signed=target.signed,
            rounding=rounding,
        )

    @torch.no_grad()
    def values(self, x: Tensor) -> Tensor:
        """The same values without a gradient: half the passes, for large matrices."""
        return self.rounding(x.clamp(*self.limits).div_(self.scale)).mul_(self.scale)


class AdcQuantizer(_GridQuantizer):
    """Samples to the levels of the mid-rise converter of `fixedpoint.numbers.adc`.

    A zero point of 2^(bits−1) − ½ puts the levels at odd numbers of half steps.
    """

    def __init__(self, adc: Adc, y: Format, rounding: nn.Module) -> None:
        highest = adc.half_step * (2**adc.bits - 1) * y.step
        super().__init__(
            limits=(-highest, highest),
            scale=2 * adc.half_step * y.step,
            zero_point=2.0 ** (adc.bits - 1) - 0.5,
            bits=adc.bits,
            signed=False,
            rounding=rounding,
        )


class CodeQuantizer(nn.Module):
    """States to codes times Δ, eq. (9) with the saturation that eq. (19) implies.

    Two scales, as the hardware has them: it multiplies by 1/Δ (an integer constant of its own) and
    reads the code back as q · Δ. Training gives the same Δ twice.
    """

    def __init__(self, code: Format, rounding: nn.Module) -> None:
        super().__init__()
        self.largest = code.max
        self.zero_point: Tensor
        self.bit_width: Tensor
        self.register_buffer("zero_point", torch.tensor(0.0), persistent=False)
        self.register_buffer("bit_width", torch.tensor(float(code.bits)), persistent=False)
        self.quantize = DecoupledIntQuant(
            narrow_range=True,
            signed=True,
            input_view_impl=Identity(),
            float_to_int_impl=rounding,
            tensor_clamp_impl=TensorClamp(),
        )

    def forward(self, v: Tensor, divisor: Tensor, step: Tensor) -> Tensor:
        """Shapes: v (B, N); divisor and step (B, 1). Returns q · step, (B, N)."""
        # Brevitas clips after rounding and would pass gradients up to 127.5 Δ: clip before it.
        v = torch.clamp(v, -self.largest * divisor, self.largest * divisor)
        zero = self.zero_point
        return self.quantize(divisor, zero, step, zero, self.bit_width, v)


def wires_of(formats: Mapping[str, Format], code: Format, rounding: nn.Module) -> nn.ModuleDict:
    """The quantizers between the operations of a layer by their wires, and that of its codes."""
    made = {name: FormatQuantizer(target, rounding) for name, target in formats.items()}
    return nn.ModuleDict({**made, "code": CodeQuantizer(code, rounding)})
