# SPDX-License-Identifier: Apache-2.0
"""What the C++ views are compared on: shipped specs on channel draws, stress specs on extremes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from fixedpoint.detector import Detector, Integers
from fixedpoint.detectors import library as specs
from fixedpoint.program import coverage
from fixedpoint.receivers import family
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.stress import extreme
from fixedpoint.stress.catalog import catalog, large
from fixedpoint.vectors import layers as golden

ENOUGH = 1000


@dataclass(frozen=True)
class Case:
    """A spec with the source of its vectors: `draw(spec, count, seed)`.

    `exhaustive`: from ENOUGH vectors on, a run must hit every reachable saturation, branch, tie and
    SNR entry. Channel draws and the small sizes need not: their rarest ties take more.
    """

    name: str
    spec: DetectorSpec
    draw: Callable[[DetectorSpec, int, int], Integers]
    exhaustive: bool

    def inputs(self, count: int, seed: int) -> Integers:
        """`count` vectors as integers. Raises `ValueError` if that is less than 1."""
        return self.draw(self.spec, count, seed)

    def chunks(self, count: int, seed: int, size: int) -> Iterator[tuple[int, Integers]]:
        """`count` vectors, up to `size` at a time: chunk i with its seed, `seed` + i.

        Shows progress on a terminal. Raises `ValueError` if `count` is less than 1.
        """
        if count < 1:
            raise ValueError(f"{count} vectors: at least 1 was expected")
        shown = sys.stderr.isatty() and count > size
        for i, start in enumerate(range(0, count, size)):
            yield seed + i, self.inputs(min(size, count - start), seed + i)
            if shown:
                done = min(start + size, count)
                end = "\r" if done < count else "\n"
                print(f"{self.name}: {done:,} of {count:,} vectors", end=end, file=sys.stderr)

    def missed(self, events: coverage.Events, count: int) -> list[str]:
        """What a run of `count` vectors had to hit and did not."""
        return family.missed(self.spec, events) if self.exhaustive and count >= ENOUGH else []


def channel_draw(spec: DetectorSpec, count: int, seed: int) -> Integers:
    """Vectors of the paper's channel, each at an SNR drawn from the bank."""
    drawn = golden.draw(spec, count, seed, None)
    return Detector(spec).quantize(drawn.h, drawn.y, drawn.snr_db, quiet=True)


def stress_draw(spec: DetectorSpec, count: int, seed: int) -> Integers:
    """Extreme vectors over the whole of the formats, in blocks of up to 16.

    Of up to 8 where a block has one SNR entry, so that 288 vectors visit all 36.
    """
    if count < 1:
        raise ValueError(f"{count} vectors: at least 1 was expected")
    longest = golden.LONGEST_BLOCK // (2 if spec.one_snr_a_block else 1)
    size = next(b for b in range(longest, 0, -1) if count % b == 0)
    return Integers(*extreme.vectors(spec, seed, count // size, size))


def all_cases() -> list[Case]:
    """Every shipped spec, and every stress spec of every detector but the odd ones."""
    made = catalog().values()
    return [
        *(Case(name, specs.load(name), channel_draw, False) for name in specs.shipped()),
        *(Case(spec.name, spec, stress_draw, spec in each.exhaustive)
          for each in made for spec in each.whole),
    ]  # fmt: skip


def odd_specs() -> list[DetectorSpec]:
    """Of every detector the stress specs of odd sizes, which are for the RTL."""
    return [spec for pair in zip(*(each.odd for each in catalog().values()), strict=True)
            for spec in pair]  # fmt: skip


def large_specs() -> list[DetectorSpec]:
    """The largest sizes, which are for the RTL."""
    return list(large())


def find(name: str) -> Case:
    """A case by its name, or channel draws on a spec file. Raises `ValueError`.

    Beside all cases those of `odd_specs` and `large_specs`, which are for the RTL.
    """
    beside = [*odd_specs(), *large_specs()]
    every = [*all_cases(), *(Case(spec.name, spec, stress_draw, False) for spec in beside)]
    for case in every:
        if case.name == name:
            return case
    if not Path(name).exists():
        names = ", ".join(case.name for case in every)
        raise ValueError(f"spec {name!r} is unknown: one of {names}, or a spec file")
    return Case(name, specs.load(name), channel_draw, False)
