# SPDX-License-Identifier: Apache-2.0
"""Every top through AXI4-Stream against its golden model: outputs and every inner wire."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from cocotb.triggers import ClockCycles

from fixedpoint.detectors.registry import graph_digest
from verification.drivers.choice import start
from verification.drivers.frames import FrameSink
from verification.regression.claims import claim, seed
from verification.traffic.scoreboard import Scoreboard
from verification.traffic.stimuli import (
    beyond,
    bursts,
    clamped,
    generator,
    long,
    never,
    short,
    stalls,
    unpack,
)

PRIME = 23  # as many vectors as blocks: an H for each


@claim
async def outputs_and_inner_wires_equal_the_golden_model(dut: Any, scoreboard: Scoreboard) -> None:
    """Under random stalls on every stream, with every event that the spec can reach."""
    bench = await start(dut, scoreboard)
    rng = generator(seed(), "wires")
    bench.stall(stalls(rng, 0.3), bursts(rng, 40), stalls(rng, 0.3))
    bench.send(bench.case.inputs(bench.enough, seed()))
    await bench.drain()
    assert not bench.missed(), f"seed {seed()} never hit: {', '.join(bench.missed())}"


@claim
async def a_new_matrix_waits_for_the_vectors_in_flight(dut: Any, scoreboard: Scoreboard) -> None:
    """Banks fill while the vectors before are at work; behind blocks that take longer, H waits."""
    bench = await start(dut, scoreboard)
    bench.send(bench.case.inputs(PRIME, seed()))
    loading = 0
    while not bench.y.idle:
        before = bench.h_beats
        await ClockCycles(dut.aclk, 5)
        loading += bench.h_beats > before and bool(dut.busy.value)
    await bench.drain()
    assert loading, "no H was loaded while a vector was in flight"
    longer = bench.beats_of(0) // bench.beats_of(-1) + 2  # a vector takes as long as its y, or more
    bench.send(bench.drawn(3, longer, seed()))
    await bench.drain()
    assert all(source.refused for source in bench.h), "no H ever had to wait for its bank"


@claim
async def each_vector_gets_the_constants_of_its_own_snr_index(
    dut: Any, scoreboard: Scoreboard
) -> None:
    """Neighbours in the pipeline from the two ends of the bank, without a stall.

    Where all vectors of a block have one index, each is a block of its own.
    """
    bench = await start(dut, scoreboard)
    inputs = bench.case.inputs(PRIME if bench.spec.one_snr_a_block else 24, seed())
    ends = np.arange(inputs.index.size).reshape(inputs.index.shape) % 2
    bench.send(replace(inputs, index=ends * (len(bench.spec.snr) - 1)))
    await bench.drain()


@claim
async def a_reset_with_vectors_in_flight_leaves_nothing_behind(
    dut: Any, scoreboard: Scoreboard
) -> None:
    """Resets at random times, within frames too; what is sent afterwards is exact."""
    bench = await start(dut, scoreboard)
    rng = generator(seed(), "reset")
    for attempt in range(6):
        inputs = bench.case.inputs(12, seed() + attempt)
        bench.y.send(short(bench.y_frame(inputs.y[0, 0], 0), rng))
        bench.send(inputs)
        quarter = 12 * bench.spec.depth * bench.spec.rows // 4
        await ClockCycles(dut.aclk, int(rng.integers(20, quarter)))
        assert scoreboard.pending, "nothing was in flight"
        await bench.reset()
        assert not bench.offered, "an output survived the reset"
        assert not dut.busy.value, "busy behind the reset"
        assert bench.counted("y") == [0], "the reset left the error count"
    bench.send(bench.case.inputs(16, seed()))
    await bench.drain()


@claim
async def short_and_long_frames_are_dropped_counted_and_flagged(
    dut: Any, scoreboard: Scoreboard
) -> None:
    """On both input streams, ahead of whole frames, which must not shift."""
    bench = await start(dut, scoreboard)
    rng = generator(seed(), "frames")
    bench.stall(stalls(rng, 0.1), stalls(rng, 0.1), stalls(rng, 0.1))
    dropped = 0
    for attempt in range(4):
        inputs = bench.case.inputs(4, seed() + attempt)
        for broken in (short, long) if attempt % 2 else (long, short, short):
            matrix, vector = rng.permutation(inputs.h[0]), rng.permutation(inputs.y[0, 0])
            frames = bench.h_frames(matrix, len(bench.spec.snr) - 1)
            for source, frame in zip(bench.h, frames, strict=True):
                source.send(broken(frame, rng))
            bench.y.send(broken(bench.y_frame(vector, int(rng.integers(len(bench.spec.snr)))), rng))
            dropped += 1
        bench.send(inputs)
    await bench.drain()
    bench.check_dropped("h", [dropped] * bench.units)
    bench.check_dropped("y", [dropped])


@claim
async def integers_outside_their_formats_are_clamped(dut: Any, scoreboard: Scoreboard) -> None:
    """−128 and its like on both streams, an SNR index beyond the bank: as golden on the clamped."""
    bench = await start(dut, scoreboard)
    sent = beyond(generator(seed(), "clamp"), bench.spec, bench.case.inputs(32, seed()))
    bench.send(clamped(bench.spec, sent), sent)
    await bench.drain()


@claim
async def outputs_keep_still_under_back_pressure(dut: Any, scoreboard: Scoreboard) -> None:
    """A sink that hardly ever takes a beat holds up everything to y and loses nothing."""
    bench = await start(dut, scoreboard)
    rng = generator(seed(), "pressure")
    bench.stall(never(), never(), stalls(rng, 0.95))
    bench.send(bench.case.inputs(24, seed()))  # more than slots and output buffer hold
    await bench.drain()
    assert bench.x.held > 500, f"the output was stalled in {bench.x.held} cycles only"
    assert bench.y.refused, "y never had to wait"


@claim
async def a_beat_is_offered_before_anybody_asks_for_it(dut: Any, scoreboard: Scoreboard) -> None:
    """A sink that is ready only when it sees a beat, as AXI4-Stream allows it to be."""
    bench = await start(dut, scoreboard)

    def shy(sink: FrameSink) -> Iterator[bool]:
        while True:
            yield not sink.offered

    bench.stall(never(), never(), never())
    for sink in bench.leaving.values():
        sink.stalls = shy(sink)
    bench.send(bench.case.inputs(4, seed()))
    await bench.drain()


@claim
async def the_hardware_names_the_spec_that_it_was_built_from(
    dut: Any, scoreboard: Scoreboard
) -> None:
    """The digests of spec and graph on their ports, in words of 32 bits."""
    bench = await start(dut, scoreboard)
    shown = {"digest": (bench.spec.digest, dut.spec_digest),
             "graph": (graph_digest(bench.spec), dut.graph_digest)}  # fmt: skip
    for name, (expected, port) in shown.items():
        scoreboard.expect({name: unpack(int(expected, 16), 32, 8, signed=False)})
        scoreboard.observe(name, unpack(int(port.value), 32, 8, signed=False))
