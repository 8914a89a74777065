# SPDX-License-Identifier: Apache-2.0
"""The fast view: the golden integers of the last layer, several times as fast.

Arrays carry them as int32, where their worst cases fit, or as float64 (`carriers.py`). Of float64
every intermediate stays within 53 bits (`numbers.widths.faults`) and all points are powers of two,
so that each operation here is exact and floor(q·2^-s + 1/2) is the contract's rounding for s > 0.

The layers become straight-line code (`tape.py`, by `lowering.py` and `lower.py`), in which products
with matrices are BLAS's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

from fixedpoint.program.graph import Program
from fixedpoint.program.views.interpret import Inputs
from fixedpoint.program.views.lower import lower
from fixedpoint.program.views.lowering import Lowering
from fixedpoint.program.views.tape import Tape

BYTES = 1 << 18
"""Of the largest array: a dozen of them stay in a processor's second cache."""
NARROWEST = 64


def run(program: Program, inputs: Inputs) -> Iterator[tuple[tuple[slice, slice], dict[str, Any]]]:
    """The last layer's state and its code, if it has one, piece by piece: where, and which.

    Integers in the carrier's type, (G, N, B), of the vectors at [G, B], until the next piece.
    """
    tape, outputs = _compiled(program)
    blocks, vectors = inputs.index.shape
    fitting = max(1, BYTES // 8 // (program.units * program.unit_size))
    width = min(vectors, max(fitting, NARROWEST))
    together = max(1, fitting // width)
    for g in range(0, blocks, together):
        for b in range(0, vectors, width):
            at = (slice(g, g + together), slice(b, b + width))
            registers = tape.run(_part(inputs, at))
            yield at, {name: registers[place][:, 0] for name, place in outputs.items()}


def _part(inputs: Inputs, at: tuple[slice, slice]) -> Inputs:
    """The inputs of some blocks and vectors."""
    return replace(
        inputs,
        matrices={name: matrix[at[0]] for name, matrix in inputs.matrices.items()},
        given={name: q[at] for name, q in inputs.given.items()},
        index=inputs.index[at],
        supplied={name: q[at] for name, q in inputs.supplied.items()},
    )


@lru_cache(maxsize=64)
def _compiled(program: Program) -> tuple[Tape, dict[str, int]]:
    lowered = Lowering(program, lower)
    last = lowered.layers()
    return lowered.tape, {name: last[name].place for name in lowered.outputs}
