# SPDX-License-Identifier: Apache-2.0
"""A detector of stored matrices: a block's SNR index comes with them, and y carries its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from fixedpoint.detector import Integers
from fixedpoint.numbers.format import IntArray
from hls.cases import Case
from verification.drivers.detector import DetectorDriver
from verification.traffic.damage import Cost, Damage
from verification.traffic.scoreboard import Scoreboard
from verification.traffic.stimuli import Frame, h_frame
from verification.traffic.streams import Pulses

NONE = np.zeros((1, 1), dtype=np.int64)
"""Every vector has its block's index."""


class StoredDriver(DetectorDriver):
    """One top of stored matrices.

    mismatched: vectors sent since the reset whose own index is not their block's; delivered:
    frames of m_axis_x since then.
    """

    def __init__(self, dut: Any, scoreboard: Scoreboard, case: Case) -> None:
        super().__init__(dut, scoreboard, case)
        self.index_pulses = Pulses(self.clock, dut.index_error)
        self.mismatched = self.delivered = 0
        self._mismatch = NONE  # (G, B) of what is being sent

    def outputs(self, wires: dict[str, IntArray], users: IntArray) -> dict[str, IntArray]:
        """As in the base class; the mark of another index is above number and block's index."""
        mark = self._mismatch << self.spec.snr.index_bits + self.block_bits
        return super().outputs(wires, users | mark)

    def h_frames(self, matrix: IntArray, index: int) -> list[Frame]:
        """As in the base class; TUSER counts with TLAST, beats before it carry another one."""
        user = self.y_user(index)
        frame = h_frame(self.spec, matrix, self.beat_bytes, user)
        others = (1 << self.block_bits + self.spec.snr.index_bits) - 1
        return [[*(replace(beat, user=others ^ user) for beat in frame[:-1]), frame[-1]]]

    def send(
        self,
        inputs: Integers,
        sent: Integers | None = None,
        of_block: IntArray | None = None,
        damage: Damage | None = None,
    ) -> Cost:
        """As in the base class: inputs has the blocks' indices, sent those that y carries."""
        own = (inputs if sent is None else sent).index.clip(0, len(self.spec.snr) - 1)
        self._mismatch = (own != inputs.index).astype(np.int64)
        self.mismatched += int(self._mismatch.sum())
        cost = super().send(inputs, sent, of_block, damage)
        self._mismatch = NONE
        return cost

    def deliver(self, stream: str, beats: list[int], tuser: int) -> None:
        """As in the base class."""
        super().deliver(stream, beats, tuser)
        self.delivered += stream == "x"

    async def drain(self) -> None:
        """As in the base class; and each vector of another index was flagged and counted once."""
        await super().drain()
        flagged, most = self.index_pulses.counts, (1 << self.count_width) - 1
        if sum(flagged) != self.mismatched:
            raise self.fault(f"{flagged} vectors flagged, {self.mismatched} have another index")
        counted = int(self.dut.index_errors.value)
        if counted != min(self.mismatched, most):
            raise self.fault(f"{counted} vectors counted, {self.mismatched} have another index")

    def forget(self) -> None:
        """As in the base class."""
        super().forget()
        self.index_pulses.counts = [0] * self.vectors
        self.mismatched = self.delivered = 0
