# SPDX-License-Identifier: Apache-2.0
"""One proof, or one refutation of a planted fault."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from verification.formal import check as checks
from verification.formal import unroll
from verification.formal.check import Check, Fault

SHOWN_STEPS = 12


@dataclass(frozen=True)
class Result:
    """`refuted` are the claims found broken; without a fault there must be none, with one some.

    `trace` are the steps of the first of them, a line each.
    """

    check: str
    fault: str | None
    refuted: str
    trace: Sequence[str]
    seconds: float

    @property
    def passed(self) -> bool:
        """Proven without a fault, refuted with one."""
        return bool(self.refuted) == (self.fault is not None)


def prove(check: Check, fault: Fault | None, depth: int | None = None) -> Result:
    """Examine every size of a check; `depth` replaces that of a bounded proof if it is larger.

    A fault is refuted at the first size where a claim breaks that can be seen from outside.
    """
    started = time.perf_counter()
    found: tuple[str, Sequence[str]] = ("", [])
    steps = check.depth if check.complete else max(check.depth, depth or 0)
    for size, circuit in checks.circuits(check, fault):
        refuted = unroll.bounded(circuit.outside() if fault else circuit, steps)
        if refuted:
            found = _said(check, refuted, size), _lines(refuted)
            break
        if check.induction and not fault and not unroll.inductive(circuit, check.induction):
            found = f"no induction over {check.induction} steps {size}", []
            break
    seconds = time.perf_counter() - started
    return Result(check.name, str(fault) if fault else None, *found, seconds)


def _said(check: Check, refuted: unroll.Refuted, size: str) -> str:
    """The broken claim; of an arithmetic check its number is that of a size."""
    name, _, number = refuted.claim.rstrip("]").partition("[")
    where = checks.words(check.sizes[int(number)]) if name == "bad_result" else size
    return f"{name.removeprefix('bad_')} in step {len(refuted.trace) - 1}, {where}".rstrip(", ")


def _lines(refuted: unroll.Refuted) -> list[str]:
    """Each step's signals, the last steps only."""
    first = max(0, len(refuted.trace) - SHOWN_STEPS)
    return [
        f"step {i}: " + " ".join(f"{name}={value:#x}" for name, value in step.items())
        for i, step in enumerate(refuted.trace)
        if i >= first
    ]
