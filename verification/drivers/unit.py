# SPDX-License-Identifier: Apache-2.0
"""One distributed unit: the others and the fusion node are golden."""

from __future__ import annotations

from typing import Any

import numpy as np

from fixedpoint.detector import Integers
from fixedpoint.detectors.registry import program
from fixedpoint.numbers.format import IntArray
from fixedpoint.program.frame import fronthaul
from hls.cases import Case
from hls.lanes import group_columns
from verification.drivers.detector import DetectorDriver
from verification.drivers.fusion_partner import FusionPartner
from verification.traffic.scoreboard import Scoreboard
from verification.traffic.stimuli import never, unpack
from verification.traffic.streams import Source, stream
from verification.traffic.trace import Passes, Side, sides


class UnitDriver(DetectorDriver):
    """One unit of a detector, the last one; the others and the fusion node are golden."""

    fronthaul, intact = ("down",), frozenset()

    def __init__(self, dut: Any, scoreboard: Scoreboard, case: Case) -> None:
        self.unit = program(case.spec).units - 1
        super().__init__(dut, scoreboard, case, self.unit)
        self.group = group_columns(self.spec, int(dut.Lanes.value), self.vectors > 1)
        down = Source(self.clock, **stream(dut, "s_axis_down", user=True), stalls=never())
        self.partner = FusionPartner(self.clock, down, self.spec, self.group)
        frames = int(dut.Slots.value) * self.vectors
        self._frame_bits = max(1, (frames - 1).bit_length())
        self._layer_bits = max(1, (self.spec.depth - 1).bit_length())
        self._messages = Passes(scoreboard, frames, self.spec.depth, 1)

    @property
    def idle(self) -> bool:
        """As in the base class."""
        return super().idle and self.partner.down.idle

    def inputs(self) -> list[Source]:
        """As in the base class."""
        return [*super().inputs(), self.partner.down]

    @property
    def enough(self) -> int:
        """As in the base class."""
        return 96

    def missed(self) -> list[str]:
        """As in the base class: none, since events are counted over all units."""
        return []

    @property
    def frame_beats(self) -> int:
        """As in the base class: groups."""
        return -(-self.spec.columns // self.group)

    def seen(self) -> list[Side]:
        """As in the base class."""
        return [side for side in sides(self.spec, [self.unit], self.vectors) if side.point.by_unit]

    def outputs(self, wires: dict[str, IntArray], users: IntArray) -> dict[str, IntArray]:
        """As in the base class: a message of estimates for each layer."""
        found = {}
        for layer in self.layers():
            found[f"{layer}.up"] = wires[f"{layer}.{self.messages[0]}"][:, :, self.unit]
            found[f"{layer}.up.user"] = users
        return found

    @property
    def messages(self) -> tuple[str, str]:
        """The wires that go up and come down."""
        return fronthaul(program(self.spec))

    def layers(self) -> list[str]:
        """Their names in order: the detector's, and a number from 1."""
        return [f"{self.spec.detector}{k + 1}" for k in range(self.spec.depth)]

    def expect(self, inputs: Integers, fate: IntArray | None = None) -> dict[str, IntArray]:
        """As in the base class; the partner learns its answers."""
        wires = super().expect(inputs, fate)
        for number, (g, b) in self.places.items():
            self.partner.points[number] = [
                wires[f"{layer}.{self.messages[1]}"][g, b] for layer in self.layers()
            ]
        return wires

    def output_streams(self) -> tuple[str, ...]:
        """As in the base class: messages."""
        return ("up",)

    def deliver(self, stream: str, beats: list[int], tuser: int) -> None:
        """As in the base class; the partner is asked for the next point."""
        frame = tuser & (1 << self._frame_bits) - 1
        place = tuser >> self._frame_bits
        layer = place & (1 << self._layer_bits) - 1
        whole = self._messages.take(frame, layer, 0, beats)
        assert whole is not None, "a message is one word"
        bits, name = self.spec.state_format.bits, f"{self.spec.detector}{layer + 1}.up"
        if any(beat >> bits * self.group for beat in beats):
            raise self.fault("the padding of a message is not zero")
        self.partner.ask(whole[0], frame, layer)
        said = place >> self._layer_bits
        if whole[0] in self.void:
            if not said >> self.block_bits + self.spec.snr.index_bits:
                raise self.fault("the message of a vector whose H is lost is not void")
            return
        estimates = np.concatenate([unpack(beat, bits, self.group) for beat in beats])
        self.scoreboard.observe(name, estimates[: self.spec.columns], whole[0])
        self.scoreboard.observe(f"{name}.user", said, whole[0])

    def forget(self) -> None:
        """As in the base class."""
        super().forget()
        self.partner.forget()
        self._messages.restart()
