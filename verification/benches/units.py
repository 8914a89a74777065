# SPDX-License-Identifier: Apache-2.0
"""A whole detector: units that get their H at different times, and lose one of their own."""

from __future__ import annotations

from typing import Any

from verification.drivers.choice import start
from verification.regression.claims import claim, seed
from verification.traffic.scoreboard import Scoreboard
from verification.traffic.stimuli import bursts, generator, long, never, short, stalls

PRIME = 23  # as many vectors as blocks: an H for each


@claim
async def matrices_of_the_units_come_at_different_times(dut: Any, scoreboard: Scoreboard) -> None:
    """Each unit's H stream has a pace of its own, and another one is the slowest in each round."""
    bench = await start(dut, scoreboard)
    rng = generator(seed(), "paces")
    bench.stall(never(), stalls(rng, 0.1), stalls(rng, 0.1))
    for slowest in range(bench.units):
        for unit, source in enumerate(bench.h):
            source.stalls = stalls(rng, 0.9 if unit == slowest else 0.1)
        bench.send(bench.case.inputs(PRIME, seed() + slowest))
        await bench.drain()


@claim
async def a_matrix_dropped_in_one_unit_holds_up_the_others_only(
    dut: Any, scoreboard: Scoreboard
) -> None:
    """Broken frames at one unit at a time: it waits for its next whole H, the others for it."""
    bench = await start(dut, scoreboard)
    rng = generator(seed(), "one unit")
    bench.stall(bursts(rng, 30), never(), never())
    for unit, source in enumerate(bench.h):
        inputs = bench.case.inputs(4, seed() + unit)
        for broken in (short, long)[: 1 + unit % 2]:
            frame = bench.h_frames(rng.permutation(inputs.h[0]), 0)[unit]
            source.send(broken(frame, rng))
        bench.send(inputs)
    await bench.drain()
    dropped = [1 + unit % 2 for unit in range(bench.units)]
    bench.check_dropped("h", dropped)
