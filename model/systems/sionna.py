# SPDX-License-Identifier: Apache-2.0
"""A bitfold detector on Sionna's channel outputs (the extra `sionna`).

Sionna's symbols have unit energy and its `no` is the variance of the complex noise; here a
coordinate is ±1, ±3, … and noise is counted in one real dimension. Sionna's bit labels (3GPP TS
38.211, section 5.1) differ from the Gray code of `fixedpoint.numbers.modulation`, so that
decisions are handed over as indices of Sionna's constellation, whose binary digits are its labels.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from model.detectors.catalog import make
from model.systems.scene import convert
from model.systems.system import System


class Decisions(NamedTuple):
    """For each of nt streams, after the batch dimensions.

    estimate: complex symbols of unit mean energy, wide. symbol: the nearest point of Sionna's
    constellation, by its index. bits: its label, (…, nt, bits), the hard output of Sionna's
    `LinearDetector`.
    """

    estimate: Tensor
    symbol: Tensor
    bits: Tensor


def constellation(modulation_bits: int) -> Tensor:
    """Sionna's QAM points in double precision; `ValueError` where Sionna isn't installed."""
    try:
        from sionna.phy.mapping import Constellation
    except ImportError as error:
        raise ValueError(f"the adapter needs Sionna, pip install sionna-no-rt: {error}") from error
    return Constellation("qam", modulation_bits, precision="double", device="cpu").points.clone()


class SionnaDetector:
    """`NAME:key=value,…` for a system, called with Sionna's y, h and no.

    The channel must have E|h|² = 1, as `sionna.phy.channel.FlatFadingChannel` makes it: H is scaled
    to the system's own gain, and y goes through the system's converters if it has any.
    """

    def __init__(self, name: str, system: System) -> None:
        self.system = system
        self.detector = make(name, system)
        self.bits = 2 * system.constellation.bits
        self.points = constellation(self.bits)

    def __call__(self, y: Tensor, h: Tensor, no: Tensor | float) -> Decisions:
        """Decisions on y (…, nr), each with its own h (…, nr, nt) and noise variance no (…)."""
        s = self.system
        batch = y.shape[:-1]
        if h.shape != (*batch, s.nr, s.nt) or y.shape[-1] != s.nr:
            raise ValueError(
                f"y {tuple(y.shape)} and h {tuple(h.shape)} are not (…, {s.nr}) and "
                f"(…, {s.nr}, {s.nt})"
            )
        amplitude = math.sqrt(s.gain)
        energy = s.constellation.symbol_energy * s.gain
        wide = torch.double if y.dtype == torch.complex128 else torch.float
        noise = torch.as_tensor(no, dtype=wide, device=y.device).expand(batch).reshape(-1, 1)
        noise = noise * (energy / 2)
        matrix = real_form(h.reshape(-1, s.nr, s.nt)) * amplitude
        samples = y.reshape(-1, 1, s.nr) * math.sqrt(energy)
        received = convert(
            s,
            torch.cat([samples.real, samples.imag], dim=-1),
            (s.signal_variance + noise).sqrt(),
        )
        x = self.detector(received, matrix, noise) / math.sqrt(s.constellation.symbol_energy)
        estimate = torch.complex(*x.reshape(*batch, -1).chunk(2, dim=-1))
        symbol = self._nearest(estimate)
        shifts = torch.arange(self.bits - 1, -1, -1, device=y.device)
        return Decisions(estimate, symbol, symbol.unsqueeze(-1) >> shifts & 1)

    def _nearest(self, estimate: Tensor) -> Tensor:
        """Index of the nearest point."""
        points = self.points.to(estimate)
        return (estimate.unsqueeze(-1) - points).abs().argmin(dim=-1)


def real_form(h: Tensor) -> Tensor:
    """(…, nr, nt) complex to (…, 2nr, 2nt) real, [[Re, −Im], [Im, Re]]."""
    upper = torch.cat([h.real, -h.imag], dim=-1)
    lower = torch.cat([h.imag, h.real], dim=-1)
    return torch.cat([upper, lower], dim=-2)
