# SPDX-License-Identifier: Apache-2.0
"""θ loaded between vectors, by a unit and by a whole detector."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from cocotb.triggers import FallingEdge

from fixedpoint.numbers.format import IntArray
from verification.drivers.choice import start
from verification.regression.claims import claim, count, seed
from verification.traffic.damage import Damage, whole
from verification.traffic.scoreboard import Scoreboard
from verification.traffic.stimuli import generator, long, never, short, stalls
from verification.traffic.theta import beyond_frame, drawn, theta_frame

ROUNDS = 6


@claim
async def a_new_theta_serves_exactly_the_vectors_after_it(dut: Any, scoreboard: Scoreboard) -> None:
    """It comes while vectors are in flight, which keep the one before."""
    bench = await start(dut, scoreboard)
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
    bench = await start(dut, scoreboard)
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
async def a_theta_offered_within_a_frame_of_y_waits_for_it(
    dut: Any, scoreboard: Scoreboard
) -> None:
    """With nothing at work: the frame that is partly in keeps the θ before."""
    bench = await start(dut, scoreboard)
    rng = generator(seed(), "within")
    for round_ in range(ROUNDS):
        await _send_a_part(bench, rng, seed() + round_)
        assert not dut.busy.value, "at work before there was a whole frame"
        taken = [source.beats for source in bench.theta]
        bench.offer(drawn(rng, bench.spec))
        await bench.cycle(20)
        assert [source.beats for source in bench.theta] == taken, "θ did not wait for y"
        bench.stall(never(), never(), never())
        bench.send(bench.drawn(1, 2, seed() + round_))
        await bench.drain()


@claim
async def a_theta_behind_a_reset_within_a_frame_of_y_waits_for_nothing(
    dut: Any, scoreboard: Scoreboard
) -> None:
    """The frame that was partly in is forgotten: θ is in before the next one begins."""
    bench = await start(dut, scoreboard)
    rng = generator(seed(), "forgotten")
    for round_ in range(ROUNDS):
        await _send_a_part(bench, rng, seed() + round_)
        await bench.reset()
        bench.stall(never(), never(), never())
        other = drawn(rng, bench.spec)
        bench.offer(other)
        await bench.cycle(2 * len(theta_frame(other)))
        assert all(source.idle for source in bench.theta), "θ waits for a y that is forgotten"
        bench.send(bench.drawn(1, 2, seed() + round_))
        await bench.drain()


@claim
async def a_damaged_tlast_of_theta_costs_whole_frames_alone(
    dut: Any, scoreboard: Scoreboard
) -> None:
    """In the first of three frames, at another beat in each unit: the last one is in use."""
    bench = await start(dut, scoreboard)
    rng, dropped = generator(seed(), "damaged theta"), [0] * bench.units
    for attempt in range(count(6)):
        frames = [theta_frame(drawn(rng, bench.spec)) for _ in range(2)]
        last = drawn(rng, bench.spec)
        beats = [*frames[0], *frames[1], *theta_frame(last)]
        size = len(frames[0])
        sent = [Damage.draw(rng, 0, size, 1).of(0, beats) for _ in range(bench.units)]
        dropped = [n + whole(one, size)[1] for n, one in zip(dropped, sent, strict=True)]
        await bench.load(last, sent)
        bench.send(bench.drawn(1, 2, seed() + attempt))
        await bench.drain()
        scoreboard.moments.update(bench.names("theta"))
        scoreboard.behind += 2
    bench.check_dropped("theta", dropped)


@claim
async def integers_outside_the_formats_of_theta_are_clamped(
    dut: Any, scoreboard: Scoreboard
) -> None:
    """Any integers of 16 bits beyond the ends of scales and tables."""
    bench = await start(dut, scoreboard)
    rng = generator(seed(), "beyond")
    for round_ in range(3):
        theta = drawn(rng, bench.spec)
        await bench.load(theta, [beyond_frame(rng, bench.spec, theta)] * bench.units)
        bench.send(bench.case.inputs(8, seed() + round_))
    await bench.drain()


@claim
async def a_reset_brings_back_the_theta_of_the_spec(dut: Any, scoreboard: Scoreboard) -> None:
    """Behind a whole frame, and in the middle of one, of which nothing is left behind."""
    bench = await start(dut, scoreboard)
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
        await _into_a_reset(bench, drawn(rng, bench.spec))


async def _into_a_reset(bench: Any, theta: IntArray) -> None:
    """Offer θ a cycle ahead of a reset of one cycle: it is not taken right behind that."""
    await bench.cycle(20)
    bench.offer(theta)
    while not all(source.offering for source in bench.theta):
        await FallingEdge(bench.clock)
    await FallingEdge(bench.clock)
    before = [source.beats for source in bench.theta]
    for level in (0, 1):
        bench.dut.aresetn.value = level
        await FallingEdge(bench.clock)
    assert [source.beats for source in bench.theta] == before, "θ is taken right behind a reset"
    await bench.reset()


async def _send_a_part(bench: Any, rng: np.random.Generator, inputs_seed: int) -> None:
    """Send a vector of which y stops within its frame, some cycles ago."""
    until = bench.y.beats + int(rng.integers(1, bench.beats_of(len(bench.h))))

    def gate() -> Iterator[bool]:
        while True:
            yield bench.y.beats >= until

    bench.stall(never(), gate(), never())
    bench.send(bench.drawn(1, 1, inputs_seed))
    while bench.y.beats < until:
        await bench.cycle()
    await bench.cycle(int(rng.integers(5)))
