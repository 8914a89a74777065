# SPDX-License-Identifier: Apache-2.0
"""The KAQ paper's channel: y = Hx + n, i.i.d. Rayleigh, Gray-coded symbols, AWGN.

Complex entries of H are CN(0, 1/Nr), so that real and imaginary parts have variance 1/(2Nr).
SNR = E‖Hx‖² / E‖n‖² per receive antenna: with E‖Hx‖² = Nt·Es, complex noise has the variance
Nt·Es / (Nr·SNR) an antenna. Everything is in the real form of eq. (2): ỹ = [Re; Im],
H̃ = [[Re, −Im], [Im, Re]].
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fixedpoint.numbers.format import IntArray
from fixedpoint.numbers.modulation import Modulation
from fixedpoint.specs.detector import DetectorSpec

FloatArray = NDArray[np.float64]


class Channel(Protocol):
    """What draws channels."""

    def draw(
        self, rng: np.random.Generator, blocks: int, nr: int, nt: int
    ) -> NDArray[np.complex128]:
        """One matrix a coherence block, complex (blocks, nr, nt), E|h|² = 1/nr."""
        ...


@dataclass(frozen=True)
class Correlation:
    """Kronecker correlation H = R_r^½ G R_t^½ with exponential matrices R[i, j] = ρ^|i−j|.

    receive, transmit: ρ of the two sides, 0 ≤ ρ < 1; rows of antennas of one side in one line.
    """

    receive: float = 0.0
    transmit: float = 0.0

    def __post_init__(self) -> None:
        for name, value in (("receive", self.receive), ("transmit", self.transmit)):
            if not 0 <= value < 1:
                raise ValueError(f"{name} correlation {value} is outside 0 <= rho < 1")

    def draw(
        self, rng: np.random.Generator, blocks: int, nr: int, nt: int
    ) -> NDArray[np.complex128]:
        """See `Channel`."""
        parts = rng.standard_normal((2, blocks, nr, nt)) * np.sqrt(1 / (2 * nr))
        return self.shape(parts[0] + 1j * parts[1])

    def shape(self, g: NDArray[np.complex128]) -> NDArray[np.complex128]:
        """Independent entries (…, Nr, Nt) to correlated ones; each keeps its variance."""
        if not self.receive and not self.transmit:
            return g
        nr, nt = g.shape[-2:]
        shaped: NDArray[np.complex128] = roots(self.receive, nr) @ g @ roots(self.transmit, nt).T
        return shaped


def roots(rho: ArrayLike, antennas: int) -> FloatArray:
    """L with L·Lᵀ = R of each ρ (…), (…, antennas, antennas).

    As good as the symmetric root, since G·U has the law of G.
    """
    i = np.arange(antennas)
    return np.linalg.cholesky(np.asarray(rho)[..., None, None] ** np.abs(i[:, None] - i))


@dataclass(frozen=True)
class Draw:
    """G coherence blocks of B vectors each.

    h: (G, 2Nr, 2Nt); y: (G, B, 2Nr); x: (G, B, 2Nt), coordinates ±1, ±3, …;
    positions: (G, B, 2Nt), those of x on the axis; snr_db: (G, B).
    """

    h: FloatArray
    y: FloatArray
    x: FloatArray
    positions: IntArray
    snr_db: FloatArray
    modulation: Modulation

    @property
    def bits(self) -> IntArray:
        """The Gray bits that were sent, (G, B, 2Nt, bits a dimension)."""
        return self.modulation.gray(self.positions)


def real_matrix(h: NDArray[np.complex128]) -> FloatArray:
    """(…, Nr, Nt) complex to (…, 2Nr, 2Nt) real, eq. (2)."""
    return _real_form(h.real, h.imag)


def _real_form(real: FloatArray, imaginary: FloatArray) -> FloatArray:
    """`np.block([[real, −imaginary], [imaginary, real]])` without its copies: draws wait for it."""
    nr, nt = real.shape[-2:]
    form = np.empty((*real.shape[:-2], 2 * nr, 2 * nt))
    form[..., :nr, :nt] = form[..., nr:, nt:] = real
    form[..., nr:, :nt] = imaginary
    np.negative(imaginary, out=form[..., :nr, nt:])
    return form


def real_vector(y: NDArray[np.complex128]) -> FloatArray:
    """(…, Nr) complex to (…, 2Nr) real, eq. (2)."""
    return np.concatenate([y.real, y.imag], axis=-1)


def noise_variance(snr_db: ArrayLike, modulation: Modulation, nr: int, nt: int) -> FloatArray:
    """Variance of the noise in one real dimension: Nt·Es / (2·Nr·SNR), SNR linear."""
    snr = 10 ** (np.asarray(snr_db, dtype=np.float64) / 10)
    return np.asarray(nt * modulation.symbol_energy / (2 * nr * snr))


def draw(
    rng: np.random.Generator,
    modulation: Modulation,
    rows: int,
    columns: int,
    snr_db: ArrayLike,
    channel: Channel = Correlation(),
) -> Draw:
    """Draw one channel a block and one noisy vector for each SNR.

    Args:
        rng: the source of randomness; nothing else draws.
        modulation: the constellation of every antenna.
        rows, columns: 2Nr and 2Nt.
        snr_db: shape (G, B), the SNR of every vector in dB.
        channel: what draws H; independent entries by default.
    """
    snr_db = np.asarray(snr_db, dtype=np.float64)
    blocks, vectors = snr_db.shape
    nr, nt = rows // 2, columns // 2
    plain = channel == Correlation()
    if plain:
        parts = rng.standard_normal((2, blocks, nr, nt))
    else:
        h = real_matrix(channel.draw(rng, blocks, nr, nt))
    positions = rng.integers(0, modulation.levels, (blocks, vectors, columns))
    noise = rng.standard_normal((blocks, vectors, rows))
    if plain:
        return received(modulation, parts, positions, noise, snr_db)
    return _through(modulation, h, nt, positions, noise, snr_db)


def draw_of(rng: np.random.Generator, spec: DetectorSpec, snr_db: ArrayLike) -> Draw:
    """A draw of a spec's sizes and symbols, `scaled`; snr_db: (G, B)."""
    return scaled(spec, draw(rng, spec.constellation, spec.rows, spec.columns, snr_db))


def scaled(spec: DetectorSpec, drawn: Draw) -> Draw:
    """A draw with the variance that a spec expects of an entry of H."""
    gain = np.sqrt(spec.entry_variance * spec.rows / 2)  # a draw has E|h|² = 1/Nr
    return replace(drawn, h=drawn.h * gain, y=drawn.y * gain)


def received(
    modulation: Modulation,
    parts: FloatArray,
    positions: IntArray,
    noise: FloatArray,
    snr_db: FloatArray,
) -> Draw:
    """What `draw` makes of its draws where entries are independent; both are overwritten.

    Args:
        modulation: as in `draw`.
        parts: (2, G, Nr, Nt), standard normal: real and imaginary parts of the channels.
        positions: (G, B, 2Nt), those of the symbols on the axis.
        noise: (G, B, 2Nr), standard normal.
        snr_db: (G, B).
    """
    nr, nt = parts.shape[2:]
    parts *= np.sqrt(1 / (2 * nr))
    return _through(modulation, _real_form(parts[0], parts[1]), nt, positions, noise, snr_db)


def _through(
    modulation: Modulation,
    h: FloatArray,
    nt: int,
    positions: IntArray,
    noise: FloatArray,
    snr_db: FloatArray,
) -> Draw:
    """y = Hx + n of real H (G, 2Nr, 2Nt); `noise` is overwritten."""
    nr = h.shape[1] // 2
    x = modulation.modulate(positions)
    y = noise
    y *= np.sqrt(noise_variance(snr_db, modulation, nr, nt))[..., None]
    y += x @ h.transpose(0, 2, 1)
    return Draw(h, y, x, positions, snr_db, modulation)
