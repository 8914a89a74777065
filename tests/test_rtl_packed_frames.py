# SPDX-License-Identifier: Apache-2.0
"""Two vectors a multiplier in units with a fusion node, and over stored matrices."""

from __future__ import annotations

import pytest

from fixedpoint.detectors import library as spec
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.stress import admm as admm_stress
from fixedpoint.stress import distributed as distributed_stress
from hls import cases, lint, tops
from hls.lanes import all_fitting, packs
from hls.synthesis.throughput import Bound
from tests.conftest import channel_inputs, stress_inputs
from tests.rtl import assert_equal
from verification.rtl.model import Rtl

SPECS: dict[str, tuple[DetectorSpec, int]] = {
    "three units, two rows a word": (
        distributed_stress.spec("fpd", rows=24, columns=4, units=3, bits=3), 16,
    ),
    "two units, one row a word": (
        distributed_stress.spec("hpd", rows=16, columns=4, units=2, bits=1, modulation="qpsk"), 8,
    ),
    "more rows stored ahead": (admm_stress.spec("soft", 16, 8), 32),
    "one column a group": (admm_stress.spec("box", 8, 4), 8),
}  # fmt: skip


@pytest.fixture(scope="module", params=SPECS)
def pair(request: pytest.FixtureRequest) -> Rtl:
    made, lanes = SPECS[request.param]
    return Rtl.build(made, lanes=lanes, packed=True)


@pytest.mark.parametrize(("blocks", "vectors"), [(1, 90), (30, 1), (12, 5), (20, 2)])
def test_every_wire_is_exact_whoever_shares_a_slot(pair: Rtl, blocks: int, vectors: int) -> None:
    inputs = stress_inputs(pair.spec, vectors, blocks, vectors)
    for seed, stalls in enumerate((False, True, True, True)):
        assert_equal(pair, inputs, seed=seed, stalls=stalls)


@pytest.mark.parametrize("vectors", [2, 3])
def test_units_that_pair_differently_never_wait_for_each_other_for_ever(vectors: int) -> None:
    """The last vectors of a run: in one unit a pair, in another each by itself."""
    made, lanes = SPECS["two units, one row a word"]
    rtl = Rtl.build(made, lanes=lanes, packed=True)
    for seed in range(60):
        assert_equal(rtl, stress_inputs(made, seed, 1, vectors), seed=seed, stalls=True)


def test_two_slots_are_enough() -> None:
    made, lanes = SPECS["three units, two rows a word"]
    rtl = Rtl.build(made, lanes=lanes, slots=2, packed=True)
    for seed in range(12):
        assert_equal(rtl, stress_inputs(made, seed, 4, 9), seed=seed, stalls=True)


def test_a_shipped_detector_of_units_keeps_the_bound_with_two_vectors_a_multiplier() -> None:
    rtl = Rtl.build(spec.load("hpd-16qam-2bit-8bit"), lanes=64, packed=True)
    found = assert_equal(rtl, channel_inputs(rtl.spec, 3, 1, 240))
    assert Bound.of(rtl.spec, 64, packed=True).cycles == 80
    assert found.steady_cycles <= 80 * 1.05


def test_a_vector_of_a_pair_goes_up_and_down_a_group_a_beat() -> None:
    parts = Bound.of(spec.load("fpd-4qam-1bit-8bit"), 64, packed=True).parts
    assert {name: parts[name] for name in ("sums", "up", "down")} == {
        "sums": 20.0, "up": 40.0, "down": 32.0,
    }  # fmt: skip


def test_what_is_packed_follows_from_the_formats_alone() -> None:
    packed = [name for name in spec.shipped() if packs(spec.load(name))]
    assert packed == [
        *(f"{name}-8bit" for name in ("fpd-16qam-2bit", "fpd-4qam-1bit")),
        *(f"{name}-8bit" for name in ("hpd-16qam-2bit", "hpd-4qam-1bit")),
        "pgd", "pgd-box",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="two factors above its 11-bit entries take 34 bits, at"):
        Rtl.build(spec.load("admm-box"), packed=True)


def test_two_vectors_need_two_slots_of_a_unit() -> None:
    made, lanes = SPECS["two units, one row a word"]
    with pytest.raises(ValueError, match="slots 1 is outside 2 to 64"):
        Rtl.build(made, lanes=lanes, slots=1, packed=True)


@pytest.mark.parametrize("name", ["hpd-4qam-1bit-8bit", "stress-admm-box-8x4"])
def test_tops_of_two_vectors_a_slot_are_lint_clean(name: str) -> None:
    made = cases.find(name).spec
    for top in tops.of(made).names:
        design = lint.Design(made, top, all_fitting(made, packed=True)[0], packed=True)
        assert lint.check(design) == ""
