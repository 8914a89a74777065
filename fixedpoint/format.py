# SPDX-License-Identifier: Apache-2.0
"""What an integer on a wire means: `Format`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from fxpmath.objects import Fxp

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Format:
    """A fixed-point format: an integer q on a wire has the value q · 2^-frac.

    Signed formats are symmetric, −(2^(bits−1) − 1) … 2^(bits−1) − 1, as eq. (19) of the KAQ paper
    clips; unsigned ones (ADC codes) run from 0 to 2^bits − 1. `frac` may be negative or larger than
    `bits`. Raises `ValueError` on a width that is not 1 … 63 (2 … 63 if signed).
    """

    bits: int
    frac: int
    signed: bool = True

    def __post_init__(self) -> None:
        for name in ("bits", "frac"):
            if isinstance(getattr(self, name), bool) or not isinstance(getattr(self, name), int):
                raise ValueError(f"{name} {getattr(self, name)!r} is not an integer")
        smallest = 2 if self.signed else 1
        if not smallest <= self.bits <= 63:
            raise ValueError(f"bits {self.bits} is outside {smallest} to 63")
        if not -63 <= self.frac <= 63:
            raise ValueError(f"frac {self.frac} is outside -63 to 63")

    @property
    def max(self) -> int:
        """The largest integer of the format."""
        return (1 << self.bits - self.signed) - 1

    @property
    def min(self) -> int:
        """The smallest integer of the format."""
        return -self.max if self.signed else 0

    @property
    def step(self) -> float:
        """The value of one least significant bit, 2^-frac."""
        return 2.0**-self.frac

    def __str__(self) -> str:
        """`s8.7`: signed, 8 bits, of them 7 fractional."""
        return f"{'s' if self.signed else 'u'}{self.bits}.{self.frac}"

    @property
    def ap_fixed(self) -> str:
        """The Vitis type whose assignment rounds and saturates as `quantize` and `requantize` do.

        `ap_fixed<W,I,AP_RND,AP_SAT_SYM>`, or `ap_ufixed<W,I,AP_RND,AP_SAT>` if unsigned; I counts
        the sign bit. Without the modes Vitis truncates and wraps.
        """
        name, overflow = ("ap_fixed", "AP_SAT_SYM") if self.signed else ("ap_ufixed", "AP_SAT")
        return f"{name}<{self.bits},{self.bits - self.frac},AP_RND,{overflow}>"

    def allows(self, q: ArrayLike) -> bool:
        """True if every integer of q lies in the format."""
        q = np.asarray(q)
        return bool(np.all((q >= self.min) & (q <= self.max)))

    def quantize(self, x: ArrayLike) -> IntArray:
        """Real values to integers: round half up, then saturate.

        Raises `ValueError` on NaN and infinity.
        """
        x = np.asarray(x, dtype=np.float64)
        if not np.all(np.isfinite(x)):
            raise ValueError("NaN or infinity cannot be quantized")
        scaled = x * 2.0**self.frac
        floor = np.floor(scaled)
        rounded = floor + (scaled - floor >= 0.5)
        result: IntArray = np.clip(rounded, self.min, self.max).astype(np.int64)
        return result

    def value(self, q: ArrayLike) -> NDArray[np.float64]:
        """Integers to real values, q · 2^-frac."""
        return np.asarray(q, dtype=np.float64) * self.step

    def to_fxp(self, q: ArrayLike) -> Fxp:
        """The integers q as an fxpmath array of this format."""
        from fxpmath.objects import Fxp

        raw = np.asarray(q, dtype=np.int64)
        return Fxp(  # type: ignore[no-untyped-call]
            raw, signed=self.signed, n_word=self.bits, n_frac=self.frac, raw=True
        )

    @classmethod
    def from_fxp(cls, fxp: Fxp) -> Format:
        """The format of an fxpmath array (whose own signed range has one integer more)."""
        if fxp.n_word is None or fxp.n_frac is None:
            raise ValueError("the fxpmath array has no size")
        return cls(int(fxp.n_word), int(fxp.n_frac), bool(fxp.signed))
