# SPDX-License-Identifier: Apache-2.0
"""Monitors of hardware that works on several vectors at a time: passes gathered slot by slot.

Vectors enter the slots in order, around the ring, so that the n-th pass of a slot belongs to layer
n mod K of the vector n div K rounds behind the slot's first one. In packed hardware groups of one
or two vectors take their place (`Order`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cocotb
import numpy as np
from cocotb.triggers import RisingEdge

from fixedpoint.detectors.registry import program
from fixedpoint.numbers.format import IntArray
from fixedpoint.program import frame
from fixedpoint.program.frame import Field, Frame, Point
from fixedpoint.specs.detector import DetectorSpec
from verification.traffic.scoreboard import MismatchError, Scoreboard
from verification.traffic.stimuli import unpack

ENTRANCES = ("row", "front")  # the points that show a vector first


class Passes:
    """Gathers the words (or groups) of each slot's passes, and fails if one is out of order."""

    def __init__(self, scoreboard: Scoreboard, slots: int, layers: int, words: int) -> None:
        self._scoreboard, self._slots, self._layers, self._words = scoreboard, slots, layers, words
        self.restart()

    def restart(self) -> None:
        """After a reset: the next vector to be expected enters slot 0."""
        self._first = self._scoreboard.expected_vectors
        self._passes = [0] * self._slots
        self._parts: list[list[list[int]]] = [[] for _ in range(self._slots)]

    def number(self, slot: int) -> int:
        """The vector (or group) that is in a slot."""
        return self._first + self._passes[slot] // self._layers * self._slots + slot

    def take(
        self, slot: int, layer: int, word: int, part: list[int]
    ) -> tuple[int, list[list[int]]] | None:
        """Add the packed ports of one word; the vector and all its words once a pass is whole."""
        due, parts = self._passes[slot] % self._layers, self._parts[slot]
        if (layer, word) != (due, len(parts)):
            raise MismatchError(
                f"{self._scoreboard.view}: seed {self._scoreboard.seed}, slot {slot} shows word "
                f"{word} of layer {layer + 1}; word {len(parts)} of layer {due + 1} was due; "
                f"repeat with: {self._scoreboard.repeat}"
            )
        parts.append(part)
        if len(parts) < self._words:
            return None
        number = self.number(slot)
        self._parts[slot] = []
        self._passes[slot] += 1
        return number, parts


class Order:
    """Which vectors the groups have that enter the slots of packed hardware."""

    def __init__(self, scoreboard: Scoreboard) -> None:
        self._scoreboard = scoreboard
        self.restart()

    def restart(self) -> None:
        """After a reset."""
        self._base = self._scoreboard.expected_vectors
        self._first = [self._base]

    def enter(self, group: int, there: int) -> None:
        """A group enters its first layer with the vectors whose bits are set, the lowest of all."""
        if group - self._base == len(self._first) - 1:
            self._first.append(self._first[-1] + there.bit_count())

    @property
    def sizes(self) -> list[int]:
        """Vectors of each group, since the last reset."""
        return np.diff(self._first).tolist()

    def vectors(self, group: int, there: int) -> range:
        """A group's vectors. Raises `MismatchError` if others are there than entered."""
        at = group - self._base
        first, behind = self._first[at : at + 2] if at + 1 < len(self._first) else (0, 0)
        if there != (1 << behind - first) - 1 or not there:
            raise MismatchError(
                f"{self._scoreboard.view}: seed {self._scoreboard.seed}, group {group} of "
                f"{behind - first} vectors shows the bits {there:b}; "
                f"repeat with: {self._scoreboard.repeat}"
            )
        return range(first, behind)


def fields(
    parts: list[list[int]], port: int, bits: int, count: int, *, signed: bool, vector: int = 0
) -> IntArray:
    """The elements of one port over all words of a pass, of the first vector or the one above."""
    shift = vector * count * bits
    return np.concatenate([unpack(p[port] >> shift, bits, count, signed=signed) for p in parts])


@dataclass(frozen=True)
class Side:
    """A point of the trace, `trace_NAME_*`, once or for several units side by side.

    size: rows or columns of a pass, whose last word may have more; units: which show it, in the
    order of their ports, none where a wire's name on the scoreboard has no unit: `LAYER.WIRE` or
    `LAYER.WIRE[unit]`; vectors: of a slot, 2 in packed hardware; spread: slots of the point for
    each slot of the top.
    """

    point: Point
    size: int
    units: tuple[int, ...] = ()
    vectors: int = 1
    spread: int = 1

    def name(self, wire: str, layer: str, unit: int) -> str:
        """A wire's on the scoreboard; `unit` counts the ports."""
        full = f"{layer}.{wire}" if self.point.layered else wire
        return f"{full}[{self.units[unit]}]" if self.units else full


def sides(spec: DetectorSpec, units: Sequence[int] = (), vectors: int = 1) -> list[Side]:
    """All that a top shows with so many vectors a slot, of these units where each has its own.

    A fusion node has a slot for each vector of a unit's.
    """
    made = program(spec)
    found = []
    for point in frame.points(made):
        size = made.unit_size if point.rows else spec.columns
        if frame.frame(made) is Frame.UNITS and not point.by_unit:
            found.append(Side(point, size, spread=vectors))
        else:
            found.append(Side(point, size, tuple(units) if point.by_unit else (), vectors))
    return found


def shown(
    seen: Sequence[Side], spec: DetectorSpec, wires: Mapping[str, IntArray]
) -> dict[str, IntArray]:
    """What is seen of the golden model's wires (G, B, …), by the names on the scoreboard."""
    at = {field.name: side for side in seen for field in side.point.fields}
    found = {}
    for name, q in wires.items():
        layer, _, wire = name.rpartition(".")
        full = wire if wire in at else name
        if full not in at:
            continue
        side = at[full]
        own = bool(side.units) and program(spec).layer.wires[wire].domain.unit
        for place, unit in enumerate(side.units or (0,)):
            found[side.name(full, layer, place)] = q[:, :, unit] if own else q
    return found


def elements(words: Sequence[int], field: Field, bits: int, count: int, vector: int) -> IntArray:
    """A wire of all elements of these words, `bits` wide each, of the first vector or the next."""
    places = range(vector * count, (vector + 1) * count)
    found = [word >> place * bits + field.offset & (1 << field.bits) - 1
             for word in words for place in places]  # fmt: skip
    q, sign = np.array(found, dtype=np.int64), 1 << field.bits - 1
    return (q ^ sign) - sign if field.signed else q


class Trace:
    """The trace ports of a top: the scoreboard observes every wire, `LAYER.WIRE`."""

    def __init__(
        self, dut: Any, spec: DetectorSpec, scoreboard: Scoreboard, sides: Sequence[Side]
    ) -> None:
        self._dut, self._spec, self._scoreboard = dut, spec, scoreboard
        self._passes: list[Passes] = []
        lanes = max(len(side.units) for side in sides)
        self._orders = [Order(scoreboard) for _ in range(max(lanes, 1))]
        self.void: set[int] = set()  # vectors whose H is lost: their passes show anything
        for side in sides:
            self._monitor(side, max(len(side.units), 1))

    @property
    def groups(self) -> list[int]:
        """Of packed hardware the vectors of each group, since the last reset; of the first unit."""
        return self._orders[0].sizes

    def restart(self) -> None:
        """After a reset."""
        for order in self._orders:
            order.restart()
        for passes in self._passes:
            passes.restart()

    def _monitor(self, side: Side, lanes: int) -> None:
        point = side.point
        position = "word" if point.rows else "group"
        names = ("valid", "slot", position, *(("layer",) if point.layered else ()), "data")
        ports = [getattr(self._dut, f"trace_{point.name}_{name}") for name in names]
        count = len(ports[-1]) // (lanes * side.vectors * point.bits)
        slots, words = int(self._dut.Slots.value) * side.spread, -(-side.size // count)
        layers = self._spec.depth if point.layered else 1
        passes = [Passes(self._scoreboard, slots, layers, words) for _ in range(lanes)]
        self._passes += passes
        cocotb.start_soon(self._watch(side, count, ports, passes))

    async def _watch(self, side: Side, count: int, ports: list[Any], lanes: list[Passes]) -> None:
        edge, reset, busy = RisingEdge(self._dut.aclk), self._dut.aresetn, self._dut.busy
        widths = [len(port) // len(lanes) for port in ports]
        while True:
            await edge
            valid = int(ports[0].value)
            if not (valid and reset.value):
                continue
            if not busy.value:
                raise MismatchError(
                    f"a pass is seen and busy is low; repeat with: {self._scoreboard.repeat}"
                )
            words = [int(port.value) for port in ports]
            for unit, passes in enumerate(lanes):
                parts = [word >> unit * width & (1 << width) - 1
                         for word, width in zip(words, widths, strict=True)]  # fmt: skip
                if parts[0]:
                    self._gather(side, unit, count, parts, passes)

    def _gather(self, side: Side, unit: int, count: int, values: list[int], passes: Passes) -> None:
        """Add a word of one unit; once its pass is whole, compare every wire."""
        there, slot, word, *layers, data = values
        layer = layers[0] if layers else 0
        number = passes.number(slot)
        vectors = range(number, number + 1)
        if side.vectors > 1:
            if side.point.name in ENTRANCES and (layer, word) == (0, 0):
                self._orders[unit].enter(number, there)
            vectors = self._orders[unit].vectors(number, there)
        whole = passes.take(slot, layer, word, [data])
        if whole is None:
            return
        shown = [data for (data,) in whole[1]]
        for place, vector in enumerate(vectors):
            if vector in self.void:
                continue
            for field in side.point.fields:
                q = elements(shown, field, side.point.bits, count, place)[: side.size]
                if field.name == "bits":
                    q = q[:, None] >> np.arange(field.bits - 1, -1, -1) & 1
                name = side.name(field.name, f"{self._spec.detector}{layer + 1}", unit)
                self._scoreboard.observe(name, q, vector)
