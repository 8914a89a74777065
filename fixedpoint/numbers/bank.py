# SPDX-License-Identifier: Apache-2.0
"""Banks of constants: which entry serves a received vector, and 1/Δ for each Δ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fixedpoint.numbers.format import Format, IntArray, integers

LOUDEST_DB = 200


@dataclass(frozen=True)
class SnrBank:
    """Entries at first_db, first_db + 1, …, last_db (SNR = E‖Hx‖²/E‖n‖², in dB).

    Raises `ValueError` on an empty bank, and beyond ±200 dB.
    """

    first_db: int
    last_db: int

    def __post_init__(self) -> None:
        if self.last_db < self.first_db:
            raise ValueError(f"last_db {self.last_db} lies below first_db {self.first_db}")
        for name in ("first_db", "last_db"):
            value = getattr(self, name)
            if abs(value) > LOUDEST_DB:
                raise ValueError(f"{name} {value} is outside -{LOUDEST_DB} to {LOUDEST_DB}")

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


def entries(constants: tuple[int, ...], index: IntArray) -> IntArray:
    """The constant of each vector's SNR entry: index (…,) to (…, 1)."""
    return np.array(constants, dtype=np.int64)[integers("index", index)][..., None]


def odd_reciprocal(step: int, step_format: Format, inverse_format: Format) -> int:
    """1/Δ as the nearest odd integer of `inverse_format` for Δ = step · 2^-frac.

    Odd, so that no product v·I lies on a tie and the float64 twin, which divides by 1/I, is exact.
    """
    point = step_format.frac + inverse_format.frac
    return 2 * ((1 << max(point, 0)) // (2 * step << max(-point, 0))) + 1


def constant_faults(path: str, value: int, lowest: int, fmt: Format) -> list[str]:
    """A line if a constant lies outside `lowest` … its format's largest integer."""
    if lowest <= value <= fmt.max:
        return []
    return [f"{path}: {value} is outside {lowest} to {fmt.max}"]


class Steps(Protocol):
    """A layer's Δ and 1/Δ, one entry for each entry of the SNR bank."""

    @property
    def step(self) -> tuple[int, ...]:
        """Δ."""

    @property
    def inverse(self) -> tuple[int, ...]:
        """1/Δ, odd."""


class StepFormats(Protocol):
    """The formats of Δ and 1/Δ."""

    @property
    def step(self) -> Format:
        """Of Δ."""

    @property
    def inverse(self) -> Format:
        """Of 1/Δ."""


def step_faults(path: str, layer: Steps, entries: int, formats: StepFormats) -> list[str]:
    """A line for each Δ or 1/Δ that is missing, out of range, or not the other's reciprocal."""
    faults = []
    for name in ("step", "inverse"):
        if len(getattr(layer, name)) != entries:
            faults.append(f"{path}.{name}: {len(getattr(layer, name))} entries, {entries} expected")
    for i, pair in enumerate(zip(layer.step, layer.inverse, strict=False)):
        paths = f"{path}.step[{i}]", f"{path}.inverse[{i}]"
        faults += reciprocal_faults(*paths, *pair, formats.step, formats.inverse)
    return faults


def reciprocal_faults(
    path: str, inverse_path: str, step: int, inverse: int, fmt: Format, inverse_format: Format
) -> list[str]:
    """A line if a step of a format, or what should be its odd reciprocal, is none."""
    found = constant_faults(path, step, 1, fmt)
    found = found or constant_faults(inverse_path, inverse, 1, inverse_format)
    if found:
        return found
    if inverse % 2 == 0:
        return [f"{inverse_path}: {inverse} is even (an odd one keeps every product off a tie)"]
    expected = odd_reciprocal(step, fmt, inverse_format)
    if inverse != expected:
        return [f"{inverse_path}: {inverse} is not the odd reciprocal {expected} of step {step}"]
    return []


def check_blocks(index: IntArray) -> None:
    """Raise `ValueError` unless each block's vectors (G, B) have one SNR entry."""
    strange = np.argwhere(index != index[:, :1])
    if len(strange):
        g, b = strange[0]
        raise ValueError(
            f"vector {b} of block {g} has the SNR index {index[g, b]}, {index[g, 0]} was expected: "
            "the matrices of a coherence block are made for one"
        )
