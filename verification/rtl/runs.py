# SPDX-License-Identifier: Apache-2.0
"""What a run of the Verilated library showed, wire by wire, and what it must equal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fixedpoint.detector import Integers
from fixedpoint.detectors.registry import program
from fixedpoint.numbers.format import IntArray
from fixedpoint.program.frame import Point
from fixedpoint.program.graph import LAYER
from fixedpoint.receivers import family
from fixedpoint.specs.detector import DetectorSpec
from verification.traffic import blocks, traced


@dataclass(frozen=True)
class RtlRun:
    """What one run showed: every wire of every layer, what left on m_axis_x and m_axis_llr, when.

    wires: those of every layer in the golden model's shapes (one that all units share, of
    every unit), then output.state … output.user of the stream m_axis_x, output.llr0 …
    output.llr_user among them of a spec with soft bits; loaded, finished (G, B): the cycles of the
    first beat of y offered and of the last beat taken of x, or of soft bits if that is later,
    counted from the start of reset; index_errors: vectors counted for an SNR index that is not
    their block's.
    """

    wires: Mapping[str, IntArray]
    loaded: IntArray
    finished: IntArray
    index_errors: int

    @property
    def cycles(self) -> int:
        """Cycles from the first beat of y to the last beat out, H loading included."""
        return int(self.finished.max() - self.loaded.min())

    @property
    def first_latency(self) -> int:
        """Cycles from the first beat of the first vector in to its last beat out."""
        return int(self.finished.flat[0] - self.loaded.flat[0])

    @property
    def steady_cycles(self) -> float:
        """Cycles a vector over the middle half of the run, where the pipeline is full."""
        finished = self.finished.reshape(-1)
        quarter = finished.size // 4
        if quarter < 2:
            raise ValueError(f"{finished.size} vectors are too few for a rate: at least 8 expected")
        return float(finished[3 * quarter] - finished[quarter]) / (2 * quarter)


@dataclass(frozen=True)
class Golden:
    """The golden model's run: its layers, and by name all that an `RtlRun` must show."""

    layers: list[Any]
    wires: Mapping[str, IntArray]


def golden(spec: DetectorSpec, inputs: Integers, first_block: int = 0) -> Golden:
    """Run the golden model. `first_block`: the number of the first block."""
    layers = family.run(spec, inputs.h, inputs.y, inputs.index)
    return Golden(layers, expected(spec, layers, inputs.index, first_block))


def expected(
    spec: DetectorSpec, layers: list[Any], index: IntArray, first_block: int = 0
) -> dict[str, IntArray]:
    """All that a run must show of these layers at the SNR entries index (G, B)."""
    wires = traced.layers(spec, family.named(spec, layers))
    wires |= {name: of_each_unit(spec, name, q) for name, q in wires.items()}
    for name in traced.output_fields(spec):
        wires[f"output.{name}"] = getattr(layers[-1], name)
    block = np.arange(first_block, first_block + index.shape[0])[:, None]
    for stream in traced.output_streams(spec):
        wires[f"output.{traced.output_user(stream)}"] = blocks.user(spec, index, block)
    return wires


def of_each_unit(spec: DetectorSpec, name: str, q: IntArray) -> IntArray:
    """A wire (G, B, N) that all units share and each shows, as (G, B, C, N)."""
    wire = name.rpartition(".")[2]
    point, _ = traced.wires(spec).get(wire, (None, None))
    if point is None or not point.by_unit or program(spec).layer.wires[wire].domain.unit:
        return q
    return np.broadcast_to(q[:, :, None], (*q.shape[:2], program(spec).units, *q.shape[2:]))


def shape(spec: DetectorSpec, point: Point, count: int) -> tuple[int, ...]:
    """Of the array that library.cpp fills with a wire of this point, of `count` vectors."""
    made = program(spec)
    layers = (spec.depth,) if point.layered else ()
    units = (made.units,) if point.rows or point.name == "column" else ()
    return (count, *layers, *units, made.unit_size if point.rows else spec.columns)


def collect(
    spec: DetectorSpec,
    traces: Mapping[str, IntArray],
    outputs: Mapping[str, IntArray],
    index_shape: tuple[int, int],
) -> dict[str, IntArray]:
    """The arrays that library.cpp filled, by name, in the golden model's shapes and order."""
    shown, found = traced.wires(spec), {}
    for layer, part, number in program(spec).parts:
        for wire in part.wires:
            name = wire if wire in shown and part.name == LAYER else f"{layer}.{wire}"
            if name not in shown:
                continue
            point, array = shown[name][0], traces[name]
            array = array[:, number] if point.layered else array
            array = array if point.by_unit or array.ndim == 2 else array[:, 0]
            found[f"{layer}.{wire}"] = _vectors(wire, array, spec, index_shape)
    for wire, array in outputs.items():
        found[f"output.{wire}"] = _vectors(wire, array, spec, index_shape)
    return found


def _vectors(
    wire: str, array: IntArray, spec: DetectorSpec, index_shape: tuple[int, int]
) -> IntArray:
    """(G·B, …) as (G, B, …), Gray words taken apart."""
    array = array.reshape(*index_shape, *array.shape[1:])
    places = np.arange(spec.constellation.bits - 1, -1, -1)
    return array[..., None] >> places & 1 if wire == "bits" else array
