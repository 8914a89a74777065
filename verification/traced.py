# SPDX-License-Identifier: Apache-2.0
"""What the trace ports of a detector's top show, and the sizes of its streams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fixedpoint import family
from fixedpoint.admm_spec import AdmmSpec
from fixedpoint.detector_spec import DetectorSpec
from fixedpoint.distributed_spec import DistributedSpec
from fixedpoint.format import IntArray

ROW = ("accumulator", "residual")
PGD_COLUMN = ("gradient", "update", "state", "code", "bits")
FUSION = ("state", "extrapolated", "bits")
FRONT = "front_"


@dataclass(frozen=True)
class Traced:
    """The wires of `trace_row_*`, `trace_column_*`, `trace_fusion_*`, `trace_front_*`, in order.

    Those of ADMM-Net's front end have `front_` before their names.
    """

    row: tuple[str, ...]
    column: tuple[str, ...]
    fusion: tuple[str, ...] = ()
    front: tuple[str, ...] = ()

    @classmethod
    def of(cls, spec: DetectorSpec) -> Traced:
        """Of the top of a spec's detector."""
        if isinstance(spec, AdmmSpec):
            front = tuple(FRONT + wire for wire in family.layer_formats(spec)[family.FRONT])
            return cls((), tuple(family.wire_formats(spec)), front=front)
        if not isinstance(spec, DistributedSpec):
            return cls(ROW, PGD_COLUMN)
        names = list(family.wire_formats(spec))
        column = names[names.index("gradient") : names.index("estimate") + 1]
        return cls(ROW, tuple(column), FUSION)

    @property
    def wires(self) -> tuple[str, ...]:
        """All of them."""
        return self.row + self.front + self.column + self.fusion


def layers(spec: DetectorSpec, named: Mapping[str, IntArray]) -> dict[str, IntArray]:
    """Of the golden model's wires those that ports show, not a converter's or a hyper-network's."""
    shown = (spec.detector, f"{family.FRONT}.")
    return {name: q for name, q in named.items() if name.startswith(shown)}


def widths(spec: DetectorSpec) -> dict[str, int]:
    """Bits of each wire on its trace port; `bits` is one Gray word a column."""
    formats = family.wire_formats(spec)
    front = family.layer_formats(spec)[family.FRONT] if isinstance(spec, AdmmSpec) else {}
    bits = {wire: fmt.bits for wire, fmt in formats.items()} | {"bits": spec.constellation.bits}
    return bits | {FRONT + wire: fmt.bits for wire, fmt in front.items()}


def output_fields(spec: DetectorSpec) -> tuple[str, ...]:
    """The integers of a beat of m_axis_x, the lowest one first."""
    return ("state", "bits") if isinstance(spec, DistributedSpec) else ("state", "code", "bits")


def units(spec: DetectorSpec) -> int:
    """Engines that work side by side: C, or 1."""
    return spec.units if isinstance(spec, DistributedSpec) else 1


def unit_size(spec: DetectorSpec) -> int:
    """Rows of H that one engine holds."""
    return spec.rows // units(spec)


def by_unit(spec: DetectorSpec, h: IntArray, y: IntArray) -> tuple[IntArray, IntArray]:
    """h (G, R, N) and y (G, B, M) as the streams take them: (G, C, Q, N) and (G, B, C, Q).

    R is M but where a block brings several matrices; then C is 1 and h becomes (G, 1, R, N).
    """
    if not isinstance(spec, DistributedSpec):
        return h[:, None], y[:, :, None]
    rows = spec.unit_rows()
    return np.ascontiguousarray(h[:, rows]), np.ascontiguousarray(y[:, :, rows])
