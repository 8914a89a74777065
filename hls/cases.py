# SPDX-License-Identifier: Apache-2.0
"""What the C++ views are compared on: shipped specs on channel draws, stress specs on extremes."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from fixedpoint.detector import Detector, Integers
from fixedpoint.detectors import library as specs
from fixedpoint.detectors.library import DetectorSpec, PgdFormats, PgdSpec, odd_reciprocal
from fixedpoint.numbers.format import Format
from fixedpoint.numbers.modulation import MODULATIONS
from fixedpoint.program import coverage
from fixedpoint.receivers import family
from fixedpoint.stress import admm as admm_stress
from fixedpoint.stress import distributed as distributed_stress
from fixedpoint.stress import hyper as hyper_stress
from fixedpoint.stress import pgd as stress
from fixedpoint.vectors import layers as golden

ENOUGH = 1000
EXHAUSTIVE = (
    "stress-admm-soft-32x32", "stress-admm-box-32x32",
    "stress-hpd-32x8x4-16qam-2bit", "stress-fpd-32x8x4-16qam-2bit",
)  # fmt: skip
"""Stress specs of the other detectors that exercise everything reachable."""


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
    return Detector(spec).quantize(drawn.h, drawn.y, drawn.snr_db)


def stress_draw(spec: DetectorSpec, count: int, seed: int) -> Integers:
    """Extreme vectors over the whole of the formats, in blocks of up to 16.

    Of up to 8 where a block has one SNR entry, so that 288 vectors visit all 36.
    """
    if count < 1:
        raise ValueError(f"{count} vectors: at least 1 was expected")
    longest = golden.LONGEST_BLOCK // (2 if spec.one_snr_a_block else 1)
    size = next(b for b in range(longest, 0, -1) if count % b == 0)
    return Integers(*stress.vectors(spec, seed, count // size, size))


def stress_specs() -> list[PgdSpec]:
    """PGD-Net: soft and box at 32×32, and soft at 32×16."""
    return [stress.spec(*shape) for shape in (("soft", 32, 32), ("box", 32, 32), ("soft", 32, 16))]


def small_specs() -> list[PgdSpec]:
    """PGD-Net in other sizes and modulations: 8×4 with QPSK, 16×8 with 64-QAM."""
    return [
        _modulated(stress.spec("soft", 8, 4, layers=3), "qpsk"),
        _modulated(stress.spec("box", 16, 8, layers=2), "64qam"),
    ]


def width_specs() -> list[PgdSpec]:
    """PGD-Net with sums beyond 32 bits; and requantizations that shift left."""
    wide = PgdFormats(
        h=Format(12, 10), y=Format(16, 10), residual=Format(12, 8), state=Format(24, 16),
        code=Format(12, 0), step=Format(14, 16), inverse=Format(20, 10), eta=Format(12, 10),
    )  # fmt: skip
    left = PgdFormats(
        h=Format(5, 1), y=Format(7, 3), residual=Format(12, 5), state=Format(20, 10),
        code=Format(4, 0), step=Format(6, 2), inverse=Format(8, 4), eta=Format(7, 2),
    )  # fmt: skip
    return [_formatted("wide", wide, 160), _formatted("left", left, 9)]


def distributed_specs(detector: str) -> list[DetectorSpec]:
    """HPD or FPD-Net: 4, 2, 3 (no power of two) and 1 units, 1 to 4 bits, and the shipped size."""
    return [
        distributed_stress.spec(
            detector, rows=rows, columns=columns, units=units, bits=bits, modulation=modulation
        )
        for rows, columns, units, bits, modulation in (
            (32, 8, 4, 2, "16qam"),
            (16, 4, 2, 1, "qpsk"),
            (24, 4, 3, 3, "16qam"),
            (16, 4, 1, 4, "64qam"),
            (128, 16, 4, 2, "16qam"),
        )
    ]


def hyper_specs() -> list[DetectorSpec]:
    """FPD-Net with its hyper-network: the first and the third of its stress specs."""
    return [
        hyper_stress.spec(rows=32, columns=8, units=4, bits=2, modulation="16qam"),
        hyper_stress.spec(rows=24, columns=4, units=3, bits=3, modulation="16qam"),
    ]


def admm_specs() -> list[DetectorSpec]:
    """ADMM-Net, soft and box: 32×32, 8×4, and 64×16, whose F has more rows than P."""
    return [
        admm_stress.spec(prox, rows, columns)
        for rows, columns in ((32, 32), (8, 4), (64, 16))
        for prox in ("soft", "box")
    ]


def odd_specs() -> list[DetectorSpec]:
    """Of every detector 6×5 and 12×7 antennas, of HPD and FPD-Net in each of two units."""
    return [
        made
        for rows, columns in ((12, 10), (24, 14))
        for made in (
            stress.spec("soft", rows, columns),
            admm_stress.spec("box", rows, columns),
            *(
                distributed_stress.spec(detector, rows=2 * rows, columns=columns, units=2, bits=1)
                for detector in ("hpd", "fpd")
            ),
        )
    ]


def all_cases() -> list[Case]:
    """Every shipped spec, every detector's stress specs, other sizes and other widths."""
    others = admm_specs() + distributed_specs("hpd") + distributed_specs("fpd") + hyper_specs()
    return [
        *(Case(name, specs.load(name), channel_draw, False) for name in specs.shipped()),
        *(Case(spec.name, spec, stress_draw, True) for spec in stress_specs()),
        *(Case(spec.name, spec, stress_draw, False) for spec in small_specs() + width_specs()),
        *(Case(spec.name, spec, stress_draw, spec.name in EXHAUSTIVE) for spec in others),
    ]


def find(name: str) -> Case:
    """A case by its name, or channel draws on a spec file. Raises `ValueError`.

    Beside all cases those of `odd_specs`, which are for the RTL.
    """
    every = [*all_cases(), *(Case(spec.name, spec, stress_draw, False) for spec in odd_specs())]
    for case in every:
        if case.name == name:
            return case
    if not Path(name).exists():
        names = ", ".join(case.name for case in every)
        raise ValueError(f"spec {name!r} is unknown: one of {names}, or a spec file")
    return Case(name, specs.load(name), channel_draw, False)


def _formatted(name: str, formats: PgdFormats, first_step: int) -> PgdSpec:
    """An 8×4 stress spec in other formats; its steps start at `first_step`."""
    base = stress.spec("box", 8, 4, layers=3)
    bank = range(first_step, first_step + len(base.snr))
    step = tuple(min(q, formats.step.max) for q in bank)
    inverse = tuple(odd_reciprocal(q, formats.step, formats.inverse) for q in step)
    highest = formats.state.max // 2
    layers = (dataclasses.replace(layer, step=step, inverse=inverse) for layer in base.layers)
    return dataclasses.replace(
        base,
        name=f"stress-{name}-8x4",
        formats=formats,
        layers=tuple(dataclasses.replace(layer, threshold=highest) for layer in layers),
        slicer=base.constellation.thresholds(formats.state),
    )


def _modulated(spec: PgdSpec, modulation: str) -> PgdSpec:
    return dataclasses.replace(
        spec,
        name=f"{spec.name}-{modulation}",
        modulation=modulation,
        slicer=MODULATIONS[modulation].thresholds(spec.formats.state),
    )
