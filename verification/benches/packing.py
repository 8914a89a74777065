# SPDX-License-Identifier: Apache-2.0
"""Which vectors share a slot of packed hardware; what they compute is the detector's bench's."""

from __future__ import annotations

from typing import Any

import numpy as np
from cocotb.triggers import ClockCycles

from fixedpoint.detector import Integers
from fixedpoint.specs.detector import DetectorSpec
from verification.drivers.choice import start
from verification.drivers.detector import DetectorDriver
from verification.regression.claims import claim, seed
from verification.traffic.scoreboard import Scoreboard
from verification.traffic.stimuli import Frame, generator, long, short
from verification.traffic.trace import ENTRANCES

DRAWN = 23  # vectors that blocks are made of; a prime, so that each has an H of its own
START_CYCLES = 40  # from the last beat of a lone y to its first sums, at most, but for their pass


def block(spec: DetectorSpec, inputs: Integers, first: int, size: int) -> Integers:
    """One coherence block of vectors that were drawn with an H each: the first one's serves all.

    So does its SNR entry, where a block has one.
    """
    some = slice(first, first + size)
    index = np.swapaxes(inputs.index[some], 0, 1)
    if spec.one_snr_a_block:
        index = np.repeat(index[:, :1], size, axis=1)
    return Integers(inputs.h[first : first + 1], np.swapaxes(inputs.y[some], 0, 1), index)


async def frames_behind_their_matrix(bench: DetectorDriver, part: Integers) -> list[Frame]:
    """Expect a block, send its H alone and wait until it is there; the frames of y to be sent."""
    bench.expect(part)
    for source, frame in zip(
        bench.h, bench.h_frames(part.h[0], int(part.index[0, 0])), strict=True
    ):
        source.send(frame)
    frames = [bench.y_frame(y, int(i)) for y, i in zip(part.y[0], part.index[0], strict=True)]
    bench.blocks += 1
    while not all(source.idle for source in bench.h):
        await bench.cycle()
    return frames


@claim
async def pairs_form_within_a_block_alone(dut: Any, scoreboard: Scoreboard) -> None:
    """Blocks of odd and even sizes back to back: the odd vector out goes alone."""
    bench = await start(dut, scoreboard)
    inputs = bench.case.inputs(DRAWN, seed())
    sizes = (4, 1, 3, 1, 1, 5, 2, 6)
    for first, size in zip(np.cumsum((0, *sizes[:-1])), sizes, strict=True):
        bench.send(block(bench.spec, inputs, int(first), size))
    await bench.drain()
    groups = bench.trace.groups
    assert set(np.cumsum(sizes)) <= set(np.cumsum(groups)), f"groups {groups} of blocks {sizes}"
    pairs = groups.count(2)
    assert pairs >= len(groups) // 3, f"only {pairs} pairs among the groups {groups}"


@claim
async def a_lone_vector_waits_for_nobody(dut: Any, scoreboard: Scoreboard) -> None:
    """With nothing else in flight it starts at once, alone; so does the last one of a block."""
    bench = await start(dut, scoreboard)
    inputs = bench.case.inputs(DRAWN, seed())
    (entrance,) = (side.point for side in bench.sides if side.point.name in ENTRANCES)
    seen = getattr(dut, f"trace_{entrance.name}_valid")
    most = START_CYCLES + (0 if entrance.rows else bench.spec.rows)  # columns show a whole pass
    for first in range(3):
        for frame in await frames_behind_their_matrix(bench, block(bench.spec, inputs, first, 1)):
            bench.y.send(frame)
        await bench.sent()
        waited = 0
        while not seen.value:
            await bench.cycle()
            waited += 1
            assert waited <= most, "a lone vector does not start"
        await bench.drain()
    bench.send(block(bench.spec, inputs, 3, 4))
    await bench.drain()
    groups = bench.trace.groups
    assert groups[:3] == [1, 1, 1], f"groups {groups}"
    assert sum(groups) == 7, f"groups {groups} of 7 vectors"


@claim
async def a_broken_frame_does_not_part_a_pair(dut: Any, scoreboard: Scoreboard) -> None:
    """Short and long frames of y between the first and the second vector of a pair."""
    bench = await start(dut, scoreboard)
    inputs, rng = bench.case.inputs(DRAWN, seed()), generator(seed(), "packing")
    for attempt, broken in enumerate((short, long)):
        frames = await frames_behind_their_matrix(bench, block(bench.spec, inputs, 3 * attempt, 3))
        for frame in (*frames[:2], broken(frames[0], rng), frames[2]):
            bench.y.send(frame)
        await bench.drain()
    assert bench.trace.groups == [1, 2, 1, 2], f"groups {bench.trace.groups}"
    bench.check_dropped("y", [2])


@claim
async def a_reset_forgets_the_vector_that_waits(dut: Any, scoreboard: Scoreboard) -> None:
    """The first of a pair is there, its partner is not; what comes behind the reset is exact."""
    bench = await start(dut, scoreboard)
    inputs = bench.case.inputs(DRAWN, seed())
    for first in (0, 2, 4):
        bench.send(block(bench.spec, inputs, first, 2))
        await bench.sent()
        await ClockCycles(dut.aclk, 3)
        assert dut.busy.value, "nothing was in flight"
        await bench.reset()
        assert not dut.busy.value, "busy behind the reset"
    bench.send(block(bench.spec, inputs, 0, 7))
    await bench.drain()
    groups = bench.trace.groups
    assert sum(groups) == 7, f"groups {groups} of 7 vectors"
    assert groups.count(2) >= 2, f"groups {groups}"
