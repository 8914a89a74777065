"""The bench around pgd_top: sources, sink, trace monitors, and the golden model that they meet.

bench = await PgdBench.start(dut, scoreboard)
bench.send(inputs)
await bench.drain()
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from cocotb.triggers import ClockCycles, RisingEdge

from fixedpoint.coverage import Events, add, count
from fixedpoint.detector import Integers, named
from fixedpoint.format import IntArray
from fixedpoint.pgd import LayerWires, run
from fixedpoint.spec import DetectorSpec
from hls.cases import Case, find
from verification.claims import configuration, start
from verification.scoreboard import MismatchError, Scoreboard
from verification.stimuli import Frame, h_frame, never, unpack, user, y_frame
from verification.streams import Pulses, Sink, Source
from verification.trace import Trace

PATIENCE = 20_000  # cycles without an expected integer before a bench gives up


class PgdBench:
    """One pgd_top with everything connected; `events` counts what the vectors exercised."""

    def __init__(self, dut: Any, scoreboard: Scoreboard, case: Case) -> None:
        self.dut, self.scoreboard, self.case, self.spec = dut, scoreboard, case, case.spec
        self.events: Events = {}
        self.blocks = 0  # since the reset: the next block's parity is its lowest bit
        clock = dut.aclk
        h, y, x = (_ports(dut, name) for name in ("s_axis_h", "s_axis_y", "m_axis_x"))
        self.h = Source(clock, h["valid"], h["ready"], _fields(h, "data", "last"), never())
        self.y = Source(clock, y["valid"], y["ready"], _fields(y, "data", "last", "user"), never())
        self.x = Sink(clock, x["valid"], x["ready"], (x["data"], x["last"], x["user"]),
                      self._output, never())  # fmt: skip
        self._columns: list[int] = []
        self.h_errors = Pulses(clock, dut.h_frame_error)
        self.y_errors = Pulses(clock, dut.y_frame_error)
        self.trace = Trace(dut, self.spec, scoreboard)

    @classmethod
    async def start(cls, dut: Any, scoreboard: Scoreboard) -> PgdBench:
        """Connect to the dut, start its clock and reset it."""
        bench = cls(dut, scoreboard, find(configuration().detector or ""))
        await start(dut.aclk, dut.aresetn)
        return bench

    def stall(self, h: Iterator[bool], y: Iterator[bool], x: Iterator[bool]) -> None:
        """Take these stall patterns from now on."""
        self.h.stalls, self.y.stalls, self.x.stalls = h, y, x

    def send(self, inputs: Integers, sent: Integers | None = None) -> None:
        """Expect the golden model's integers and queue all blocks on both input streams.

        `sent` replaces what goes over the streams, where the golden model would refuse it.
        """
        sent = inputs if sent is None else sent
        self.expect(inputs)
        for h, y, index in zip(sent.h, sent.y, sent.index, strict=True):
            self.h.send(self.h_frame(h))
            for vector, entry in zip(y, index, strict=True):
                self.y.send(self.y_frame(vector, int(entry)))
            self.blocks += 1

    def h_frame(self, matrix: IntArray) -> Frame:
        """A frame of H as this top's parameters want it."""
        return h_frame(self.spec, matrix)

    def y_frame(self, vector: IntArray, index: int) -> Frame:
        """A frame of y for the block that is being sent."""
        return y_frame(self.spec, vector, index, self.blocks % 2)

    def expect(self, inputs: Integers) -> None:
        """Expect every wire of every layer, and the output, of vectors about to be sent."""
        layers = run(self.spec, inputs.h, inputs.y, inputs.index)
        self.events = add(self.events, count(self.spec, inputs.y, inputs.index, layers))
        wires = named(self.spec, layers) | self._outputs(layers, inputs.index)
        for g, b in np.ndindex(inputs.index.shape):
            self.scoreboard.expect({wire: q[g, b] for wire, q in wires.items()})

    async def drain(self) -> None:
        """Wait for all that is expected. Raises `MismatchError` if nothing comes any more."""
        seen, since = -1, 0
        while self.scoreboard.pending or not (self.h.idle and self.y.idle):
            await ClockCycles(self.dut.aclk, 50)
            progress = self.scoreboard.total + self.h.beats + self.y.beats
            since = 0 if progress != seen else since + 50
            seen = progress
            if since > PATIENCE:
                raise MismatchError(
                    f"{self.scoreboard.view}: seed {self.scoreboard.seed}: no beat for {since} "
                    f"cycles, {self.scoreboard.pending} arrays expected; "
                    f"repeat with: {self.scoreboard.repeat}"
                )
        await ClockCycles(self.dut.aclk, 20)
        assert not self.dut.busy.value, "busy with no vector in flight"

    def check_busy(self) -> None:
        """Fail if a vector is being worked on or sent, and the flag says none is."""
        if not self.dut.busy.value:
            raise MismatchError(f"not busy with a vector; repeat with: {self.scoreboard.repeat}")

    async def reset(self, cycles: int = 3) -> None:
        """Reset, forgetting everything in flight on both sides."""
        self.dut.aresetn.value = 0
        for source in (self.h, self.y):
            source.clear()
        await ClockCycles(self.dut.aclk, cycles)
        self.scoreboard.forget()
        self.x.clear()
        self._columns.clear()
        self.trace.restart()
        self.blocks = 0
        self.dut.aresetn.value = 1
        await RisingEdge(self.dut.aclk)

    def _outputs(self, layers: list[LayerWires], index: IntArray) -> dict[str, IntArray]:
        """What the output stream carries of a vector: the last layer, and y's TUSER again."""
        parity = (np.arange(self.blocks, self.blocks + len(index)) % 2)[:, None]
        users = np.vectorize(lambda i, p: user(self.spec, int(i), int(p)))(index, parity)
        last = layers[-1]
        return {"output.state": last.state, "output.code": last.code, "output.bits": last.bits,
                "output.user": users}  # fmt: skip

    def _output(self, beat: tuple[int, ...]) -> None:
        data, last, tuser = beat
        self.check_busy()
        self._columns.append(data)
        if bool(last) != (len(self._columns) == self.spec.columns):
            raise MismatchError(
                f"TLAST is {last} at beat {len(self._columns)} of x; "
                f"repeat with: {self.scoreboard.repeat}"
            )
        if last:
            state, code, bits = split(self.spec, self._columns)
            self._columns = []
            self.scoreboard.observe("output.state", state)
            self.scoreboard.observe("output.code", code)
            self.scoreboard.observe("output.bits", bits)
            self.scoreboard.observe("output.user", tuser)


def split(spec: DetectorSpec, beats: list[int]) -> tuple[IntArray, IntArray, IntArray]:
    """State, code and Gray bits of the columns of a frame, each in whole bytes."""
    widths = [8 * ((bits + 7) // 8) for bits in (spec.formats.state.bits, spec.formats.code.bits)]
    state = [int(unpack(beat, widths[0], 1)[0]) for beat in beats]
    code = [int(unpack(beat >> widths[0], widths[1], 1)[0]) for beat in beats]
    words = np.array([beat >> sum(widths) for beat in beats])
    places = np.arange(spec.constellation.bits - 1, -1, -1)
    return np.array(state), np.array(code), words[:, None] >> places & 1


def _ports(dut: Any, prefix: str) -> dict[str, Any]:
    names = ["data", "valid", "ready", "last"] + ([] if prefix == "s_axis_h" else ["user"])
    return {name: getattr(dut, f"{prefix}_t{name}") for name in names}


def _fields(ports: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: ports[name] for name in names}
