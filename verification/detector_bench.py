# SPDX-License-Identifier: Apache-2.0
"""What the benches of all tops have in common: sources, sink, trace, and the golden model.

bench = await benches.start(dut, scoreboard)      # the bench of the configuration's top
bench.send(inputs)
await bench.drain()
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, Self

import numpy as np
from cocotb.triggers import ClockCycles, FallingEdge, RisingEdge

from fixedpoint import family, stress
from fixedpoint.coverage import Events, add
from fixedpoint.detector import Integers
from fixedpoint.detector_spec import DetectorSpec
from fixedpoint.format import IntArray
from hls.cases import Case
from verification import blocks, traced
from verification.claims import hold, release
from verification.damage import GOES, VOID, Cost, Damage, cost
from verification.scoreboard import MismatchError, Scoreboard
from verification.stimuli import Frame, never
from verification.streams import Packed, Pulses, Sink, Source, stream
from verification.trace import Trace

FIRST_BLOCK = -2
"""The number behind a reset, modulo 2^BlockWidth: the numbers wrap at the third block."""
PATIENCE = 20_000  # cycles without an expected integer before a bench gives up


class DetectorBench(ABC):
    """One top with everything connected; `events` counts what the vectors exercised.

    units: H streams of the top; `h` are their sources. A subclass says what frames a block makes
    and what the output stream carries.
    """

    output: str
    """The output stream, `m_axis_x`."""

    def __init__(self, dut: Any, scoreboard: Scoreboard, case: Case, units: int = 1) -> None:
        self.dut, self.scoreboard, self.case, self.spec = dut, scoreboard, case, case.spec
        self.events: Events = {}
        self.blocks = 0  # sent since the reset
        self.clock, self.units = dut.aclk, units
        self.count_width, self.block_bits = int(dut.CountWidth.value), int(dut.BlockWidth.value)
        self.h = self.sources("h")
        self.y = Source(self.clock, **stream(dut, "s_axis_y", user=True), stalls=never())
        ports = stream(dut, self.output, user=True)
        self.x = Sink(self.clock, ports["valid"], ports["ready"], tuple(ports["fields"].values()),
                      self._take, never())  # fmt: skip
        self.pulses = {"h": self.flags("h"), "y": self.flags("y")}
        self.lost = Pulses(self.clock, dut.y_block_error)
        self.void: set[int] = set()  # the vectors whose H is lost: what the trace shows is anything
        self._beats: list[int] = []
        self._user: int | None = None
        self.places: dict[int, tuple[int, int]] = {}  # of the vectors expected last: block, vector
        self.trace = self.traced()
        self.trace.void = self.void

    @classmethod
    async def start(cls, dut: Any, scoreboard: Scoreboard, case: Case) -> Self:
        """Connect to the dut, start its clock and reset it."""
        await hold(dut.aclk, dut.aresetn)
        bench = cls(dut, scoreboard, case)
        await release(dut.aclk, dut.aresetn)
        return bench

    @abstractmethod
    def traced(self) -> Trace:
        """The monitors of the trace ports."""

    @abstractmethod
    def visible(self, wires: dict[str, IntArray]) -> dict[str, IntArray]:
        """What the trace ports show of the golden model's wires, each (G, B, …)."""

    @abstractmethod
    def outputs(self, wires: dict[str, IntArray], users: IntArray) -> dict[str, IntArray]:
        """What the output stream carries; `users` (G, B) are the TUSERs of y."""

    @abstractmethod
    def h_frames(self, matrix: IntArray, index: int) -> list[Frame]:
        """The frames of H (R, N) for the block that is being sent, one for each source.

        index: the SNR entry that it is made for.
        """

    @abstractmethod
    def y_frame(self, vector: IntArray, index: int) -> Frame:
        """A frame of y for the block that is being sent."""

    @abstractmethod
    def deliver(self, beats: list[int], tuser: int) -> None:
        """Observe a frame of the output stream."""

    @property
    def enough(self) -> int:
        """Vectors that show every wire; of exhaustive cases those that hit every event."""
        return 288 if self.case.exhaustive else 96

    def missed(self) -> list[str]:
        """The events that the vectors sent had to hit and did not."""
        return family.missed(self.spec, self.events) if self.case.exhaustive else []

    @property
    def number(self) -> int:
        """The number of the block that is being sent, as TUSER carries it."""
        return (FIRST_BLOCK + self.blocks) % (1 << self.block_bits)

    def y_user(self, index: int) -> int:
        """TUSER of y, and of its x, in the block that is being sent."""
        return int(blocks.user(self.spec, index, self.number, self.block_bits))

    @property
    def frame_beats(self) -> int:
        """Beats of an output frame."""
        return self.spec.columns

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

    def stall(self, h: Iterator[bool], y: Iterator[bool], x: Iterator[bool]) -> None:
        """Take these stall patterns from now on; all sources of H draw from one."""
        for source in self.h:
            source.stalls = h
        self.y.stalls, self.x.stalls = y, x

    def send(
        self,
        inputs: Integers,
        sent: Integers | None = None,
        of_block: IntArray | None = None,
        damage: Damage | None = None,
    ) -> Cost:
        """Expect the golden model's integers and queue all blocks on the input streams.

        `sent` replaces what goes over the streams, where the golden model would refuse it;
        `of_block` (G,) the SNR entries that go with the matrices, those of the first vectors.
        `damage` is done to the streams on the way; returns what it costs.
        """
        sent = inputs if sent is None else sent
        of_block = sent.index[:, 0] if of_block is None else of_block
        first = self.blocks
        streams: list[Frame] = [[] for _ in range(len(self.h) + 1)]
        for h, made_for, y, index in zip(sent.h, of_block, sent.y, sent.index, strict=True):
            for beats, frame in zip(streams[:-1], self.h_frames(h, int(made_for)), strict=True):
                beats += frame
            for vector, entry in zip(y, index, strict=True):
                streams[-1] += self.y_frame(vector, int(entry))
            self.blocks += 1
        if damage is not None:
            streams = [damage.of(i, beats) for i, beats in enumerate(streams)]
        costs = cost(streams[:-1], streams[-1], (inputs.index.shape[0], inputs.index.shape[1]))
        behind, self.blocks = self.blocks, first
        self.expect(inputs, costs.fate)
        self.blocks = behind
        for source, beats in zip((*self.h, self.y), streams, strict=True):
            source.send(beats)
        return costs

    def drawn(self, blocks: int, vectors: int, seed: int) -> Integers:
        """Blocks of several vectors each, of any integers of the formats."""
        return Integers(*stress.vectors(self.spec, seed, blocks, vectors))

    def beats_of(self, stream: int) -> int:
        """Beats of a frame of one stream, those of H, then y."""
        inputs = self.drawn(1, 1, 0)
        return len([*self.h_frames(inputs.h[0], 0), self.y_frame(inputs.y[0, 0], 0)][stream])

    def check_lost(self, lost: int) -> None:
        """Fail unless so many vectors without H were flagged, and counted up to saturation."""
        flagged, most = sum(self.lost.counts), (1 << self.count_width) - 1
        assert flagged == lost, f"{flagged} vectors flagged, {lost} lost their H"
        counted = int(self.dut.y_block_errors.value)
        assert counted == min(lost, most), f"{counted} vectors counted, {lost} lost their H"

    def expect(self, inputs: Integers, fate: IntArray | None = None) -> dict[str, IntArray]:
        """Expect every wire of every layer, and the output, of vectors about to be sent.

        fate (G, B): of each vector, all go if it is not given. Returns the golden model's wires.
        """
        spec = self.golden()
        layers = family.run(spec, inputs.h, inputs.y, inputs.index)
        self.events = add(self.events, family.count(spec, inputs.h, inputs.y, inputs.index, layers))
        golden = traced.layers(spec, family.named(spec, layers))
        numbers = np.arange(self.number, self.number + len(inputs.index))[:, None]
        users = blocks.user(spec, inputs.index, numbers, self.block_bits)
        wires = self.visible(golden) | self.outputs(golden, users)
        self.places = {}
        for g, b in np.ndindex(inputs.index.shape):
            end = GOES if fate is None else int(fate[g, b])
            if end == GOES:
                number = self.scoreboard.expect({wire: q[g, b] for wire, q in wires.items()})
            elif end == VOID:
                number = self.scoreboard.expect({})
                self.void.add(number)
            else:
                continue
            self.places[number] = (g, b)
        return golden

    def golden(self) -> DetectorSpec:
        """The spec that the golden model runs: the hardware's."""
        return self.spec

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
            if self.x.offered or any(source.ready for source in self.inputs()):
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
        self.x.clear()
        self._beats.clear()
        self.trace.restart()
        self.blocks = 0
        self.void.clear()

    def _take(self, beat: tuple[int, ...]) -> None:
        data, last, tuser = beat
        self.check_busy()
        if self._beats and tuser != self._user:
            raise self.fault(f"TUSER changes from {self._user} to {tuser} within a frame")
        self._user = tuser
        self._beats.append(data)
        if bool(last) != (len(self._beats) == self.frame_beats):
            raise self.fault(f"TLAST is {last} at beat {len(self._beats)} of {self.output}")
        if last:
            beats, self._beats = self._beats, []
            self.deliver(beats, tuser)
