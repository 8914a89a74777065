# SPDX-License-Identifier: Apache-2.0
"""Sizes that are no powers of two: 6×5 and 12×7 antennas, 12×10 and 24×14 real dimensions."""

from __future__ import annotations

import math

import pytest

from fixedpoint.detectors import library as specs
from fixedpoint.detectors.library import DetectorSpec
from fixedpoint.stress import admm as admm_stress
from fixedpoint.stress import distributed as distributed_stress
from fixedpoint.stress import pgd as stress
from hls import cases, defaults, lanes, lint, tops
from hls.project.rtl import has_rtl
from hls.synthesis import throughput
from hls.synthesis.throughput import Bound
from tests.conftest import stress_inputs
from tests.rtl import assert_equal
from verification.rtl.model import Rtl

ODD = {spec.name: spec for spec in cases.odd_specs()}


@pytest.mark.parametrize("name", ODD)
def test_every_top_of_an_odd_size_is_lint_clean_at_two_lane_counts(name: str) -> None:
    spec = ODD[name]
    found = lanes.all_fitting(spec)[:2]
    assert found == [spec.columns, 2 * spec.columns]
    for count in found:
        for top in tops.of(spec).names:
            assert lint.check(lint.Design(spec, top, count)) == ""


# All of them at two lane counts: verification.soak, steps "RTL, stress-soft-12x10" and so on.
@pytest.mark.parametrize(
    ("name", "count", "beat"),
    [
        ("stress-soft-12x10", 10, 5),
        ("stress-admm-box-24x14", 28, 7),
        ("stress-hpd-24x10x2-16qam-1bit", 10, 5),
        ("stress-fpd-24x10x2-16qam-1bit", 10, 5),
    ],
)
def test_odd_sizes_equal_the_golden_model(name: str, count: int, beat: int) -> None:
    assert lanes.beat_bytes(ODD[name], count) == beat
    rtl = Rtl.build(ODD[name], lanes=count)
    assert_equal(rtl, stress_inputs(rtl.spec, 0, 12, 5), stalls=True)


def test_packed_vectors_of_an_odd_size_equal_the_golden_model() -> None:
    rtl = Rtl.build(stress.spec("soft", 6, 6, layers=2), lanes=12, packed=True)
    assert lanes.beat_bytes(rtl.spec, 12, packed=True) == 6
    assert_equal(rtl, stress_inputs(rtl.spec, 1, 12, 5), stalls=True)


# PGD-Net and HPD of one word: regression.suite, stress-soft-8x4-qpsk@32 and …-16x4x2-…@32.
@pytest.mark.parametrize(
    ("spec", "packed"),
    [
        (stress.spec("soft", 8, 4, layers=3), True),
        (admm_stress.spec("box", 4, 4, layers=3), False),
        (admm_stress.spec("box", 4, 4, layers=3), True),
        (distributed_stress.spec("fpd", rows=16, columns=4, units=2, layers=3), False),
        (distributed_stress.spec("fpd", rows=16, columns=4, units=2, layers=3), True),
    ],
)
def test_matrices_of_one_word_equal_the_golden_model(spec: DetectorSpec, packed: bool) -> None:
    count = lanes.engine_rows(spec) * spec.columns * (1 + packed)
    rtl = Rtl.build(spec, lanes=count, packed=packed)
    assert_equal(rtl, stress_inputs(spec, 3, 40, 3), stalls=True)


def test_a_beat_holds_the_most_entries_that_divide_a_word() -> None:
    for case in cases.all_cases():
        spec, entry = case.spec, lanes.entry_bytes(case.spec)
        for packed in (False, True):
            for count in lanes.all_fitting(spec, packed):
                beat, word = lanes.beat_bytes(spec, count, packed), count // (1 + packed)
                brought = any(part.rows == 1 for part in spec.parts)  # whole beats of numbers, too
                fitting = [n for n in range(1, 9) if n * entry <= 8 and word % n == 0
                           and not (brought and spec.columns % n)]  # fmt: skip
                assert beat == entry * max(fitting)


def test_beats_of_the_shipped_specs_have_8_bytes() -> None:
    for name in specs.shipped():
        spec = specs.load(name)
        assert [lanes.beat_bytes(spec, count) for count in lanes.LANES] == [8, 8, 8]


def test_entries_of_three_bytes_fill_whole_beats() -> None:
    wide = stress.spec("soft", 8, 4)
    formats = wide.formats.__class__(**{**vars(wide.formats), "h": type(wide.formats.h)(18, 10)})
    assert lanes.beat_bytes(wide.replace(formats=formats), 8) == 6


@pytest.mark.parametrize("name", ["pgd", "admm-box", "hpd-16qam-2bit", "stress-soft-8x4-qpsk"])
def test_refused_lanes_name_all_that_fit(name: str) -> None:
    spec = cases.find(name).spec
    fitting = [count for count in range(1, lanes.MOST + 1) if lanes.fits(spec, count)]
    assert fitting == lanes.all_fitting(spec)
    least = spec.columns - 1
    words = (
        f"lanes {least} does not fit spec {name}, .*: at least {spec.columns} were expected, "
        f"without padding one of {', '.join(map(str, fitting))}$"
    )
    with pytest.raises(ValueError, match=words):
        lanes.check(spec, least)


def test_large_sizes_name_the_least_that_fits() -> None:
    wide = stress.spec("soft", 8, 512, layers=1)
    assert lanes.all_fitting(wide) == lanes.fitting_lanes(wide) == [512]
    with pytest.raises(ValueError, match=r"8×512: at least 512 were expected, .* one of 512$"):
        lanes.check(wide, 32)
    assert lanes.all_fitting(admm_stress.spec("soft", 4, 8)) == [8, 16, 32]


def test_lanes_that_hold_no_whole_rows_are_built_as_fewer_and_the_padding_is_counted() -> None:
    spec = stress.spec("soft", 12, 10, layers=2)
    assert [lanes.built(spec, count) for count in (10, 19, 32, 50, 120, 999)] == [
        10, 10, 30, 50, 120, 120
    ]  # fmt: skip
    assert lanes.words(spec, 50) == (0, 3)
    assert Bound.of(spec, 50).parts["products"] == 2 * 2 * 3
    assert throughput.padding(spec, 30) == 0
    assert throughput.padding(spec, 50) == pytest.approx(1 - 12 / 15)
    wide = admm_stress.spec("box", 4, 8, layers=3)
    assert lanes.words(wide, 16) == (4, 4)  # F has two words of rows, and two of padding
    assert throughput.padding(wide, 16) == pytest.approx(1 - (4 + 2 * 8) / (4 + 2 * 4) / 2)


# Each is padded in another way: H's last word, the last group of columns, F's words.
# Their integers: test_any_size.py.
PADDED = [
    (stress.spec("soft", 12, 10, layers=3), 32, False),
    (stress.modulated(stress.spec("box", 10, 6, layers=3), "qpsk"), 36, True),
    (stress.modulated(stress.spec("soft", 2, 2, layers=2), "qpsk"), 32, False),
    (admm_stress.spec("box", 12, 10, layers=3), 32, False),
    (admm_stress.spec("soft", 4, 8, layers=3), 24, False),
    (distributed_stress.spec("hpd", rows=12, columns=10, units=2, bits=2, layers=3), 32, False),
]


def _named(case: tuple[DetectorSpec, int, bool]) -> str:
    return f"{case[0].name}@{case[1]}{'-packed' * case[2]}"


@pytest.mark.parametrize("case", PADDED, ids=_named)
def test_padded_tops_are_lint_clean(case: tuple[DetectorSpec, int, bool]) -> None:
    spec, count, packed = case
    for top in tops.of(spec).names:
        assert lint.check(lint.Design(spec, top, count, packed)) == ""


def test_the_best_lanes_and_slots_for_them_are_the_default() -> None:
    for name in specs.shipped():
        if has_rtl(spec := specs.load(name)):
            assert (defaults.lanes(spec), defaults.lanes(spec, True) % 32) == (32, 0)
    odd = stress.spec("soft", 12, 10, layers=3)
    assert defaults.lanes(odd) == 30
    assert defaults.lanes(stress.spec("soft", 128, 66, layers=1)) == 66
    assert defaults.lanes(stress.spec("soft", 2, 2)) == 4
    with pytest.raises(ValueError, match="at least 10 were expected"):
        defaults.chosen(odd, 9)


@pytest.mark.parametrize(
    ("spec", "count", "wall", "cycles"),
    [
        (specs.load("pgd"), 64, "products", 160),
        (specs.load("pgd"), 512, "y", 32),
        (stress.spec("soft", 128, 16, layers=3), 256, "y", 128),
        (stress.spec("soft", 8, 32, layers=1), 128, "x", 32),
        (stress.spec("soft", 4, 32, layers=4), 32, "sums", 128),
        (specs.load("admm-box"), 256, "y", 32),
        (specs.load("hpd-16qam-2bit"), 64, "products", 80),
        (specs.load("hpd-16qam-2bit"), 256, "y", 32),
        (distributed_stress.spec("hpd", rows=16, columns=16, units=4), 16, "sums", 64),
    ],
)
def test_the_longest_stream_bounds_the_cycles(
    spec: DetectorSpec, count: int, wall: str, cycles: int
) -> None:
    bound = Bound.of(spec, count)
    assert (bound.wall, bound.cycles) == (wall, cycles)


def test_the_fronthaul_of_a_unit_is_a_stream_each_way() -> None:
    spec = distributed_stress.spec("hpd", rows=32, columns=8, units=4, layers=4)
    parts = Bound.of(spec, 16).parts
    assert (parts["up"], parts["down"], parts["y"], parts["x"]) == (16, 12, 8, 8)


@pytest.mark.parametrize(
    ("spec", "count", "wall"),
    [
        (stress.spec("soft", 16, 2, layers=2), 32, "y"),
        (stress.spec("soft", 2, 8, layers=3), 8, "sums"),
    ],
)
def test_a_core_comes_up_to_its_bound_where_a_stream_is_the_wall(
    spec: DetectorSpec, count: int, wall: str
) -> None:
    bound = Bound.of(spec, count)
    assert bound.wall == wall
    found = assert_equal(Rtl.build(spec, lanes=count, slots=16), stress_inputs(spec, 2, 1, 200))
    assert math.floor(bound.cycles) <= found.steady_cycles <= 1.05 * bound.cycles
