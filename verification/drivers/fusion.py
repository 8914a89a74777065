# SPDX-License-Identifier: Apache-2.0
"""The fusion node alone: the units are played in Python, each at its own pace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace
from typing import Any, Self

import cocotb
import numpy as np
from cocotb.triggers import ClockCycles, Event, FallingEdge, RisingEdge

from fixedpoint.detectors.registry import program
from fixedpoint.numbers.format import IntArray
from fixedpoint.program.frame import fronthaul
from fixedpoint.program.views import golden
from fixedpoint.program.views.interpret import Inputs
from hls.cases import find
from verification.drivers.detector import split
from verification.drivers.frames import FrameSink
from verification.regression.claims import configuration, hold, release
from verification.traffic import traced
from verification.traffic.resending import Resending
from verification.traffic.scoreboard import MismatchError, Scoreboard
from verification.traffic.stimuli import Beat, Frame, message, never, unpack
from verification.traffic.streams import Packed, Pulses, Sink, Source
from verification.traffic.trace import Trace, sides

PATIENCE = 20_000


@dataclass(frozen=True)
class Vector:
    """What the units send of one vector: estimates (layers, C, N), and its {block, index}."""

    estimates: IntArray
    user: int


class FusionDriver:
    """One fusion node, and C units that wait for its answers.

    pace: the longest time of each unit between an answer and its next message, in cycles; eager:
    units that wait for no answer; spoil: the broken frames to be sent ahead of a message; links:
    what sends each unit's messages; ahead: how often a unit began the next vector of a slot before
    another one had ended the last; points: every z sent down; leaving: the sinks of x
    and, where there are soft bits, of llr.
    """

    def __init__(self, dut: Any, scoreboard: Scoreboard, rng: np.random.Generator) -> None:
        spec = find(configuration().detector or "").spec
        self.dut, self.scoreboard, self.spec, self.rng = dut, scoreboard, spec, rng
        self.slots, self.group = int(dut.Slots.value), int(dut.GroupColumns.value)
        self.slot_bits = max(1, (self.slots - 1).bit_length())
        self.layer_bits = max(1, (spec.depth - 1).bit_length())
        self.user_bits = int(dut.BlockWidth.value) + spec.snr.index_bits
        self.units = program(spec).units
        self.pace = [0] * self.units
        self.eager: set[int] = set()
        self.spoil: Callable[[Frame], list[Frame]] = lambda message: []
        self.ahead = self.answered = 0
        self.points: set[int] = set()
        self.inner = [f"{spec.detector}{k + 1}" for k in range(spec.depth - 1)]
        up = {name: Packed(getattr(dut, f"up_{name}"), self.units)
              for name in ("valid_i", "ready_o", "data_i", "last_i", "user_i")}  # fmt: skip
        down = {name: Packed(getattr(dut, f"down_{name}"), self.units)
                for name in ("valid_o", "ready_i", "data_o", "last_o", "slot_o")}  # fmt: skip
        self.up = [
            Source(dut.clk_i, up["valid_i"].lane(u), up["ready_o"].lane(u),
                   {key: up[f"{key}_i"].lane(u) for key in ("data", "last", "user")}, never())
            for u in range(self.units)
        ]  # fmt: skip
        self.links = [Resending(dut.clk_i, source) for source in self.up]
        self.down = [
            Sink(dut.clk_i, down["valid_o"].lane(u), down["ready_i"].lane(u),
                 tuple(down[key].lane(u) for key in ("data_o", "last_o", "slot_o")),
                 partial(self._answer, u), never())
            for u in range(self.units)
        ]  # fmt: skip
        self.leaving = {name: self._sink(name) for name in traced.output_streams(spec)}
        self.x = self.leaving["x"]
        self.errors = Pulses(dut.clk_i, dut.up_error_o)
        (shown,) = (side for side in sides(spec) if not side.point.by_unit)
        self.trace = Trace(_trace_ports(dut), spec, scoreboard, [shown])
        self.wires = [field.name for field in shown.point.fields]
        self._events = {(u, s): Event() for u in range(self.units) for s in range(self.slots)}
        self._tasks: list[Any] = []
        self._beats: list[list[Beat]] = []
        self._restart()

    @property
    def offered(self) -> bool:
        """True while a beat is offered on any output stream."""
        return any(sink.offered for sink in self.leaving.values())

    @classmethod
    async def start(cls, dut: Any, scoreboard: Scoreboard, rng: np.random.Generator) -> Self:
        """Connect to the dut, start its clock and reset it."""
        await hold(dut.clk_i, dut.rst_ni)
        bench = cls(dut, scoreboard, rng)
        await release(dut.clk_i, dut.rst_ni)
        return bench

    def send(self, vectors: list[Vector], *, sent: list[Vector] | None = None) -> None:
        """Expect the golden model's integers; every unit sends the vectors, slot by slot.

        `sent` replaces what goes over the streams. The number of vectors must fill the ring.
        """
        assert len(vectors) % self.slots == 0, "the vectors must end at the end of the ring"
        for vector in vectors:
            self._expect(vector)
        for unit in range(self.units):
            for slot in range(self.slots):
                queue = (sent or vectors)[slot :: self.slots]
                self._tasks.append(cocotb.start_soon(self._play(unit, slot, queue)))

    async def drain(self) -> None:
        """Wait for all that is expected. Raises `MismatchError` if nothing comes any more."""
        seen, since = -1, 0
        while self.scoreboard.pending:
            await ClockCycles(self.dut.clk_i, 50)
            since = 0 if self.scoreboard.total != seen else since + 50
            seen = self.scoreboard.total
            if since > PATIENCE:
                raise self._fault(f"nothing for {since} cycles, {self.scoreboard.pending} expected")
        await ClockCycles(self.dut.clk_i, 20)
        assert not self.dut.busy_o.value, "busy with no message"

    async def reset(self, cycles: int = 4) -> None:
        """Reset for so many cycles, forgetting everything on both sides."""
        self.dut.rst_ni.value = 0
        await RisingEdge(self.dut.clk_i)
        await FallingEdge(self.dut.clk_i)  # behind the last beats of before
        for task in self._tasks:
            task.cancel()
        for source, link in zip(self.up, self.links, strict=True):
            source.clear()
            link.forget()
        self.scoreboard.forget()
        for sink in (*self.down, *self.leaving.values()):
            sink.clear()
        self._restart()
        self.trace.restart()
        if cycles > 1:
            await ClockCycles(self.dut.clk_i, cycles - 1)
        self.dut.rst_ni.value = 1
        await RisingEdge(self.dut.clk_i)

    def user(self, block: int, index: int) -> int:
        """What goes with a vector: the number of its block, cut to its bits, and the SNR entry."""
        width = self.spec.snr.index_bits
        return block >> width << width | index

    def message(self, estimates: IntArray, user: int, layer: int, slot: int) -> Frame:
        """The frame of one unit's estimates (N,)."""
        place = (user << self.layer_bits | layer) << self.slot_bits | slot
        return message(self.rng, estimates, self.spec.state_format.bits, self.group, place)

    def counted(self) -> list[int]:
        """`up_errors_o` of each unit."""
        counts = Packed(self.dut.up_errors_o, self.units)
        return [counts.lane(u).value for u in range(self.units)]

    def _expect(self, vector: Vector) -> None:
        spec = self.spec
        wires: dict[str, IntArray] = {}
        index = vector.user & (1 << spec.snr.index_bits) - 1
        nothing = Inputs({}, {}, np.full((1, 1), index))
        up, down = fronthaul(program(spec))
        before = {wire: np.zeros((1, 1, spec.columns), np.int64) for wire in self.wires}
        for k in range(spec.depth):
            known = {up: vector.estimates[k][None, None]}
            fused = golden.resume(program(spec), k, known, before, self.wires, nothing)
            before, name = vars(fused), f"{spec.detector}{k + 1}"
            wires |= {f"{name}.{wire}": q[0, 0] for wire, q in vars(fused).items()}
        for layer in self.inner:
            for unit in range(self.units):
                wires[f"{layer}.down[{unit}]"] = wires[f"{layer}.{down}"]
        for stream, names in traced.output_streams(spec).items():
            wires |= {f"output.{name}": getattr(fused, name)[0, 0] for name in names}
            wires[f"output.{traced.output_user(stream)}"] = np.array(vector.user)
        self.scoreboard.expect(wires)

    async def _play(self, unit: int, slot: int, vectors: list[Vector]) -> None:
        """One unit's messages of one slot: each after the answer to the one before."""
        event = self._events[unit, slot]
        for vector in vectors:
            self._begun[unit][slot] += 1
            self.ahead += min(self._ended[u][slot] for u in range(self.units)) < (
                self._begun[unit][slot] - 1
            )
            for layer in range(self.spec.depth):
                if self.pace[unit]:
                    await ClockCycles(self.dut.clk_i, 1 + int(self.rng.integers(self.pace[unit])))
                message = self.message(vector.estimates[layer, unit], vector.user, layer, slot)
                for broken in self.spoil(message):
                    self.up[unit].send(broken)
                event.clear()
                self.links[unit].send(message)
                if layer < self.spec.depth - 1 and unit not in self.eager:
                    await event.wait()
            self._ended[unit][slot] += 1

    def _answer(self, unit: int, beat: tuple[int, ...]) -> None:
        data, last, slot = beat
        beats = self._beats[unit]
        beats.append(Beat(data, bool(last), slot))
        if (
            bool(last) != (len(beats) == -(-self.spec.columns // self.group))
            or slot != beats[0].user
        ):
            raise self._fault(f"beat {len(beats)} of a message down has TLAST {last}, slot {slot}")
        if not last:
            return
        self._beats[unit] = []
        round_, layer = divmod(self._answers[unit][slot], len(self.inner))
        self._answers[unit][slot] += 1
        bits = self.spec.state_format.bits
        z = np.concatenate([unpack(beat.data, bits, self.group) for beat in beats])
        z = z[: self.spec.columns]
        vector = self._first + round_ * self.slots + slot
        self.scoreboard.observe(f"{self.inner[layer]}.down[{unit}]", z, vector)
        self.points |= set(z.tolist())
        self.answered += 1
        self._events[unit, slot].set()

    def _sink(self, name: str) -> FrameSink:
        def port(end: str) -> Any:
            return getattr(self.dut, f"{name}_{end}")

        fields = {field: port(f"{field}_o") for field in ("data", "last", "user")}
        ports = {"valid": port("valid_o"), "ready": port("ready_i"), "fields": fields}
        return FrameSink(name, self.dut.clk_i, ports, lambda: self.spec.columns,
                         partial(self._output, name), self._check_busy, self._fault)  # fmt: skip

    def _output(self, stream: str, beats: list[int], user: int) -> None:
        for wire, q in split(self.spec, stream, beats).items():
            self.scoreboard.observe(f"output.{wire}", q)
        self.scoreboard.observe(f"output.{traced.output_user(stream)}", user)

    def _check_busy(self) -> None:
        if not self.dut.busy_o.value:
            raise self._fault("an output and busy is low")

    def _restart(self) -> None:
        units, slots = self.units, self.slots
        self._first = self.scoreboard.expected_vectors
        self._beats = [[] for _ in range(units)]
        self._answers = [[0] * slots for _ in range(units)]
        self._begun = [[0] * slots for _ in range(units)]
        self._ended = [[0] * slots for _ in range(units)]
        self._tasks.clear()

    def _fault(self, words: str) -> MismatchError:
        return MismatchError(f"{words}; repeat with: {self.scoreboard.repeat}")


def _trace_ports(dut: Any) -> Any:
    """The ports of the fusion node under the names that they have in a detector."""
    names = ("valid", "slot", "layer", "group", "data")
    traced = {f"trace_fusion_{name}": getattr(dut, f"trace_{name}_o") for name in names}
    return SimpleNamespace(
        aclk=dut.clk_i, aresetn=dut.rst_ni, busy=dut.busy_o, Slots=dut.Slots, **traced
    )
