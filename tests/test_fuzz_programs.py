# SPDX-License-Identifier: Apache-2.0
"""Random programs through the numpy views; `python -m tests.fuzz_programs` runs more of them."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from typing import Any

import numpy as np
import pytest

from fixedpoint.program import values
from fixedpoint.program.leaves import Given
from fixedpoint.program.views import golden, lower, lowering
from hls.cpp import operations
from tests import fuzz_native, fuzz_programs
from tests.fuzz_programs import Generator

OPERATIONS = [
    values.Total, values.Negated, values.Product, values.Rounded, values.Clipped, values.Softened,
    values.Folded, values.Distance, values.Read, values.Chosen, values.GridSum, values.Transformed,
    values.Quotient,
]  # fmt: skip


def test_a_hundred_random_programs_are_the_same_in_every_numpy_view() -> None:
    found = fuzz_programs.run(100, seed=0)
    assert found["failures"] == {}
    assert found["integers"] > 50_000


def test_a_hundred_random_programs_are_the_same_in_native_cpp() -> None:
    found = fuzz_native.run(100, seed=0)
    assert found["failures"] == {}
    assert found["integers"] > 300_000


def test_nor_do_they_differ_without_the_tables_that_the_golden_view_fills(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lowering, "narrow", lambda made, part: {})
    assert fuzz_programs.run(60, seed=0)["failures"] == {}


def test_the_programs_have_every_operation_often() -> None:
    seen: Counter[type] = Counter()
    for seed in range(100):
        seen.update(type(value) for value in Generator(seed, 24).program().layer.order)
    for kind in (*OPERATIONS, values.UnitSum, values.Sliced, Given):
        assert seen[kind] >= 40, kind.__name__


def off_by_one(rule: Any) -> Any:
    """The rule with 1 added wherever its result is 3 modulo 8."""

    def wrong(value: Any, layer: Any) -> Any:
        q = rule(value, layer)
        return q + (np.asarray(q) % 8 == 3)

    return wrong


def no_summand(rule: Any) -> Any:
    """The rule of the fast view that forgets what is to be added."""

    def wrong(value: Any, to: Any, factor: float, plus: float) -> Any:
        return rule(value, to, factor, 0.0)

    return wrong


PLANTED: list[tuple[Any, type, Any]] = []


def plant(view: Any, kind: type, rule: Any) -> None:
    """Another rule for one operation of a view, until the test ends."""
    PLANTED.append((view, kind, view.dispatch(kind)))
    view.register(kind, rule)


@pytest.fixture(autouse=True)
def repaired() -> Any:
    """Every view as it was."""
    yield
    while PLANTED:
        view, kind, real = PLANTED.pop()
        view.register(kind, real)


@pytest.mark.parametrize("kind", OPERATIONS, ids=lambda kind: kind.__name__)
def test_a_fault_of_one_operation_of_the_golden_view_is_found(kind: type) -> None:
    plant(golden.operation, kind, off_by_one(golden.operation.dispatch(kind)))
    found = fuzz_programs.run(20, seed=0)["failures"]
    assert found
    assert all("operations" in why for why in found.values())


@pytest.mark.parametrize("kind", [values.Total, values.Product, values.Negated],
                         ids=lambda kind: kind.__name__)  # fmt: skip
def test_a_fault_of_one_operation_of_the_fast_view_is_found(kind: type) -> None:
    plant(lower.lower, kind, no_summand(lower.lower.dispatch(kind)))
    assert any("fast view" in why for why in fuzz_programs.run(20, seed=0)["failures"].values())


def test_the_smallest_failing_program_is_named() -> None:
    """The fault sits in one operation: fewer operations do not have it, more still do."""
    plant(golden.operation, values.Quotient, off_by_one(golden.operation.dispatch(values.Quotient)))
    seed = next(iter(fuzz_programs.run(20, seed=0)["failures"]))
    fewest = fuzz_programs.smallest(seed)
    assert 0 < fewest <= fuzz_programs.OPERATIONS
    assert fuzz_programs.check(seed, fewest - 1) > 0
    with pytest.raises(AssertionError):
        fuzz_programs.check(seed, fewest)


def test_a_fault_of_an_operation_in_cpp_is_found_and_its_smallest_program_named() -> None:
    """A clip that becomes a soft threshold: programs without one do not differ."""
    real = operations.expression.dispatch(values.Clipped)
    plant(operations.expression, values.Clipped, lambda value, at: real(value, at).replace(
        "box", "soft_threshold"))  # fmt: skip
    failures = fuzz_native.run(3, seed=0)["failures"]
    assert failures
    for seed, why in failures.items():
        fewest = int(why.split("; ")[1].split()[0])
        kinds = [{type(v) for v in fuzz_native.generated(seed, number).layer.order}
                 for number in (fewest - 1, fewest)]  # fmt: skip
        assert values.Clipped in kinds[1]
        assert 0 < fewest <= fuzz_programs.OPERATIONS
        assert fuzz_native.check(seed, fewest - 1) > 0


@pytest.mark.parametrize("command", [
    "fuzz_programs --count 0", "fuzz_programs --view native --count 0", "fuzz_rtl --count 0",
    "fuzz_rtl --count 1 --vectors 0", "planted --view rtl --count 0",
    "planted --view cpp --count -1",
])  # fmt: skip
def test_a_comparison_of_nothing_is_no_success(command: str) -> None:
    module, *words = command.split()
    done = subprocess.run([sys.executable, "-m", f"tests.{module}", *words], check=False,
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 2
    assert "at least 1 was expected" in done.stderr
    assert done.stderr.count("\n") == 1
