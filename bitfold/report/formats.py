# SPDX-License-Identifier: Apache-2.0
"""Formats of the wires with their headroom and their clipped shares, from the golden vectors."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fixedpoint.program import soft as soft_bits
from fixedpoint.receivers import family
from fixedpoint.specs.detector import DetectorSpec


@dataclass(frozen=True)
class Wire:
    """A wire of one layer, or one that every layer reads.

    bits: of its format; used: of them, those that its largest integer needs, sign included;
    clipped: the share of its integers that saturated, None of matrices, whose number isn't
    known, of codes of few-bit converters, and of soft bits, which end where a bit is sure.
    """

    name: str
    format: str
    bits: int
    used: float
    headroom: float
    clipped: float | None

    @property
    def filled(self) -> float:
        """Percent of its bits that are used."""
        return 100 * self.used / self.bits


def wires(spec: DetectorSpec, golden: Iterable[Mapping[str, Any]]) -> list[Wire]:
    """Of every layer, each once, in the order of computation."""
    found: dict[str, Wire] = {}
    widths = {f"{layer}.{wire}": math.prod(family.wire_shape(spec, layer, wire))
              for layer, formats in family.layer_formats(spec).items()
              for wire in formats}  # fmt: skip
    if spec.y_format.signed:  # few-bit converters have every sample outside at an end
        widths["y"] = spec.rows
    for summary in golden:
        for row in summary["wires"]:
            name = row["wire"]
            if not name.endswith(".bits") and name not in found:
                found[name] = _wire(row, summary["vectors"], widths.get(name))
    return list(found.values())


def _wire(row: Mapping[str, Any], vectors: int, width: int | None) -> Wire:
    bits = int(row["format"][1:].split(".")[0])
    headroom = float(row["headroom_bits"])
    saturated = row["saturated_high"]
    if row["format"].startswith("s"):  # an unsigned format ends at 0 on purpose: a ReLU
        saturated += row["saturated_low"]
    soft = soft_bits.NAME.fullmatch(row["wire"].rpartition(".")[2])
    clipped = None if width is None or soft else saturated / (vectors * width)
    return Wire(row["wire"], row["format"], bits, max(bits - headroom, 0.0), headroom, clipped)


def worst(found: Sequence[Wire]) -> Wire | None:
    """The wire that clips the largest share; None if none clips."""
    clipping = [wire for wire in found if wire.clipped]
    return max(clipping, key=lambda wire: wire.clipped or 0.0, default=None)
