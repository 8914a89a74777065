# SPDX-License-Identifier: Apache-2.0
"""One proof, or one refutation of a planted fault."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from verification.formal import check as checks
from verification.formal import unroll
from verification.formal.check import Check, Fault, Size

SHOWN_STEPS = 12


@dataclass(frozen=True)
class Result:
    """`refuted` is the claim found broken; a fault must break one, but a harmless one must not.

    `trace` are the steps of that run, a line each. `claims` are the names of all that a fault
    breaks in such a step; without a fault, of all that are proven and seen from outside.
    `seconds` are of CPU, Yosys included.
    """

    check: str
    fault: str | None
    harmless: bool
    refuted: str
    trace: Sequence[str]
    claims: Sequence[str]
    seconds: float

    @property
    def proof(self) -> bool:
        """True if the claims must hold."""
        return self.fault is None or self.harmless

    @property
    def passed(self) -> bool:
        """Proven, or refuted where there is a fault."""
        return bool(self.refuted) != self.proof


def prove(check: Check, fault: Fault | None, depth: int | None = None) -> Result:
    """Examine every size of a check; `depth` replaces that of a bounded proof if it is larger.

    A fault is refuted at the first size where a claim breaks that can be seen from outside.
    """
    started = _cpu_seconds()
    found: tuple[str, Sequence[str]] = ("", [])
    claims: set[str] = set()
    steps = check.depth if check.complete else max(check.depth, depth or 0)
    for sizes, circuit in checks.circuits(check, fault):
        refuted = unroll.bounded(circuit.outside() if fault else circuit, steps)
        if refuted:
            found, claims = (_said(refuted, sizes), _lines(refuted)), set(refuted.claims)
            break
        claims |= circuit.claims
        if check.induction and not fault and not unroll.inductive(circuit, check.induction):
            found = f"no induction over {check.induction} steps {checks.words(sizes[0])}", []
            break
    seconds = _cpu_seconds() - started
    said = str(fault) if fault else None
    return Result(check.name, said, fault in check.harmless, *found, sorted(claims), seconds)


def unbroken(results: Sequence[Result]) -> list[str]:
    """The claims of one check that no fault of it breaks: nothing shows that they can fail."""
    proven = {claim for result in results if result.fault is None for claim in result.claims}
    broken = {claim for result in results if not result.proof for claim in result.claims}
    return sorted(proven - broken)


def _cpu_seconds() -> float:
    """Of this process and of those that it has waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _said(refuted: unroll.Refuted, sizes: Sequence[Size]) -> str:
    """The broken claim; of several sizes in one circuit its number is that of a size."""
    name, _, number = refuted.claim.rstrip("]").partition("[")
    where = checks.words(sizes[int(number) if name == "bad_result" else 0])
    return f"{name.removeprefix('bad_')} in step {len(refuted.trace) - 1}, {where}"


def _lines(refuted: unroll.Refuted) -> list[str]:
    """Each step's signals, the last steps only."""
    first = max(0, len(refuted.trace) - SHOWN_STEPS)
    return [
        f"step {i}: " + " ".join(f"{name}={value:#x}" for name, value in step.items())
        for i, step in enumerate(refuted.trace)
        if i >= first
    ]
