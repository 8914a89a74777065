# SPDX-License-Identifier: Apache-2.0
"""The parts of links: which words of which systems, by which detectors, at which SNRs."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.evidence.link.coded import Coded
from benchmarks.evidence.link.part import SIONNAS, Part
from benchmarks.evidence.link.pusch import Pusch


def _range(first: float, step: float, points: int = 5) -> tuple[float, ...]:
    return tuple(first + step * i for i in range(points))


def _of(kinds: Sequence[str], *specs: str) -> tuple[str, ...]:
    return tuple(f"{kind} {spec}" for kind in kinds for spec in specs)


def _by_bits(softened: str, base: str) -> tuple[str, ...]:
    """A spec with soft bits of 4, 5, 6 and 8 bits, its float twin and its decisions."""
    integers = (f"{base}-llr4", f"{base}-llr5", softened, f"{base}-llr8")
    return ("lmmse", "ep", *_of(("golden",), *integers), *_of(("twin", "hard"), softened))


CORES = _of(("golden",), "admm-box-soft", "pm5-16x16-16qam-soft", "pm10-16x16-16qam-soft")
WHOLE = ("golden", "twin", "hard")
UNITS = ("hpd-16qam-2bit-soft", "fpd-16qam-2bit-soft")
PUSCH = "pm5-16x8-16qam-soft"
MORE = 200
"""Words of parts whose differences are small."""
IID = "independent entries"
BY_BITS = {0.5: (*_range(11.5, 0.75), 16.0), 0.75: (15.5, 16.5, 17.5, 18.5, 20.5, 22.5, 24.5)}
BITS_NOTE = (
    "Integers have soft bits of 4, 5, 6 (`-soft`) and 8 bits; the float twin has the constants of "
    "the 6-bit one and exact max-log."
)
UNITS_NOTE = (
    "LMMSE is given the samples before the converters, which no such receiver has. Units have soft "
    "bits of 6 bits."
)

PARTS: tuple[Part, ...] = (
    Coded(
        "coded-16x16",
        "16×16, 16-QAM",
        IID,
        "16x16-16qam",
        (*SIONNAS, *CORES),
        {0.5: _range(11.5, 0.75), 0.75: (15.5, 16.5, 17.5, 18.5, 20.5, 22.5)},
        choice=True,
    ),
    Coded(
        "coded-16x16-correlated",
        "16×16, 16-QAM",
        "correlation .7",
        "16x16-16qam:receive_correlation=0.7,transmit_correlation=0.7",
        (*SIONNAS, *CORES),
        {0.5: _range(18.0, 1.5), 0.75: _range(22.0, 2.0, 6)},
        choice=True,
    ),
    Coded(
        "coded-64x8",
        "64×8, 16-QAM",
        IID,
        "64x8-16qam",
        (*SIONNAS, *_of(("golden",), "pm5-64x8-16qam-soft")),
        {0.5: _range(-2.75, 0.375), 0.75: _range(1.0, 0.5)},
        choice=True,
    ),
    Coded(
        "coded-bits-admm",
        "16×16, 16-QAM",
        "soft bits of 4 to 8 bits, ADMM-Net",
        "16x16-16qam",
        _by_bits("admm-box-soft", "admm-box"),
        BY_BITS,
        2 * MORE,
        BITS_NOTE,
    ),
    Coded(
        "coded-bits-pm",
        "16×16, 16-QAM",
        "soft bits of 4 to 8 bits, PM-Net",
        "16x16-16qam",
        _by_bits("pm5-16x16-16qam-soft", "pm5-16x16-16qam"),
        BY_BITS,
        2 * MORE,
        BITS_NOTE,
    ),
    Coded(
        "coded-units",
        "64×8, 16-QAM",
        "4 units, 2-bit converters",
        "64x8-16qam",
        ("lmmse", *_of(WHOLE, *UNITS)),
        {
            0.5: (-2.5, -1.5, 0.0, 0.75, 1.5, 2.25, 3.0),
            0.75: (1.5, 2.5, 4.0, 4.75, 5.5, 6.25, 7.0),
        },
        MORE,
        UNITS_NOTE,
    ),
    Coded(
        "coded-64qam",
        "8×8, 64-QAM",
        IID,
        "8x8-64qam",
        (*SIONNAS, *_of(WHOLE, "admm-8x8-64qam")),
        {
            0.5: (18.0, 18.75, 19.5, 20.25, 21.0, 22.5, 24.0),
            0.75: (22.0, 23.25, 24.5, 25.75, 27.0, 28.5, 30.5),
        },
        2 * MORE,
        "The integers are of a build that trains for a minute: `benchmarks/evidence/specs`.",
    ),
    Pusch(
        "pusch-cdl-c",
        PUSCH,
        "8 users, 16 antennas, 16-QAM",
        "cdl-c",
        _range(10.0, 3.0),
        200,
        (1, 2, 4, 12),
        "LMMSE is given each subcarrier's own estimate, as Sionna's receiver does by default; "
        "groups share one preparation, made of their mean channel.",
    ),
    Pusch(
        "pusch-tdl-a",
        PUSCH,
        "8 users, 16 antennas, 16-QAM",
        "tdl-a",
        _range(6.0, 1.0),
        200,
    ),
)
BY_NAME = {part.name: part for part in PARTS}
