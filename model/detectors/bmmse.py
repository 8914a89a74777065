# SPDX-License-Identifier: Apache-2.0
"""Centralised Bussgang LMMSE (BMMSE) for few-bit converters, the HPD/FPD paper's baseline [2].

With C_r = σx²HHᵀ + σ²I the covariance of the samples r and D = diag C_r, per real dimension:

1 bit, s = sign(r), by the arcsine law (Van Vleck and Middleton):
    C_s = (2/π) asin(D^-½ C_r D^-½),  C_sx = √(2/π) σx² D^-½ H.
More bits, y = the levels, ρ the distortion of a sample of variance 1 (where E[y(r − y)] = 0, as
for Lloyd–Max and for the best uniform step, 1 − ρ is the Bussgang gain too):
    C_y = (1 − ρ)[(1 − ρ)C_r + ρD],  C_yx = (1 − ρ) σx² H.
Unquantized samples have ρ = 0, which is LMMSE.

The levels are those of y itself, gain control included, so no scale enters for more bits, and signs
have none. ρ is that of a sample at the gain control's nominal level; a row whose variance, given
H, differs from it is not corrected.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from model.detectors.options import Build, Options
from model.systems.converter import CONVERTERS
from model.systems.scene import Detector, Received
from model.systems.system import System

LOADING = 1e-9
"""Least noise, relative to the diagonal of a covariance: without noise a singular one has an
inverse by it."""
CHUNK = 32
"""Covariances at a time, so that they stay in the core's cache."""


@dataclass(frozen=True)
class BMMSE:
    """x̂ = C_xy C_y⁻¹ y with the bias removed: each entry is divided by its gain on what was sent.

    A user whose column of H is zero gets the estimate 0.
    """

    system: System

    def __call__(self, received: Received, h: Tensor, noise: Tensor) -> Tensor:
        """See `model.systems.scene.Detector`. A block of constant noise needs one factorisation."""
        shared = bool((noise == noise[:, :1]).all())
        variance = noise[:, :1] if shared else noise
        estimate = self._signs if self.system.adc_bits == 1 else self._levels
        step = max(1, CHUNK // variance.shape[1])
        parts = [slice(start, start + step) for start in range(0, len(h), step)]
        return torch.cat([estimate(received.y[p], h[p], variance[p]) for p in parts])

    @property
    def _power(self) -> float:
        """σx², a coordinate's variance."""
        return self.system.constellation.symbol_energy / 2

    def _signs(self, y: Tensor, h: Tensor, noise: Tensor) -> Tensor:
        """1 bit, on complex matrices of half the size: asin of real and imaginary part."""
        channel = _complex(h[..., : self.system.nt].mT).mT.unsqueeze(1)
        variance = self._power * channel.abs().square().sum(-1) + noise.unsqueeze(-1)
        normal = channel * variance.clamp_min(_tiny(h)).rsqrt().unsqueeze(-1)
        correlation = self._power * normal @ normal.mH
        covariance = torch.complex(_arcsine(correlation.real), _arcsine(correlation.imag))
        covariance.diagonal(dim1=-2, dim2=-1).fill_(1 + LOADING)
        signs = _complex(torch.where(y < 0, -1.0, 1.0).to(y))
        estimate = _unbiased(covariance, normal * math.sqrt(2 / math.pi), signs)
        return torch.cat([estimate.real, estimate.imag], dim=-1)

    def _levels(self, y: Tensor, h: Tensor, noise: Tensor) -> Tensor:
        """More bits: y/(1 − ρ) = Hx + noise of covariance σ²I + ρ/(1 − ρ)·D, by its N×N system."""
        bits = self.system.adc_bits
        rho = CONVERTERS[self.system.quantizer](bits).distortion if bits else 0.0
        signal = self._power * h.square().sum(-1).unsqueeze(1)
        noise = noise.unsqueeze(-1)
        disturbance = noise + rho / (1 - rho) * (signal + noise)
        floor = LOADING * signal.amax(dim=-1, keepdim=True).clamp_min(_tiny(h))
        weighted = h.unsqueeze(1) / torch.maximum(disturbance, floor).unsqueeze(-1)
        gram = weighted.mT @ h.unsqueeze(1)
        prior = torch.eye(h.shape[-1], dtype=h.dtype, device=h.device) / self._power
        filters = torch.cholesky_solve(weighted.mT, torch.linalg.cholesky(gram + prior))
        gain = (filters.mT * h.unsqueeze(1)).sum(-2)
        estimate = (filters @ _columns(y / (1 - rho), filters)).mT.flatten(1, 2)
        return _divide(estimate, gain)


def _unbiased(covariance: Tensor, cross: Tensor, y: Tensor) -> Tensor:
    """AC⁻¹y over the diagonal of AC⁻¹Aᴴ, A = `cross`ᴴ.

    Args:
        covariance: C, (G, b, M, M), where b is 1 or B.
        cross: E[yxᴴ]/σx², (G, b, M, N).
        y: (G, B, M).
    """
    factor = torch.linalg.cholesky(covariance)
    white = torch.linalg.solve_triangular(factor, cross, upper=False)
    samples = torch.linalg.solve_triangular(factor, _columns(y, factor), upper=False)
    return _divide((white.mH @ samples).mT.flatten(1, 2), white.abs().square().sum(-2))


def _columns(y: Tensor, matrices: Tensor) -> Tensor:
    """y (G, B, M) as columns beside matrices (G, b, …): (G, 1, M, B) or (G, B, M, 1)."""
    return y.mT.unsqueeze(1) if matrices.shape[1] == 1 else y.unsqueeze(-1)


def _divide(estimate: Tensor, gain: Tensor) -> Tensor:
    """Their ratio, 0 where the gain is 0."""
    return torch.where(gain > 0, estimate / gain, 0.0)


def _complex(real: Tensor) -> Tensor:
    """(…, 2n) real form [Re; Im] to (…, n)."""
    return torch.complex(*real.tensor_split(2, dim=-1))


def _arcsine(correlation: Tensor) -> Tensor:
    return 2 / math.pi * torch.asin(correlation.clamp(-1, 1))


def _tiny(h: Tensor) -> float:
    """Far below any variance, its inverse far below overflow."""
    return float(torch.finfo(h.dtype).tiny ** 0.5)


def _build(system: System, options: Options) -> Detector:
    return BMMSE(system)


DETECTORS: dict[str, Build] = {"bmmse": _build}
