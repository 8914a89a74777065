# SPDX-License-Identifier: Apache-2.0
"""The bench around pgd_top."""

from __future__ import annotations

import numpy as np

from fixedpoint.admm_spec import AdmmSpec
from fixedpoint.format import IntArray
from fixedpoint.spec import PgdSpec
from verification.detector_bench import DetectorBench
from verification.stimuli import Frame, h_frame, unpack, y_frame
from verification.trace import Trace, sides


class PgdBench(DetectorBench):
    """One pgd_top; its outputs are state, code and bits of the last layer."""

    output = "m_axis_x"
    spec: PgdSpec

    def traced(self) -> Trace:
        """As in the base class."""
        shown = sides(self.spec, vectors=int(self.dut.Vectors.value))
        return Trace(self.dut, self.spec, self.scoreboard, shown)

    def visible(self, wires: dict[str, IntArray]) -> dict[str, IntArray]:
        """As in the base class: every wire."""
        return wires

    def outputs(self, wires: dict[str, IntArray], users: IntArray) -> dict[str, IntArray]:
        """As in the base class."""
        last = f"pgd{self.spec.depth}"
        return {
            **{f"output.{name}": wires[f"{last}.{name}"] for name in ("state", "code", "bits")},
            "output.user": users,
        }

    def h_frames(self, matrix: IntArray, index: int) -> list[Frame]:
        """As in the base class."""
        return [h_frame(self.spec, matrix, int(self.dut.HBeatBytes.value), self.number)]

    def y_frame(self, vector: IntArray, index: int) -> Frame:
        """As in the base class."""
        return y_frame(self.spec, vector, self.y_user(index))

    def deliver(self, beats: list[int], tuser: int) -> None:
        """As in the base class."""
        for name, q in zip(("state", "code", "bits"), split(self.spec, beats), strict=True):
            self.scoreboard.observe(f"output.{name}", q)
        self.scoreboard.observe("output.user", tuser)


def split(spec: PgdSpec | AdmmSpec, beats: list[int]) -> tuple[IntArray, IntArray, IntArray]:
    """State, code and Gray bits of the columns of a frame, each in whole bytes."""
    widths = [8 * ((bits + 7) // 8) for bits in (spec.formats.state.bits, spec.formats.code.bits)]
    state = [int(unpack(beat, widths[0], 1)[0]) for beat in beats]
    code = [int(unpack(beat >> widths[0], widths[1], 1)[0]) for beat in beats]
    words = np.array([beat >> sum(widths) for beat in beats])
    places = np.arange(spec.constellation.bits - 1, -1, -1)
    return np.array(state), np.array(code), words[:, None] >> places & 1
