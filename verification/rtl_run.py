# SPDX-License-Identifier: Apache-2.0
"""What a run of the Verilated library showed, wire by wire, and what it must equal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fixedpoint import family
from fixedpoint.detector import Integers
from fixedpoint.distributed_spec import DistributedSpec
from fixedpoint.format import IntArray
from fixedpoint.spec import DetectorSpec
from verification import blocks, traced
from verification.traced import Traced


@dataclass(frozen=True)
class RtlRun:
    """What one run showed: every wire of every layer, what left on m_axis_x, and when.

    wires: pgd1.accumulator … pgd5.bits in the golden model's shapes (a distributed detector's pull
    of every unit), then output.state … output.user of the stream m_axis_x; loaded, finished (G, B):
    the cycles of the first beat of y offered and of the last beat of x taken, counted from the
    start of reset; index_errors: vectors counted for an SNR index that is not their block's.
    """

    wires: Mapping[str, IntArray]
    loaded: IntArray
    finished: IntArray
    index_errors: int

    @property
    def cycles(self) -> int:
        """Cycles from the first beat of y to the last beat of x, H loading included."""
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
    if isinstance(spec, DistributedSpec):
        for name in [name for name in wires if name.endswith(".pull")]:
            shape = (*index.shape, spec.units, spec.columns)
            wires[name] = np.broadcast_to(wires[name][:, :, None], shape)
    for name in traced.output_fields(spec):
        wires[f"output.{name}"] = getattr(layers[-1], name)
    block = np.arange(first_block, first_block + index.shape[0])[:, None]
    wires["output.user"] = blocks.user(spec, index, block)
    return wires


def shape(spec: DetectorSpec, wire: str, count: int) -> tuple[int, ...]:
    """Of the array that library.cpp fills with a traced wire of `count` vectors."""
    of_unit = Traced.of(spec)
    if wire in of_unit.front:
        return (count, spec.columns)
    if wire in of_unit.fusion:
        return (count, spec.depth, spec.columns)
    size = traced.unit_size(spec) if wire in of_unit.row else spec.columns
    return (count, spec.depth, traced.units(spec), size)


def collect(
    spec: DetectorSpec,
    traces: Mapping[str, IntArray],
    outputs: Mapping[str, IntArray],
    index_shape: tuple[int, int],
) -> dict[str, IntArray]:
    """The arrays that library.cpp filled, by name, in the golden model's shapes and order."""
    places = np.arange(spec.constellation.bits - 1, -1, -1)
    found = {
        wire.replace("_", ".", 1): traces[wire].reshape(*index_shape, spec.columns)
        for wire in Traced.of(spec).front
    }
    for k in range(spec.depth):
        for wire in family.wire_formats(spec):
            array = traces[wire][:, k].reshape(*index_shape, *traces[wire].shape[2:])
            array = array if isinstance(spec, DistributedSpec) else array[:, :, 0]
            found[f"{spec.detector}{k + 1}.{wire}"] = (
                array[..., None] >> places & 1 if wire == "bits" else array
            )
    for wire, array in outputs.items():
        array = array.reshape(*index_shape, *array.shape[1:])
        found[f"output.{wire}"] = array[..., None] >> places & 1 if wire == "bits" else array
    return found
