# SPDX-License-Identifier: Apache-2.0
"""requantize.sv against numbers/requantize.py, all instances of sv/primitives.sv at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from cocotb.triggers import Timer

from fixedpoint.numbers.format import Format, IntArray
from fixedpoint.numbers.requantize import requantize
from verification.regression.claims import PERIOD_NS, claim, seed
from verification.traffic.primitives import Requantizer, requantizers
from verification.traffic.scoreboard import Scoreboard
from verification.traffic.stimuli import corners, exhaustive, generator, integers, unpack

PORT_BITS = 63
EXHAUSTED = 8


def golden(case: Requantizer, q: IntArray) -> IntArray:
    """What an instance makes of the low bits of each value on the port."""
    spare = 64 - case.source
    return requantize(q << spare >> spare, case.shift, Format(case.target, 0))


async def compare(dut: Any, scoreboard: Scoreboard, q: IntArray, cases: list[Requantizer]) -> None:
    """Drive each value once; a wire is an instance, a vector holds its results for all values."""
    scoreboard.expect({str(case): golden(case, q) for case in cases})
    place = {case: i for i, case in enumerate(requantizers())}
    seen = []
    for value in q.tolist():
        dut.value_i.value = value & (1 << PORT_BITS) - 1
        await Timer(PERIOD_NS, "ns")
        seen.append(unpack(int(dut.value_o.value), 32, len(place)))
    for case in cases:
        scoreboard.observe(str(case), np.array(seen)[:, place[case]])


@claim
async def small_widths_agree_exhaustively(dut: Any, scoreboard: Scoreboard) -> None:
    """Every integer of every source up to 8 bits, at shifts from −3 to beyond the width."""
    cases = [case for case in requantizers() if case.source <= EXHAUSTED]
    await compare(dut, scoreboard, exhaustive(EXHAUSTED), cases)


@claim
async def corners_around_powers_of_two_agree(dut: Any, scoreboard: Scoreboard) -> None:
    """±2^k ± 2 at every instance: ties, both limits, and shifts beyond the source's width."""
    await compare(dut, scoreboard, corners(PORT_BITS), requantizers())


@claim
async def random_integers_of_all_magnitudes_agree(dut: Any, scoreboard: Scoreboard) -> None:
    """Seeded integers, as many small ones as large ones."""
    rng = generator(seed(), "requantize")
    await compare(dut, scoreboard, integers(rng, PORT_BITS, 1000), requantizers())
