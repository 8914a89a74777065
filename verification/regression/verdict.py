# SPDX-License-Identifier: Apache-2.0
"""The verdict on a run: exactly the expected tests, each of which compared something."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from verification.regression.runner import CaseResult, Outcome


@dataclass(frozen=True)
class Verdict:
    """A case for each test that ran or should have; `failure` says what is wrong with it."""

    outcome: Outcome
    cases: tuple[CaseResult, ...]

    @property
    def failures(self) -> list[str]:
        """One line for each case that failed."""
        name = self.outcome.configuration.name
        return [f"{name}: {case.name}: {case.failure.splitlines()[0]}"
                for case in self.cases if case.failure]  # fmt: skip

    @property
    def integers(self) -> int:
        """All integers compared."""
        return sum(case.integers for case in self.cases)

    @property
    def cycles(self) -> int:
        """All cycles simulated in tests that came to their end."""
        return sum(case.cycles for case in self.cases)


def judge(outcome: Outcome, expected: Sequence[str]) -> Verdict:
    """Hold what ran against what had to run.

    A missing test, one that is not in the suite, one that ran twice or compared nothing, and a run
    that did not come to its end are failures as much as a wrong integer is.
    """
    ran = [test.name for test in outcome.tests]
    cases = [_judge(test, expected, ran.count(test.name)) for test in outcome.tests]
    missing = outcome.fault or "did not run"
    cases += [CaseResult(name, 0.0, missing) for name in expected if name not in ran]
    if outcome.fault and all(not case.failure for case in cases):
        cases.append(CaseResult("the_simulator_comes_to_its_end", 0.0, outcome.fault))
    return Verdict(outcome, tuple(cases))


def _judge(test: CaseResult, expected: Sequence[str], times: int) -> CaseResult:
    if test.failure:
        return test
    if test.name not in expected:
        return replace(
            test, failure="is not in the suite's list (verification/regression/suite_tests.py)"
        )
    if times > 1:
        return replace(test, failure=f"ran {times} times")
    if test.integers == 0:
        return replace(test, failure="compared no integers")
    return test
