# SPDX-License-Identifier: Apache-2.0
"""The Verilated RTL of HPD and FPD-Net, units and fusion, against the golden model, exactly."""

from __future__ import annotations

import json

import numpy as np
import pytest

from fixedpoint.detectors import library as spec
from fixedpoint.specs.fpd import FpdSpec
from fixedpoint.specs.hpd import HpdSpec
from fixedpoint.stress import distributed as distributed_stress
from hls.project.rtl import rtl_files
from hls.synthesis.throughput import bound_cycles
from tests.conftest import stress_inputs
from tests.rtl import assert_equal
from verification.rtl import runs
from verification.rtl.__main__ import Fronthaul, main
from verification.rtl.model import Rtl, Traffic
from verification.traffic.stimuli import beyond, clamped
from verification.traffic.theta import Rewrite, golden, own, theta_beats


def small(detector: str) -> HpdSpec | FpdSpec:
    """Three units, no power of two, of eight rows each, two a word."""
    return distributed_stress.spec(detector, rows=24, columns=4, units=3, bits=3)


def build(detector: str) -> Rtl:
    return Rtl.build(small(detector), lanes=8)


@pytest.fixture(scope="module", params=["hpd", "fpd"])
def rtl(request: pytest.FixtureRequest) -> Rtl:
    return build(request.param)


@pytest.fixture(scope="module")
def fpd() -> Rtl:
    return build("fpd")


def test_every_wire_of_every_unit_equals_the_golden_model(rtl: Rtl) -> None:
    found = assert_equal(rtl, stress_inputs(rtl.spec, 0, 12, 24))
    layer = f"{rtl.spec.detector}1"
    assert found.wires[f"{layer}.residual"].shape == (12, 24, 3, 8)
    assert found.wires[f"{layer}.extrapolated"].shape == (12, 24, 4)


@pytest.mark.parametrize("seed", range(6))
def test_units_that_get_out_of_step_change_no_integer(rtl: Rtl, seed: int) -> None:
    assert_equal(rtl, stress_inputs(rtl.spec, seed, 20, 1 + seed), seed=seed, stalls=True)


def test_codes_and_entries_beyond_their_formats_are_clamped(rtl: Rtl) -> None:
    inputs = stress_inputs(rtl.spec, 7, 6, 6)
    sent = beyond(np.random.default_rng(7), rtl.spec, inputs)
    assert int(sent.y.max()) > rtl.spec.y_format.max
    expected = runs.golden(rtl.spec, clamped(rtl.spec, sent)).wires
    found = rtl.run(sent.h, sent.y, sent.index).wires
    for wire, q in expected.items():
        np.testing.assert_array_equal(found[wire], q, wire)


def test_one_changed_table_entry_is_caught(fpd: Rtl) -> None:
    assert isinstance(fpd.spec, FpdSpec)
    name = "gaussian.mem"
    lines = rtl_files(fpd.spec)[name].splitlines()
    middle = len(lines) // 2
    lines[middle] = f"{int(lines[middle], 16) ^ 1:0{len(lines[middle])}x}"
    broken = Rtl.build(fpd.spec, lanes=8, replaced={name: "\n".join(lines) + "\n"})
    with pytest.raises(AssertionError, match=r"wire fpd1\.gaussian.*the golden model has"):
        assert_equal(broken, stress_inputs(fpd.spec, 8, 4, 8))


@pytest.mark.parametrize("stalls", [False, True])
def test_another_theta_is_taken_between_two_blocks(fpd: Rtl, stalls: bool) -> None:
    assert isinstance(fpd.spec, FpdSpec)
    theta = Rewrite(own(fpd.spec)[::-1], 3)
    inputs = stress_inputs(fpd.spec, 9, 8, 5)
    expected = golden(fpd.spec, inputs, theta)
    found = fpd.run(inputs.h, inputs.y, inputs.index, Traffic(stalls=stalls, theta=theta))
    for wire, q in expected.items():
        np.testing.assert_array_equal(found.wires[wire], q, wire)
    kept = runs.golden(fpd.spec, inputs).wires["output.state"]
    np.testing.assert_array_equal(kept[:3], expected["output.state"][:3])
    assert np.any(kept[3:] != expected["output.state"][3:])


def test_a_theta_of_another_size_is_refused(fpd: Rtl) -> None:
    with pytest.raises(ValueError, match=r"θ of shape \(3, 21\) is none of .*: \(4, 21\) was"):
        theta_beats(fpd.spec, own(fpd.spec)[1:])
    with pytest.raises(ValueError, match="has no θ to write"):
        theta_beats(small("hpd"), own(fpd.spec))


def test_sizes_that_do_not_fit_a_unit_are_named() -> None:
    with pytest.raises(
        ValueError,
        match="lanes 3 does not fit spec stress-hpd-24x4x3-16qam-3bit, whose engine holds 8×4",
    ):
        Rtl.build(small("hpd"), lanes=3)


def test_a_hyper_network_is_no_hardware() -> None:
    with pytest.raises(ValueError, match=r"has a hyper-network, which is golden and C\+\+ only"):
        Rtl.build(spec.load("fpd-4qam-1bit-hyper"))


def test_the_bound_and_the_fronthaul_follow_from_the_sizes() -> None:
    shape = distributed_stress.spec("hpd", rows=128, columns=16, units=4, layers=5)
    assert bound_cycles(shape, 32) == 2 * 5 * 32 * 16 / 32
    state = shape.state_format.bits
    assert Fronthaul.of(shape, 32, False) == Fronthaul(16, 5 * 16 * state, 4 * 16 * state)
    assert Fronthaul.of(spec.load("pgd"), 32, False) is None


def test_the_command_compares_and_counts(capsys: pytest.CaptureFixture[str]) -> None:
    name = "stress-hpd-24x4x3-16qam-3bit"
    assert main(["--spec", name, "--lanes", "8", "--vectors", "100", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["equal"]
    assert set(result["differing"].values()) == {0}
    assert result["compared"]["hpd4.pull"] == 100 * 3 * 4
    assert result["bound_cycles"] == 2 * 4 * 8 * 4 / 8
