# SPDX-License-Identifier: Apache-2.0
"""θ of FPD-Net loaded between vectors, by a unit and by a whole detector."""

from __future__ import annotations

from typing import Any

from verification import benches
from verification.claims import claim, seed
from verification.scoreboard import Scoreboard
from verification.stimuli import generator, long, short, stalls
from verification.theta_stream import beyond_frame, drawn, theta_frame

ROUNDS = 6


@claim
async def a_new_theta_serves_exactly_the_vectors_after_it(dut: Any, scoreboard: Scoreboard) -> None:
    """It comes while vectors are in flight, which keep the one before."""
    bench = await benches.start(dut, scoreboard)
    rng = generator(seed(), "theta")
    bench.stall(stalls(rng, 0.1), stalls(rng, 0.1), stalls(rng, 0.1))
    busy = 0
    for round_ in range(ROUNDS):
        for source in bench.theta:
            source.stalls = stalls(rng, rng.choice((0.0, 0.5)))
        bench.send(bench.case.inputs(6, seed() + round_))
        await bench.sent()
        busy += bool(dut.busy.value)
        await bench.load(drawn(rng, bench.spec))
    bench.send(bench.case.inputs(6, seed()))
    await bench.drain()
    assert busy == ROUNDS, f"θ came with vectors in flight in {busy} of {ROUNDS} rounds only"


@claim
async def a_broken_theta_is_dropped_counted_and_flagged(dut: Any, scoreboard: Scoreboard) -> None:
    """Alone it changes nothing, of a loaded θ neither; ahead of a whole one it shifts nothing."""
    bench = await benches.start(dut, scoreboard)
    rng = generator(seed(), "broken")
    dropped = 0
    for broken in (short, long, short, long):
        for source in bench.theta:
            source.send(broken(theta_frame(drawn(rng, bench.spec)), rng))
        dropped += 1
        if dropped % 2 == 0:
            await bench.load(drawn(rng, bench.spec))
        bench.send(bench.case.inputs(5, seed() + dropped))
        await bench.drain()
    bench.check_dropped("theta", [dropped] * bench.units)


@claim
async def integers_outside_the_formats_of_theta_are_clamped(
    dut: Any, scoreboard: Scoreboard
) -> None:
    """Any integers of 16 bits beyond the ends of scales and tables."""
    bench = await benches.start(dut, scoreboard)
    rng = generator(seed(), "beyond")
    for round_ in range(3):
        theta = drawn(rng, bench.spec)
        await bench.load(theta, beyond_frame(rng, theta))
        bench.send(bench.case.inputs(8, seed() + round_))
    await bench.drain()


@claim
async def a_reset_brings_back_the_theta_of_the_spec(dut: Any, scoreboard: Scoreboard) -> None:
    """Behind a whole frame, and in the middle of one, of which nothing is left behind."""
    bench = await benches.start(dut, scoreboard)
    rng = generator(seed(), "back")
    for attempt in range(4):
        bench.send(bench.case.inputs(4, seed() + attempt))
        theta = drawn(rng, bench.spec)
        await bench.load(theta)
        if attempt % 2:
            await bench.cycle(int(rng.integers(1, len(theta_frame(theta)))))
        else:
            bench.send(bench.case.inputs(4, seed() + attempt))
            await bench.drain()
        await bench.reset()
        bench.send(bench.case.inputs(4, seed() + attempt))
        await bench.drain()
        await bench.load(drawn(rng, bench.spec))
        bench.send(bench.case.inputs(4, seed() + attempt))
        await bench.drain()
