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


CORES = _of(("golden",), "admm-box-soft", "pm5-16x16-16qam-soft", "pm10-16x16-16qam-soft")
PUSCH = "pm5-16x8-16qam-soft"
IID = "independent entries"

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
