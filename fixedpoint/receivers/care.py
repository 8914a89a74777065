# SPDX-License-Identifier: Apache-2.0
"""Whether H, y and the SNR are of the scales that a spec is made for, and what to say if not.

Watched are three things. How many entries of H and of y were clipped: more than `CLIPPED`, and
twice what Gaussian entries of the expected power would have, is worth a word. E|h|² against the
spec's `entry_variance`. And the power of y against what H, the SNR and coordinates ±1, ±3, … give,

    E‖y‖² = Es/2·‖H̃‖² + M·σ²        σ² = Nt·Es·E|h|² / (2·SNR) in one real dimension,

which tells symbols of unit energy. Bounds widen for few vectors and few directions of H: the sum
‖H̃x̃‖² of a vector has the relative variance 2·tr(K²)/tr(K)², K = H̃ᵀH̃.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from fixedpoint.receivers.samples import RealInputs
from fixedpoint.specs.detector import DetectorSpec

CLIPPED = 0.01
"""The share of entries."""
GAIN, POWER = 2.0, 1.6
"""How far E|h|², and y's power, may lie from what is expected of them, with very many vectors."""
DEVIATIONS = 3.0
"""By how many standard deviations the bounds are wider with fewer."""
TINIEST = 1e-250
"""Powers below are none."""
BLOCKS = 64
"""Whose directions are counted."""


class InputWarning(UserWarning):
    """H, y or the SNR are not of the scale that the spec is made for."""


@dataclass
class Watch:
    """Sums over a detector's inputs, in chunks.

    stores: False where H is not what is stored, whatever the spec says; by_gain, by_energy: what
    brings H and y, or y, to the expected scale, for the reader.
    """

    spec: DetectorSpec
    stores: bool = True
    by_gain: str = "normalise does it"
    by_energy: str = "a symbol energy of 1 does it"
    blocks: int = 0
    vectors: int = 0
    h_power: float = 0.0
    h_clipped: int = 0
    y_power: float = 0.0
    y_clipped: int = 0
    signal: float = 0.0
    noise: float = 0.0
    directions: float = 0.0

    def add(self, real: RealInputs, opens: bool = True) -> None:
        """The next vectors; opens: False if a block goes on."""
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            self._add(real, opens)

    def _add(self, real: RealInputs, opens: bool) -> None:
        spec, h, y = self.spec, real.h, real.y
        each = np.einsum("gmn,gmn->g", h, h)
        self.vectors += y.shape[0] * y.shape[1]
        self.y_power += float(np.vdot(y, y))
        self.signal += float(each.sum()) * y.shape[1] * spec.constellation.symbol_energy / 2
        self.noise += float(np.sum(10 ** (-real.snr_db / 10)))
        full = spec.converter.full_scale
        if full is not None:
            self.y_clipped += int(np.count_nonzero(np.abs(y) > full))
        if not opens:
            return
        if self.blocks < BLOCKS:
            some = h[: BLOCKS - self.blocks]
            gram = some.transpose(0, 2, 1) @ some
            squares = np.einsum("gmn,gmn->g", gram, gram)
            found = squares > 0
            self.directions += float((each[: len(some)][found] ** 2 / squares[found]).sum())
        self.blocks += len(h)
        self.h_power += float(each.sum())
        if self._range is not None:
            self.h_clipped += int(np.count_nonzero(np.abs(h) > self._range))

    @property
    def gain(self) -> float:
        """E|h|² of a complex entry; 0 of nothing."""
        return 2 * self.h_power / max(self.blocks * self.spec.rows * self.spec.columns, 1)

    @property
    def line(self) -> str | None:
        """What is wrong, the likely cause and the factor, or None."""
        if not (self.h_power > TINIEST and self.y_power > TINIEST):
            return None
        sums = (self.h_power, self.y_power, self.signal, self.noise, self.directions)
        if not all(map(math.isfinite, sums)):
            return "H or y holds numbers whose squares are beyond float64"
        clipped, causes = self._clipped(), [*self._of_gain(), *self._of_power()]
        if not (clipped or causes):
            return None
        if not causes:
            causes = ["their scale is as expected, their largest entries are not"]
        return "; ".join([*clipped, *causes])

    @property
    def _range(self) -> float | None:
        """The largest |entry| of H that is not clipped; None where other matrices are stored."""
        part, *others = self.spec.parts
        if not self.stores or others or self.spec.one_snr_a_block:
            return None
        return (part.format.max + 0.5) * part.format.step

    def _clipped(self) -> list[str]:
        spec, found = self.spec, []
        h_share = self.h_clipped / (self.blocks * spec.rows * spec.columns)
        if h_share > _usual(self._range, spec.entry_variance / 2):
            found.append(f"{h_share:.1%} of the entries of H were clipped")
        share = self.y_clipped / (self.vectors * spec.rows)
        signal = spec.columns * spec.constellation.symbol_energy * spec.entry_variance / 4
        if share > _usual(spec.converter.full_scale, signal * (1 + self.noise / self.vectors)):
            found.append(f"{share:.1%} of the entries of y were clipped")
        return found

    def _of_gain(self) -> list[str]:
        expected = self.spec.entry_variance
        ratio, seen = max(self.gain / expected, TINIEST), min(self.blocks, BLOCKS)
        free = self.directions / 2 * self.blocks / seen
        if abs(math.log(ratio)) <= math.log(GAIN) + DEVIATIONS / math.sqrt(max(free, 1)):
            return []
        return [f"H has E|h|² = {self.gain:.2g}, this spec expects {_fraction(expected)}: "
                f"{_by(1 / math.sqrt(ratio), 'H and y', 2)}{_in(self.by_gain)}"]  # fmt: skip

    def _of_power(self) -> list[str]:
        spec = self.spec
        energy, seen = spec.constellation.symbol_energy, min(self.blocks, BLOCKS)
        noise = self.noise * spec.rows * spec.columns * energy * self.gain / 4
        ratio = max(self.y_power / (self.signal + noise), TINIEST)
        free = self.vectors * self.directions / seen / 2
        bound = math.log(POWER) + DEVIATIONS / math.sqrt(max(free, 1))
        if abs(math.log(ratio)) <= bound:
            return []
        if abs(math.log(ratio * energy)) < min(bound, abs(math.log(ratio))):
            return [f"y is as of symbols of unit energy, coordinates ±1, ±3, … are expected: "
                    f"{_by(math.sqrt(energy), 'y', 3)}{_in(self.by_energy)}"]  # fmt: skip
        return [f"y has {ratio:.2g} times the power that H, the SNR and coordinates ±1, ±3, … give:"
                " one scale for H and y, and SNR = E‖Hx‖²/E‖n‖² in dB are expected"]  # fmt: skip


def _usual(end: float | None, variance: float) -> float:
    """The share of clipped entries that is no matter."""
    return 1.0 if end is None else max(CLIPPED, 2 * math.erfc(end / math.sqrt(2 * variance)))


def _by(factor: float, what: str, digits: int) -> str:
    """`divide y by 4`, or `multiply`."""
    if factor < 1:
        return f"divide {what} by {1 / factor:.{digits}g}"
    return f"multiply {what} by {factor:.{digits}g}"


def _in(option: str) -> str:
    return f" ({option})" if option else ""


def _fraction(value: float) -> str:
    """`1/16` of 0.0625; what is no such fraction as a number."""
    fraction = Fraction(value).limit_denominator(4096)
    return str(fraction) if math.isclose(fraction, value, rel_tol=1e-9) else f"{value:.3g}"
