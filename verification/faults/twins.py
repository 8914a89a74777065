# SPDX-License-Identifier: Apache-2.0
"""A module and its faulty twin, side by side in one circuit: whether their outputs ever differ.

Both get the same inputs for ever, and begin in the same state, which may be any: register by
register, paired by name. The outputs of their first cycle are not looked at, as every use begins
with one of reset at least. Then by induction over the cycles: where the outputs and the registers
that are still paired have been the same for some cycles, they are so in the next. A pair for which
that does not hold is given up, and the induction tried anew with the others.

`python -m verification.faults.twins STEM` reads Yosys' STEM.aig and STEM.map; exit status 1 if
nothing is proven.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from verification.formal import aiger
from verification.formal.aiger import Circuit
from verification.formal.unroll import Unrolling

GOLD, GATE = "gold", "gate"
"""How the names of the registers of a module and of its twin begin."""
Pairs = Sequence[tuple[int, int]]
"""Registers of the module and of its twin, numbered as the circuit's latches are."""
CYCLES = 6


def same(circuit: Circuit, cycles: int = CYCLES) -> bool:
    """True if it is proven that no claim of the circuit ever breaks; `cycles` those before one."""
    pairs = _pairs(circuit)
    begun = _begin(circuit, pairs, cycles)
    while begun is not None:
        kept = _go_on(circuit, begun, cycles)
        if kept is None or kept == begun:
            return kept is not None
        begun = kept
    return False


def _pairs(circuit: Circuit) -> Pairs:
    """The registers that both have, by name and bit; each stands in one pair at the most."""
    first = 1 + circuit.inputs
    names = [circuit.names.get(first + i, ()) for i in range(len(circuit.latches))]
    place = {bit: i for i, bits in enumerate(names) for bit in bits}
    pairs: dict[int, int] = {}
    for i, bits in enumerate(names):
        others = (place.get((GATE + name.removeprefix(GOLD), number))
                  for name, number in bits if name.startswith(GOLD))  # fmt: skip
        for other in others:
            if other is not None and other not in pairs:
                pairs[other] = i
                break
    return [(one, other) for other, one in pairs.items()]


def _begin(circuit: Circuit, pairs: Pairs, cycles: int) -> Pairs | None:
    """The pairs that stay the same in the first cycles, or None if a claim breaks in them."""
    run = Unrolling(circuit, free=True)
    _tie(run, pairs)
    run.step()  # of reset
    pairs = _equal(run, pairs)
    for _ in range(cycles):
        if run.refute(run.step()) is not None:
            return None
        pairs = _equal(run, pairs)
    return pairs


def _go_on(circuit: Circuit, pairs: Pairs, cycles: int) -> Pairs | None:
    """The pairs that are the same behind so many cycles in which all of them were.

    None if all are, but a claim may break.
    """
    run = Unrolling(circuit, free=True)
    for _ in range(cycles):
        _tie(run, pairs)
        for broken in run.step().values():
            run.solver.add_clause([-broken])
    kept = _equal(run, pairs)
    if kept == pairs:
        _tie(run, pairs)
        if run.refute(run.step()) is not None:
            return None
    return kept


def _tie(run: Unrolling, pairs: Pairs) -> None:
    """The twin's registers hold what the module's do."""
    for one, other in pairs:
        run.state[other] = run.state[one]


def _equal(run: Unrolling, pairs: Pairs) -> Pairs:
    """The pairs that cannot differ in the present state."""
    return [(a, b) for a, b in pairs if not _differ(run, run.state[a], run.state[b])]


def _differ(run: Unrolling, one: int, other: int) -> bool:
    if one == other:
        return False
    return any(run.solver.solve(assumptions=[a, b]) for a, b in ((one, -other), (-one, other)))


def main() -> int:
    """The command line: a circuit whose outputs are claims."""
    stem = Path(sys.argv[1])
    names = stem.with_suffix(".map").read_text(encoding="ascii")
    return 0 if same(aiger.read(stem.with_suffix(".aig").read_bytes(), names)) else 1


if __name__ == "__main__":
    raise SystemExit(main())
