# SPDX-License-Identifier: Apache-2.0
"""What a core can do at best: cycles and bits a vector."""

from __future__ import annotations

from fixedpoint.detector_spec import DetectorSpec
from hls import toolchain


def rows_read(spec: DetectorSpec) -> int:
    """Rows of its matrices that an engine goes through for a vector.

    ADMM-Net: F once, and P in every layer but the first; all others: H twice in each layer, of a
    distributed unit its own rows.
    """
    if spec.detector == "admm":
        return spec.rows + (spec.depth - 1) * spec.columns
    return 2 * spec.depth * toolchain.engine_rows(spec)


def bound_cycles(spec: DetectorSpec, lanes: int) -> float:
    """Cycles a vector if every multiplier works in every cycle; units work side by side."""
    return rows_read(spec) * spec.columns / lanes


def vector_bits(spec: DetectorSpec) -> int:
    """Bits that one vector carries: the Gray bits of all columns."""
    return spec.columns * spec.constellation.bits


def mbit_s(spec: DetectorSpec, lanes: int, clock_mhz: float) -> float:
    """Throughput of the whole detector at a clock, at the bound."""
    return vector_bits(spec) * clock_mhz / bound_cycles(spec, lanes)
