# SPDX-License-Identifier: Apache-2.0
"""What an integer on a wire means: `Format`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from fxpmath.objects import Fxp

IntArray = NDArray[np.int64]
LARGEST = 2**63 - 1


def integers(name: str, array: ArrayLike) -> IntArray:
    """The same integers as int64, of whatever integer type, byte order and layout they came.

    Every function that computes on integers computes in this: small types would wrap. Not copied if
    it is int64 already. An empty list holds no other type. Raises `ValueError` on bool, reals and
    objects, and beyond int64.
    """
    found = np.asarray(array)
    if found.size == 0 and not isinstance(array, np.ndarray):
        found = found.astype(np.int64)
    check_integers(name, found)
    largest = int(found.max()) if found.dtype.kind == "u" and found.size else 0
    if largest > LARGEST:
        raise ValueError(f"{name} holds {largest}, at most {LARGEST} (int64) was expected")
    return found.astype(np.int64, copy=False)


def check_integers(name: str, array: NDArray[Any]) -> None:
    """`ValueError` unless an array's type is an integer's; durations, bool and objects are none."""
    if array.dtype.kind not in "iu":
        raise ValueError(f"{name} has the type {array.dtype}, integers were expected")


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
        """True if every integer of q lies in the format. Raises `ValueError` on other types."""
        q = np.asarray(q)
        check_integers("q", q)
        return q.size == 0 or (int(q.min()) >= self.min and int(q.max()) <= self.max)

    def quantize(self, x: ArrayLike) -> IntArray:
        """Real values to integers: round half up, then saturate.

        Raises `ValueError` on NaN and infinity.
        """
        x = np.asarray(x, dtype=np.float64)
        if not np.all(np.isfinite(x)):
            raise ValueError("NaN or infinity cannot be quantized")
        with np.errstate(over="ignore", invalid="ignore"):  # infinite is beyond the range, too
            scaled = x * 2.0**self.frac
            floor = np.floor(scaled)
            rounded = floor + (scaled - floor >= 0.5)
        inside = np.clip(rounded, self.min, self.max)
        if float(self.max) == self.max:
            exact: IntArray = inside.astype(np.int64)
            return exact
        # An end that is no float64 has one beside it that lies outside the format.
        high, low = inside >= self.max, inside <= self.min
        result = np.where(high | low, 0, inside).astype(np.int64)
        saturated: IntArray = np.where(high, self.max, np.where(low, self.min, result))[()]
        return saturated

    def value(self, q: ArrayLike) -> NDArray[np.float64]:
        """Integers to real values, q · 2^-frac. Raises as `integers`."""
        return integers("q", q).astype(np.float64) * self.step

    def to_fxp(self, q: ArrayLike) -> Fxp:
        """The integers q as an fxpmath array of this format. Raises as `integers`."""
        from fxpmath.objects import Fxp

        raw = integers("q", q)
        return Fxp(  # type: ignore[no-untyped-call]
            raw, signed=self.signed, n_word=self.bits, n_frac=self.frac, raw=True
        )

    @classmethod
    def from_fxp(cls, fxp: Fxp) -> Format:
        """The format of an fxpmath array (whose own signed range has one integer more)."""
        if fxp.n_word is None or fxp.n_frac is None:
            raise ValueError("the fxpmath array has no size")
        return cls(int(fxp.n_word), int(fxp.n_frac), bool(fxp.signed))
