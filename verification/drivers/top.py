# SPDX-License-Identifier: Apache-2.0
"""A top with AXI4-Stream on all sides: its sources and sinks, error counters, reset, busy."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from functools import partial
from typing import Any

from cocotb.triggers import ClockCycles, FallingEdge, RisingEdge

from verification.drivers.frames import FrameSink
from verification.traffic.scoreboard import MismatchError, Scoreboard
from verification.traffic.stimuli import never
from verification.traffic.streams import Packed, Pulses, Source, stream

PATIENCE = 20_000  # cycles without an expected integer before a test gives up


class TopDriver(ABC):
    """One top, connected. `h` are the sources of its `units` H streams.

    leaving: the sinks of its output streams by name, `x` the first of them.
    """

    def __init__(self, dut: Any, scoreboard: Scoreboard, units: int) -> None:
        self.dut, self.scoreboard, self.units, self.clock = dut, scoreboard, units, dut.aclk
        self.count_width, self.block_bits = int(dut.CountWidth.value), int(dut.BlockWidth.value)
        self.beat_bytes = int(dut.HBeatBytes.value)
        self.h = self.sources("h")
        self.y = Source(self.clock, **stream(dut, "s_axis_y", user=True), stalls=never())
        self.leaving = {name: self._sink(name) for name in self.output_streams()}
        self.x = next(iter(self.leaving.values()))
        self.pulses = {"h": self.flags("h"), "y": self.flags("y")}
        self.lost = Pulses(self.clock, dut.y_block_error)

    @property
    @abstractmethod
    def frame_beats(self) -> int:
        """Beats of an output frame."""

    @abstractmethod
    def output_streams(self) -> tuple[str, ...]:
        """The names of the output streams, `x` for `m_axis_x`."""

    @abstractmethod
    def deliver(self, stream: str, beats: list[int], tuser: int) -> None:
        """Observe a frame of an output stream."""

    @property
    def offered(self) -> bool:
        """True while a beat is offered on any output stream."""
        return any(sink.offered for sink in self.leaving.values())

    @property
    def idle(self) -> bool:
        """True if every input beat has been taken."""
        return all(source.idle for source in (*self.h, self.y))

    @property
    def h_beats(self) -> int:
        """Beats of H taken."""
        return sum(source.beats for source in self.h)

    def names(self, name: str) -> list[str]:
        """The units' streams of this name: `h[0]`, `h[1]`, …, or `h` if there is one."""
        return [name] if self.units == 1 else [f"{name}[{u}]" for u in range(self.units)]

    def sources(self, name: str) -> list[Source]:
        """A source for each unit's stream of the name, whose ports lie side by side."""
        ports = stream(self.dut, f"s_axis_{name}", user=name != "theta")
        if self.units == 1:
            return [Source(self.clock, **ports, stalls=never())]
        lanes = {key: Packed(ports[key], self.units) for key in ("valid", "ready")}
        fields = {key: Packed(port, self.units) for key, port in ports["fields"].items()}
        return [
            Source(self.clock, lanes["valid"].lane(u), lanes["ready"].lane(u),
                   {key: packed.lane(u) for key, packed in fields.items()}, never())
            for u in range(self.units)
        ]  # fmt: skip

    def flags(self, name: str) -> Pulses:
        """Counters of the pulses of `NAME_frame_error`, one for each stream."""
        return Pulses(self.clock, getattr(self.dut, f"{name}_frame_error"))

    def counted(self, name: str) -> list[int]:
        """`NAME_frame_errors`, one for each stream."""
        streams = len(self.pulses[name].counts)
        counts = Packed(getattr(self.dut, f"{name}_frame_errors"), streams)
        return [counts.lane(u).value for u in range(streams)]

    def check_dropped(self, name: str, dropped: list[int]) -> None:
        """Fail unless so many frames of each stream were flagged, and counted up to saturation."""
        flagged, most = self.pulses[name].counts, (1 << self.count_width) - 1
        assert flagged == dropped, f"{name}: {flagged} frames flagged of {dropped}"
        expected = [min(count, most) for count in dropped]
        assert self.counted(name) == expected, f"{name}: {self.counted(name)} counted of {dropped}"

    def check_lost(self, lost: int) -> None:
        """Fail unless so many vectors without H were flagged, and counted up to saturation."""
        flagged, most = sum(self.lost.counts), (1 << self.count_width) - 1
        assert flagged == lost, f"{flagged} vectors flagged, {lost} lost their H"
        counted = int(self.dut.y_block_errors.value)
        assert counted == min(lost, most), f"{counted} vectors counted, {lost} lost their H"

    def stall(
        self,
        h: Iterator[bool],
        y: Iterator[bool],
        x: Iterator[bool],
        llr: Iterator[bool] | None = None,
    ) -> None:
        """Take these stall patterns from now on; all sources of H draw from one.

        So do both output streams where `llr` is not given.
        """
        for source in self.h:
            source.stalls = h
        for sink in self.leaving.values():
            sink.stalls = x if llr is None or sink is self.x else llr
        self.y.stalls = y

    async def cycle(self, count: int = 1) -> None:
        """Wait for so many cycles."""
        await ClockCycles(self.clock, count)

    async def sent(self) -> None:
        """Wait until every beat of y has been taken."""
        while not self.y.idle:
            await self.cycle()

    async def drain(self) -> None:
        """Wait for all that is expected. Raises `MismatchError` if nothing comes any more."""
        seen, since = -1, 0
        while self.scoreboard.pending or not self.idle:
            await ClockCycles(self.clock, 50)
            progress = self.scoreboard.total + self.h_beats + self.y.beats
            since = 0 if progress != seen else since + 50
            seen = progress
            if since > PATIENCE:
                raise MismatchError(
                    f"{self.scoreboard.view}: seed {self.scoreboard.seed}: no beat for {since} "
                    f"cycles, {self.scoreboard.pending} arrays expected; "
                    f"repeat with: {self.scoreboard.repeat}"
                )
        await ClockCycles(self.clock, 20)
        assert not self.dut.busy.value, "busy with no vector in flight"

    def check_busy(self) -> None:
        """Fail if a vector is being worked on or sent, and the flag says none is."""
        if not self.dut.busy.value:
            raise self.fault("not busy with a vector")

    def fault(self, words: str) -> MismatchError:
        """What to raise: the words, and how to see it again."""
        return MismatchError(f"{words}; repeat with: {self.scoreboard.repeat}")

    async def reset(self, cycles: int = 3) -> None:
        """Reset for so many cycles, forgetting everything in flight on both sides."""
        self.dut.aresetn.value = 0
        await FallingEdge(self.clock)  # behind the last beats of before
        self.forget()
        for _ in range(cycles):
            if self.offered or any(source.ready for source in self.inputs()):
                raise self.fault("a stream moves in a reset")
            await RisingEdge(self.clock)
            await FallingEdge(self.clock)
        self.dut.aresetn.value = 1
        await RisingEdge(self.clock)

    def inputs(self) -> list[Source]:
        """The sources of all streams that the top takes."""
        return [*self.h, self.y]

    def forget(self) -> None:
        """Forget what was sent and what is expected."""
        for source in self.inputs():
            source.clear()
        self.scoreboard.forget()
        for sink in self.leaving.values():
            sink.clear()

    def _sink(self, name: str) -> FrameSink:
        port = f"m_axis_{name}"
        return FrameSink(port, self.clock, stream(self.dut, port, user=True),
                         lambda: self.frame_beats, partial(self.deliver, name), self.check_busy,
                         self.fault)  # fmt: skip
