# SPDX-License-Identifier: Apache-2.0
"""A whole detector against its golden model: a single receiver, or units with their fusion node.

driver = await start(dut, scoreboard)      # that of the configuration's top
driver.send(inputs)
await driver.drain()
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Any, Self

import numpy as np

from fixedpoint.detector import Integers
from fixedpoint.detectors.registry import program
from fixedpoint.numbers.format import IntArray
from fixedpoint.program.coverage import Events, add
from fixedpoint.program.frame import Frame as Kind
from fixedpoint.program.frame import frame as kind_of
from fixedpoint.receivers import family
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.stress import extreme
from hls.cases import Case
from verification.drivers.top import TopDriver
from verification.regression.claims import hold, release
from verification.traffic import blocks, traced
from verification.traffic.damage import GOES, VOID, Cost, Damage, cost
from verification.traffic.scoreboard import Scoreboard
from verification.traffic.stimuli import Frame, frame, h_frame, pack, unpack
from verification.traffic.streams import Source
from verification.traffic.theta import run, theta_frame
from verification.traffic.trace import Side, Trace, shown, sides

FIRST_BLOCK = -2
"""The number behind a reset, modulo 2^BlockWidth: the numbers wrap at the third block."""


class DetectorDriver(TopDriver):
    """One top of a detector; `events` counts what the vectors exercised.

    vectors: of a slot; rows: of each unit whose H has a stream (C, Q); theta: the sources of θ, of
    units alone; void: the vectors whose H is lost, of which the trace may show anything; places:
    block and vector of those expected last; fronthaul: the links between units and fusion node
    whose bad messages the top counts; intact: those on which there must be none.
    """

    fronthaul: tuple[str, ...] = ("up", "down")
    intact: Set[str] = frozenset(fronthaul)

    def __init__(
        self, dut: Any, scoreboard: Scoreboard, case: Case, unit: int | None = None
    ) -> None:
        """`unit` is the one that is driven alone; all of them by default."""
        self.case, self.spec = case, case.spec
        self.vectors = int(dut.Vectors.value)
        every = traced.unit_rows(self.spec)
        self.rows = every if unit is None else every[unit : unit + 1]
        super().__init__(dut, scoreboard, len(self.rows))
        self.events: Events = {}
        self.blocks = 0  # sent since the reset
        self.places: dict[int, tuple[int, int]] = {}
        self.void: set[int] = set()
        self.sides = self.seen()
        self.trace = Trace(dut, self.spec, scoreboard, self.sides)
        self.trace.void = self.void
        self.theta: list[Source] = []
        self._loaded: IntArray | None = None
        if kind_of(program(self.spec)) is Kind.UNITS:
            self.theta = self.sources("theta")
            for name in ("theta", *self.fronthaul):
                self.pulses[name] = self.flags(name)

    @classmethod
    async def start(cls, dut: Any, scoreboard: Scoreboard, case: Case) -> Self:
        """Connect to the dut, start its clock and reset it."""
        await hold(dut.aclk, dut.aresetn)
        driver = cls(dut, scoreboard, case)
        await release(dut.aclk, dut.aresetn)
        return driver

    def seen(self) -> list[Side]:
        """What the trace shows."""
        return sides(self.spec, range(self.units), self.vectors)

    def outputs(self, wires: dict[str, IntArray], users: IntArray) -> dict[str, IntArray]:
        """What the output streams carry; `users` (G, B) are the TUSERs of y."""
        last = f"{self.spec.detector}{self.spec.depth}"
        found = {f"output.{wire}": wires[f"{last}.{wire}"]
                 for wire in traced.output_fields(self.spec)}  # fmt: skip
        streams = traced.output_streams(self.spec)
        return found | {f"output.{traced.output_user(stream)}": users for stream in streams}

    def h_frames(self, matrix: IntArray, index: int) -> list[Frame]:
        """The frames of matrices (R, N) for the block that is being sent, one for each source.

        index: the SNR entry that they are made for.
        """
        whole = program(self.spec).units == 1
        parts = [matrix] if whole else [matrix[rows] for rows in self.rows]
        return [h_frame(self.spec, part, self.beat_bytes, self.number) for part in parts]

    def y_frame(self, vector: IntArray, index: int) -> Frame:
        """A frame of y for the block that is being sent: row i of every unit in beat i."""
        width = 8 * -(-self.spec.y_format.bits // 8)
        words = pack(vector[self.rows].T.reshape(-1), width, self.units)
        return frame(words, self.y_user(index))

    def output_streams(self) -> tuple[str, ...]:
        """As in the base class: soft bits have one of their own."""
        return tuple(traced.output_streams(self.spec))

    def deliver(self, stream: str, beats: list[int], tuser: int) -> None:
        """As in the base class: every integer of the last layer that leaves."""
        for wire, q in split(self.spec, stream, beats).items():
            self.scoreboard.observe(f"output.{wire}", q)
        self.scoreboard.observe(f"output.{traced.output_user(stream)}", tuser)

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
        """As in the base class: columns."""
        return self.spec.columns

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
            for beats, whole in zip(streams[:-1], self.h_frames(h, int(made_for)), strict=True):
                beats += whole
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
        return Integers(*extreme.vectors(self.spec, seed, blocks, vectors))

    def beats_of(self, stream: int) -> int:
        """Beats of a frame of one stream, those of H, then y."""
        inputs = self.drawn(1, 1, 0)
        return len([*self.h_frames(inputs.h[0], 0), self.y_frame(inputs.y[0, 0], 0)][stream])

    def expect(self, inputs: Integers, fate: IntArray | None = None) -> dict[str, IntArray]:
        """Expect every wire of every layer, and the output, of vectors about to be sent.

        fate (G, B): of each vector, all go if it is not given. Returns the golden model's wires.
        """
        spec, theta = self.spec, self._loaded
        layers = (family.run(spec, inputs.h, inputs.y, inputs.index) if theta is None
                  else run(spec, inputs, theta))  # fmt: skip
        self.events = add(self.events, family.count(spec, inputs.h, inputs.y, inputs.index, layers))
        golden = traced.layers(spec, family.named(spec, layers))
        numbers = np.arange(self.number, self.number + len(inputs.index))[:, None]
        users = blocks.user(spec, inputs.index, numbers, self.block_bits)
        wires = shown(self.sides, spec, golden) | self.outputs(golden, users)
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

    async def load(self, theta: IntArray, frames: Sequence[Frame] = ()) -> None:
        """Offer θ to every unit behind the vectors sent so far, ahead of those still to be sent.

        `frames`, one for each unit, replace what goes over the streams.
        """
        await self.sent()
        before = [source.beats for source in self.theta]
        self.offer(theta, frames)
        while any(
            not source.offering and source.beats == taken
            for source, taken in zip(self.theta, before, strict=True)
        ):
            await self.cycle()

    def offer(self, theta: IntArray, frames: Sequence[Frame] = ()) -> None:
        """Queue θ for every unit, and expect it of the vectors sent from now on."""
        every = frames or [theta_frame(theta)] * len(self.theta)
        for source, beats in zip(self.theta, every, strict=True):
            source.send(beats)
        self._loaded = theta

    async def drain(self) -> None:
        """As in the base class; and no message between units and fusion node was broken."""
        await super().drain()
        for name in self.intact & self.pulses.keys():
            assert not any(self.counted(name)), f"{name}: {self.counted(name)} messages dropped"

    def inputs(self) -> list[Source]:
        """As in the base class."""
        return [*super().inputs(), *self.theta]

    def forget(self) -> None:
        """As in the base class; the hardware is back at its spec's θ."""
        super().forget()
        self.trace.restart()
        self.blocks = 0
        self.void.clear()
        self._loaded = None


def split(spec: DetectorSpec, stream: str, beats: Sequence[int]) -> dict[str, IntArray]:
    """The integers of the columns of a stream's frame, by wire, Gray words taken apart."""
    places = np.arange(spec.constellation.bits - 1, -1, -1)
    found = {}
    for field in traced.output_beat(spec, stream):
        width = 8 * -(-field.bits // 8)
        q = np.concatenate([unpack(beat >> field.offset, width, 1, signed=field.signed)
                            for beat in beats])  # fmt: skip
        found[field.name] = q[:, None] >> places & 1 if field.name == "bits" else q
    return found
