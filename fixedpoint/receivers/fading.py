# SPDX-License-Identifier: Apache-2.0
"""Channels beyond one correlation: a mixture, a line of sight, and recorded matrices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fixedpoint.receivers.channel import Correlation, roots

ComplexArray = NDArray[np.complex128]
INDEPENDENT = Correlation()


@dataclass(frozen=True)
class Rician:
    """H = √(K/(K+1))·L + √(1/(K+1))·S, S of independent or correlated entries.

    L is the line of sight: column n, of user n, is e^{jφ}·[1, e^{jπ sin θ}, …, e^{jπ(Nr−1) sin θ}]
    over √Nr, a line of antennas half a wavelength apart, its angle θ uniform in ±90° and its phase
    φ uniform, both anew for each user and block.

    k_db: K in dB; scattered: of S.
    """

    k_db: float
    scattered: Correlation = INDEPENDENT

    def __post_init__(self) -> None:
        if not abs(self.k_db) <= 100:
            raise ValueError(f"rician_k_db {self.k_db} is not within ±100 dB")

    def draw(self, rng: np.random.Generator, blocks: int, nr: int, nt: int) -> ComplexArray:
        """See `fixedpoint.receivers.channel.Channel`."""
        scattered = self.scattered.draw(rng, blocks, nr, nt)
        angle = rng.uniform(-np.pi / 2, np.pi / 2, (blocks, 1, nt))
        phase = rng.uniform(0, 2 * np.pi, (blocks, 1, nt))
        antennas = np.arange(nr)[:, None]
        sight = np.exp(1j * (phase + np.pi * antennas * np.sin(angle))) / np.sqrt(nr)
        k = 10 ** (self.k_db / 10)
        return np.asarray(np.sqrt(k / (k + 1)) * sight + np.sqrt(1 / (k + 1)) * scattered)


@dataclass(frozen=True)
class Mixture:
    """Blocks of independent entries, and as many with Kronecker correlations of their own.

    A block of either kind comes with probability ½. A correlated one has `most`'s two ρ times one
    number uniform in 0 to 1, new for each block.
    """

    most: Correlation

    def draw(self, rng: np.random.Generator, blocks: int, nr: int, nt: int) -> ComplexArray:
        """See `fixedpoint.receivers.channel.Channel`."""
        share = rng.uniform(0, 1, blocks) * rng.integers(0, 2, blocks)
        g = INDEPENDENT.draw(rng, blocks, nr, nt)
        left, right = (roots(each * share, size) for each, size in
                       ((self.most.receive, nr), (self.most.transmit, nt)))  # fmt: skip
        return np.asarray(left @ g @ right.transpose(0, 2, 1))


@dataclass(frozen=True, eq=False)
class Recorded:
    """Matrices that were measured or made elsewhere, drawn with replacement.

    h: complex (blocks, draws of each, Nr, Nt): a block is drawn, then one of its matrices. Their
    scale is the caller's; `Channel` says which is expected.
    """

    h: NDArray[np.complexfloating]

    def draw(self, rng: np.random.Generator, blocks: int, nr: int, nt: int) -> ComplexArray:
        """See `fixedpoint.receivers.channel.Channel`. `ValueError` on another size."""
        if self.h.shape[2:] != (nr, nt):
            found = "x".join(map(str, self.h.shape[2:]))
            raise ValueError(f"the recorded H is {found}, {nr}x{nt} was expected (receive antennas "
                             "x users)")  # fmt: skip
        block = rng.integers(0, len(self.h), blocks)
        inner = rng.integers(0, self.h.shape[1], blocks)
        return self.h[block, inner].astype(np.complex128)
