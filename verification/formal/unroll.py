# SPDX-License-Identifier: Apache-2.0
"""A circuit, step after step, as clauses of one SAT problem: bounded proofs and k-induction.

Gates are folded (constants, equal operands) and shared over all steps, so that what a reset makes
known costs the solver nothing. The solver is CaDiCaL, from the wheel `python-sat`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pysat.solvers import Solver

from verification.formal.aiger import Bit, Circuit

SOLVER = "cadical195"
FALSE, TRUE = -1, 1  # variable 1 of the solver is true


@dataclass(frozen=True)
class Refuted:
    """The claim that is broken in the last of `trace`'s steps, each the signals by their names.

    `claims` are the names of all that can be broken in a step with that number, each by some run.
    """

    claim: str
    trace: Sequence[dict[str, int]]
    claims: frozenset[str] = frozenset()


class Unrolling:
    """Steps 0 … of a circuit from its first state, or `free`, from any state at all."""

    def __init__(self, circuit: Circuit, free: bool = False) -> None:
        self.circuit = circuit
        self.solver = Solver(SOLVER, bootstrap_with=[[TRUE]])
        self.variables = TRUE
        self.shared: dict[tuple[int, int], int] = {}
        self.steps: list[list[int]] = []
        self.state = [self._first(None if free else latch.first) for latch in circuit.latches]

    def step(self) -> dict[Bit, int]:
        """One step more: the literal of each broken claim."""
        inputs = [self._variable() for _ in range(self.circuit.inputs)]
        values = [FALSE, *inputs, *self.state]
        for one, other in self.circuit.gates:
            values.append(self._both(_literal(values, one), _literal(values, other)))
        self.state = [_literal(values, latch.after) for latch in self.circuit.latches]
        self.steps.append(values)
        return {bit: _literal(values, bad) for bit, bad in self.circuit.bads.items()}

    def refute(self, broken: dict[Bit, int]) -> Refuted | None:
        """A run in which one of the claims is broken, or None: then none of them ever is."""
        found: Refuted | None = None
        for (name, number), literal in broken.items():
            if literal == FALSE or (found and name in found.claims):
                continue
            if not self.solver.solve(assumptions=[literal]):
                self.solver.add_clause([-literal])
            elif found:
                found = replace(found, claims=found.claims | {name})
            else:
                trace = self._trace(self.solver.get_model())
                found = Refuted(f"{name}[{number}]", trace, frozenset({name}))
        return found

    def _variable(self) -> int:
        self.variables += 1
        return self.variables

    def _first(self, value: bool | None) -> int:
        return self._variable() if value is None else TRUE if value else FALSE

    def _both(self, one: int, other: int) -> int:
        """The literal of `one and other`."""
        if FALSE in (one, other) or one == -other:
            return FALSE
        if one in (TRUE, other):
            return other
        if other == TRUE:
            return one
        key = (one, other) if one < other else (other, one)
        if key not in self.shared:
            made = self.shared[key] = self._variable()
            for clause in ([-made, one], [-made, other], [made, -one, -other]):
                self.solver.add_clause(clause)
        return self.shared[key]

    def _trace(self, model: Sequence[int]) -> list[dict[str, int]]:
        """The integers of all named inputs and registers, step by step; no sign is known here."""
        trace = []
        for values in self.steps:
            signals: dict[str, int] = {}
            for variable, bits in self.circuit.names.items():
                held = _holds(model, values[variable])
                for name, bit in bits:
                    signals[name] = signals.get(name, 0) | held << bit
            trace.append(dict(sorted(signals.items())))
        return trace


def bounded(circuit: Circuit, depth: int) -> Refuted | None:
    """A run of at most `depth` steps from the first state that breaks a claim, or None."""
    unrolling = Unrolling(circuit)
    for _ in range(depth):
        refuted = unrolling.refute(unrolling.step())
        if refuted:
            return refuted
    return None


def inductive(circuit: Circuit, length: int) -> bool:
    """True if the claims hold in every step that follows `length` steps in which they hold."""
    unrolling = Unrolling(circuit, free=True)
    for _ in range(length):
        for literal in unrolling.step().values():
            unrolling.solver.add_clause([-literal])
    return unrolling.refute(unrolling.step()) is None


def _literal(values: Sequence[int], literal: int) -> int:
    """The solver's literal of a circuit's one."""
    return -values[literal >> 1] if literal & 1 else values[literal >> 1]


def _holds(model: Sequence[int], literal: int) -> bool:
    """A literal's value; a variable of no clause lies behind the model and is false."""
    variable = abs(literal)
    return (variable <= len(model) and model[variable - 1] > 0) == (literal > 0)
