# SPDX-License-Identifier: Apache-2.0
"""θ, the constants and tables that units take at run time, as s_axis_theta takes it (docs/rtl.md).

A θ is the integers of every layer (layers, items), in the order of `hls.verilog.loaded`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fixedpoint.detector import Integers
from fixedpoint.detectors.registry import program
from fixedpoint.numbers.format import Format, IntArray
from fixedpoint.program.leaves import Constant
from fixedpoint.program.values import Read, Value
from fixedpoint.program.views import golden as view
from fixedpoint.program.views.interpret import Layer, Rule, Wires, layers, leaf, wire
from fixedpoint.receivers import receiver
from fixedpoint.specs.detector import DetectorSpec
from hls.verilog import loaded
from verification.rtl import runs
from verification.traffic.stimuli import Frame, frame, pack

BITS = 16


@dataclass(frozen=True)
class Rewrite:
    """Another θ for the units, written when `block` blocks have left."""

    theta: IntArray
    block: int


def writable(spec: DetectorSpec) -> bool:
    """Whether the units of a spec have constants that can be written at run time."""
    return bool(loaded.items(program(spec)))


def own(spec: DetectorSpec) -> IntArray:
    """That of the spec itself. Raises `ValueError` if it has none."""
    if not writable(spec):
        raise ValueError(f"spec {spec.name} has no θ to write")
    items = loaded.items(program(spec))
    rows = [[q for value in items for q in _numbers(value, k)] for k in range(spec.depth)]
    return np.array(rows, dtype=np.int64)


def _numbers(value: Value, layer: int) -> tuple[int, ...]:
    if isinstance(value, Read):
        return value.table(layer).values
    assert isinstance(value, Constant)
    return (value.values[layer],)


def formats(spec: DetectorSpec) -> list[Format]:
    """Of a layer's items, in order."""
    return [value.tables[0].output if isinstance(value, Read) else value.format
            for value in loaded.items(program(spec))
            for _ in range(loaded.entries(value))]  # fmt: skip


def drawn(rng: np.random.Generator, spec: DetectorSpec) -> IntArray:
    """Any legal integers, a fifth at the ends of their formats.

    The tables hold no function: the hardware takes any.
    """
    ends = np.array([(fmt.min, fmt.max) for fmt in formats(spec)])
    shape = (spec.depth, len(ends))
    anywhere = rng.integers(ends[:, 0], ends[:, 1] + 1, shape)
    at_end = ends[np.arange(len(ends)), rng.integers(0, 2, shape)]
    return np.where(rng.random(shape) < 0.2, at_end, anywhere)


def theta_frame(theta: IntArray) -> Frame:
    """The frame of one unit: one integer a beat."""
    return frame(pack(theta.ravel(), BITS, 1))


def beyond_frame(rng: np.random.Generator, spec: DetectorSpec, theta: IntArray) -> Frame:
    """The frame with any integer of 16 bits beyond an end in place of each that lies at the end."""
    top = (1 << BITS - 1) - 1
    least, most = np.array([(fmt.min, fmt.max) for fmt in formats(spec)]).T
    above = np.where(theta == most, rng.integers(most, top + 1, theta.shape), theta)
    return theta_frame(np.where(theta == least, rng.integers(-top - 1, least + 1, theta.shape),
                                above))  # fmt: skip


def theta_beats(spec: DetectorSpec, theta: IntArray) -> IntArray:
    """The frames that write a θ, (C, beats). Raises `ValueError` if the spec has no such θ."""
    shape = own(spec).shape
    if theta.shape != shape:
        raise ValueError(f"θ of shape {theta.shape} is none of {spec.name}: {shape} was expected")
    return np.tile(theta.ravel(), (program(spec).units, 1))


def run(spec: DetectorSpec, inputs: Integers, theta: IntArray) -> list[Wires]:
    """The golden model's layers with another θ than the spec's."""
    made = program(spec)
    items = loaded.items(made)

    def source(value: Value, layer: Layer, rule: Rule) -> Any:
        if value not in items:
            return leaf(value, layer, rule)
        mine = theta[layer.number, items[value] :][: loaded.entries(value)]
        if not isinstance(value, Read):
            return mine[0]
        table = replace(value.table(layer.number), values=tuple(mine.tolist()))
        return table.read(layer[value.of], value.of.frac)

    brought = receiver.inputs(spec, inputs.h, inputs.y, inputs.index).inputs
    return [Wires(**{name: wire(value, layer[value]) for name, value in part.wires.items()})
            for _, part, layer in layers(made, brought, view.operation, source)]  # fmt: skip


def golden(spec: DetectorSpec, inputs: Integers, rewrite: Rewrite) -> dict[str, IntArray]:
    """All that a run with another θ from a block on must show; at least one block on each side."""
    before, after = (
        Integers(inputs.h[half], inputs.y[half], inputs.index[half])
        for half in (slice(None, rewrite.block), slice(rewrite.block, None))
    )
    first = runs.golden(spec, before).wires
    second = runs.expected(spec, run(spec, after, rewrite.theta), after.index, rewrite.block)
    return {wire: np.concatenate([q, second[wire]]) for wire, q in first.items()}
