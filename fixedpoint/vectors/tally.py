# SPDX-License-Identifier: Apache-2.0
"""The reports of several layers of one run, from vectors that come in chunks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fixedpoint.detector import Detector, Integers
from fixedpoint.numbers.format import IntArray
from fixedpoint.program.coverage import Events
from fixedpoint.receivers import family
from fixedpoint.receivers.inputs import split
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.support.pairwise import PairwiseSum
from fixedpoint.vectors.report import Seen, TwinError, WireReport
from fixedpoint.vectors.stimulus import Stimulus


@dataclass(frozen=True)
class Ran:
    """Vectors with their integers, the wires of every layer, the float twin's, and the events."""

    inputs: Integers
    wires: list[Any]
    twin: list[Any]
    events: Events
    sent: IntArray | None

    @classmethod
    def of(cls, spec: DetectorSpec, stimulus: Stimulus) -> Ran:
        """The detector and its twin on real inputs. Raises as `Detector.quantize`."""
        inputs = Detector(spec).quantize(stimulus.h, stimulus.y, stimulus.snr_db, quiet=True)
        wires = family.run(spec, inputs.h, inputs.y, inputs.index)
        twin = family.float_twin(spec, stimulus.h, stimulus.y, inputs.index)
        events = family.count(spec, inputs.h, inputs.y, inputs.index, wires)
        return cls(inputs, wires, twin, events, stimulus.bits)


class LayerTally:
    """One layer's report, its place `at` among the layers from 0; `shape`: G and B of the whole."""

    def __init__(self, spec: DetectorSpec, at: int, shape: tuple[int, int]) -> None:
        self._spec, self._at = spec, at
        self._layer, self._formats = list(family.layer_formats(spec).items())[at]
        self._seen: dict[str, Seen] = {}
        self._decides = "bits" in self._formats
        self._squares = PairwiseSum(shape[0] * shape[1] * spec.columns)
        self._states = shape[0] * shape[1] * spec.columns
        self._largest = 0.0
        self._bits = self._differing = self._wrong = 0
        self._sent = False

    def add(self, ran: Ran, opens: bool) -> None:
        """The next vectors. opens: False if a block goes on whose matrices are counted."""
        spec, inputs, wires = self._spec, ran.inputs, ran.wires[self._at]
        if opens:
            for part, q in zip(spec.parts, split(spec, inputs.h).values(), strict=True):
                low, high = np.sum(q == part.format.min), np.sum(q == part.format.max)
                self._see(part.name, q, low, high)
        lowest, highest = spec.converter.ends
        self._see("y", inputs.y, np.sum(inputs.y == lowest), np.sum(inputs.y == highest))
        for wire in self._formats:
            name = f"{self._layer}.{wire}"
            low, high = (ran.events.get(f"{name} saturated {end}", 0) for end in ("low", "high"))
            self._see(name, getattr(wires, wire), low, high)
        if self._decides:
            self._compare(wires, ran.twin[self._at])
            if ran.sent is not None:
                self._sent = True
                self._wrong += int(np.sum(wires.bits != ran.sent))

    @property
    def rows(self) -> list[WireReport]:
        """The inputs and every wire; a sample saturates at the ends of what its converter gives."""
        spec = self._spec
        formats = {part.name: part.format for part in spec.parts} | {"y": spec.y_format}
        formats |= {f"{self._layer}.{wire}": fmt for wire, fmt in self._formats.items()}
        return [seen.row(wire, formats[wire]) for wire, seen in self._seen.items()]

    @property
    def twin_error(self) -> TwinError | None:
        """How far the layer's state lies from the twin's; None of a layer that decides nothing."""
        if not self._decides:
            return None
        rms = float(np.sqrt(self._squares.sum() / self._states))
        return TwinError(rms, self._largest, self._differing, self._bits)

    @property
    def bit_error_rate(self) -> float | None:
        """The share of bits that differ from what was sent; None if that is not known."""
        return self._wrong / self._bits if self._decides and self._sent else None

    def _see(self, wire: str, q: IntArray, low: int, high: int) -> None:
        seen = Seen.of(q, low, high)
        self._seen[wire] = self._seen[wire] + seen if wire in self._seen else seen

    def _compare(self, wires: Any, twin: Any) -> None:
        spec = self._spec
        error: NDArray[np.float64] = (wires.state - twin.state) * spec.state_format.step
        position = np.searchsorted(np.array(spec.slicer), twin.state, side="right")
        self._squares.add(error**2)
        self._largest = max(self._largest, float(np.max(np.abs(error))))
        self._differing += int(np.sum(spec.constellation.gray(position) != wires.bits))
        self._bits += int(wires.bits.size)
