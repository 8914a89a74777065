# SPDX-License-Identifier: Apache-2.0
"""The bench around the engine alone: its row and column functions are played here, in Python."""

from __future__ import annotations

from collections import deque
from typing import Any

import cocotb
import numpy as np
from cocotb.triggers import ClockCycles, RisingEdge

from verification.drivers.engine_model import (
    ENTRY,
    OPERAND,
    Stimulus,
    column_function,
    model,
    operands,
    row_function,
)
from verification.regression.claims import hold, release
from verification.regression.suite import ENGINE_PARAMETERS
from verification.traffic.scoreboard import MismatchError, Scoreboard
from verification.traffic.stimuli import Beat, never, pack, unpack
from verification.traffic.streams import Source
from verification.traffic.trace import Passes, fields

RECORD_BITS, STATE_BITS = ENGINE_PARAMETERS["RecordWidth"], ENGINE_PARAMETERS["StateWidth"]
SUM_BITS, TAG_BITS = ENGINE_PARAMETERS["RowSumWidth"], ENGINE_PARAMETERS["TagWidth"]
PATIENCE = 20_000


class EngineDriver:
    """One engine with its functions; `rng` makes latencies and room vary where it is given."""

    def __init__(self, dut: Any, scoreboard: Scoreboard, rng: np.random.Generator | None) -> None:
        self.dut, self.scoreboard, self._rng = dut, scoreboard, rng
        self.rows, self.columns, self.lanes, self.layers, self.slots = (
            int(getattr(dut, name).value)
            for name in ("Rows", "Columns", "Lanes", "Layers", "Slots")
        )
        self.per_word = self.lanes // self.columns
        self.group = min(self.per_word, self.columns)
        self.front = int(dut.FrontRows.value)
        self.received = self.front or self.rows
        self.blocks = self.finals = self.reserved = 0
        self.h = Source(dut.clk_i, dut.h_valid_i, dut.h_ready_o,
                        {"data": dut.h_data_i, "last": dut.h_last_i, "user": dut.h_block_i},
                        never())  # fmt: skip
        self.y = Source(dut.clk_i, dut.y_valid_i, dut.y_ready_o,
                        {"data": dut.y_data_i, "last": dut.y_last_i, "user": _Split(dut)},
                        never())  # fmt: skip
        for port in (dut.result_valid_i, dut.state_valid_i):
            port.value = 0
        dut.room_i.value = 1
        dut.state_more_i.value = dut.away_i.value = 0
        if not self.front:
            cocotb.start_soon(self._row_passes(3 if rng is None else int(rng.integers(1, 12))))
        cocotb.start_soon(self._column_passes())
        cocotb.start_soon(self._room())

    @classmethod
    async def start(
        cls, dut: Any, scoreboard: Scoreboard, rng: np.random.Generator | None = None
    ) -> EngineDriver:
        """Connect to the dut, start its clock and reset it."""
        await hold(dut.clk_i, dut.rst_ni)
        bench = cls(dut, scoreboard, rng)
        await release(dut.clk_i, dut.rst_ni)
        return bench

    def send(self, stimulus: Stimulus) -> None:
        """Expect the model's integers and queue the blocks."""
        wires = model(stimulus, self.layers, self.front)
        first = self.blocks
        for g, b in np.ndindex(stimulus.tag.shape):
            tags = [self.block_tag(first + g) << TAG_BITS | int(stimulus.tag[g, b])]
            passes = {f"layer{k}.column_tag": np.array(tags) for k in range(self.layers)}
            passes |= {f"layer{k}.column_block": np.array([first + g]) for k in range(self.layers)}
            self.scoreboard.expect({wire: q[g, b] for wire, q in wires.items()} | passes)
        for h, y, tag in zip(stimulus.h, stimulus.y, stimulus.tag, strict=True):
            words, block = pack(h.reshape(-1), 8, 8), self.block_tag(self.blocks) << 64
            last = Beat(words[-1] | block, True, self.blocks)
            self.h.send([*(Beat(w, False, self.blocks + 1) for w in words[:-1]), last])
            for vector, t in zip(y, tag, strict=True):
                user = self.blocks << TAG_BITS | int(t)
                words = pack(vector, RECORD_BITS, 1)
                self.y.send([Beat(w, i == len(words) - 1, user) for i, w in enumerate(words)])
            self.blocks += 1

    def block_tag(self, block: int) -> int:
        """What comes with the last beat of a block's H, in column passes alone."""
        return (7 * block + 3) % (1 << TAG_BITS) if self.front else 0

    def largest(self) -> dict[str, int]:
        """The largest sums that integers of full scale make, by wire."""
        entries = ENTRY.max * OPERAND.max
        if self.front:
            record = (1 << RECORD_BITS - 1) - 1
            return {"layer0.column_sum": self.front * ENTRY.max * record,
                    "layer1.column_sum": self.columns * entries}  # fmt: skip
        return {"layer1.row_sum": self.columns * entries, "layer1.column_sum": self.rows * entries}

    async def drain(self) -> None:
        """Wait for all passes. Raises `MismatchError` if none comes any more."""
        seen, since = -1, 0
        while self.scoreboard.pending:
            await ClockCycles(self.dut.clk_i, 50)
            since = 0 if self.scoreboard.total != seen else since + 50
            seen = self.scoreboard.total
            if since > PATIENCE:
                raise MismatchError(
                    f"no pass for {since} cycles, {self.scoreboard.pending} arrays expected; "
                    f"repeat with: {self.scoreboard.repeat}"
                )
        await ClockCycles(self.dut.clk_i, 20)
        assert not self.dut.busy_o.value, "busy with no vector in flight"
        assert self.reserved == self.finals, f"{self.reserved} places reserved, {self.finals} used"

    async def _row_passes(self, latency: int) -> None:
        """Compare the row sums, and give back the results after a fixed latency."""
        dut, pipe = self.dut, deque[tuple[int, int, int] | None]([None] * (latency - 1))
        passes = Passes(self.scoreboard, self.slots, self.layers, self.rows // self.per_word)
        ports = (dut.row_slot_o, dut.row_layer_o, dut.row_word_o)
        edge = RisingEdge(dut.clk_i)
        while True:
            await edge
            entry = None
            if dut.row_valid_o.value and dut.rst_ni.value:
                slot, layer, word = (int(port.value) for port in ports)
                part = [
                    int(port.value) for port in (dut.row_sum_o, dut.row_record_o, dut.row_tag_o)
                ]
                sums = unpack(part[0], SUM_BITS, self.per_word)
                result = row_function(sums, unpack(part[1], RECORD_BITS, self.per_word))
                entry = (slot, word, pack(result, 8, self.per_word)[0])
                whole = passes.take(slot, layer, word, part)
                if whole is not None:
                    self._compare(whole, layer, ("row_sum", SUM_BITS), ("record", RECORD_BITS))
                    self.scoreboard.observe(f"layer{layer}.tag", part[2], whole[0])
            pipe.append(entry)
            due = pipe.popleft()
            dut.result_valid_i.value = due is not None
            if due is not None:
                dut.result_slot_i.value, dut.result_word_i.value, dut.result_i.value = due

    async def _column_passes(self) -> None:
        """Compare the column sums, and give back the new state after any time, in order.

        In column passes alone after a fixed latency: a pass follows the first group of its r.
        """
        dut, waiting, cycle = self.dut, deque[tuple[int, int, int, int]](), 0
        passes = Passes(self.scoreboard, self.slots, self.layers, self.columns // self.group)
        ports = (dut.column_slot_o, dut.column_layer_o, dut.column_group_o)
        sum_bits = len(dut.column_sum_o) // self.group
        delay = 5 if self._rng is None else int(self._rng.integers(1, 30))
        edge = RisingEdge(dut.clk_i)
        while True:
            await edge
            cycle += 1
            if dut.column_valid_o.value and dut.rst_ni.value:
                slot, layer, group = (int(port.value) for port in ports)
                shown = (dut.column_sum_o, dut.column_state_o, dut.column_tag_o, dut.column_block_o)
                part = [int(port.value) for port in shown]
                assert not dut.column_void_o.value, "a vector whose H is there is void"
                old = unpack(part[1], STATE_BITS, self.group, signed=False)
                new = column_function(unpack(part[0], sum_bits, self.group), old, layer)
                if self._rng is not None and not self.front:
                    delay = int(self._rng.integers(1, 30))
                if layer < self.layers - 1:
                    word = pack(new, STATE_BITS, self.group)[0]
                    waiting.append((cycle + delay, slot, group, word))
                whole = passes.take(slot, layer, group, part)
                if whole is not None:
                    self.finals += layer == self.layers - 1
                    self._compare(whole, layer, ("column_sum", sum_bits), ("old_state", STATE_BITS))
                    for port, wire in ((2, "tag"), (3, "block")):
                        seen = sorted({part[port] for part in whole[1]})
                        self.scoreboard.observe(f"layer{layer}.column_{wire}", seen, whole[0])
            due = bool(waiting) and waiting[0][0] <= cycle
            dut.state_valid_i.value = due
            if due:
                _, slot, group, word = waiting.popleft()
                dut.state_slot_i.value, dut.state_group_i.value = slot, group
                dut.state_i.value = word
            if self.front:
                dut.result_valid_i.value = due
                if due:
                    dut.result_slot_i.value, dut.result_word_i.value = slot, group
                    operand = operands(unpack(word, STATE_BITS, self.group, signed=False))
                    dut.result_i.value = pack(operand, 8, self.group)[0]

    def _compare(
        self, whole: tuple[int, list[list[int]]], layer: int, *wires: tuple[str, int]
    ) -> None:
        vector, parts = whole
        count = self.per_word if wires[0][0] == "row_sum" else self.group
        for port, (wire, bits) in enumerate(wires):
            q = fields(parts, port, bits, count, signed=wire != "old_state")
            self.scoreboard.observe(f"layer{layer}.{wire}", q, vector)

    async def _room(self) -> None:
        """Room for an output goes with a reservation and comes back; none is made without it."""
        dut, edge = self.dut, RisingEdge(self.dut.clk_i)
        while True:
            await edge
            if dut.reserve_o.value and dut.rst_ni.value:
                self.reserved += 1
                assert dut.room_i.value, "a place was reserved without room"
                dut.room_i.value = self._rng is None or bool(self._rng.random() < 0.3)
            elif self._rng is not None and not dut.room_i.value:
                dut.room_i.value = bool(self._rng.random() < 0.01)


class _Split:
    """y's block and tag as one port, the tag lowest."""

    def __init__(self, dut: Any) -> None:
        self._dut = dut

    def _set(self, user: int) -> None:
        self._dut.y_block_i.value = user >> TAG_BITS
        self._dut.y_tag_i.value = user & (1 << TAG_BITS) - 1

    value = property(fset=_set)
