# SPDX-License-Identifier: Apache-2.0
"""The top modules of a spec's RTL, by the frame of its program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fixedpoint.detectors.registry import program
from fixedpoint.program.frame import Frame, frame
from fixedpoint.specs.detector import DetectorSpec


@dataclass(frozen=True)
class Tops:
    """What a frame is built as.

    whole: the top of the whole detector; unit: that of one of its units, empty if there are none;
    slots: the default of their parameter.
    """

    whole: str
    slots: int
    unit: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """A unit's own first."""
        return (self.unit, self.whole) if self.unit else (self.whole,)


FRAMES: Mapping[Frame, Tops] = {
    Frame.PASSES: Tops("passes_top", 6),
    Frame.STORED: Tops("stored_top", 6),
    Frame.UNITS: Tops("units_top", 8, "unit_top"),
}
NAMES = tuple(name for tops in FRAMES.values() for name in tops.names)


def of(spec: DetectorSpec) -> Tops:
    """Those of a spec. Raises `DefinitionError` if its program fits no frame."""
    return FRAMES[frame(program(spec))]
