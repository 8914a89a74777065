# SPDX-License-Identifier: Apache-2.0
"""Give a spec soft bits: the wire that they are best taken from, and their constants.

Constants maximize the information (`rule.information`) of training draws: one constant of the
weights of streams, by all SNR entries alike, or one for each entry, which does not fall as the SNR
rises. All wires of a column that count coordinates are compared on the same draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from fixedpoint.detectors.library import DetectorSpec
from fixedpoint.detectors.registry import program
from fixedpoint.numbers.format import Format
from fixedpoint.program.domain import COLUMN
from fixedpoint.specs.soft import FEWEST, MOST, SoftBits
from model.soft import draws
from model.soft.rule import information, max_log
from model.systems.system import System

FloatArray = NDArray[np.float64]
FRACTIONS = {3: 0, 4: 0, 5: 1}
"""Of a soft bit's format, by its bits; 2 of more."""
BITS, VECTORS, SEED, SPACING = 6, 2000, 0, 4
"""Of soft bits by default, of draws at an entry, of the entries that are drawn."""
WEIGHT_FRAC, STREAM_BITS, ENTRY_BITS = 4, 7, 8
CONSTANT = Format(12, 9)
"""Of the constant of the weights of streams."""
SMALLEST, LARGEST = 2.0**-9, 2.0**3
"""Constants that are tried."""


@dataclass(frozen=True)
class Fit:
    """Constants of a wire, and the information of its soft bits at each entry that was drawn."""

    wire: str
    constants: FloatArray
    information: FloatArray


def entries_of(spec: DetectorSpec) -> list[int]:
    """Every fourth entry of the bank, and the last one."""
    return sorted({*range(0, len(spec.snr), SPACING), len(spec.snr) - 1})


def shipped(spec: DetectorSpec, name: str) -> DetectorSpec:
    """A shipped spec with soft bits: what `python -m model.soft add` makes by default."""
    llr, entries = llr_format(BITS), entries_of(spec)
    found = fits(spec, llr, entries, draws.system_for(spec), VECTORS, SEED)
    return named(softened(spec, found[0], entries, llr), name)


def named(spec: DetectorSpec, name: str) -> DetectorSpec:
    """Sealed under a name of its own, with what it was made of in its provenance."""
    words = f"{spec.provenance}; python -m model.soft add"
    return spec.replace(name=name, provenance=words).sealed()


def llr_format(bits: int) -> Format:
    """Of soft bits. Raises `ValueError` on too few or too many."""
    if not FEWEST <= bits <= MOST:
        raise ValueError(f"soft bits of {bits} bits: {FEWEST} to {MOST} expected")
    return Format(bits, FRACTIONS.get(bits, 2))


def candidates(spec: DetectorSpec) -> list[str]:
    """Wires of a column at the state's point."""
    layer, frac = program(spec).layer, spec.state_format.frac
    return [name for name, value in layer.wires.items()
            if value.domain == COLUMN and layer.formats[name].frac == frac
            and layer.formats[name].signed and name != "code"]  # fmt: skip


def fits(
    spec: DetectorSpec, llr: Format, entries: Sequence[int], system: System, vectors: int, seed: int
) -> list[Fit]:
    """Of every candidate, the best one first; `vectors` at each of the entries."""
    bare = spec.replace(soft=None)
    seen = [draws.draws(bare, system, entry, vectors, seed, "training") for entry in entries]
    lasts = [draws.golden(bare, each) for each in seen]
    shares = [_shares(spec, last, each) for last, each in zip(lasts, seen, strict=True)]
    found = []
    for wire in candidates(bare):
        ratios = [max_log(last.wires[wire], share, spec.constellation)
                  for last, share in zip(lasts, shares, strict=True)]  # fmt: skip
        bits = [each.bits for each in seen]
        if spec.weighs_streams:
            constants = np.array([best(ratios, bits, llr)])
        else:
            each = [best([r], [b], llr) for r, b in zip(ratios, bits, strict=True)]
            constants = np.maximum.accumulate(each)
        at = np.broadcast_to(constants, len(entries))
        carried = [information(clipped(r * c, llr), b)
                   for r, b, c in zip(ratios, bits, at, strict=True)]  # fmt: skip
        found.append(Fit(wire, constants, np.array(carried)))
    return sorted(found, key=lambda fit: -float(fit.information.mean()))


def _shares(spec: DetectorSpec, last: draws.Last, drawn: draws.Draws) -> FloatArray:
    """The weight of each stream before its constant, (G, B, N): 1 where blocks bring none."""
    shape = (*drawn.index.shape, spec.columns)
    if spec.certainty is None:
        return np.ones(shape)
    return np.broadcast_to(spec.certainty(last.matrices)[:, None], shape)


def clipped(llr: FloatArray, fmt: Format) -> FloatArray:
    """To the ends of a format, not rounded."""
    most = fmt.max * fmt.step
    return np.clip(llr, -most, most)


def best(ratios: Sequence[FloatArray], bits: Sequence[NDArray[np.int64]], llr: Format) -> float:
    """The factor of the most information, in the mean over the entries."""

    def lost(logarithm: float) -> float:
        factor = np.exp(logarithm)
        pairs = zip(ratios, bits, strict=True)
        return -float(np.mean([information(clipped(r * factor, llr), b) for r, b in pairs]))

    bounds = (np.log(SMALLEST), np.log(LARGEST))
    return float(np.exp(minimize_scalar(lost, bounds=bounds, method="bounded").x))


def softened(spec: DetectorSpec, fit: Fit, entries: Sequence[int], llr: Format) -> DetectorSpec:
    """The spec with soft bits of a fit; constants of entries between are interpolated."""
    by_stream = spec.weighs_streams
    weight = Format(STREAM_BITS if by_stream else ENTRY_BITS, WEIGHT_FRAC)
    largest = 2 ** (weight.bits - weight.frac - (not by_stream))  # just above the largest κ
    reach = largest * (spec.constellation.peak + 1)
    scaled = Format(reach.bit_length() + weight.frac, weight.frac)
    fmt, values = CONSTANT, fit.constants
    if not by_stream:
        fmt, at = weight, spec.snr.snr_db[list(entries)]
        values = np.interp(spec.snr.snr_db, at, fit.constants)
    constants = np.clip(fmt.quantize(values), 1, fmt.max)
    made = SoftBits(fit.wire, llr, weight, scaled, fmt, tuple(int(q) for q in constants))
    return spec.replace(soft=made)


def table(entries: Sequence[int], found: Sequence[Fit], spec: DetectorSpec) -> Mapping[str, object]:
    """What was compared, by wire: the mean information and that at each SNR."""
    at = [float(spec.snr.snr_db[entry]) for entry in entries]
    return {fit.wire: {"information": float(fit.information.mean()),
                       "each": dict(zip(at, map(float, fit.information), strict=True))}
            for fit in found}  # fmt: skip
