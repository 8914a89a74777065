# SPDX-License-Identifier: Apache-2.0
"""Every top when its streams go wrong: lost and damaged frames, old ones, resets of one cycle."""

from __future__ import annotations

from typing import Any

import numpy as np

from verification.drivers.choice import start
from verification.drivers.unit import UnitDriver
from verification.regression.claims import claim, count, seed
from verification.traffic.damage import GOES, VOID, Damage
from verification.traffic.scoreboard import Scoreboard
from verification.traffic.stimuli import generator, never, short, stalls
from verification.traffic.theta import drawn, writable

BLOCKS, DAMAGED = 6, 4  # damage begins in the first four blocks, and the last one stays whole


@claim
async def a_damaged_tlast_costs_the_frames_and_vectors_that_the_rule_names(
    dut: Any, scoreboard: Scoreboard
) -> None:
    """Early, late or missing on each input stream in turn; all others are exact, all counted."""
    bench = await start(dut, scoreboard)
    rng = generator(seed(), "damage")
    streams = len(bench.h) + 1
    names = [*bench.names("h"), "y"]
    bad, lost = np.zeros(streams, dtype=int), 0
    for attempt in range(count(6) * streams):
        quiet = rng.random(3) < 0.5
        bench.stall(*(never() if q else stalls(rng, 0.5) for q in quiet))
        vectors = int(rng.integers(1, 4))
        inputs = bench.drawn(BLOCKS, vectors, seed() + attempt)
        stream = attempt % streams
        frames = DAMAGED if stream < len(bench.h) else DAMAGED * vectors
        cost = bench.send(inputs, damage=Damage.draw(rng, stream, bench.beats_of(stream), frames))
        await bench.drain()
        assert any(cost.bad), "nothing was damaged"
        scoreboard.moments[names[stream]] += 1
        scoreboard.behind += int(np.sum(cost.fate == GOES))
        bad += cost.bad
        lost += int(np.sum(cost.fate == VOID))
        bench.check_dropped("h", bad[:-1].tolist())
        bench.check_dropped("y", [int(bad[-1])])
        bench.check_lost(lost)
    assert lost, "no vector lost its H"


@claim
async def a_block_without_any_y_ends_with_the_next_one(dut: Any, scoreboard: Scoreboard) -> None:
    """Ten blocks of one vector, the frames of y of the fourth and of the last but one too short."""
    bench = await start(dut, scoreboard)
    inputs, rows = bench.drawn(10, 1, seed()), bench.beats_of(len(bench.h))
    for frame in (3, 8):
        cost = bench.send(inputs, damage=Damage(len(bench.h), (frame * rows + rows // 2,)))
        assert np.sum(cost.fate == GOES) == 9
        await bench.drain()
    bench.check_lost(0)


@claim
async def a_matrix_that_is_not_newer_is_a_bad_frame(dut: Any, scoreboard: Scoreboard) -> None:
    """Sent again, or an older one: dropped and counted; the blocks around it are exact."""
    bench = await start(dut, scoreboard)
    for attempt in range(4):
        inputs = bench.drawn(3, 2, seed() + attempt)
        bench.send(inputs)
        await bench.drain()
        bench.blocks -= 1 + attempt % 3
        for source, frame in zip(
            bench.h, bench.h_frames(inputs.h[0], int(inputs.index[0, 0])), strict=True
        ):
            source.send(frame)
        bench.blocks += 1 + attempt % 3
    bench.send(bench.drawn(2, 2, seed()))
    await bench.drain()
    bench.check_dropped("h", [4] * len(bench.h))
    bench.check_lost(0)


@claim
async def a_reset_of_one_cycle_at_any_moment_is_enough(dut: Any, scoreboard: Scoreboard) -> None:
    """With traffic on all streams, each one followed by blocks that are exact."""
    bench = await start(dut, scoreboard)
    rng = generator(seed(), "one cycle")
    flying = 0
    for attempt in range(count(12)):
        bench.stall(*(stalls(rng, rng.choice((0.0, 0.2, 0.7))) for _ in range(3)))
        if isinstance(bench, UnitDriver):
            bench.partner.behave(rng, int(rng.choice((0, 50, 400))))
            bench.partner.down.stalls = stalls(rng, rng.choice((0.0, 0.5)))
        inputs = bench.drawn(4, int(rng.integers(1, 5)), seed() + attempt)
        if rng.random() < 0.3:
            bench.y.send(short(bench.y_frame(inputs.y[0, 0], 0), rng))
        bench.send(inputs)
        await bench.cycle(int(rng.integers(1, 12 * bench.spec.depth * bench.spec.rows)))
        if writable(bench.spec) and rng.random() < 0.5:
            await bench.load(drawn(rng, bench.spec))
            await bench.cycle(int(rng.integers(1, 40)))
        flying += bool(scoreboard.pending)
        scoreboard.moments["reset"] += 1
        await bench.reset(1)
        if rng.random() < 0.5:
            await bench.cycle(int(rng.integers(1, 20)))
        assert not bench.offered, "an output survived the reset"
        assert not dut.busy.value, "busy behind the reset"
        bench.stall(never(), never(), never())
        bench.send(bench.drawn(2, 2, seed() + attempt))
        await bench.drain()
        scoreboard.behind += 4
        assert bench.counted("y") == [0], "the reset left the error count"
    assert flying > count(12) // 3, f"only {flying} resets met a vector in flight"
