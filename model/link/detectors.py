# SPDX-License-Identifier: Apache-2.0
"""What a coded link compares: Sionna's detectors and a spec's, all called with (y, h, s).

    lmmse             soft LMMSE, exact a posteriori LLRs, floating point
    lmmse-hard        its decisions
    kbest, kbest:K    Sionna's K-best search with the LLRs of its list, K = 64 by default
    ep, ep:L          Sionna's expectation propagation with L iterations, 10 by default
    golden            the spec's integers, with its soft bits
    twin              the spec's float twin, exact max-log
    hard              the spec's decisions

The last three are there once for each spec.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from sionna.phy.mimo import EPDetector, KBestDetector, LinearDetector
from torch import Tensor

from fixedpoint.specs.detector import DetectorSpec
from model.link.blocks import BitfoldDetector
from model.systems.system import System

Detect = Callable[[Tensor, Tensor, Tensor], Tensor]
OURS = ("golden", "twin", "hard")
LISTS = {"kbest": 64, "ep": 10}
"""Of Sionna's detectors with a number, that number by default."""
NAMES = ("lmmse", "lmmse-hard", *LISTS, *OURS)


class Entrant(NamedTuple):
    """A detector with its name in tables. hard: it gives decisions, not LLRs."""

    name: str
    detect: Detect
    hard: bool


def entrants(
    names: Sequence[str], system: System, specs: Sequence[DetectorSpec], outside: str = "clamp"
) -> list[Entrant]:
    """All that are named, in that order. `ValueError` on an unknown one, or on one without spec."""
    found = []
    for text in dict.fromkeys(names):
        name, colon, number = text.partition(":")
        if name not in NAMES or (colon and name not in LISTS):
            raise ValueError(f"detector {text!r} is not one of {', '.join(NAMES)}")
        if name in OURS:
            if not specs:
                raise ValueError(f"detector {text!r}: --spec was expected beside it")
            found += [_of_spec(name, spec, outside) for spec in specs]
        else:
            found.append(_of_sionna(text, name, system, number))
    return found


def _of_spec(name: str, spec: DetectorSpec, outside: str) -> Entrant:
    """A spec's."""
    hard, engine = name == "hard", "twin" if name == "twin" else "golden"
    block = BitfoldDetector(spec, hard_out=hard, gain=1.0, outside=outside, engine=engine)
    return Entrant(f"{name} {spec.name}", block, hard)


def _of_sionna(text: str, name: str, system: System, number: str) -> Entrant:
    """One of Sionna's."""
    bits = 2 * system.constellation.bits
    if name in LISTS:
        count = int(number) if number.isdecimal() else LISTS[name] if not number else 0
        if not 1 <= count <= 4096:
            raise ValueError(f"detector {text!r}: {name}:NUMBER, 1 to 4096, was expected")
        if name == "ep":
            return Entrant(text, EPDetector("bit", bits, l=count, precision="double"), False)
        return Entrant(text, KBestDetector("bit", system.nt, count, "qam", bits), False)
    hard = name == "lmmse-hard"
    made = LinearDetector("lmmse", "bit", "app", "qam", bits, hard_out=hard)
    return Entrant(text, made, hard)


def covariance(no: float, antennas: int, vectors: int) -> Tensor:
    """White noise of the variance `no`, (vectors, antennas, antennas)."""
    return (no * torch.eye(antennas, dtype=torch.complex64)).expand(vectors, -1, -1)
