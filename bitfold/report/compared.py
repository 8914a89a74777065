# SPDX-License-Identifier: Apache-2.0
"""Which integers were compared, view by view, and what the hardware costs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bitfold.build.plan import DRAW
from bitfold.report.curves import label
from bitfold.report.found import Found
from model.detectors.recorded import Recorded, lines
from model.systems.drawing import line
from model.systems.system import System

VIEWS = {
    "csim": "C++ with ap_int",
    "native": "native C++",
    "rtl": "SystemVerilog, simulated",
}
"""By the stages that compare them with the golden model."""


@dataclass(frozen=True)
class View:
    """A view against the golden model: vectors, and integers of each wire with how many differ."""

    name: str
    vectors: int
    wires: Mapping[str, tuple[int, int]]

    @property
    def compared(self) -> int:
        """Integers of all wires."""
        return sum(compared for compared, _ in self.wires.values())

    @property
    def differing(self) -> int:
        """Those of them that differ."""
        return sum(differing for _, differing in self.wires.values())


def views(found: Found) -> list[View]:
    """Those that were compared."""
    return [
        View(name, record["vectors"], {wire: (count, record["differing"][wire])
                                       for wire, count in record["compared"].items()})
        for stage, name in VIEWS.items() for record in found.records(stage)
    ]  # fmt: skip


def hardware(found: Found) -> list[tuple[str, str]]:
    """What the core costs and how fast it is: (what, how much with its unit)."""
    rows = []
    for run in found.records("rtl"):
        rows += [
            ("lanes", f"{run['lanes']}{', two vectors a multiplier' if run['packed'] else ''}"),
            ("slots", f"{run['slots']} {'pairs of ' * run['packed']}vectors in flight"),
            ("cycles a vector, one long block", f"{run['long_block_cycles']:.2f}"),
            ("cycles a vector, blocks of 14, matrices loaded", f"{run['short_blocks_cycles']:.2f}"),
            ("bound", f"{run['bound_cycles']:.0f} cycles, by {run['bound_by']}"),
            ("first vector, in to out", f"{run['first_latency_cycles']} cycles"),
        ]
        link = run.get("fronthaul")
        if link:
            rows.append(("fronthaul of a unit",
                         f"{link['width']} bits a beat each way, a vector {link['up']} bits up "
                         f"and {link['down']} down"))  # fmt: skip
    for record in found.records("area"):
        rows += [row for core in record["cores"] for row in _core(core, record["device"])]
    return rows


def _core(core: Mapping[str, Any], device: str) -> list[tuple[str, str]]:
    rows = []
    for target, name in (("xilinx7", "Xilinx 7"), ("ecp5", "ECP5")):
        area = core["area"].get(target)
        if area:
            rows.append((f"{core['top']}, {name}",
                         f"{area['lut_logic']:,} LUT + {area['lut_memory']:,} LUT RAM, "
                         f"{area['ff']:,} FF, {area['dsp']} DSP, "
                         f"{area['block_ram']} block RAM"))  # fmt: skip
    if core["clock_mhz"] is not None:
        how = f"routed for {device}" if core["routed_mhz"] else "assumed, not routed"
        rows += [("clock", f"{core['clock_mhz']:.1f} MHz, {how}"),
                 ("throughput at that clock", f"{core['mbit_s']:.1f} Mbit/s")]  # fmt: skip
    return rows


def channel(found: Found) -> str:
    """Over which channels bits were counted; empty where none were."""
    if found.sweep is None:
        return ""
    for drawn in found.records(DRAW):
        return (f"Channels of 3GPP TR 38.901, drawn by Sionna: {line(drawn)}; counted over the "
                "blocks that no training saw.")  # fmt: skip
    system = found.sweep.plan.system
    if system.channel_file:
        return (f"Channels of the file {Path(system.channel_file).name}, counted over the blocks "
                "that no training saw.")  # fmt: skip
    return f"Channels: {system.channel}{_correlated(system)}."


def _correlated(system: System) -> str:
    if system.channel == "rician":
        return f", K {system.rician_k_db:g} dB{_ends(system)}"
    return _ends(system)


def _ends(system: System) -> str:
    """Correlation of both ends, if there is any."""
    ends = system.receive_correlation, system.transmit_correlation
    return f", correlation {ends[0]:g} and {ends[1]:g} (receive, transmit)" if any(ends) else ""


def recorded(found: Found) -> list[str]:
    """What the detectors made of the vectors that were received, of a file with y."""
    return [
        line
        for record in found.records("evaluate")
        for result in record.get("results", [])
        for line in lines([Recorded(**{**one, "detector": label(one["detector"])})
                           for one in result.get("recorded", [])])
    ]  # fmt: skip


def losses(found: Found) -> list[tuple[float, str]]:
    """(BER, what the integers lose to the float twin there, with its interval)."""
    return [(loss["rate"], _loss(loss)) for record in found.records("evaluate")
            for loss in record.get("losses", [])]  # fmt: skip


def soft(found: Found) -> list[tuple[str, ...]]:
    """(SNR, information of integers, float twin, soft LMMSE, how much more with its interval)."""
    rows = []
    for one in (one for record in found.records("soft") for one in record["each"]):
        shown = [f"{one[name]:.4f}" for name in ("integers", "twin", "lmmse")]
        more = f"{one['integers'] - one['lmmse']:+.4f} ± {1.96 * one['error']:.4f}"
        rows.append((f"{one['snr_db']:g} dB", *shown, more))
    return rows


def _loss(loss: Mapping[str, Any]) -> str:
    value, low, high = loss["value"], loss["low"], loss["high"]
    if value is None or not math.isfinite(value):
        return "a curve does not reach it"
    if low is None or high is None:
        return f"{value:+.3f} dB, too few errors for limits"
    return f"{value:+.3f} dB ({low:+.3f} to {high:+.3f})"
