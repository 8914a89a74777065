# SPDX-License-Identifier: Apache-2.0
"""The fusion node as one unit sees it, in Python: golden points answer its estimates."""

from __future__ import annotations

from typing import Any

import cocotb
import numpy as np
from cocotb.triggers import ClockCycles

from fixedpoint.numbers.format import IntArray
from fixedpoint.specs.detector import DetectorSpec
from verification.traffic.resending import Resending
from verification.traffic.stimuli import long, message, short
from verification.traffic.streams import Source


class FusionPartner:
    """Answers each message after any time from 0 to `latest` cycles, so in any order of slots.

    points: z by vector, of each layer; broken: the fraction of answers ahead of which comes a frame
    of the same slot that is too short or too long, `dropped` how many did; link: sends the answers.
    """

    def __init__(self, clock: Any, down: Source, spec: DetectorSpec, group: int) -> None:
        self._clock, self._spec, self._group = clock, spec, group
        self.down, self.link = down, Resending(clock, down)
        self.points: dict[int, list[IntArray]] = {}
        self.latest = 0
        self.broken = 0.0
        self.dropped = 0
        self.overtakes = 0
        self._rng = np.random.default_rng(0)
        self._tasks: list[Any] = []
        self._asked: list[int] = []

    def behave(self, rng: np.random.Generator, latest: int, broken: float = 0.0) -> None:
        """Answer like this from now on."""
        self._rng, self.latest, self.broken = rng, latest, broken

    def ask(self, vector: int, slot: int, layer: int) -> None:
        """A unit's estimates of a layer have come; the last layer's want no answer."""
        if layer == self._spec.depth - 1:
            del self.points[vector]
            return
        self._tasks = [task for task in self._tasks if not task.done()]
        self._tasks.append(cocotb.start_soon(self._answer(vector, slot, layer)))

    def send_unasked(self, rng: np.random.Generator, slots: int) -> int:
        """Whole answers of any integers for each of `slots` slots; returns their number."""
        bits, columns = self._spec.state_format.bits, self._spec.columns
        for slot in rng.permutation(slots):
            z = rng.integers(-(1 << bits - 1), 1 << bits - 1, columns)
            self.down.send(message(rng, z, bits, self._group, int(slot)))
        return slots

    def forget(self) -> None:
        """Answer nothing that was asked before, as behind a reset."""
        for task in self._tasks:
            task.cancel()
        self._tasks.clear()
        self._asked.clear()
        self.points.clear()
        self.link.forget()
        self.down.clear()

    async def _answer(self, vector: int, slot: int, layer: int) -> None:
        self._asked.append(slot)
        delay = int(self._rng.integers(0, self.latest + 1))
        if delay:
            await ClockCycles(self._clock, delay)
        self.overtakes += self._asked[0] != slot
        self._asked.remove(slot)
        # The lowest integer of the format has one below it on the wire, which is clamped.
        lowest = self._spec.state_format.min
        z = self.points[vector][layer]
        z = np.where(z == lowest, lowest - 1, z)
        whole = message(self._rng, z, self._spec.state_format.bits, self._group, slot)
        if self._rng.random() < self.broken:
            cut = short if len(whole) > 1 and self._rng.random() < 0.5 else long
            self.down.send(cut(whole, self._rng))
            self.dropped += 1
        self.link.send(whole)
