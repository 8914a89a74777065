# SPDX-License-Identifier: Apache-2.0
"""Stored matrices: an SNR index for each block of them, and one for each y."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from cocotb.triggers import ClockCycles

from fixedpoint.detector import Integers
from fixedpoint.receivers.inputs import split
from fixedpoint.stress import extreme
from verification.drivers.choice import start
from verification.drivers.stored import StoredDriver
from verification.regression.claims import claim, seed
from verification.traffic.scoreboard import Scoreboard
from verification.traffic.stimuli import bursts, clamped, generator, long, never, short, stalls


def drawn(bench: StoredDriver, blocks: int, vectors: int, salt: int = 0) -> Integers:
    """Extreme integers over the whole of the formats."""
    return Integers(*extreme.vectors(bench.spec, seed() + salt, blocks, vectors))


@claim
async def a_vector_of_another_snr_index_is_detected_with_the_blocks_marked_and_counted(
    dut: Any, scoreboard: Scoreboard
) -> None:
    """The first, a middle and the last one of a block, all of one, none of one, and any."""
    bench = await start(dut, scoreboard)
    rng, bank = generator(seed(), "own index"), len(bench.spec.snr)
    bench.stall(stalls(rng, 0.1), bursts(rng, 20), stalls(rng, 0.1))
    inputs = drawn(bench, 7, 5)
    strange = rng.random(inputs.index.shape) < 0.4
    strange[:5] = False
    strange[0, 0] = strange[1, 2] = strange[2, -1] = True
    strange[3] = True
    step = rng.integers(1, bank, inputs.index.shape)
    own = np.where(strange, (inputs.index + step) % bank, inputs.index)
    bench.send(inputs, replace(inputs, index=own), inputs.index[:, 0])
    await bench.drain()
    assert bench.mismatched == np.sum(strange), f"{bench.mismatched} of {np.sum(strange)} sent"


@claim
async def an_index_beyond_the_bank_is_its_last_entry_on_both_streams(
    dut: Any, scoreboard: Scoreboard
) -> None:
    """With the matrices and with y: two that both mean the last entry do not differ."""
    bench = await start(dut, scoreboard)
    rng, last = generator(seed(), "beyond the bank"), len(bench.spec.snr) - 1
    end = 1 << bench.spec.snr.index_bits
    inputs = drawn(bench, 6, 4)
    inputs = replace(inputs, index=np.full_like(inputs.index, last))
    own = rng.integers(last, end, inputs.index.shape)
    own[0], own[1, 1], own[2, -1] = last, last - 1, 0
    of_block = rng.integers(last + 1, end, len(own))
    of_block[3] = last
    bench.send(inputs, replace(inputs, index=own), of_block)
    await bench.drain()
    assert bench.mismatched == 2, f"{bench.mismatched} vectors of another index sent"


@claim
async def the_index_of_a_dropped_matrix_frame_leaves_nothing_behind(
    dut: Any, scoreboard: Scoreboard
) -> None:
    """Short and long ones made for another SNR, with vectors in flight and without."""
    bench = await start(dut, scoreboard)
    rng, bank = generator(seed(), "dropped index"), len(bench.spec.snr)
    for attempt, broken in enumerate((short, long, short, long)):
        inputs = drawn(bench, 3, 2, attempt)
        other = (int(inputs.index[0, 0]) + bank // 2) % bank
        for frame in bench.h_frames(rng.permutation(inputs.h[0]), other):
            bench.h[0].send(broken(frame, rng))
        bench.send(inputs)
        if attempt >= 2:
            await bench.drain()
    bench.check_dropped("h", [4])


@claim
async def matrices_of_another_index_serve_exactly_their_own_vectors(
    dut: Any, scoreboard: Scoreboard
) -> None:
    """From the two ends of the bank in turn, loaded while the block before is at work."""
    bench = await start(dut, scoreboard)
    sizes = (1, 3, 2, 1, 1, 4, 2, 1)
    for i, size in enumerate(sizes):
        inputs = drawn(bench, 1, size, i)
        end = i % 2 * (len(bench.spec.snr) - 1)
        bench.send(replace(inputs, index=np.full_like(inputs.index, end)))
    frame, ends, both = len(bench.h_frames(inputs.h[0], 0)[0]), np.cumsum(sizes), 0
    while bench.delivered < ends[-1]:
        await ClockCycles(dut.aclk, 5)
        finished = int(np.searchsorted(ends, bench.delivered, side="right"))
        both += bench.h_beats // frame > finished + 1
    await bench.drain()
    assert both, "two blocks were never loaded at a time"


@claim
async def integers_are_clamped_to_the_format_of_their_own_matrix(
    dut: Any, scoreboard: Scoreboard
) -> None:
    """Around the ends of both formats and of the bytes, in F and in P, behind broken frames too."""
    bench = await start(dut, scoreboard)
    rng, carrier = generator(seed(), "clamp"), 8 * (-(-bench.spec.h_format.bits // 8))
    limits = [part.format.max for part in bench.spec.parts]
    near = [sign * q + off for q in limits for sign in (1, -1) for off in range(-1, 2)]
    corners = np.array([*near, -(1 << carrier - 1), (1 << carrier - 1) - 1, 0])
    for attempt in range(4):
        inputs = drawn(bench, 2, 3, attempt)
        sent = replace(inputs, h=rng.choice(corners, inputs.h.shape))
        within = clamped(bench.spec, sent)
        for name, matrix in split(bench.spec, sent.h).items():
            outside = np.mean(matrix != split(bench.spec, within.h)[name])
            assert outside > 0.1, f"only {outside:.0%} of {name} lies outside its format"
        if attempt:
            whole = bench.h_frames(sent.h[0], 0)[0]
            ends = np.cumsum([part.rows for part in bench.spec.parts]) * len(whole)
            *ahead, front = (ends[:-1] // bench.spec.matrix_rows).tolist()
            begin = ahead[-1] if ahead else 0  # of F, behind the numbers that a block brings
            cut = [*whole[:begin], *short(whole[begin:front], rng)]
            bench.h[0].send(long(whole, rng) if attempt % 2 else cut)
        bench.send(within, sent)
    await bench.drain()


@claim
async def a_reset_among_the_rows_of_p_starts_again_with_f(dut: Any, scoreboard: Scoreboard) -> None:
    """Nothing is left of a frame that had all of F and some of P, nor of the counter."""
    bench = await start(dut, scoreboard)
    for attempt in range(3):
        inputs = drawn(bench, 2, 3, attempt)
        other = (inputs.index + 1) % len(bench.spec.snr)
        bench.send(inputs, replace(inputs, index=other), inputs.index[:, 0])
        await bench.drain()
        assert bench.mismatched == inputs.index.size
        (frame,) = bench.h_frames(inputs.h[0], 0)
        before = bench.h_beats
        bench.h[0].send(frame[: -1 - attempt])
        while bench.h_beats < before + len(frame) - 1 - attempt:
            await bench.cycle()
        await bench.reset()
        bench.stall(never(), never(), never())
        bench.send(drawn(bench, 2, 2, attempt))
        await bench.drain()
