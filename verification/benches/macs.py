# SPDX-License-Identifier: Apache-2.0
"""mac_array.sv with two vectors a multiplier, against numpy's products: signs and borrows."""

from __future__ import annotations

from typing import Any

import numpy as np
from cocotb.clock import Clock
from cocotb.triggers import RisingEdge

from fixedpoint.numbers.format import Format, IntArray
from verification.regression.claims import PERIOD_NS, claim, seed
from verification.traffic.scoreboard import Scoreboard
from verification.traffic.stimuli import generator, pack, unpack

EXHAUSTED = 4  # bits up to which every integer of a format is tried
ROW, ZERO, COLUMN = range(3)


class Macs:
    """One mac_array; `run` drives a word a cycle and compares the sums of the pass that it was for.

    The vectors of an element are neighbours but in row sums: operands (Columns, V), results
    (RowsPerWord, V).
    """

    def __init__(self, dut: Any, scoreboard: Scoreboard) -> None:
        self.dut, self.scoreboard = dut, scoreboard
        self.columns, self.rows, self.vectors = (
            int(getattr(dut, name).value) for name in ("Columns", "RowsPerWord", "Vectors")
        )
        self.entry, self.operand, self.result = (
            Format(int(getattr(dut, f"{name}Width").value), 0)
            for name in ("Entry", "Operand", "Result")
        )
        Clock(dut.clk_i, PERIOD_NS, unit="ns").start()

    async def run(
        self, word: IntArray, operand: IntArray, result: IntArray, passes: IntArray
    ) -> None:
        """Words (T, R, C), operands (T, C, V), results (T, R, V), and each word's pass (T,)."""
        used = np.where((passes == ZERO)[:, None, None], 0, operand)
        sums = {
            "row": np.einsum("tic,tcv->tvi", word, used)[passes != COLUMN],
            "partial": np.einsum("tic,tiv->tcv", word, result)[passes == COLUMN],
        }
        self.scoreboard.expect({name: q.reshape(-1) for name, q in sums.items()})
        seen: dict[str, list[IntArray]] = {name: [] for name in sums}
        dut, edge, words = self.dut, RisingEdge(self.dut.clk_i), len(word)
        trees = {"row": (dut.row_sum_o, self.rows, self.columns),
                 "partial": (dut.partial_o, self.columns, self.rows)}  # fmt: skip
        longest = 2 + max(terms.bit_length() for *_, terms in trees.values())
        for cycle in range(words + longest):
            now = min(cycle, words - 1)
            dut.column_i.value = int(passes[now] == COLUMN)
            dut.zero_i.value = int(passes[now] == ZERO)
            dut.word_i.value = _wire(word[now], self.entry)
            dut.operand_i.value = _wire(operand[now], self.operand)
            dut.result_i.value = _wire(result[now], self.result)
            await edge
            for name, (port, count, terms) in trees.items():
                then = cycle - 2 - (terms - 1).bit_length()
                if 0 <= then < words and (passes[then] == COLUMN) == (name == "partial"):
                    elements = count * self.vectors
                    seen[name].append(unpack(int(port.value), len(port) // elements, elements))
        for name, q in seen.items():
            self.scoreboard.observe(name, np.concatenate(q))


def _wire(q: IntArray, fmt: Format) -> int:
    return pack(q.reshape(-1), fmt.bits, q.size)[0]


def extremes(fmt: Format) -> IntArray:
    """All integers of a narrow format; of a wide one both ends, the halves, and what is near 0."""
    if fmt.bits <= EXHAUSTED:
        return np.arange(fmt.min, fmt.max + 1)
    half = fmt.max // 2
    positive = np.array([1, 2, half, half + 1, fmt.max - 1, fmt.max])
    return np.concatenate([-positive[::-1], [0], positive])


@claim
async def every_extreme_pair_of_products_agrees(dut: Any, scoreboard: Scoreboard) -> None:
    """Each entry times each pair of factors, of the row pass and of the column pass."""
    macs = Macs(dut, scoreboard)
    for kind, fmt in ((ROW, macs.operand), (COLUMN, macs.result)):
        axes = (extremes(macs.entry), *[extremes(fmt)] * macs.vectors)
        entry, *factors = (axis.reshape(-1) for axis in np.meshgrid(*axes, indexing="ij"))
        pair = np.stack(factors, axis=-1)[:, None]
        operand, result = (
            np.broadcast_to(pair * (kind == of), (entry.size, count, macs.vectors))
            for of, count in ((ROW, macs.columns), (COLUMN, macs.rows))
        )
        passes = np.full(entry.size, kind)
        passes[-1] = ROW + COLUMN - kind  # so that both sums are seen
        word = np.broadcast_to(entry[:, None, None], (entry.size, macs.rows, macs.columns))
        await macs.run(word, operand, result, passes)


@claim
async def words_of_all_passes_back_to_back_agree(dut: Any, scoreboard: Scoreboard) -> None:
    """Uniform integers in every place, and the three kinds of pass in any order."""
    macs, rng, words = Macs(dut, scoreboard), generator(seed(), "macs"), 3000
    word, operand, result = (
        rng.integers(fmt.min, fmt.max + 1, (words, *shape))
        for fmt, shape in (
            (macs.entry, (macs.rows, macs.columns)),
            (macs.operand, (macs.columns, macs.vectors)),
            (macs.result, (macs.rows, macs.vectors)),
        )
    )
    await macs.run(word, operand, result, rng.integers(ROW, COLUMN + 1, words))


@claim
async def the_largest_sums_of_both_signs_fit(dut: Any, scoreboard: Scoreboard) -> None:
    """Full scale everywhere, the two vectors of equal and of opposite sign."""
    macs = Macs(dut, scoreboard)
    signs = np.array([(e, a, b) for e in (1, -1) for a in (1, -1) for b in (1, -1)] * 2)
    words = len(signs)
    pair = signs[:, None, 1 : 1 + macs.vectors]
    await macs.run(
        np.broadcast_to(signs[:, :1, None] * macs.entry.max, (words, macs.rows, macs.columns)),
        np.broadcast_to(pair * macs.operand.max, (words, macs.columns, macs.vectors)),
        np.broadcast_to(pair * macs.result.max, (words, macs.rows, macs.vectors)),
        np.repeat([ROW, COLUMN], words // 2),
    )
