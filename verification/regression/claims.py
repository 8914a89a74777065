# SPDX-License-Identifier: Apache-2.0
"""What every cocotb test has in common: `@claim` makes a test of a claim about the hardware.

A claim gets a scoreboard, and its verdict is the scoreboard's at the end, so that no test can
forget to ask. How many integers it compared, and in how many cycles, goes to the tally that
`verification.regress` reads. Imported inside the simulator only.
"""

from __future__ import annotations

import json
import os
from collections.abc import Awaitable, Callable
from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, RisingEdge
from cocotb.utils import get_sim_time

from verification.regression.suite import Configuration, find
from verification.traffic.scoreboard import Scoreboard

PERIOD_NS = 2
LIMIT_CYCLES = 2_000_000
USUAL = 25  # repetitions that the limit allows for
Claim = Callable[[Any, Scoreboard], Awaitable[None]]
CONFIGURATION, SEED, TALLY = "BITFOLD_CONFIGURATION", "BITFOLD_SEED", "BITFOLD_TALLY"
COUNT = "BITFOLD_COUNT"


def configuration() -> Configuration:
    """The configuration that this simulator was built for."""
    return find(os.environ[CONFIGURATION])


def seed() -> int:
    """The seed of this run."""
    return int(os.environ[SEED])


def claim(body: Claim) -> object:
    """Make a cocotb test of `body(dut, scoreboard)`; it fails after two million cycles.

    After more where it repeats itself more often than by default.
    """
    name = body.__name__

    async def test(dut: Any) -> None:
        repeat = (
            f"python -m verification.regress --bench {configuration().name} --test {name} "
            f"--seed {seed()} --waves"
        )
        cocotb.log.info("seed %d; repeat with: %s", seed(), repeat)
        scoreboard = Scoreboard(configuration().name, seed(), repeat)
        started = get_sim_time("ns")
        await body(dut, scoreboard)
        result = scoreboard.finish()
        cycles = round(float(get_sim_time("ns") - started) / PERIOD_NS)
        entry = {"test": name, "integers": result.total, "cycles": cycles,
                 "moments": scoreboard.moments, "behind": scoreboard.behind}  # fmt: skip
        with open(os.environ[TALLY], "a", encoding="utf-8") as tally:
            tally.write(json.dumps(entry) + "\n")

    test.__module__ = body.__module__
    limit = LIMIT_CYCLES * PERIOD_NS * max(1, count(1) // USUAL)
    return cocotb.test(name=name, timeout_time=limit, timeout_unit="ns")(test)


def count(default: int) -> int:
    """How often a claim repeats itself: `default`, or what `--count` of the regression says."""
    return int(os.environ.get(COUNT, default))


async def hold(clock: Any, reset: Any) -> None:
    """Start the clock under the active-low reset, which ends the random state of the registers."""
    reset.value = 0
    Clock(clock, PERIOD_NS, unit="ns").start()
    await ClockCycles(clock, 2)


async def release(clock: Any, reset: Any) -> None:
    """End the reset."""
    await ClockCycles(clock, 2)
    reset.value = 1
    await RisingEdge(clock)
