# SPDX-License-Identifier: Apache-2.0
"""slicer.sv against numbers/slicer.py: QPSK, 16-QAM and 64-QAM at several state formats."""

from __future__ import annotations

from typing import Any

import numpy as np
from cocotb.triggers import Timer

from fixedpoint.numbers import slicer
from fixedpoint.numbers.format import IntArray
from fixedpoint.numbers.modulation import MODULATIONS
from verification.regression.claims import PERIOD_NS, claim, seed
from verification.traffic.primitives import State, states
from verification.traffic.scoreboard import Scoreboard
from verification.traffic.stimuli import corners, exhaustive, generator, integers, unpack

EXHAUSTED = 12


def golden(state: State, q: IntArray) -> IntArray:
    """Gray bits (…, bits), first bit first."""
    return MODULATIONS[state.modulation].gray(slicer.position(q, state.thresholds))


async def compare(dut: Any, scoreboard: Scoreboard, place: int, q: IntArray) -> None:
    """One vector: the bits of every state, at one of the formats."""
    state = states()[place]
    wire = f"bits[{place}]"
    scoreboard.expect({wire: golden(state, q)})
    words = []
    for value in q.tolist():
        dut.update_i.value = value & 0xFFFF
        await Timer(PERIOD_NS, "ns")
        words.append(int(unpack(int(dut.bits_o.value), 8, place + 1, signed=False)[place]))
    places = np.arange(state.bits - 1, -1, -1)
    scoreboard.observe(wire, np.array(words)[:, None] >> places & 1)


@claim
async def every_state_up_to_12_bits_is_decided_right(dut: Any, scoreboard: Scoreboard) -> None:
    """Exhaustive, a state on a threshold included."""
    for place, state in enumerate(states()):
        if state.format.bits <= EXHAUSTED:
            await compare(dut, scoreboard, place, exhaustive(state.format.bits))


@claim
async def a_state_on_a_threshold_decides_upwards(dut: Any, scoreboard: Scoreboard) -> None:
    """Each threshold ± 2, and the corners of the format."""
    for place, state in enumerate(states()):
        near = np.add.outer(state.thresholds, np.arange(-2, 3)).reshape(-1)
        q = np.union1d(near, corners(state.format.bits))
        await compare(dut, scoreboard, place, q[(q >= state.format.min) & (q <= state.format.max)])


@claim
async def random_states_are_decided_right(dut: Any, scoreboard: Scoreboard) -> None:
    """Seeded integers of all magnitudes at every format."""
    rng = generator(seed(), "slicer")
    for place, state in enumerate(states()):
        await compare(dut, scoreboard, place, integers(rng, state.format.bits, 500))
