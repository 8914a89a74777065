# SPDX-License-Identifier: Apache-2.0
"""A coded link over flat fading: 5G LDPC words, each over vectors with channels of their own.

H has CN(0, 1) entries, independent or correlated as the system says (Kronecker, exponential),
streams have unit energy, and no = Nt/SNR. Every detector sees the same words, channels and noise,
and so does every SNR but for the noise's variance. Sionna's encoder, with its bit interleaver, and
decoder (sum-product, `ITERATIONS`) do the coding. Decisions without LLRs are decoded with
±log((1 − p)/p), p the share of wrong bits that was counted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from sionna.phy.fec.ldpc import LDPC5GDecoder, LDPC5GEncoder
from sionna.phy.mapping import Mapper
from torch import Tensor

from fixedpoint.receivers.channel import Correlation
from model.link.detectors import Entrant, covariance
from model.link.outcome import Wrong
from model.systems.system import System
from model.systems.text import text_of
from model.systems.threads import one_thread

ITERATIONS = 20
LENGTH = 1024
"""Coded bits of a word, at least."""
BATCH = 50
SHORTEST, LOWEST, HIGHEST = 12, 0.1, 0.93
"""Information bits, and code rates."""


@dataclass(frozen=True)
class Code:
    """A word of `vectors` vectors of a system. rate: of the code."""

    system: System
    rate: float
    length: int = LENGTH

    def __post_init__(self) -> None:
        system = self.system
        if system.channel != "iid" or system.csi_error or system.snr_mismatch_db:
            raise ValueError(f"system {text_of(system)}: channel iid or kronecker, H and SNR known "
                             "exactly, were expected")  # fmt: skip
        if not LOWEST <= self.rate <= HIGHEST:
            raise ValueError(f"rate {self.rate}: {LOWEST} to {HIGHEST} was expected")
        if not SHORTEST <= self.k <= 8448 or self.length < 1:
            raise ValueError(f"length {self.length}: {self.k} information bits, {SHORTEST} to 8448 "
                             "were expected")  # fmt: skip

    @property
    def a_vector(self) -> int:
        """Bits of a vector."""
        return 2 * self.system.constellation.bits * self.system.nt

    @property
    def vectors(self) -> int:
        """As many as hold `length` bits."""
        return -(-self.length // self.a_vector)

    @property
    def n(self) -> int:
        """Coded bits."""
        return self.vectors * self.a_vector

    @property
    def k(self) -> int:
        """Information bits."""
        return round(self.rate * self.n)


class Link:
    """Encoder, mapper and decoder of a code."""

    def __init__(self, code: Code, seed: int) -> None:
        self.code, self.seed = code, seed
        bits = 2 * code.system.constellation.bits
        self.encoder = LDPC5GEncoder(code.k, code.n, num_bits_per_symbol=bits)
        self.decoder = LDPC5GDecoder(self.encoder, num_iter=ITERATIONS)
        self.mapper = Mapper("qam", bits)

    def draw(self, batch: int, words: int) -> Draw:
        """The words of a batch; the same for all SNRs and detectors."""
        system, code = self.code.system, self.code
        generator = torch.Generator().manual_seed((self.seed * 1_000_003 + batch) % 2**63)
        info = torch.randint(0, 2, (words, code.k), generator=generator).float()
        coded = self.encoder(info)
        vectors = words * code.vectors
        bits = coded.reshape(vectors, system.nt, -1)
        x = self.mapper(bits).squeeze(-1)
        h = torch.randn(vectors, system.nr, system.nt, dtype=torch.complex64, generator=generator)
        if system.correlation != Correlation():
            h = torch.from_numpy(system.correlation.shape(h.numpy()).astype(np.complex64))
        noise = torch.randn(vectors, system.nr, dtype=torch.complex64, generator=generator)
        return Draw(info, bits, h, (h @ x[..., None])[..., 0], noise)

    def wrong(self, draw: Draw, entrant: Entrant, snr_db: float) -> Wrong:
        """Which words a detector and the decoder get wrong, (words,)."""
        system = self.code.system
        no = system.nt / 10 ** (snr_db / 10)
        y = draw.signal + no**0.5 * draw.noise
        found = entrant.detect(y, draw.h, covariance(no, system.nr, len(y)))
        llr = _of_decisions(found, draw.bits) if entrant.hard else found
        decoded = self.decoder(llr.float().reshape(len(draw.info), -1))
        return np.asarray((decoded != draw.info).any(dim=-1).numpy())


@dataclass(frozen=True)
class Draw:
    """info (words, k); bits (vectors, Nt, bits), h, the signal Hx and noise of the variance 1."""

    info: Tensor
    bits: Tensor
    h: Tensor
    signal: Tensor
    noise: Tensor


def _of_decisions(found: Tensor, sent: Tensor) -> Tensor:
    """LLRs of decisions by the share of them that is wrong."""
    share = ((found != sent).double().sum() + 0.5) / (found.numel() + 1)
    return (2 * found - 1) * torch.log((1 - share) / share)


@one_thread()
def sweep(
    link: Link,
    entrants: Sequence[Entrant],
    snr_db: Sequence[float],
    words: int,
    progress: Callable[[], None] = lambda: None,
) -> dict[str, Wrong]:
    """Of each detector by its name: (SNRs, words). progress: called after each detector's batch."""
    found = {each.name: np.zeros((len(snr_db), words), bool) for each in entrants}
    for batch, start in enumerate(range(0, words, BATCH)):
        draw = link.draw(batch, min(BATCH, words - start))
        for at, snr in enumerate(snr_db):
            for each in entrants:
                wrong = link.wrong(draw, each, snr)
                found[each.name][at, start : start + len(wrong)] = wrong
                progress()
    return found
