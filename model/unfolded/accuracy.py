# SPDX-License-Identifier: Apache-2.0
"""Bit errors of a net, and intervals that respect how errors cluster."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from fixedpoint.numbers import slicer
from fixedpoint.numbers.modulation import MODULATIONS, Modulation
from model.unfolded.data import Dataset
from model.unfolded.nets import UnfoldedNet, layers_of

CHUNK = 1024


def sliced_errors(
    estimate: NDArray[np.float64], x: NDArray[np.float64], m: Modulation
) -> NDArray[np.int64]:
    """Wrong bits a vector, shape (…,), of estimates and sent coordinates (…, N)."""
    thresholds = np.array([2 * i - m.peak + 1 for i in range(m.peak)], dtype=np.float64)
    wrong = m.gray(slicer.position(estimate, thresholds)) != m.gray(slicer.position(x, thresholds))
    errors: NDArray[np.int64] = wrong.sum(axis=(-2, -1))
    return errors


@torch.no_grad()
def bit_error_rates(net: UnfoldedNet, data: Dataset, modulation: str) -> dict[str, float]:
    """BER of the last state at each SNR of the set, keyed by the SNR entry."""
    m = MODULATIONS[modulation]
    errors = vector_errors(net, data, m)
    index = data.index.numpy()
    bits = data.x.shape[1] * m.bits
    return {str(i): float(errors[index == i].mean() / bits) for i in np.unique(index)}


@torch.no_grad()
def vector_errors(
    net: UnfoldedNet, data: Dataset, m: Modulation, last: str = "wide"
) -> NDArray[np.int64]:
    """Wrong bits of every vector, (n,), sliced from the last state or its code ("quantized")."""
    errors = []
    for start in range(0, len(data), CHUNK):
        batch = data.batch(torch.arange(start, min(start + CHUNK, len(data))))
        layer = layers_of(net, batch)[-1]
        decided = layer.code if last == "quantized" else layer.state
        errors.append(sliced_errors(decided.double().numpy(), batch.x.double().numpy(), m))
    return np.concatenate(errors)


def half_width(per_draw: NDArray[np.float64]) -> float:
    """Half of the 95% interval of the mean of independent channel draws' values.

    Errors of one draw share its channel and noise; draws are independent, so the spread between
    draws, not the number of bits, says how sure the mean is.
    """
    return float(1.96 * per_draw.std(ddof=1) / np.sqrt(len(per_draw)))
