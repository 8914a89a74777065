"""Drivers and monitors of streams with valid and ready, under any stall pattern.

A source keeps a beat that it offers until it is taken; a sink fails if the hardware does not.
All of them sample before the clock edge and drive behind it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import cocotb
from cocotb.triggers import RisingEdge

from verification.scoreboard import MismatchError
from verification.stimuli import Beat, Frame

Taken = tuple[int, ...]


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
        valid.value = 0
        cocotb.start_soon(self._drive())

    @property
    def idle(self) -> bool:
        """True if every beat has been taken."""
        return not self._queue

    def send(self, frame: Frame) -> None:
        """Queue a frame behind those that are still to be sent."""
        self._queue.extend(frame)

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
            if not self._offered:
                self._offer()

    def _offer(self) -> None:
        if not self._queue or next(self.stalls):
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
    """Counts the cycles in which a flag is high."""

    def __init__(self, clock: Any, flag: Any) -> None:
        self.count = 0
        self._clock, self._flag = clock, flag
        cocotb.start_soon(self._watch())

    async def _watch(self) -> None:
        edge = RisingEdge(self._clock)
        while True:
            await edge
            self.count += bool(self._flag.value)
