# SPDX-License-Identifier: Apache-2.0
"""A shipped detector at the lanes it is meant for: a few vectors of the channel, every wire."""

from __future__ import annotations

from typing import Any

from verification.drivers.choice import start
from verification.regression.claims import claim, seed
from verification.traffic.scoreboard import Scoreboard
from verification.traffic.stimuli import bursts, generator, stalls

VECTORS = 32


@claim
async def channel_draws_equal_the_golden_model(dut: Any, scoreboard: Scoreboard) -> None:
    """Under stalls on every stream; the long comparison is the library's."""
    bench = await start(dut, scoreboard)
    rng = generator(seed(), "shipped")
    bench.stall(stalls(rng, 0.2), bursts(rng, 40), stalls(rng, 0.2))
    bench.send(bench.case.inputs(VECTORS, seed()))
    await bench.drain()
