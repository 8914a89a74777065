# SPDX-License-Identifier: Apache-2.0
"""What a core can do at best: cycles and bits a vector.

An engine works on a vector for as long as its products take, or for as long as the longest of its
streams does, whichever is more. Loading of matrices is not counted: one long coherence block.
"""

from __future__ import annotations

from dataclasses import dataclass

from fixedpoint.detectors.registry import program
from fixedpoint.program.frame import Frame, frame
from fixedpoint.specs.detector import DetectorSpec
from hls import lanes as sizes

PRODUCTS = "products"


@dataclass(frozen=True)
class Bound:
    """Cycles a vector, at best, of the products and of each stream, by name."""

    parts: dict[str, float]

    @classmethod
    def of(cls, spec: DetectorSpec, lanes: int, packed: bool = False) -> Bound:
        """At a number of lanes that fits. Units work side by side: those of one unit count.

        y enters and x leaves an element a beat. Sums of a column pass leave the engine a group a
        cycle, those of two packed vectors side by side; estimates go up to the fusion node and z
        comes down in the same groups, a group of one vector a beat, z of the last layer excepted.
        """
        groups = sizes.groups(spec, lanes, packed)
        parts = {
            PRODUCTS: words_read(spec, lanes, packed) / (1 + packed),
            "y": float(sizes.engine_rows(spec)),
            "x": float(spec.columns),
            "sums": spec.depth * groups / (1 + packed),
        }
        if frame(program(spec)) is Frame.UNITS:
            parts |= {"up": spec.depth * groups, "down": (spec.depth - 1) * groups}
        return cls(parts)

    @property
    def cycles(self) -> float:
        """The most of all."""
        return max(self.parts.values())

    @property
    def wall(self) -> str:
        """The name of what takes the most: the first one, the products before any stream."""
        return max(self.parts, key=lambda name: self.parts[name])

    def __str__(self) -> str:
        """`128 (y)`: the cycles and the wall."""
        return f"{self.cycles:.5g} ({self.wall})"


def rows_read(spec: DetectorSpec) -> int:
    """Rows of its matrices that an engine goes through for a vector.

    Of stored matrices the one ahead of the layers once, and the other in every layer but the
    first; else H twice in each layer, of a distributed unit its own rows.
    """
    if frame(program(spec)) is Frame.STORED:
        return spec.rows + (spec.depth - 1) * spec.columns
    return 2 * spec.depth * sizes.engine_rows(spec)


def words_read(spec: DetectorSpec, lanes: int, packed: bool = False) -> int:
    """Words of its matrices that an engine goes through for a vector, or for two packed ones."""
    front, layer = sizes.words(spec, lanes, packed)
    return front + (spec.depth - 1) * layer if front else 2 * spec.depth * layer


def padding(spec: DetectorSpec, lanes: int, packed: bool = False) -> float:
    """The share of the products in these words, with the lanes that are built, that is padding."""
    rows = words_read(spec, lanes, packed) * sizes.word_rows(spec, lanes, packed)
    return 1 - rows_read(spec) / rows


def padded(spec: DetectorSpec, asked: int | None, lanes: int, packed: bool = False) -> list[str]:
    """A line that says what padding costs, and one about lanes that are not built, or none."""
    lines, share = [], padding(spec, lanes, packed)
    if asked is not None and asked != lanes:
        row = (1 + packed) * spec.columns
        lines.append(f"lanes {asked}: {lanes} are built, whole rows of {row}")
    if share > 0:
        words = words_read(spec, lanes, packed) / (1 + packed)
        whole = rows_read(spec) * spec.columns / lanes
        lines.append(f"padding: {share:.1%} of the products, {words:.5g} cycles a vector of them "
                     f"where {whole:.5g} would do without")  # fmt: skip
    return lines


def bound_cycles(spec: DetectorSpec, lanes: int, packed: bool = False) -> float:
    """Cycles a vector at best: of the products, or of the longest stream."""
    return Bound.of(spec, lanes, packed).cycles


def vector_bits(spec: DetectorSpec) -> int:
    """Bits that one vector carries: the Gray bits of all columns."""
    return spec.columns * spec.constellation.bits


def mbit_s(spec: DetectorSpec, lanes: int, clock_mhz: float, packed: bool = False) -> float:
    """Throughput of the whole detector at a clock, at the bound."""
    return vector_bits(spec) * clock_mhz / bound_cycles(spec, lanes, packed)
