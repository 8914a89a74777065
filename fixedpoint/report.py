"""What a layer did: ranges, headroom, saturations, error against the float twin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fixedpoint import coverage, pgd
from fixedpoint.format import Format, IntArray
from fixedpoint.pgd import LayerWires, TwinWires
from fixedpoint.spec import DetectorSpec


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
    depth: int,
    h: IntArray,
    y: IntArray,
    index: IntArray,
    wires: list[LayerWires],
) -> list[WireReport]:
    """The inputs and every wire of layer `depth` (1 is the first)."""
    f, events = spec.formats, coverage.count(spec, y, index, wires)
    layer = f"{spec.detector}{depth}"
    highest_level = spec.adc.half_step * (2**spec.adc.bits - 1)
    rows = [
        _row("h", f.h, h, np.sum(h == f.h.min), np.sum(h == f.h.max)),
        _row("y", f.y, y, np.sum(y == -highest_level), np.sum(y == highest_level)),
    ]
    for wire, fmt in pgd.wire_formats(spec).items():
        low = events.get(f"{layer}.{wire} saturated low", 0)
        high = events.get(f"{layer}.{wire} saturated high", 0)
        rows.append(_row(f"{layer}.{wire}", fmt, getattr(wires[depth - 1], wire), low, high))
    return rows


def twin_error(spec: DetectorSpec, wires: LayerWires, twin: TwinWires) -> TwinError:
    """How far the integers of a layer lie from its float twin, and how many bits that changes."""
    error = (wires.state - twin.state) * spec.formats.state.step
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
