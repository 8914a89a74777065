"""Bit errors of a net, and intervals that respect how errors cluster."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from fixedpoint import slicer
from fixedpoint.modulation import MODULATIONS, Modulation
from model.data import Dataset
from model.pgd import PgdNet

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
def bit_error_rates(net: PgdNet, data: Dataset, modulation: str) -> dict[str, float]:
    """BER of the last state at each SNR of the set, keyed by the SNR entry."""
    m = MODULATIONS[modulation]
    errors = vector_errors(net, data, m)
    index = data.index.numpy()
    bits = data.x.shape[1] * m.bits
    return {str(i): float(errors[index == i].mean() / bits) for i in np.unique(index)}


@torch.no_grad()
def vector_errors(net: PgdNet, data: Dataset, m: Modulation) -> NDArray[np.int64]:
    """Wrong bits of the last state of every vector, shape (n,)."""
    errors = []
    for start in range(0, len(data), CHUNK):
        batch = data.batch(torch.arange(start, min(start + CHUNK, len(data))))
        state = net(batch.h, batch.y, batch.index)[-1].state
        errors.append(sliced_errors(state.double().numpy(), batch.x.double().numpy(), m))
    return np.concatenate(errors)


def half_width(per_draw: NDArray[np.float64]) -> float:
    """Half of the 95% interval of the mean of independent channel draws' values.

    Errors of one draw share its channel and noise; draws are independent, so the spread between
    draws, not the number of bits, says how sure the mean is.
    """
    return float(1.96 * per_draw.std(ddof=1) / np.sqrt(len(per_draw)))
