# SPDX-License-Identifier: Apache-2.0
"""Sizes that no number of lanes divides: golden model = C++ = RTL, at the user's sizes."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from fixedpoint.numbers.modulation import MODULATIONS
from fixedpoint.receivers import family
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.stress import admm, distributed, pgd
from hls import cases, csim, defaults, lint, native, tops
from hls.builds.native import Native
from tests.conftest import stress_inputs
from tests.rtl import assert_equal
from verification.rtl.model import Rtl


def _modulated(spec: Any, modulation: str) -> DetectorSpec:
    slicer = MODULATIONS[modulation].thresholds(spec.formats.state)
    name = f"{spec.name}-{modulation}"
    changed: DetectorSpec = dataclasses.replace(
        spec, name=name, modulation=modulation, slicer=slicer
    )
    return changed


def _units(detector: str, rows: int, columns: int, units: int, modulation: str) -> DetectorSpec:
    return distributed.spec(detector, rows=rows, columns=columns, units=units, bits=2,
                            modulation=modulation, layers=2)  # fmt: skip


# Real dimensions, twice the antennas; lanes, None for the best; two vectors at a time.
SIZES: list[tuple[DetectorSpec, int | None, bool]] = [
    (_modulated(pgd.spec("soft", 2, 2, layers=2), "64qam"), 32, False),
    (_modulated(admm.spec("box", 4, 6, layers=3), "qpsk"), None, False),
    (_units("hpd", 12, 4, 2, "qpsk"), 14, False),
    (_modulated(pgd.spec("box", 10, 8, layers=2), "qpsk"), 48, True),
    (_modulated(admm.spec("soft", 12, 10, layers=3), "64qam"), 32, False),
    (_modulated(pgd.spec("soft", 24, 14, layers=2), "64qam"), None, False),
    (_units("fpd", 14, 24, 1, "64qam"), 72, False),
    (_units("hpd", 10, 6, 1, "16qam"), 48, True),
]


def _named(case: tuple[DetectorSpec, int | None, bool]) -> str:
    return f"{case[0].name}@{case[1] or 'best'}{'-packed' * case[2]}"


@pytest.mark.parametrize("case", SIZES, ids=_named)
def test_the_rtl_of_any_size_equals_the_golden_model(
    case: tuple[DetectorSpec, int | None, bool],
) -> None:
    spec, count, packed = case
    rtl = Rtl.build(spec, lanes=defaults.chosen(spec, count, packed), packed=packed)
    assert_equal(rtl, stress_inputs(spec, 4, 6, 5), stalls=True)


@pytest.mark.parametrize("case", SIZES, ids=_named)
def test_native_cpp_of_any_size_equals_the_golden_model(
    case: tuple[DetectorSpec, int | None, bool],
) -> None:
    spec = case[0]
    drawn = cases.Case(spec.name, spec, cases.stress_draw, exhaustive=False)
    depth = len(family.layer_formats(spec))
    found, _ = native.compare_case(Native.build(spec), drawn, depth, 40, 0, "this test")
    assert found.equal, str(found)
    assert found.total > 0


@pytest.mark.parametrize("case", SIZES[1:3], ids=_named)
def test_csim_of_any_size_equals_the_golden_model(
    case: tuple[DetectorSpec, int | None, bool],
) -> None:
    drawn = cases.Case(case[0].name, case[0], cases.stress_draw, exhaustive=False)
    run = csim.run_case(drawn, 20, 0)
    assert run.comparison.equal, str(run.comparison)
    assert run.comparison.total > 0


# The comparison of its vectors: verification.soak, step "RTL, stress-soft-512x128, 128 lanes".
@pytest.mark.parametrize("spec", cases.large_specs(), ids=lambda spec: spec.name)
def test_256_by_64_antennas_elaborate(spec: DetectorSpec) -> None:
    count = defaults.lanes(spec)
    assert count == spec.columns
    design = lint.Design(spec, tops.of(spec).whole, count)
    assert lint.check(design, (lint.verilator,)) == ""
