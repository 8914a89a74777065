# SPDX-License-Identifier: Apache-2.0
"""Real constants to integers, and the formats that hold them."""

from __future__ import annotations

import math
from collections.abc import Iterable

from torch import Tensor

from fixedpoint.numbers.bank import StepFormats, odd_reciprocal
from fixedpoint.numbers.format import Format
from model.quant.steps import step_limits


def constant(name: str, value: float, target: Format, least: int) -> int:
    """`value` as an integer of `target`, rounded half up.

    Raises `ValueError` if it would saturate, is below `least`, or is NaN: training must keep a
    constant in range, export doesn't mend it.
    """
    if not least * target.step - target.step / 2 <= value < (target.max + 0.5) * target.step:
        raise ValueError(f"{name} {value:g} is outside {least} to {target.max} of {target}")
    return int(target.quantize(value))


def bank_of(
    name: str, table: Tensor, formats: StepFormats
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The integers of Δ and 1/Δ at every SNR entry from a layer's table of Δ, (entries,).

    Raises `ValueError` as `constant`, also where 1/Δ would not fit its format.
    """
    smallest = int(formats.step.quantize(step_limits(formats)[0]))
    step = tuple(
        constant(f"{name} step[{i}]", delta, formats.step, smallest)
        for i, delta in enumerate(table.tolist())
    )
    return step, tuple(odd_reciprocal(q, formats.step, formats.inverse) for q in step)


def fitting(bits: int, values: Iterable[float]) -> Format:
    """The signed format of `bits` with the most fractional bits that holds every value.

    Nothing but zeros gets no fractional bits. Raises `ValueError` on NaN and infinity.
    """
    magnitudes = [abs(value) for value in values]
    for value in magnitudes:
        if not math.isfinite(value):
            raise ValueError(f"constant {value} is not finite")
    peak = max(magnitudes)
    if peak == 0:
        return Format(bits, 0)
    largest = Format(bits, 0).max
    frac = math.floor(math.log2(largest / peak))
    # A value rounds to the largest integer up to half a step beyond it.
    return Format(bits, frac + (peak * 2.0 ** (frac + 1) < largest + 0.5))
