# SPDX-License-Identifier: Apache-2.0
"""What a detector's top shows and takes, by its program."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fixedpoint.detectors.registry import program
from fixedpoint.numbers.format import IntArray
from fixedpoint.program import frame, soft
from fixedpoint.program.frame import Field, Frame, Point
from fixedpoint.specs.detector import DetectorSpec


def wires(spec: DetectorSpec) -> Mapping[str, tuple[Point, Field]]:
    """Each wire that the trace shows by its name in a layer, with where it is shown."""
    return frame.by_name(frame.points(program(spec)))


def layers(spec: DetectorSpec, named: Mapping[str, IntArray]) -> dict[str, IntArray]:
    """Of the golden model's wires those that the trace shows, not a converter's or a network's."""
    made, shown = program(spec), wires(spec)
    names = {f"{layer}.{wire}" for layer, part, _ in made.parts for wire in part.wires
             if wire in shown or f"{layer}.{wire}" in shown}  # fmt: skip
    return {name: q for name, q in named.items() if name in names}


def output_streams(spec: DetectorSpec) -> Mapping[str, tuple[str, ...]]:
    """The integers of a beat of m_axis_x, and of m_axis_llr of a spec with soft bits.

    By `x` and `llr`, the lowest one first.
    """
    made = program(spec)
    llrs = tuple(soft.wires(made.layer))
    streams = {"x": tuple(name for name in frame.output(made) if name not in llrs)}
    return streams | ({"llr": llrs} if llrs else {})


def output_fields(spec: DetectorSpec) -> tuple[str, ...]:
    """The integers of all streams that leave, in order."""
    return tuple(name for names in output_streams(spec).values() for name in names)


def output_user(stream: str) -> str:
    """What a comparison calls the TUSER of a stream."""
    return "user" if stream == "x" else f"{stream}_user"


def output_beat(spec: DetectorSpec, stream: str) -> list[Field]:
    """The integers of a beat with their places: each is padded to whole bytes."""
    shown, made, offset = wires(spec), [], 0
    for name in output_streams(spec).get(stream, ()):
        field = shown[name][1]
        made.append(Field(name, offset, field.bits, field.signed))
        offset += 8 * -(-field.bits // 8)
    return made


def unit_rows(spec: DetectorSpec) -> IntArray:
    """The rows of y of each unit [Re; Im], (C, Q); all of them of a single receiver."""
    antennas = np.arange(spec.rows // 2).reshape(program(spec).units, -1)
    return np.concatenate([antennas, antennas + spec.rows // 2], axis=1)


def by_unit(spec: DetectorSpec, h: IntArray, y: IntArray) -> tuple[IntArray, IntArray]:
    """h (G, R, N) and y (G, B, M) as the streams take them: (G, C, Q, N) and (G, B, C, Q).

    R is M but where a block brings several matrices; then C is 1 and h becomes (G, 1, R, N).
    """
    if frame.frame(program(spec)) is not Frame.UNITS:
        return h[:, None], y[:, :, None]
    rows = unit_rows(spec)
    return np.ascontiguousarray(h[:, rows]), np.ascontiguousarray(y[:, :, rows])
