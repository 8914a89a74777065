# SPDX-License-Identifier: Apache-2.0
"""Soft bits have a stream of their own, beside that of the decided bits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from verification.drivers.choice import start
from verification.regression.claims import claim, seed
from verification.traffic.scoreboard import Scoreboard
from verification.traffic.stimuli import bursts, generator, never, stalls

VECTORS = 64
"""More than slots, buffers and the ring of frames of y hold, with two vectors a slot too."""
PLACES = 2
"""At least, of vectors or pairs; more where vectors follow each other at once."""
STILL = 2_000
"""Cycles in which every vector that can go on does."""


@claim
async def each_output_stream_waits_for_its_own_reader_alone(
    dut: Any, scoreboard: Scoreboard
) -> None:
    """One is not read: the other one sends what both had room for, and y waits. Nothing is lost."""
    bench = await start(dut, scoreboard)
    rooms = []
    for blocked, sink in bench.leaving.items():
        (other,) = (each for name, each in bench.leaving.items() if name != blocked)
        closed = True

        def gate() -> Iterator[bool]:
            while True:
                yield closed  # noqa: B023, as it is now

        sink.stalls, other.stalls = gate(), never()
        before, refused = sink.frames, bench.y.refused
        assert other.frames == before
        bench.send(bench.case.inputs(VECTORS, seed()))
        moved = -1
        while moved != scoreboard.total:
            moved = scoreboard.total
            await bench.cycle(STILL)
        assert sink.frames == before, f"{blocked} was taken by nobody"
        sent = other.frames - before
        assert PLACES <= sent < VECTORS // 2, f"{sent} vectors beside {blocked}"
        rooms.append(sent)
        assert sink.offered, f"no beat of {blocked} waits"
        assert not other.offered, f"a beat waits beside {blocked}, whose reader never does"
        assert bench.y.refused > refused, "y never had to wait"
        closed = False
        await bench.drain()
        assert sink.frames == other.frames == before + VECTORS
    assert len(set(rooms)) == 1, f"room for {rooms} vectors, the same of both was expected"


@claim
async def readers_out_of_step_get_the_same_vectors_in_order(
    dut: Any, scoreboard: Scoreboard
) -> None:
    """Each stops for long at times of its own; behind a reset both begin anew."""
    bench = await start(dut, scoreboard)
    rng = generator(seed(), "two readers")
    apart = 0
    for attempt in range(3):
        bench.stall(never(), never(), bursts(rng, 400), bursts(rng, 400))
        bench.send(bench.case.inputs(24, seed() + attempt))
        while scoreboard.pending:
            await bench.cycle(20)
            apart += bench.x.frames != bench.leaving["llr"].frames
            if attempt == 1 and bench.x.frames > 10 + 24:
                await bench.reset()
        await bench.drain()
    assert apart, "the streams were never out of step"
    bench.stall(never(), never(), stalls(rng, 0.9), stalls(rng, 0.1))
    bench.send(bench.case.inputs(8, seed()))
    await bench.drain()
