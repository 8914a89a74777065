# SPDX-License-Identifier: Apache-2.0
"""What a layer did: ranges, headroom, saturations, error against the float twin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from fixedpoint import family
from fixedpoint.coverage import Events
from fixedpoint.detector_spec import DetectorSpec
from fixedpoint.format import Format, IntArray
from fixedpoint.inputs import split


@dataclass(frozen=True)
class WireReport:
    """One wire: its format, the smallest and largest integer seen, and how often it saturated.

    `headroom_bits` = log2(largest allowed / largest seen): 0 where the wire is full.
    """

    wire: str
    format: str
    ap_fixed: str
    lowest: int
    highest: int
    headroom_bits: float
    saturated_low: int
    saturated_high: int


@dataclass(frozen=True)
class TwinError:
    """The layer's wide state against the float twin, in units of the symbols (±1, ±3, …)."""

    rms: float
    largest: float
    differing_bits: int
    bits: int


def wire_report(
    spec: DetectorSpec,
    layer: str,
    h: IntArray,
    y: IntArray,
    wires: list[Any],
    events: Events,
) -> list[WireReport]:
    """The inputs and every wire of a layer; `wires` and `events` of a whole run.

    A sample counts as saturated at the ends of what its converter gives.
    """
    at = list(family.layer_formats(spec)).index(layer)
    lowest, highest = family.family(spec).ends(spec)
    rows = []
    for part, q in zip(spec.parts, split(spec, h).values(), strict=True):
        low, high = part.format.min, part.format.max
        rows.append(_row(part.name, part.format, q, np.sum(q == low), np.sum(q == high)))
    rows.append(_row("y", spec.y_format, y, np.sum(y == lowest), np.sum(y == highest)))
    for wire, fmt in family.layer_formats(spec)[layer].items():
        low = events.get(f"{layer}.{wire} saturated low", 0)
        high = events.get(f"{layer}.{wire} saturated high", 0)
        rows.append(_row(f"{layer}.{wire}", fmt, getattr(wires[at], wire), low, high))
    return rows


def twin_error(spec: DetectorSpec, wires: Any, twin: Any) -> TwinError:
    """How far a layer's state lies from its float twin's, and how many bits that changes."""
    error = (wires.state - twin.state) * spec.state_format.step
    position = np.searchsorted(np.array(spec.slicer), twin.state, side="right")
    twin_bits = spec.constellation.gray(position.astype(np.int64))
    return TwinError(
        rms=float(np.sqrt(np.mean(error**2))),
        largest=float(np.max(np.abs(error))),
        differing_bits=int(np.sum(twin_bits != wires.bits)),
        bits=int(wires.bits.size),
    )


def _row(wire: str, fmt: Format, q: IntArray, low: int, high: int) -> WireReport:
    largest = int(np.max(np.abs(q)))
    headroom = float(np.log2(fmt.max / largest)) if largest else float(fmt.bits)
    return WireReport(
        wire, str(fmt), fmt.ap_fixed, int(q.min()), int(q.max()), headroom, int(low), int(high)
    )
