# SPDX-License-Identifier: Apache-2.0
"""How many products a cycle a detector's engine can make, and the beats of H that go with it.

A word of H holds whole rows and whole beats; H is made of whole words. `lanes` are those of one
engine, a distributed unit's own; `packed`, with two vectors at a time, a word has half as many.
"""

from __future__ import annotations

from fixedpoint.detectors.registry import program
from fixedpoint.program.frame import Frame, frame, products
from fixedpoint.specs.detector import DetectorSpec

LANES = (32, 64, 128)
"""What is built and checked of every spec where it fits."""
MOST = 256
"""How far lane counts are searched for those that fit."""
BEAT_BYTES = 8
"""Of a beat of H, at most."""
DSP_BITS, ENTRY_BITS = 25, 18  # of the two factors that a DSP48E1 takes


def engine_rows(spec: DetectorSpec) -> int:
    """The rows of H that one engine works on: a unit's own, or all."""
    return program(spec).unit_size


def packs(spec: DetectorSpec) -> bool:
    """True if the top can take two vectors at a time, which share a DSP48E1 for each entry of H.

    That is so if two factors, the second one above a product of the first, fit its wider input.
    """
    return packed_bits(spec) <= DSP_BITS and spec.h_format.bits <= ENTRY_BITS


def packed_bits(spec: DetectorSpec) -> int:
    """Of two vectors' widest factors as the one of a multiplier (`packed_factor`)."""
    made = program(spec)
    parts = (*made.once, made.layer)
    factors = [product.of.format.bits for part in parts for product in products(part)]
    return spec.h_format.bits + 2 * max(factors) - 1


def word_rows(spec: DetectorSpec, lanes: int, packed: bool = False) -> int:
    """Whole rows of H in a word; 0 if it holds none."""
    return lanes // ((1 + packed) * spec.columns)


def group_columns(spec: DetectorSpec, lanes: int, packed: bool = False) -> int:
    """Columns of a group, which leave an engine's column pass side by side."""
    return min(word_rows(spec, lanes, packed), spec.columns)


def fits(spec: DetectorSpec, lanes: int, packed: bool = False) -> bool:
    """True if a word holds whole rows, H whole words, and its columns whole groups.

    An engine of stored matrices wants whole groups of rows as well, and at least as many rows in
    the one ahead of the layers as in the other.
    """
    rows = word_rows(spec, lanes, packed)
    whole = rows > 0 and rows * (1 + packed) * spec.columns == lanes
    if not whole or engine_rows(spec) % rows or (packed and not packs(spec)):
        return False
    if frame(program(spec)) is Frame.STORED:
        return spec.columns % rows == 0 and spec.rows >= spec.columns
    return spec.columns % rows == 0 or rows >= spec.columns


def all_fitting(spec: DetectorSpec, packed: bool = False) -> list[int]:
    """Every lane count up to `MOST` that fits, or the least if all are beyond; none if none is."""
    step = (1 + packed) * spec.columns
    counts = range(step, max(step, MOST) + 1, step)
    return [lanes for lanes in counts if fits(spec, lanes, packed)]


def fitting_lanes(spec: DetectorSpec, packed: bool = False) -> list[int]:
    """Those of `LANES` that fit, or else the most up to them that do, or the least beyond."""
    fitting = [lanes for lanes in LANES if fits(spec, lanes, packed)]
    if fitting:
        return fitting
    every = all_fitting(spec, packed)
    return [lanes for lanes in every if lanes <= max(LANES)][-1:] or every[:1]


def check(spec: DetectorSpec, lanes: int, packed: bool = False) -> None:
    """Raise `ValueError` that names the lane counts that fit, if this one does not."""
    if packed and not packs(spec):
        raise ValueError(
            f"spec {spec.name} cannot be packed: two factors above its {spec.h_format.bits}-bit "
            f"entries take {packed_bits(spec)} bits, at most {DSP_BITS} were expected"
        )
    if fits(spec, lanes, packed):
        return
    size = f"{engine_rows(spec)}×{spec.columns}" + packed * ", two vectors at a time"
    every = ", ".join(map(str, all_fitting(spec, packed)))
    expected = f"one of {every} was expected" if every else "no number does: M ≥ N was expected"
    raise ValueError(
        f"lanes {lanes} does not fit spec {spec.name}, whose engine holds {size}: {expected}"
    )


def entry_bytes(spec: DetectorSpec) -> int:
    """Of an entry of the matrices on its stream."""
    return -(-spec.h_format.bits // 8)


def beat_bytes(spec: DetectorSpec, lanes: int, packed: bool = False) -> int:
    """`HBeatBytes` of a top: the most whole entries in `BEAT_BYTES` that divide a word's.

    Those of a row, too, where a block brings numbers of each column.
    """
    entry, word = entry_bytes(spec), lanes // (1 + packed)
    if any(part.rows == 1 for part in spec.parts):
        word = spec.columns
    most = max(BEAT_BYTES // entry, 1)
    return entry * next(count for count in range(most, 0, -1) if word % count == 0)


def parameters(spec: DetectorSpec, lanes: int, packed: bool = False) -> dict[str, int]:
    """Those of a top with so many lanes, `packed` with two vectors at a time."""
    sizes = {"Lanes": lanes, "HBeatBytes": beat_bytes(spec, lanes, packed)}
    return sizes | ({"Vectors": 2} if packed else {})
