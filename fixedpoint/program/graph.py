# SPDX-License-Identifier: Apache-2.0
"""What the trace of a definition found: stages that run once, and the layer that is repeated."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from fixedpoint.numbers.format import Format
from fixedpoint.program.values import Value, walk
from fixedpoint.specs.detector import DetectorSpec

LAYER = ""
"""The name of the stage that is repeated."""


@dataclass(frozen=True, eq=False)
class Part:
    """One stage or the layer: its wires, in order, with the formats that carry them.

    known: the wires of the stages ahead.
    """

    name: str
    known: frozenset[Value] = frozenset()
    wires: dict[str, Value] = field(default_factory=dict)
    formats: dict[str, Format] = field(default_factory=dict)

    @cached_property
    def order(self) -> list[Value]:
        """All values of the wires, operands first, down to those that are known."""
        return walk(list(self.wires.values()), self.known)


@dataclass(frozen=True, eq=False)
class Program:
    """What the trace of a spec's definition found.

    units: how many work side by side, each on `unit_size` rows; 1 of a single receiver.
    """

    spec: DetectorSpec
    once: tuple[Part, ...]
    layer: Part
    units: int
    unit_size: int

    @property
    def parts(self) -> list[tuple[str, Part, int]]:
        """(name of a layer, its part, the layer's number from 0), in the order of computation."""
        spec = self.spec
        stages = [(part.name, part, 0) for part in self.once]
        return stages + [(f"{spec.detector}{k + 1}", self.layer, k) for k in range(spec.depth)]
