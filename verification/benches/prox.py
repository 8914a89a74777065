# SPDX-License-Identifier: Apache-2.0
"""soft_threshold.sv, box.sv and fold.sv against numpy at several widths."""

from __future__ import annotations

from typing import Any

import numpy as np
from cocotb.triggers import Timer

from fixedpoint.numbers.format import IntArray
from fixedpoint.numbers.prox import PROXES
from fixedpoint.numbers.prox import prox as golden
from verification.regression.claims import PERIOD_NS, claim, seed
from verification.traffic.primitives import State, states
from verification.traffic.scoreboard import Scoreboard
from verification.traffic.stimuli import corners, exhaustive, generator, integers, unpack

EXHAUSTED = 5


async def compare(
    dut: Any, scoreboard: Scoreboard, place: int, update: IntArray, thresholds: IntArray
) -> None:
    """One vector for each threshold: all functions of every update, at one of the widths."""
    outputs = {"soft": dut.soft_o, "box": dut.box_o, "fold": dut.fold_o}
    for threshold in thresholds.tolist():
        expected = {f"{p}[{place}]": golden(p, update, threshold) for p in PROXES}
        scoreboard.expect(expected | {f"fold[{place}]": threshold - np.abs(update)})
        seen: dict[str, list[int]] = {prox: [] for prox in outputs}
        for q in update.tolist():
            dut.update_i.value = q & 0xFFFF
            dut.threshold_i.value = threshold
            await Timer(PERIOD_NS, "ns")
            for prox, port in outputs.items():
                seen[prox].append(int(unpack(int(port.value), 16, place + 1)[place]))
        for prox, integers_seen in seen.items():
            scoreboard.observe(f"{prox}[{place}]", integers_seen)


def updates(state: State, q: IntArray) -> IntArray:
    """The integers that a requantized update can hold: never the most negative one."""
    return q[q >= state.format.min]


@claim
async def small_widths_agree_exhaustively(dut: Any, scoreboard: Scoreboard) -> None:
    """Every update with every threshold from 0 to the largest."""
    for place, state in enumerate(states()):
        if state.format.bits <= EXHAUSTED:
            update = updates(state, exhaustive(state.format.bits))
            thresholds = np.arange(state.format.max + 1)
            await compare(dut, scoreboard, place, update, thresholds)


@claim
async def corners_and_thresholds_themselves_agree(dut: Any, scoreboard: Scoreboard) -> None:
    """Updates at ±2^k ± 2 and at ±threshold ± 2, the edges of the dead zone and of the box."""
    for place, state in enumerate(states()):
        for threshold in (0, 1, 10, state.format.max // 3, state.format.max):
            near = np.add.outer((threshold, -threshold), np.arange(-2, 3)).reshape(-1)
            candidates = np.union1d(corners(state.format.bits), near)
            update = updates(state, candidates[candidates <= state.format.max])
            await compare(dut, scoreboard, place, update, np.array([threshold]))


@claim
async def random_updates_and_thresholds_agree(dut: Any, scoreboard: Scoreboard) -> None:
    """Seeded integers of all magnitudes."""
    rng = generator(seed(), "prox")
    for place, state in enumerate(states()):
        thresholds = np.abs(integers(rng, state.format.bits, 20)).clip(0, state.format.max)
        update = updates(state, integers(rng, state.format.bits, 100))
        await compare(dut, scoreboard, place, update, thresholds)
