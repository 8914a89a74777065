# SPDX-License-Identifier: Apache-2.0
"""docs/results says what today's networks, specs and arithmetic give."""

from __future__ import annotations

import pytest

from benchmarks.evidence import __main__ as command
from benchmarks.evidence import provenance
from benchmarks.evidence.studies import STUDIES, Study

PARTS = [*(study.name for study in STUDIES), *provenance.PARTS]


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)
def test_committed_sweeps_are_whole_not_quick(study: Study) -> None:
    result = provenance.result_of(study, command.OUT / f"{study.name}.json")
    assert result.plan.digest == study.plan(quick=False).digest


@pytest.mark.parametrize("name", PARTS)
def test_committed_numbers_are_of_todays_arithmetic(name: str) -> None:
    provenance.check(command.OUT / f"{name}.json")


def test_nothing_else_is_committed_beside_them() -> None:
    assert {path.stem for path in command.OUT.glob("*.json")} == set(PARTS)
