# SPDX-License-Identifier: Apache-2.0
"""Sionna's y, H and noise covariance in the convention of a spec.

Sionna: y = Hx + n with E|x|² = 1 for a stream and cov(n) = S. A spec: white noise, coordinates
±1, ±3, …, E|h|² = `entry_variance`, and SNR = E‖Hx‖²/E‖n‖². With ν = tr(S)/Nr and S/ν = LLᴴ,
L⁻¹y = L⁻¹Hx + n' has white noise of the variance ν, so that

    g = E|(L⁻¹H)_ij|²    SNR = Nt·g/ν    H' = c·L⁻¹H    y' = c·√Es·L⁻¹y    c² = entry_variance/g.
"""

from __future__ import annotations

import math
import warnings
from typing import NamedTuple

import numpy as np

from fixedpoint.detector import InputWarning
from fixedpoint.numbers.adc import Levels
from fixedpoint.specs.detector import DetectorSpec
from model.link.engines import ComplexArray, FloatArray

OUTSIDE = ("clamp", "error")
WHITE = 1e-6
"""S is taken for ν·I if no entry differs by more than this share of ν."""


class Vectors(NamedTuple):
    """h (V, Nr, Nt) and y (V, Nr) in a spec's convention, snr_db (V,) not yet held to its bank."""

    h: ComplexArray
    y: ComplexArray
    snr_db: FloatArray


def converted(
    spec: DetectorSpec, y: ComplexArray, h: ComplexArray, s: ComplexArray, gain: float | None
) -> Vectors:
    """y (V, Nr), h (V, Nr, Nt), s (V, Nr, Nr). gain: g, or None for that of each matrix itself.

    Raises `ValueError` on a covariance that is none, on y or H that is not finite, on H = 0 without
    a gain, and on coloured noise before few-bit converters, which see the antennas' own samples.
    """
    antennas = y.shape[-1]
    power: FloatArray = np.einsum("vmm->v", s).real / antennas
    _check_power(power)
    for name, values in (("y", y), ("h", h)):
        finite = np.isfinite(values).reshape(len(values), -1).all(axis=1)
        if not bool(finite.all()):
            raise ValueError(f"{name} is not finite in {np.count_nonzero(~finite)} of {len(h)} "
                             "vectors")  # fmt: skip
    unit = s / power[:, None, None]
    if float(np.abs(unit - np.eye(antennas)).max(initial=0)) > WHITE:
        if not isinstance(spec.converter, Levels):
            raise ValueError(f"spec {spec.name} has few-bit converters: noise of one variance "
                             "at all antennas was expected, s is not a multiple of 1")  # fmt: skip
        y, h = _whitened(unit, y, h)
    gains = np.full(len(h), gain) if gain else np.square(np.abs(h)).mean(axis=(1, 2))
    if not bool((gains > 0).all()):
        raise ValueError(f"H is 0 in {np.count_nonzero(~(gains > 0))} of {len(h)} vectors")
    scale = np.sqrt(spec.entry_variance / gains)
    snr_db: FloatArray = 10 * np.log10(h.shape[-1] * gains / power)
    energy = math.sqrt(spec.constellation.symbol_energy)
    return Vectors(h * scale[:, None, None], y * (scale * energy)[:, None], snr_db)


def held(spec: DetectorSpec, snr_db: FloatArray, outside: str) -> FloatArray:
    """SNRs within the bank; those outside clamped with one `InputWarning`, or a `ValueError`."""
    first, last = spec.snr.first_db, spec.snr.last_db
    count = int(np.count_nonzero((snr_db < first - 0.5) | (snr_db > last + 0.5)))
    if count:
        line = (f"{count} of {snr_db.size} vectors have SNRs outside the bank {first} to {last} dB "
                f"of spec {spec.name}: {snr_db.min():.1f} to {snr_db.max():.1f} dB")  # fmt: skip
        if outside == "error":
            raise ValueError(line)
        warnings.warn(f"{line}; they are clamped", InputWarning, stacklevel=5)
    return np.clip(snr_db, first, last)


def _check_power(power: FloatArray) -> None:
    """`ValueError` unless each vector has noise."""
    wrong = ~(np.isfinite(power) & (power > 0))
    if wrong.any():
        raise ValueError(f"no: the noise of {np.count_nonzero(wrong)} of {power.size} vectors has "
                         f"the variance {power[wrong][0]:g}, above 0 was expected")  # fmt: skip


def _whitened(
    unit: ComplexArray, y: ComplexArray, h: ComplexArray
) -> tuple[ComplexArray, ComplexArray]:
    """L⁻¹y and L⁻¹H of S/ν = LLᴴ."""
    try:
        root = np.linalg.cholesky(unit)
    except np.linalg.LinAlgError:
        raise ValueError("s is no covariance: a positive definite matrix was expected") from None
    both = np.linalg.solve(root, np.concatenate([h, y[..., None]], axis=-1))
    return both[..., -1], both[..., :-1]
