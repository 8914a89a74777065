# SPDX-License-Identifier: Apache-2.0
"""The stress specs of every detector, and what each of them serves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.stress import admm, distributed, hyper, pgd
from fixedpoint.stress.soft import softened


@dataclass(frozen=True)
class Catalog:
    """The stress specs of one detector.

    exhaustive: a thousand vectors of theirs cause every event that can be reached. small: two whose
    hardware is made in seconds, the first one with soft bits. others: of other sizes and widths.
    odd: of sizes that are no powers of two, 6×5 and 12×7 antennas.
    """

    exhaustive: tuple[DetectorSpec, ...]
    small: tuple[DetectorSpec, DetectorSpec]
    others: tuple[DetectorSpec, ...]
    odd: tuple[DetectorSpec, DetectorSpec]

    @property
    def whole(self) -> tuple[DetectorSpec, ...]:
        """All but the odd ones."""
        return (*self.exhaustive, *self.small, *self.others)


@cache
def catalog() -> Mapping[str, Catalog]:
    """That of each detector by its name, in the order of the registry."""
    return {
        "pgd": Catalog(
            (pgd.spec("soft", 32, 32), pgd.spec("box", 32, 32), pgd.spec("soft", 32, 16)),
            (softened(pgd.modulated(pgd.spec("box", 16, 8, layers=2), "64qam")),
             pgd.modulated(pgd.spec("soft", 8, 4, layers=3), "qpsk")),
            (pgd.wide(), pgd.left()),
            (pgd.spec("soft", 12, 10), pgd.spec("soft", 24, 14)),
        ),
        "admm": Catalog(
            (admm.spec("soft", 32, 32), admm.spec("box", 32, 32)),
            (softened(admm.spec("box", 8, 4)), admm.spec("soft", 8, 4)),
            (admm.spec("soft", 64, 16), admm.spec("box", 64, 16)),
            (admm.spec("box", 12, 10), admm.spec("box", 24, 14)),
        ),
        "hpd": _units("hpd"),
        "fpd": _units("fpd", (
            hyper.spec(rows=32, columns=8, units=4, bits=2, modulation="16qam"),
            hyper.spec(rows=24, columns=4, units=3, bits=3, modulation="16qam"),
        )),
    }  # fmt: skip


@cache
def large() -> tuple[DetectorSpec, ...]:
    """Of 256×64 antennas, for the RTL alone."""
    return (pgd.spec("soft", 512, 128, layers=2),)


def _units(detector: str, beside: tuple[DetectorSpec, ...] = ()) -> Catalog:
    """4, 3 (no power of two), 2 and 1 units, converters of 1 to 4 bits, and the shipped size."""

    def made(rows: int, columns: int, units: int, bits: int, modulation: str) -> DetectorSpec:
        return distributed.spec(detector, rows=rows, columns=columns, units=units, bits=bits,
                                modulation=modulation)  # fmt: skip

    return Catalog(
        (made(32, 8, 4, 2, "16qam"),),
        (softened(made(24, 4, 3, 3, "16qam")), made(16, 4, 2, 1, "qpsk")),
        (made(16, 4, 1, 4, "64qam"), made(128, 16, 4, 2, "16qam"), *beside),
        (made(24, 10, 2, 1, "16qam"), made(48, 14, 2, 1, "16qam")),
    )
