# SPDX-License-Identifier: Apache-2.0
"""The fast view: the golden integers of the last layer, carried by float64, several times as fast.

Every intermediate of a spec stays within float64's 53 bits (`widths.faults`) and all points are
powers of two, so that each operation here is exact and floor(q·2^-s + 1/2) is the contract's
rounding for s > 0. For s ≤ 0 nothing is rounded and no half is added: 53 bits might not hold it
beside the integer.

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

    Integers as float64, (G, N, B), of the vectors at [G, B]. The next piece overwrites them.
    """
    blocks, vectors = inputs.index.shape
    tape, outputs = _compiled(program, vectors >= 2 * max(program.spec.rows, program.spec.columns))
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
def _compiled(program: Program, shared: bool) -> tuple[Tape, dict[str, int]]:
    """`shared` as of `Lowering`."""
    lowered = Lowering(program, lower, shared)
    last = lowered.layers()
    return lowered.tape, {name: last[name].place for name in lowered.outputs}
