# SPDX-License-Identifier: Apache-2.0
"""The bench around a whole detector: C units and their fusion node."""

from __future__ import annotations

from typing import Any

import numpy as np

from fixedpoint.distributed_spec import DistributedSpec
from fixedpoint.format import IntArray
from hls.cases import Case
from verification.scoreboard import Scoreboard
from verification.stimuli import Frame, frame, h_frame, pack, unpack
from verification.trace import Trace, sides
from verification.unit_bench import UnitsBench


class DistributedBench(UnitsBench):
    """One units_top; its outputs are state and bits of the last layer's fusion."""

    output = "m_axis_x"

    def __init__(self, dut: Any, scoreboard: Scoreboard, case: Case) -> None:
        assert isinstance(case.spec, DistributedSpec)
        super().__init__(dut, scoreboard, case, case.spec.units)
        for name in ("up", "down"):
            self.pulses[name] = self.flags(name)

    def traced(self) -> Trace:
        """As in the base class."""
        shown = sides(self.spec, range(self.units))
        return Trace(self.dut, self.spec, self.scoreboard, shown)

    def visible(self, wires: dict[str, IntArray]) -> dict[str, IntArray]:
        """As in the base class: every wire of every unit, and of the fusion node."""
        shown = self.fused_wires(wires)
        for unit in range(self.units):
            shown |= self.unit_wires(wires, unit)
        return shown

    def outputs(self, wires: dict[str, IntArray], users: IntArray) -> dict[str, IntArray]:
        """As in the base class."""
        last = f"{self.spec.detector}{self.spec.depth}"
        return {
            "output.state": wires[f"{last}.state"],
            "output.bits": wires[f"{last}.bits"],
            "output.user": users,
        }

    def h_frames(self, matrix: IntArray, index: int) -> list[Frame]:
        """As in the base class: one for each unit."""
        return [h_frame(self.spec, matrix[rows], self.beat_bytes, self.number)
                for rows in self.spec.unit_rows()]  # fmt: skip

    def y_frame(self, vector: IntArray, index: int) -> Frame:
        """As in the base class: row i of every unit in beat i."""
        codes = vector[self.spec.unit_rows()].T
        words = pack(codes.reshape(-1), 8, self.units)
        return frame(words, self.y_user(index))

    def deliver(self, beats: list[int], tuser: int) -> None:
        """As in the base class."""
        state, bits = split(self.spec.state_format.bits, self.spec.constellation.bits, beats)
        self.scoreboard.observe("output.state", state)
        self.scoreboard.observe("output.bits", bits)
        self.scoreboard.observe("output.user", tuser)

    async def drain(self) -> None:
        """As in the base class; and no message of the fronthaul was broken."""
        await super().drain()
        for name in ("up", "down"):
            assert not any(self.counted(name)), f"{name}: {self.counted(name)} messages dropped"


def split(state_bits: int, slicer_bits: int, beats: list[int]) -> tuple[IntArray, IntArray]:
    """State and Gray bits of the columns of a frame, each in whole bytes."""
    width = 8 * ((state_bits + 7) // 8)
    state = np.array([int(unpack(beat, width, 1)[0]) for beat in beats])
    words = np.array([beat >> width for beat in beats])
    return state, words[:, None] >> np.arange(slicer_bits - 1, -1, -1) & 1
