# SPDX-License-Identifier: Apache-2.0
"""An output stream's sink that hands on whole frames."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from verification.traffic.stimuli import never
from verification.traffic.streams import Sink


class FrameSink(Sink):
    """Takes the frames of a stream: TLAST comes with the last beat and TUSER stays within one.

    beats: of a frame; deliver: gets a frame's beats and TUSER; check: called with each beat;
    fault: makes what is raised of words; frames: those delivered since the reset.
    """

    def __init__(
        self,
        name: str,
        clock: Any,
        ports: Mapping[str, Any],
        beats: Callable[[], int],
        deliver: Callable[[list[int], int], None],
        check: Callable[[], None],
        fault: Callable[[str], Exception],
    ) -> None:
        """`ports` are those of `verification.traffic.streams.stream`, TUSER among them."""
        self.name, self.frames = name, 0
        self._frame_beats, self._frame, self._check, self._fault = beats, deliver, check, fault
        self._beats: list[int] = []
        self._user = 0
        super().__init__(clock, ports["valid"], ports["ready"], tuple(ports["fields"].values()),
                         self._take, never())  # fmt: skip

    def clear(self) -> None:
        """As in the base class; a frame that was partly in is forgotten."""
        super().clear()
        self._beats.clear()
        self.frames = 0

    def _take(self, beat: tuple[int, ...]) -> None:
        data, last, user = beat
        self._check()
        if self._beats and user != self._user:
            raise self._fault(
                f"TUSER of {self.name} changes from {self._user} to {user} within a frame"
            )
        self._user = user
        self._beats.append(data)
        if bool(last) != (len(self._beats) == self._frame_beats()):
            raise self._fault(f"TLAST is {last} at beat {len(self._beats)} of {self.name}")
        if last:
            beats, self._beats = self._beats, []
            self.frames += 1
            self._frame(beats, user)
