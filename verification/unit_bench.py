# SPDX-License-Identifier: Apache-2.0
"""The benches around one distributed unit, and what they share with those of the whole detector."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fixedpoint.detector import Integers
from fixedpoint.distributed_spec import DistributedSpec
from fixedpoint.format import IntArray
from fixedpoint.fpd_spec import FpdSpec
from hls.cases import Case
from hls.lanes import group_columns
from verification import traced
from verification.detector_bench import DetectorBench
from verification.fusion_partner import FusionPartner
from verification.scoreboard import Scoreboard
from verification.stimuli import Frame, h_frame, never, unpack, y_frame
from verification.streams import Source, stream
from verification.theta_stream import theta_frame
from verification.trace import Passes, Trace, sides


class UnitsBench(DetectorBench):
    """One or more units: their streams of θ, and their wires."""

    spec: DistributedSpec

    def __init__(self, dut: Any, scoreboard: Scoreboard, case: Case, units: int) -> None:
        super().__init__(dut, scoreboard, case, units)
        self.beat_bytes = int(dut.HBeatBytes.value)
        self.theta = self.sources("theta")
        self.pulses["theta"] = self.flags("theta")
        self._golden = self.spec

    def golden(self) -> DistributedSpec:
        """As in the base class: the spec with the θ that was loaded last."""
        return self._golden

    async def load(self, spec: FpdSpec, frames: Sequence[Frame] = ()) -> None:
        """Offer θ to every unit behind the vectors sent so far, ahead of those still to be sent.

        `frames`, one for each unit, replace what goes over the streams.
        """
        await self.sent()
        before = [source.beats for source in self.theta]
        self.offer(spec, frames)
        while any(
            not source.offering and source.beats == taken
            for source, taken in zip(self.theta, before, strict=True)
        ):
            await self.cycle()

    def offer(self, spec: FpdSpec, frames: Sequence[Frame] = ()) -> None:
        """Queue θ for every unit, and expect it of the vectors sent from now on."""
        every = frames or [theta_frame(spec)] * len(self.theta)
        for source, frame in zip(self.theta, every, strict=True):
            source.send(frame)
        self._golden = spec

    def inputs(self) -> list[Source]:
        """As in the base class."""
        return [*super().inputs(), *self.theta]

    def forget(self) -> None:
        """As in the base class."""
        super().forget()
        self._golden = self.spec

    def unit_wires(self, wires: dict[str, IntArray], unit: int) -> dict[str, IntArray]:
        """The wires of one unit, `fpd1.b[2]`, from the golden model's of all."""
        fused = self.fused_wires(wires)
        return {
            f"{name}[{unit}]": q[:, :, unit] if q.ndim == 4 else q
            for name, q in wires.items()
            if name not in fused
        }

    def fused_wires(self, wires: dict[str, IntArray]) -> dict[str, IntArray]:
        """Those of the fusion node."""
        at = traced.wires(self.spec)
        return {name: q for name, q in wires.items()
                if not at[name.rpartition(".")[2]][0].by_unit}  # fmt: skip


class UnitBench(UnitsBench):
    """One unit of a detector, the last one; the others and the fusion node are golden."""

    output = "m_axis_up"

    def __init__(self, dut: Any, scoreboard: Scoreboard, case: Case) -> None:
        assert isinstance(case.spec, DistributedSpec)
        self.unit = case.spec.units - 1
        super().__init__(dut, scoreboard, case, 1)
        self.rows = self.spec.unit_rows()[self.unit]
        self.group = group_columns(self.spec, int(dut.Lanes.value))
        down = Source(self.clock, **stream(dut, "s_axis_down", user=True), stalls=never())
        self.partner = FusionPartner(self.clock, down, self.spec, self.group)
        self.pulses["down"] = self.flags("down")
        slots = int(dut.Slots.value)
        self._slot_bits = max(1, (slots - 1).bit_length())
        self._layer_bits = max(1, (self.spec.depth - 1).bit_length())
        self._messages = Passes(scoreboard, slots, self.spec.depth, 1)

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
        return self.spec.columns // self.group

    def traced(self) -> Trace:
        """As in the base class."""
        shown = [side for side in sides(self.spec, [self.unit]) if side.point.by_unit]
        return Trace(self.dut, self.spec, self.scoreboard, shown)

    def visible(self, wires: dict[str, IntArray]) -> dict[str, IntArray]:
        """As in the base class."""
        return self.unit_wires(wires, self.unit)

    def outputs(self, wires: dict[str, IntArray], users: IntArray) -> dict[str, IntArray]:
        """As in the base class: a message of estimates for each layer."""
        found = {}
        for layer in self.layers():
            found[f"{layer}.up"] = wires[f"{layer}.estimate"][:, :, self.unit]
            found[f"{layer}.up.user"] = users
        return found

    def layers(self) -> list[str]:
        """`hpd1`, `hpd2`, …"""
        return [f"{self.spec.detector}{k + 1}" for k in range(self.spec.depth)]

    def expect(self, inputs: Integers, fate: IntArray | None = None) -> dict[str, IntArray]:
        """As in the base class; the partner learns its answers."""
        wires = super().expect(inputs, fate)
        for number, (g, b) in self.places.items():
            self.partner.points[number] = [
                wires[f"{layer}.extrapolated"][g, b] for layer in self.layers()
            ]
        return wires

    def h_frames(self, matrix: IntArray, index: int) -> list[Frame]:
        """As in the base class."""
        return [h_frame(self.spec, matrix[self.rows], self.beat_bytes, self.number)]

    def y_frame(self, vector: IntArray, index: int) -> Frame:
        """As in the base class."""
        return y_frame(self.spec, vector[self.rows], self.y_user(index))

    def deliver(self, beats: list[int], tuser: int) -> None:
        """As in the base class; the partner is asked for the next point."""
        slot = tuser & (1 << self._slot_bits) - 1
        place = tuser >> self._slot_bits
        layer = place & (1 << self._layer_bits) - 1
        whole = self._messages.take(slot, layer, 0, beats)
        assert whole is not None, "a message is one word"
        bits, name = self.spec.state_format.bits, f"{self.spec.detector}{layer + 1}.up"
        if any(beat >> bits * self.group for beat in beats):
            raise self.fault("the padding of a message is not zero")
        self.partner.ask(whole[0], slot, layer)
        said = place >> self._layer_bits
        if whole[0] in self.void:
            if not said >> self.block_bits + self.spec.snr.index_bits:
                raise self.fault("the message of a vector whose H is lost is not void")
            return
        estimates = [unpack(beat, bits, self.group) for beat in beats]
        self.scoreboard.observe(name, np.concatenate(estimates), whole[0])
        self.scoreboard.observe(f"{name}.user", said, whole[0])

    def forget(self) -> None:
        """As in the base class."""
        super().forget()
        self.partner.forget()
        self._messages.restart()
