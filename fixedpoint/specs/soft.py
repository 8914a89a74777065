# SPDX-License-Identifier: Apache-2.0
"""What a spec says of its soft bits: from which wire, in which formats, with which weights.

A soft bit is a log-likelihood ratio L = log p(1)/p(0) of a Gray bit, by the max-log rule: with κ
over the variance of what is left around a symbol, and w the wire that the bits are taken from,

    L_b = κ/2 · ( min over s with b(s) = 0 of (w − s)²  −  min over s with b(s) = 1 of (w − s)² )

κ is a number of each stream that the block brings, `constant` · (1 − P_ii)/P_ii, where a detector
stores P = ρ(HᵀH + ρI)⁻¹: one constant serves all SNRs. Elsewhere it is a bank, one number an entry.
What a block brings is κ less half the range of its format, so that no block can bring κ ≤ 0.
"""

from __future__ import annotations

from dataclasses import dataclass

from fixedpoint.numbers.bank import constant_faults
from fixedpoint.numbers.format import Format

FEWEST, MOST = 3, 12
"""Bits of a soft bit."""
WEIGHT = "llr_weight"
"""The part of a block that holds κ of each stream."""
LEAST_SHARE = 1 / 64
"""Of P_ii, where κ is made of it."""


@dataclass(frozen=True)
class SoftBits:
    """Soft bits of the last layer.

    wire: of the layer, of a column and signed, in the state's unit. llr: the format of a soft bit;
    weight: of κ; scaled: of κ·w, at the point of κ at least. constant: the format of `constants`,
    which are one number if blocks bring κ, else κ at each SNR entry, of κ's own format.
    """

    wire: str
    llr: Format
    weight: Format
    scaled: Format
    constant: Format
    constants: tuple[int, ...]

    @property
    def stream_constant(self) -> float:
        """What the weights of streams are multiplied by, where blocks bring κ."""
        return float(self.constant.value(self.constants[0]))

    @property
    def offset(self) -> int:
        """What is added to the integer that a block brings: κ is 1 or more."""
        return 1 << self.weight.bits - 1

    def faults(self, entries: int, by_stream: bool) -> list[str]:
        """Every entry that is out of range. by_stream: whether blocks bring κ."""
        found = []
        if not FEWEST <= self.llr.bits <= MOST:
            found.append(f"soft.llr.bits: {self.llr.bits}, {FEWEST} to {MOST} expected")
        for name in ("llr", "weight", "scaled", "constant"):
            if not getattr(self, name).signed:
                found.append(f"soft.{name}.signed: false, true expected")
        if self.scaled.frac < self.weight.frac:
            found.append(f"soft.scaled.frac: {self.scaled.frac} is below weight.frac")
        wanted = 1 if by_stream else entries
        if len(self.constants) != wanted:
            found.append(f"soft.constants: {len(self.constants)} entries, {wanted} expected")
        if not by_stream and self.constant != self.weight:
            found.append(f"soft.constant: {self.constant}, {self.weight} expected, as weight's")
        for i, q in enumerate(self.constants):
            found += constant_faults(f"soft.constants[{i}]", q, 1, self.constant)
        return found
