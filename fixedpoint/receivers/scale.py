# SPDX-License-Identifier: Apache-2.0
"""Inputs of other conventions brought to a spec's: E|h|², the energy of symbols, no SNR."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from fixedpoint.receivers import snr
from fixedpoint.receivers.samples import Samples, in_blocks
from fixedpoint.specs.detector import DetectorSpec


@dataclass(frozen=True)
class Convention:
    """Of a user's H and y.

    normalise: H and y are multiplied by the one factor that gives H the spec's E|h|², over all that
    a call brings. symbol_energy: E|s|² of the user's complex symbols, where y is not of coordinates
    ±1, ±3, …: 1 for 5G NR and Sionna; y is multiplied accordingly.
    """

    normalise: bool = False
    symbol_energy: float | None = None

    def __post_init__(self) -> None:
        energy = self.symbol_energy
        if energy is not None and not 0 < energy < math.inf:
            raise ValueError(f"symbol energy {energy}: a number above 0 was expected")

    def apply(
        self, spec: DetectorSpec, h: ArrayLike, y: ArrayLike, snr_db: ArrayLike | None
    ) -> Samples:
        """In blocks, at the spec's scale, with an SNR. Raises as `in_blocks` and `snr.estimate`."""
        found = in_blocks(spec, h, y, 0.0 if snr_db is None else snr_db)
        if self.normalise:
            gain = math.sqrt(spec.entry_variance / _gain(spec, found))
            found = replace(found, h_scale=gain, y_scale=gain)
        if self.symbol_energy is not None:
            energy = spec.constellation.symbol_energy / self.symbol_energy
            found = replace(found, y_scale=found.y_scale * math.sqrt(energy))
        if snr_db is None:
            estimated = snr.estimate(spec, found)
            everywhere = np.broadcast_to(np.float64(estimated), found.shape)
            found = replace(found, snr_db=everywhere, estimated_db=estimated)
        return found


AS_IS = Convention()
"""The spec's own."""


def _gain(spec: DetectorSpec, samples: Samples) -> float:
    """E|h|² of a complex entry. `ValueError` of H = 0."""
    real = 1 if np.iscomplexobj(samples.h) else 2  # the real form holds each entry twice
    kind = np.complex128 if real == 1 else np.float64
    power = sum(float(np.linalg.norm(h.astype(kind))) ** 2 for h in samples.h)
    gain = 4 * power / (real * len(samples.h) * spec.rows * spec.columns)
    if not 0 < gain < math.inf:
        raise ValueError(f"H has E|h|² = {gain:g}: it cannot be normalised")
    return gain
