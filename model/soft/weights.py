# SPDX-License-Identifier: Apache-2.0
"""Weights of streams that a block could bring, beside one κ for each SNR entry.

With G = HᵀH, the variance σ² of the noise in one real dimension and the power p of a coordinate:

    energy     G_ii
    matched    G_ii² / (p·Σ_j≠i G_ij² + σ²·G_ii), what a matched filter leaves of stream i
    inverse    (1 − P_ii)/P_ii with P = ρ(G + ρI)⁻¹ and ρ = σ²/p, what LMMSE leaves of it

each as it is and by its root, since later layers make streams more alike. Each is tried with a
constant of every SNR entry, and with one for all of them, which is what weights of streams have
where they take the bank's place. Constants are those of the most information of training draws;
what they carry is measured on others, the same for all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fixedpoint.detectors.library import DetectorSpec
from fixedpoint.numbers.format import Format
from fixedpoint.specs.prepare import inverse_share, regularized
from model.soft import calibrate, draws
from model.soft.rule import max_log
from model.systems.system import System

FloatArray = NDArray[np.float64]
BANK, OWN, COMMON = "bank", "an entry", "all"
"""The name of one κ for each SNR entry; whose a constant is."""
BY_ENTRY = ("information", "more", "error")
"""What a `Weighed` has of each entry."""


def _energy(h: FloatArray, noise: float, power: float) -> FloatArray:
    found: FloatArray = np.square(h).sum(axis=1)
    return found


def _matched(h: FloatArray, noise: float, power: float) -> FloatArray:
    gram, energy = h.transpose(0, 2, 1) @ h, _energy(h, noise, power)
    others = np.square(gram).sum(axis=2) - energy**2
    found: FloatArray = energy**2 / (power * others + noise * energy)
    return found


def _inverse(h: FloatArray, noise: float, power: float) -> FloatArray:
    return inverse_share(regularized(h, np.full(len(h), noise / power))[1])


WEIGHTS: Mapping[str, Callable[[FloatArray, float, float], FloatArray]] = {
    "energy": _energy, "matched": _matched, "inverse": _inverse,
}  # fmt: skip


@dataclass(frozen=True)
class Weighed:
    """Information of a weight with its constants, and what it has more than the bank.

    Of each SNR, and in the mean over them; more, error: with the standard error over blocks.
    """

    weight: str
    constant: str
    information: FloatArray
    more: FloatArray
    error: FloatArray
    mean: float
    mean_more: float
    mean_error: float


def compare(
    spec: DetectorSpec, system: System, entries: Sequence[int], vectors: int, seed: int
) -> tuple[str, list[Weighed]]:
    """The wire, which is the one best for the bank, and all weights, the bank first."""
    bare, llr = spec.replace(soft=None), calibrate.llr_format(calibrate.BITS)
    sides = [_Side.of(bare, system, entries, vectors, seed, part) for part in ("training", "test")]
    fitted = {wire: _lost(bare, wire, "", True, sides[:1] * 2, llr)
              for wire in calibrate.candidates(bare)}  # fmt: skip
    wire = min(fitted, key=lambda name: float(np.mean(fitted[name])))
    bank = _lost(bare, wire, "", True, sides, llr)
    found = [_weighed(BANK, OWN, bank, bank)]
    for name in (each for weight in WEIGHTS for each in (weight, f"{weight}, root")):
        for own in (True, False):
            lost = _lost(bare, wire, name, own, sides, llr)
            found.append(_weighed(name, OWN if own else COMMON, lost, bank))
    return wire, found


@dataclass(frozen=True)
class _Side:
    """Draws at each entry, and what the golden model's last layer makes of them."""

    drawn: Sequence[draws.Draws]
    last: Sequence[draws.Last]

    @classmethod
    def of(
        cls, spec: DetectorSpec, system: System, entries: Sequence[int], vectors: int, seed: int,
        part: str,
    ) -> _Side:  # fmt: skip
        """Those of the training and of the test have seeds of their own."""
        at = 2 * seed + (part == "test")
        drawn = [draws.draws(spec, system, entry, vectors, at, part) for entry in entries]
        return cls(drawn, [draws.golden(spec, each) for each in drawn])

    def ratios(self, spec: DetectorSpec, wire: str, weight: str) -> list[FloatArray]:
        """Max-log with a weight, before its constant."""
        found = []
        for drawn, last in zip(self.drawn, self.last, strict=True):
            w = last.wires[wire]
            share = np.broadcast_to(_of_streams(spec, drawn, weight), w.shape)
            found.append(max_log(w, share, spec.constellation))
        return found


def _of_streams(spec: DetectorSpec, drawn: draws.Draws, name: str) -> FloatArray:
    """(G, 1, N); without a name, 1."""
    if not name:
        return np.ones((1, 1, 1))
    weight, _, root = name.partition(", ")
    power = spec.constellation.symbol_energy / 2
    found = WEIGHTS[weight](drawn.h, drawn.noise, power)[:, None]
    return np.sqrt(found) if root else found


def _lost(
    spec: DetectorSpec, wire: str, weight: str, own: bool, sides: Sequence[_Side], llr: Format
) -> list[FloatArray]:
    """Bits lost of a bit, of each entry and block, (G,), with constants of the training's draws."""
    training, test = (side.ratios(spec, wire, weight) for side in sides)
    bits = [each.bits for each in sides[0].drawn]
    if own:
        factors = [calibrate.best([r], [b], llr) for r, b in zip(training, bits, strict=True)]
    else:
        factors = [calibrate.best(training, bits, llr)] * len(bits)
    found = []
    for factor, ratios, drawn in zip(factors, test, sides[1].drawn, strict=True):
        signed = (1 - 2 * drawn.bits) * calibrate.clipped(ratios * factor, llr)
        found.append(np.logaddexp(0, signed).mean(axis=(1, 2, 3)) / np.log(2))
    return found


def _weighed(
    name: str, constant: str, lost: Sequence[FloatArray], bank: Sequence[FloatArray]
) -> Weighed:
    """Paired by block."""
    more = [b - mine for b, mine in zip(bank, lost, strict=True)]
    error = np.array([each.std(ddof=1) / np.sqrt(len(each)) for each in more])
    each, gains = (np.array([1 - x.mean() for x in lost]), np.array([x.mean() for x in more]))
    return Weighed(name, constant, each, gains, error, float(each.mean()), float(gains.mean()),
                   float(np.sqrt((error**2).sum()) / len(error)))  # fmt: skip
