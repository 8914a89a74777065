# SPDX-License-Identifier: Apache-2.0
"""Drivers and monitors of streams with valid and ready, under any stall pattern.

A source keeps a beat that it offers until it is taken; a sink fails if the hardware does not.
All of them sample before the clock edge and drive behind it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import cocotb
from cocotb.triggers import Event, RisingEdge

from verification.traffic.scoreboard import MismatchError
from verification.traffic.stimuli import Beat, Frame

Taken = tuple[int, ...]


class Packed:
    """A port that holds the same port of several streams side by side, the first one lowest."""

    def __init__(self, port: Any, count: int) -> None:
        self.port, self.width, self.word = port, len(port) // count, 0

    def lane(self, place: int) -> Lane:
        """The part of one stream, to be read and written like a port of its own."""
        return Lane(self, place)


class Lane:
    """One stream's part of a `Packed` port; written by way of the whole port's last value."""

    def __init__(self, packed: Packed, place: int) -> None:
        self._packed, self._shift = packed, place * packed.width
        self._mask = (1 << packed.width) - 1

    @property
    def value(self) -> int:
        """The part as the simulator has it."""
        return int(self._packed.port.value) >> self._shift & self._mask

    @value.setter
    def value(self, value: int) -> None:
        rest = self._packed.word & ~(self._mask << self._shift)
        self._packed.word = rest | int(value) << self._shift
        self._packed.port.value = self._packed.word


def stream(dut: Any, prefix: str, *, user: bool) -> dict[str, Any]:
    """The ports of an AXI4-Stream: valid, ready, and fields data, last and (if there is) user."""
    names = ("data", "last", "user") if user else ("data", "last")
    return {
        "valid": getattr(dut, f"{prefix}_tvalid"),
        "ready": getattr(dut, f"{prefix}_tready"),
        "fields": {name: getattr(dut, f"{prefix}_t{name}") for name in names},
    }


class Source:
    """Sends frames, beat by beat: `fields` maps `data`, `last`, `user` to the ports that exist.

    `stalls` yields True for a cycle in which no new beat is offered.
    """

    def __init__(
        self, clock: Any, valid: Any, ready: Any, fields: Mapping[str, Any], stalls: Iterator[bool]
    ) -> None:
        self._clock, self._valid, self._ready, self._fields = clock, valid, ready, fields
        self.stalls = stalls
        self.beats = 0
        self.refused = 0
        self._queue: deque[Beat] = deque()
        self._offered = False
        self._filled = Event()
        valid.value = 0
        cocotb.start_soon(self._drive())

    @property
    def idle(self) -> bool:
        """True if every beat has been taken."""
        return not self._queue

    @property
    def offering(self) -> bool:
        """True while a beat is offered and not yet taken."""
        return self._offered

    @property
    def ready(self) -> bool:
        """True while the hardware would take a beat."""
        return bool(self._ready.value)

    def send(self, frame: Frame) -> None:
        """Queue a frame behind those that are still to be sent."""
        self._queue.extend(frame)
        self._filled.set()

    def clear(self) -> None:
        """Forget what has not been taken, as a reset does."""
        self._queue.clear()
        self._offered = False
        self._valid.value = 0

    async def _drive(self) -> None:
        edge = RisingEdge(self._clock)
        while True:
            await edge
            if self._offered:
                if self._ready.value:
                    self._queue.popleft()
                    self._offered = False
                    self.beats += 1
                else:
                    self.refused += 1
            if not self._queue:
                self._valid.value = 0
                self._filled.clear()
                await self._filled.wait()
            elif not self._offered:
                self._offer()

    def _offer(self) -> None:
        if next(self.stalls):
            self._valid.value = 0
            return
        beat = self._queue[0]
        for name, port in self._fields.items():
            port.value = int(getattr(beat, name))
        self._valid.value = 1
        self._offered = True


class Sink:
    """Takes beats and hands each to `deliver`, the ports' integers in order of `fields`.

    Fails if a beat changes or goes away while it is not taken; `held` counts the cycles in which
    that was checked.
    """

    def __init__(
        self,
        clock: Any,
        valid: Any,
        ready: Any,
        fields: tuple[Any, ...],
        deliver: Callable[[Taken], None],
        stalls: Iterator[bool],
    ) -> None:
        self._clock, self._valid, self._ready, self._fields = clock, valid, ready, fields
        self._deliver = deliver
        self.stalls = stalls
        self.held = 0
        self._waiting: Taken | None = None
        ready.value = 0
        cocotb.start_soon(self._receive())

    @property
    def offered(self) -> bool:
        """True while a beat is offered."""
        return bool(self._valid.value)

    def clear(self) -> None:
        """Expect no beat to be kept, as behind a reset."""
        self._waiting = None

    async def _receive(self) -> None:
        edge, willing = RisingEdge(self._clock), False
        while True:
            await edge
            if self._valid.value:
                beat = tuple(int(port.value) for port in self._fields)
                if self._waiting is not None:
                    self.held += 1
                    if beat != self._waiting:
                        raise MismatchError(f"a stalled beat {self._waiting} changed to {beat}")
                self._waiting = None if willing else beat
                if willing:
                    self._deliver(beat)
            elif self._waiting is not None:
                raise MismatchError(f"the stalled beat {self._waiting} was withdrawn")
            willing = not next(self.stalls)
            self._ready.value = willing


class Pulses:
    """Counts the cycles in which each flag of a port is high, the lowest one first."""

    def __init__(self, clock: Any, port: Any) -> None:
        self.counts = [0] * len(port)
        self._clock, self._port = clock, port
        cocotb.start_soon(self._watch())

    async def _watch(self) -> None:
        edge = RisingEdge(self._clock)
        while True:
            await edge
            flags = int(self._port.value)
            if flags:
                self.counts = [n + (flags >> i & 1) for i, n in enumerate(self.counts)]
