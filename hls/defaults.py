# SPDX-License-Identifier: Apache-2.0
"""How many lanes and slots a core gets where its user names none.

A vector goes through its layers one after the other; what it waits for in between (pipelines,
trees, the drain of the sums) is filled with other vectors, each in a slot. So slots follow from how
long a vector is under way, and from how often one can leave.
"""

from __future__ import annotations

import math

from fixedpoint.detectors.registry import program
from fixedpoint.program.frame import Frame, frame
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.support.reading import brief
from hls import lanes as sizes
from hls import tops
from hls.synthesis.throughput import Bound
from hls.verilog.emit import emitted

LANES = 32
"""At most, where a row takes no more."""
SLOTS = 64
"""At most."""
CHOICE = 3  # cycles from a slot that can go on to its pass's first word (dispatcher.sv)
ENGINE = 4  # stages of a pass around its trees (engine.sv)
DRAIN = 3  # from the last partial sums to the first group of sums (column_drain.sv)
FRONTHAUL = 4  # of a message through the queues at its two ends
CELL = 3  # what a unit's thresholds and a stored detector's function add


def lanes(spec: DetectorSpec, packed: bool = False) -> int:
    """The count up to `LANES` with the fewest cycles a vector, of those the least; or one row."""
    row = (1 + packed) * spec.columns
    most = min(max(LANES, row), sizes.most_rows(spec) * row)
    return min(range(row, most + 1, row), key=lambda n: (Bound.of(spec, n, packed).cycles, n))


def chosen(spec: DetectorSpec, count: int | None, packed: bool = False) -> int:
    """The lanes that are built of `count`, by default of the best count.

    Raises `ValueError` as `hls.lanes.check` does.
    """
    return lanes(spec, packed) if count is None else sizes.built(spec, count, packed)


def slots(spec: DetectorSpec, count: int, packed: bool = False) -> int:
    """What keeps a core of so many lanes busy; its top's own default at least, `SLOTS` at most."""
    vectors = math.ceil(life(spec, count, packed) / Bound.of(spec, count, packed).cycles)
    needed = -(-vectors // (1 + packed)) + 1  # one more is being loaded
    return min(max(tops.of(spec).slots, needed), SLOTS)


def chosen_slots(
    spec: DetectorSpec, count: int, asked: int | None = None, packed: bool = False
) -> int:
    """The slots that are asked for, by default those that keep a core of `count` lanes busy.

    Raises `ValueError` outside 1 to `SLOTS`; two vectors a slot of a unit need two slots at least.
    """
    if asked is None:
        return slots(spec, count, packed)
    least = 1 + (packed and frame(program(spec)) is Frame.UNITS)
    if not least <= asked <= SLOTS:
        raise ValueError(f"slots {brief(asked)} is outside {least} to {SLOTS}")
    return asked


def parameters(
    spec: DetectorSpec, count: int | None = None, asked: int | None = None, packed: bool = False
) -> dict[str, int]:
    """Those of a top with so many lanes and slots, by default the chosen ones.

    Raises `ValueError` where they do not fit the spec.
    """
    made = chosen(spec, count, packed)
    found = chosen_slots(spec, made, asked, packed)
    return sizes.parameters(spec, made, packed) | {"Slots": found}


def life(spec: DetectorSpec, count: int, packed: bool = False) -> int:
    """Cycles from a whole y to the last sums of its last layer, if nothing else is at work."""
    rows = sizes.word_rows(spec, count, packed)
    front, words = sizes.words(spec, count, packed)
    groups = sizes.groups(spec, count, packed)
    arrays = emitted(program(spec)).arrays
    latency = {name: array.pipeline.latency for name, array in arrays.items()}
    column = ENGINE + math.ceil(math.log2(rows)) + DRAIN + latency["column"]
    if frame(program(spec)) is Frame.STORED:
        column += latency["front"] + CELL
        return front + (spec.depth - 1) * words + spec.depth * (CHOICE + column)
    row = ENGINE + math.ceil(math.log2(spec.columns)) + latency["row"]
    layer = 2 * CHOICE + row + words + column + groups
    if frame(program(spec)) is Frame.UNITS:
        layer += CELL + FRONTHAUL + latency["fusion"] + 2 * groups
    return spec.depth * layer
