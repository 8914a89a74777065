# SPDX-License-Identifier: Apache-2.0
"""logic_product.sv against the product of integers, the instances of sv/primitives.sv."""

from __future__ import annotations

from typing import Any

import numpy as np
from cocotb.clock import Clock
from cocotb.triggers import RisingEdge

from fixedpoint.numbers.format import Format, IntArray
from verification.regression.claims import PERIOD_NS, claim
from verification.traffic.primitives import products
from verification.traffic.scoreboard import Scoreboard
from verification.traffic.stimuli import corners, unpack

EXHAUSTED = 5
LATENCY = 2
PORT_BITS = 16


async def compare(
    dut: Any, scoreboard: Scoreboard, place: int, first: IntArray, second: IntArray
) -> None:
    """Every pair of the two factors at one of the instances, one a cycle."""
    pairs = np.stack(np.meshgrid(first, second, indexing="ij"), axis=-1).reshape(-1, 2)
    name = "{}x{}".format(*products()[place])
    scoreboard.expect({name: pairs.prod(axis=1)})
    seen, edge = [], RisingEdge(dut.clk_i)
    for a, b in (*pairs.tolist(), *[(0, 0)] * LATENCY):
        dut.update_i.value = a & (1 << PORT_BITS) - 1
        dut.value_i.value = b & (1 << PORT_BITS) - 1
        await edge
        seen.append(unpack(int(dut.product_o.value), 32, len(products())))
    scoreboard.observe(name, np.array(seen)[LATENCY:, place])


def symmetric(bits: int) -> IntArray:
    """Every integer of a symmetric format."""
    fmt = Format(bits, 0)
    return np.arange(fmt.min, fmt.max + 1)


@claim
async def small_widths_agree_exhaustively(dut: Any, scoreboard: Scoreboard) -> None:
    """Every pair of factors of up to 5 bits."""
    Clock(dut.clk_i, PERIOD_NS, unit="ns").start()
    for place, (first, second) in enumerate(products()):
        if max(first, second) <= EXHAUSTED:
            await compare(dut, scoreboard, place, symmetric(first), symmetric(second))


@claim
async def every_code_times_corners_agrees(dut: Any, scoreboard: Scoreboard) -> None:
    """The wide instances: every first factor of up to 8 bits with ±2^k ± 2 of the second."""
    Clock(dut.clk_i, PERIOD_NS, unit="ns").start()
    for place, (first, second) in enumerate(products()):
        if max(first, second) > EXHAUSTED:
            codes = symmetric(first) if first <= 8 else _allowed(first)
            await compare(dut, scoreboard, place, codes, _allowed(second))


def _allowed(bits: int) -> IntArray:
    return np.intersect1d(corners(bits), symmetric(bits))
