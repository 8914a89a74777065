"""Banks of constants: which entry serves a received vector, and 1/Δ for each Δ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fixedpoint.format import Format, IntArray


@dataclass(frozen=True)
class SnrBank:
    """Entries at first_db, first_db + 1, …, last_db (SNR = E‖Hx‖²/E‖n‖², in dB)."""

    first_db: int
    last_db: int

    def __post_init__(self) -> None:
        if self.last_db < self.first_db:
            raise ValueError(f"last_db {self.last_db} lies below first_db {self.first_db}")

    def __len__(self) -> int:
        return self.last_db - self.first_db + 1

    @property
    def index_bits(self) -> int:
        """The width of an index as an unsigned integer."""
        return max(1, (len(self) - 1).bit_length())

    @property
    def snr_db(self) -> NDArray[np.float64]:
        """The SNR of each entry, shape (entries,), in dB."""
        return np.arange(self.first_db, self.last_db + 1, dtype=np.float64)

    def index(self, snr_db: ArrayLike) -> IntArray:
        """The nearest entry, ties up; more than half a dB outside the bank is a `ValueError`."""
        snr_db = np.asarray(snr_db, dtype=np.float64)
        inside = (snr_db >= self.first_db - 0.5) & (snr_db <= self.last_db + 0.5)
        if not np.all(inside):
            worst = np.atleast_1d(snr_db)[~np.atleast_1d(inside)][0]
            raise ValueError(
                f"snr_db {worst} is outside the bank {self.first_db:.1f} to {self.last_db:.1f}"
            )
        nearest = np.floor(snr_db - self.first_db + 0.5).astype(np.int64)
        return np.clip(nearest, 0, len(self) - 1)


def odd_reciprocal(step: int, step_format: Format, inverse_format: Format) -> int:
    """1/Δ as the nearest odd integer of `inverse_format` for Δ = step · 2^-frac.

    Odd, so that no product v·I lies on a tie and the float64 twin, which divides by 1/I, is exact.
    """
    return 2 * ((1 << step_format.frac + inverse_format.frac) // (2 * step)) + 1
