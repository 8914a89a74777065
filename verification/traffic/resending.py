# SPDX-License-Identifier: Apache-2.0
"""A sender of the fronthaul's messages whose TLAST goes wrong now and then, and who sends anew."""

from __future__ import annotations

from typing import Any

import cocotb
import numpy as np
from cocotb.triggers import ClockCycles

from verification.traffic.damage import Damage
from verification.traffic.stimuli import Frame
from verification.traffic.streams import Source

LATEST = 200  # cycles until a message without TLAST is sent anew, if no other one ends its frame


class Resending:
    """Sends messages in order; those that a damaged TLAST costs come again behind the damage.

    damaged: messages with a wrong TLAST so far; bad: frames that the receiver is to drop.
    """

    def __init__(self, clock: Any, source: Source) -> None:
        self._clock, self._source = clock, source
        self._rng, self._fraction = np.random.default_rng(0), 0.0
        self._open: Frame = []  # sent without TLAST: the next message is in the same frame
        self.damaged = self.bad = 0

    def behave(self, rng: np.random.Generator, fraction: float) -> None:
        """Damage this fraction of the messages from now on."""
        self._rng, self._fraction = rng, fraction

    def send(self, message: Frame) -> None:
        """Queue a message, and once more what is lost with it."""
        if self._open:
            self._end(message, [self._open, message])
        elif self._rng.random() < self._fraction:
            self._damage(message)
        else:
            self._source.send(message)

    def forget(self) -> None:
        """Send nothing anew that was sent before, as behind a reset."""
        self._open = []

    def _damage(self, message: Frame) -> None:
        """Turn TLAST of one beat: two bad frames, or one that is still to end."""
        beat = int(self._rng.integers(len(message)))
        self._source.send(Damage(0, (beat,)).of(0, message))
        self.damaged += 1
        if beat < len(message) - 1:
            self.bad += 2
            self._source.send(message)
        else:
            self._open = message
            cocotb.start_soon(self._wait(message))

    def _end(self, message: Frame, lost: list[Frame]) -> None:
        """End the open frame with this message, or within it, which leaves another bad frame."""
        self._open = []
        within = len(message) > 1 and self._rng.random() < 0.5
        beats = (int(self._rng.integers(len(message) - 1)),) if within else ()
        self.bad += 1 + within
        self._source.send(Damage(0, beats).of(0, message))
        for again in lost:
            self._source.send(again)

    async def _wait(self, message: Frame) -> None:
        await ClockCycles(self._clock, int(self._rng.integers(1, LATEST)))
        if self._open is message:
            self._end(message, [message])
