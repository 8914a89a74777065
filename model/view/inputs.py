# SPDX-License-Identifier: Apache-2.0
"""What a receiver sees of real H and samples: its formats and converter by torch's quantizers.

A preprocessing of H (`fixedpoint.specs.prepare`) is an input here: nothing makes it again.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fixedpoint.numbers.adc import Levels
from fixedpoint.numbers.few_bit import FewBitAdc
from fixedpoint.numbers.format import IntArray
from fixedpoint.receivers import receiver
from fixedpoint.specs.block import MatrixPart
from fixedpoint.specs.detector import DetectorSpec
from model.quant.quantizers import AdcQuantizer, FormatQuantizer, HalfUp

FloatArray = NDArray[np.float64]


class Seen(NamedTuple):
    """h: (G, R, N), its parts one below the other; y: (G, B, M), levels or codes; integers."""

    h: IntArray
    y: IntArray


def quantized(spec: DetectorSpec, h: FloatArray, y: FloatArray, index: IntArray) -> Seen:
    """Real H (G, M, N) and samples (G, B, M) as torch's quantizers have them."""
    real = receiver.real_matrices(spec, h, index)
    made = {part.name: _values(part, real[part.name] * part.format.step)
            for part in spec.matrix_parts}  # fmt: skip
    weights = spec.soft_weights({name: values.numpy() for name, values in made.items()})
    for part in spec.parts:
        if part.name in weights:
            made[part.name] = _values(part, weights[part.name])
    parts = [made[part.name] / part.format.step for part in spec.parts]
    levels = _converted(spec, torch.from_numpy(y), index)
    return Seen(torch.cat(parts, 1).long().numpy(), levels.long().numpy())


def _values(part: MatrixPart, real: FloatArray) -> Tensor:
    """On the grid of a part's format."""
    quantizer = FormatQuantizer(part.format, HalfUp()).double()
    values: Tensor = quantizer.values(torch.from_numpy(real))
    return values


def _converted(spec: DetectorSpec, y: Tensor, index: IntArray) -> Tensor:
    """Samples as levels or codes."""
    converter = spec.converter
    if isinstance(converter, FewBitAdc):
        bank = torch.from_numpy(converter.threshold.value(converter.thresholds))
        return (y[..., None] >= bank[torch.from_numpy(index)][:, :, None]).sum(-1)
    if not isinstance(converter, Levels):
        raise ValueError(f"spec {spec.name}: {type(converter).__name__} has no twin in torch")
    quantizer = AdcQuantizer(converter.adc, converter.format, HalfUp()).double()
    levels: Tensor = quantizer(y) / converter.format.step
    return levels
