"""Monitors of hardware that works on several vectors at a time: passes gathered slot by slot.

Vectors enter the slots in order, around the ring, so that the n-th pass of a slot belongs to layer
n mod K of the vector n div K rounds behind the slot's first one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import cocotb
import numpy as np
from cocotb.triggers import RisingEdge

from fixedpoint.format import IntArray
from fixedpoint.pgd import wire_formats
from fixedpoint.spec import DetectorSpec
from verification.scoreboard import MismatchError, Scoreboard
from verification.stimuli import unpack

ROW = ("accumulator", "residual")
COLUMN = ("gradient", "update", "state", "code", "bits")


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

    def take(
        self, slot: int, layer: int, word: int, part: list[int]
    ) -> tuple[int, list[list[int]]] | None:
        """Add the packed ports of one word; the vector and all its words once a pass is whole."""
        round_, due = divmod(self._passes[slot], self._layers)
        parts = self._parts[slot]
        if (layer, word) != (due, len(parts)):
            raise MismatchError(
                f"{self._scoreboard.view}: seed {self._scoreboard.seed}, slot {slot} shows word "
                f"{word} of layer {layer + 1}; word {len(parts)} of layer {due + 1} was due; "
                f"repeat with: {self._scoreboard.repeat}"
            )
        parts.append(part)
        if len(parts) < self._words:
            return None
        self._parts[slot] = []
        self._passes[slot] += 1
        return self._first + round_ * self._slots + slot, parts


def fields(parts: list[list[int]], port: int, bits: int, count: int, *, signed: bool) -> IntArray:
    """The elements of one port over all words of a pass."""
    return np.concatenate([unpack(part[port], bits, count, signed=signed) for part in parts])


class Trace:
    """Both trace ports of a pgd_top: the scoreboard observes every wire, `pgd1.residual` …"""

    def __init__(self, dut: Any, spec: DetectorSpec, scoreboard: Scoreboard) -> None:
        self._dut, self._spec, self._scoreboard = dut, spec, scoreboard
        widths = {wire: fmt.bits for wire, fmt in wire_formats(spec).items()}
        widths["bits"] = spec.constellation.bits
        self._passes = [
            self._side("row", "word", {wire: widths[wire] for wire in ROW}, spec.rows),
            self._side("column", "group", {wire: widths[wire] for wire in COLUMN}, spec.columns),
        ]

    def restart(self) -> None:
        """After a reset."""
        for passes in self._passes:
            passes.restart()

    def _side(self, name: str, position: str, widths: Mapping[str, int], size: int) -> Passes:
        dut = self._dut
        valid, *place = (getattr(dut, f"trace_{name}_{port}")
                         for port in ("valid", "slot", "layer", position))  # fmt: skip
        ports = [getattr(dut, f"trace_{name}_{wire}") for wire in widths]
        count = len(ports[0]) // next(iter(widths.values()))
        layers = len(self._spec.layers)
        passes = Passes(self._scoreboard, int(dut.Slots.value), layers, size // count)
        cocotb.start_soon(self._watch(valid, place, ports, widths, count, passes))
        return passes

    async def _watch(
        self, valid: Any, place: list[Any], ports: list[Any], widths: Mapping[str, int], count: int,
        passes: Passes,
    ) -> None:  # fmt: skip
        edge, reset = RisingEdge(self._dut.aclk), self._dut.aresetn
        while True:
            await edge
            if not (valid.value and reset.value):
                continue
            if not self._dut.busy.value:
                raise MismatchError(
                    f"a pass is seen and busy is low; repeat with: {self._scoreboard.repeat}"
                )
            slot, layer, word = (int(port.value) for port in place)
            whole = passes.take(slot, layer, word, [int(port.value) for port in ports])
            if whole is None:
                continue
            for i, (wire, bits) in enumerate(widths.items()):
                q = fields(whole[1], i, bits, count, signed=wire != "bits")
                q = q[:, None] >> np.arange(bits - 1, -1, -1) & 1 if wire == "bits" else q
                name = f"{self._spec.detector}{layer + 1}.{wire}"
                self._scoreboard.observe(name, q, whole[0])
