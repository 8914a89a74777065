# SPDX-License-Identifier: Apache-2.0
"""What the engine must show with the row and column functions that its bench plays.

They are no detector's: r = sat(RS(A·v + 5·y, 6)) and v' = sat(RS(Aᵀ·r − 3·v, 9)), with a count in
the upper bits of the state record, so that a record that comes back wrong is seen. In column passes
alone r = y in the first layer, over the first rows of A, and r = v in the others, over the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fixedpoint.numbers.format import Format, IntArray
from fixedpoint.numbers.requantize import requantize

ENTRY = Format(8, 0)
OPERAND = Format(8, 0)


@dataclass(frozen=True)
class Stimulus:
    """h (G, R, N), y (G, B, M), tag (G, B); R is M but in column passes alone."""

    h: IntArray
    y: IntArray
    tag: IntArray


def row_function(sums: IntArray, records: IntArray) -> IntArray:
    """r of the row sums A·v and the records y."""
    return requantize(sums + 5 * records, 6, OPERAND)


def column_function(sums: IntArray, old: IntArray, layer: int) -> IntArray:
    """The next state records of the column sums Aᵀ·r and the old records, unsigned."""
    operand = requantize(sums - 3 * operands(old), 9, OPERAND)
    count = (old >> OPERAND.bits) + layer + 1 & 15
    return count << OPERAND.bits | operand & 0xFF


def operands(records: IntArray) -> IntArray:
    """v, the low bits of state records."""
    low = records & 0xFF
    return low - (low >> 7 << 8)


def model(stimulus: Stimulus, layers: int, front: int = 0) -> dict[str, IntArray]:
    """Everything that the engine must show, by wire, each (G, B, …).

    front: M if there are column passes alone.
    """
    h, y = stimulus.h, stimulus.y
    record = np.zeros((*y.shape[:2], h.shape[2]), dtype=np.int64)
    wires: dict[str, IntArray] = {}
    for k in range(layers):
        if front:
            columns = operands(record) @ h[:, front:] if k else y @ h[:, :front]
        else:
            sums = operands(record) @ h.transpose(0, 2, 1)
            columns = row_function(sums, y) @ h
            wires |= {f"layer{k}.row_sum": sums, f"layer{k}.record": y,
                      f"layer{k}.tag": stimulus.tag}  # fmt: skip
        wires |= {f"layer{k}.column_sum": columns, f"layer{k}.old_state": record}
        record = column_function(columns, record, k)
    return wires
