# SPDX-License-Identifier: Apache-2.0
"""The engine's passes, A·v and Aᵀ·r or the latter alone, against numpy's products on integers."""

from __future__ import annotations

from typing import Any

import numpy as np
from cocotb.triggers import ClockCycles

from verification.drivers.engine import RECORD_BITS, TAG_BITS, EngineDriver
from verification.drivers.engine_model import ENTRY, Stimulus, model
from verification.regression.claims import claim, seed
from verification.traffic.scoreboard import Scoreboard
from verification.traffic.stimuli import generator, stalls

RECORD_MAX = (1 << RECORD_BITS - 1) - 1


def stimulus(rng: np.random.Generator, bench: EngineDriver, blocks: int, vectors: int) -> Stimulus:
    """Uniform integers over the whole of every format."""
    return Stimulus(
        rng.integers(ENTRY.min, ENTRY.max + 1, (blocks, bench.rows, bench.columns)),
        rng.integers(-RECORD_MAX, RECORD_MAX + 1, (blocks, vectors, bench.received)),
        rng.integers(0, 1 << TAG_BITS, (blocks, vectors)),
    )


@claim
async def both_passes_equal_the_products(dut: Any, scoreboard: Scoreboard) -> None:
    """Blocks of many vectors, no stall anywhere, the functions at fixed latencies."""
    bench = await EngineDriver.start(dut, scoreboard)
    bench.send(stimulus(generator(seed(), "products"), bench, 3, 8))
    await bench.drain()


@claim
async def latencies_stalls_and_room_change_nothing(dut: Any, scoreboard: Scoreboard) -> None:
    """States come back after any time, inputs with gaps, and room for outputs comes and goes."""
    rng = generator(seed(), "latencies")
    bench = await EngineDriver.start(dut, scoreboard, rng)
    bench.h.stalls, bench.y.stalls = stalls(rng, 0.3), stalls(rng, 0.3)
    bench.send(stimulus(rng, bench, 4, 5))
    await bench.drain()


@claim
async def a_new_matrix_waits_for_the_vectors_in_flight(dut: Any, scoreboard: Scoreboard) -> None:
    """Blocks of one to three vectors: each H is loaded while the vectors before are at work."""
    rng = generator(seed(), "matrices")
    bench = await EngineDriver.start(dut, scoreboard)
    for _ in range(8):
        bench.send(stimulus(rng, bench, 1, int(rng.integers(1, 4))))
    loading = 0
    while not bench.y.idle:
        before = bench.h.beats
        await ClockCycles(dut.clk_i, 5)
        loading += bench.h.beats > before and bool(dut.busy_o.value)
    await bench.drain()
    assert loading, "no H was loaded while a vector was in flight"
    assert bench.h.refused, "no H ever had to wait for its bank"


@claim
async def the_largest_sums_fit(dut: Any, scoreboard: Scoreboard) -> None:
    """Full-scale entries, records and operands of one sign, then of the other."""
    bench = await EngineDriver.start(dut, scoreboard)
    sign = np.array([1, -1])[:, None, None]
    h = np.broadcast_to(sign * ENTRY.max, (2, bench.rows, bench.columns))
    y = np.broadcast_to(np.array([1, -1, 1])[None, :, None] * RECORD_MAX, (2, 3, bench.received))
    full = Stimulus(h.astype(np.int64), y.astype(np.int64), np.arange(6).reshape(2, 3))
    wires = model(full, bench.layers, bench.front)
    for wire, expected in bench.largest().items():
        largest = int(np.abs(wires[wire]).max())
        assert largest == expected, f"{wire} reaches {largest} only, {expected} expected"
    bench.send(full)
    await bench.drain()
