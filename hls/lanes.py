# SPDX-License-Identifier: Apache-2.0
"""How many products a cycle a detector's engine can make, and the beats of H that go with it.

A word of H holds whole rows, the last one as many as are left: then lanes wait in it (padding).
H is made of whole beats. `lanes` are those of one engine, a distributed unit's own; `packed`, with
two vectors at a time, a word has half as many.
"""

from __future__ import annotations

import math

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
    """Whole rows of H in a word; 0 if it holds none. More than there are go into none."""
    return min(lanes // ((1 + packed) * spec.columns), most_rows(spec))


def most_rows(spec: DetectorSpec) -> int:
    """Of a word: all of an engine's; of stored matrices those of the one that each layer reads."""
    return spec.columns if frame(program(spec)) is Frame.STORED else engine_rows(spec)


def built(spec: DetectorSpec, lanes: int, packed: bool = False) -> int:
    """The lanes that are made of so many: whole rows, and no more than there are.

    Raises `ValueError` that names those that fit, if they do not hold one row.
    """
    check(spec, lanes, packed)
    return word_rows(spec, lanes, packed) * (1 + packed) * spec.columns


def words(spec: DetectorSpec, lanes: int, packed: bool = False) -> tuple[int, int]:
    """Words of the matrix ahead of the layers (0 without one), and of the one that layers read.

    The one ahead of the layers takes as many at least as a column pass has groups.
    """
    rows = word_rows(spec, lanes, packed)
    if frame(program(spec)) is not Frame.STORED:
        return 0, -(-engine_rows(spec) // rows)
    layer = -(-spec.columns // rows)
    return max(-(-spec.rows // rows), layer), layer


def groups(spec: DetectorSpec, lanes: int, packed: bool = False) -> int:
    """Of a column pass; the last one may have fewer columns."""
    return -(-spec.columns // group_columns(spec, lanes, packed))


def group_columns(spec: DetectorSpec, lanes: int, packed: bool = False) -> int:
    """Columns of a group, which leave an engine's column pass side by side."""
    return min(word_rows(spec, lanes, packed), spec.columns)


def fits(spec: DetectorSpec, lanes: int, packed: bool = False) -> bool:
    """True if nothing is padded: whole rows in a word, whole words of H, columns in whole groups.

    An engine of stored matrices wants whole groups of rows as well.
    """
    rows = lanes // ((1 + packed) * spec.columns)
    whole = rows > 0 and rows * (1 + packed) * spec.columns == lanes
    if not whole or engine_rows(spec) % rows or (packed and not packs(spec)):
        return False
    if frame(program(spec)) is Frame.STORED:
        return spec.columns % rows == 0
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
    """Raise `ValueError` that names the lane counts that fit, if this one holds no row."""
    if packed and not packs(spec):
        raise ValueError(
            f"spec {spec.name} cannot be packed: two factors above its {spec.h_format.bits}-bit "
            f"entries take {packed_bits(spec)} bits, at most {DSP_BITS} were expected"
        )
    if lanes >= (1 + packed) * spec.columns:
        return
    size = f"{engine_rows(spec)}×{spec.columns}" + packed * ", two vectors at a time"
    every = ", ".join(map(str, all_fitting(spec, packed)))
    raise ValueError(
        f"lanes {lanes} does not fit spec {spec.name}, whose engine holds {size}: at least "
        f"{(1 + packed) * spec.columns} were expected, without padding one of {every}"
    )


def entry_bytes(spec: DetectorSpec) -> int:
    """Of an entry of the matrices on its stream."""
    return -(-spec.h_format.bits // 8)


def beat_bytes(spec: DetectorSpec, lanes: int, packed: bool = False) -> int:
    """`HBeatBytes` of a top: the most whole entries in `BEAT_BYTES` that divide a word's.

    Those of a row, too, where a block brings numbers of each column; of the last word of a matrix,
    where it is padded.
    """
    rows = [engine_rows(spec), *(part.rows for part in spec.parts if part.rows == 1)]
    if frame(program(spec)) is Frame.STORED:
        rows.append(spec.columns)
    entry = entry_bytes(spec)
    word = math.gcd(word_rows(spec, lanes, packed), *rows) * spec.columns
    most = max(BEAT_BYTES // entry, 1)
    return entry * next(count for count in range(most, 0, -1) if word % count == 0)


def parameters(spec: DetectorSpec, lanes: int, packed: bool = False) -> dict[str, int]:
    """Those of a top with so many lanes, `packed` with two vectors at a time."""
    sizes = {"Lanes": built(spec, lanes, packed), "HBeatBytes": beat_bytes(spec, lanes, packed)}
    return sizes | ({"Vectors": 2} if packed else {})
