# SPDX-License-Identifier: Apache-2.0
"""Soft bits against the max-log rule itself, in rationals, over the points of a constellation."""

from __future__ import annotations

import dataclasses
import json
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fixedpoint.detector import Detector
from fixedpoint.detectors import library
from fixedpoint.detectors.registry import program
from fixedpoint.numbers.format import Format, IntArray
from fixedpoint.numbers.modulation import MODULATIONS, Modulation
from fixedpoint.program.frame import output
from fixedpoint.receivers import family
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.specs.soft import WEIGHT, SoftBits
from fixedpoint.stress import admm, distributed, extreme, pgd
from fixedpoint.stress.catalog import catalog
from fixedpoint.stress.soft import softened
from fixedpoint.support.schema import SpecError
from hls.builds.native import Native

SPECS = {
    "stored": softened(admm.spec("box", 8, 4)),
    "qpsk": softened(pgd.modulated(pgd.spec("soft", 8, 4, layers=3), "qpsk")),
    "64qam": softened(pgd.modulated(pgd.spec("box", 16, 8, layers=2), "64qam")),
    "256qam": softened(pgd.modulated(pgd.spec("box", 16, 8, layers=2), "256qam")),
    "shipped": library.load("admm-box-soft"),
    "shipped pm": library.load("pm5-16x16-16qam-soft"),
    "units": softened(distributed.spec("hpd", rows=24, columns=4, units=3, bits=3,
                                       modulation="16qam")),
}  # fmt: skip


def half_up(x: Fraction, frac: int, bits: int) -> int:
    """To an integer at a point, saturated symmetrically."""
    most = (1 << bits - 1) - 1
    return max(-most, min(most, floor(x * 2**frac + Fraction(1, 2))))


def rule(p: Fraction, weight: Fraction, bit: int, modulation: Modulation) -> Fraction:
    """L of p = κ·w: half the difference of squared distances times κ, 0s before 1s."""
    words = modulation.gray(np.arange(modulation.levels))
    nearest = {}
    for value in (0, 1):
        points = [2 * j - modulation.peak for j in range(modulation.levels)
                  if words[j, bit] == value]  # fmt: skip
        nearest[value] = min((p - weight * s) ** 2 for s in points)
    return (nearest[0] - nearest[1]) / (2 * weight)


def weights(spec: DetectorSpec, soft: SoftBits, h: IntArray, index: IntArray) -> IntArray:
    """κ of each stream, (G, B, N), in the last bits of its format."""
    if not spec.weighs_streams:
        found = np.array(soft.constants)[index][..., None]
        return np.broadcast_to(found, (*index.shape, spec.columns))
    assert spec.parts[0].name == WEIGHT
    brought = h[:, :1] + (1 << soft.weight.bits - 1)
    return np.broadcast_to(brought, (*index.shape, spec.columns))


@pytest.mark.parametrize("name", SPECS)
def test_every_integer_is_that_of_the_max_log_rule(name: str) -> None:
    spec, soft = SPECS[name], SPECS[name].soft
    assert soft is not None
    h, y, index = extreme.vectors(spec, 3, 12, 8)
    last: Any = family.run(spec, h, y, index)[-1]
    kappa = weights(spec, soft, h, index)
    state, point = getattr(last, soft.wire), spec.state_format.frac
    seen = set()
    for at in np.ndindex(index.shape):
        for n in range(spec.columns):
            weight = Fraction(int(kappa[at][n]), 2**soft.weight.frac)
            exact = weight * Fraction(int(state[at][n]), 2**point)
            q = half_up(exact, soft.scaled.frac, soft.scaled.bits)
            assert last.llr_scaled[at][n] == q
            for b in range(spec.constellation.bits):
                found = rule(Fraction(q, 2**soft.scaled.frac), weight, b, spec.constellation)
                expected = half_up(found, soft.llr.frac, soft.llr.bits)
                assert getattr(last, f"llr{b}")[at][n] == expected, (at, n, b)
                seen.add(expected)
    assert {soft.llr.max, -soft.llr.max, 0} <= seen


def test_a_block_brings_the_constant_times_each_stream_s_share() -> None:
    """κ = c·(1 − P_ii)/P_ii of the stored integers, P_ii no less than 1/64, above 0."""
    spec = library.load("admm-box-soft")
    assert spec.soft is not None
    rng, soft = np.random.default_rng(4), spec.soft
    h = rng.normal(size=(6, 32, 32)) * np.array([0.01, 0.1, 0.25, 0.5, 1, 3])[:, None, None]
    made, _ = spec.quantized(h, np.full((6, 1), 20))
    p = made[:, -32:]
    seen = set()
    for g, i in np.ndindex(6, 32):
        share = max(Fraction(int(p[g, i, i]), 128), Fraction(1, 64))
        kappa = Fraction(soft.constants[0], 2**soft.constant.frac) * (1 - share) / share
        expected = half_up(kappa - 2 ** (soft.weight.bits - 1 - soft.weight.frac),
                           soft.weight.frac, soft.weight.bits)  # fmt: skip
        assert made[g, 0, i] == expected
        seen.add(expected)
    assert len(seen) > 20
    assert {soft.weight.max, soft.weight.min} <= seen


@pytest.mark.parametrize("name", SPECS)
def test_soft_bits_leave_behind_the_decided_ones(name: str) -> None:
    """What C++ and RTL are compared by at their outputs."""
    leaving = output(program(SPECS[name]))
    count = SPECS[name].constellation.bits
    assert leaving[-count - 1 :] == ("bits", *(f"llr{b}" for b in range(count)))


@pytest.mark.parametrize("name", SPECS)
def test_fast_and_native_views_give_the_same(name: str) -> None:
    spec = SPECS[name]
    h, y, index = extreme.vectors(spec, 5, 24, 16)
    last: Any = family.run(spec, h, y, index)[-1]
    golden = np.stack([getattr(last, f"llr{b}") for b in range(spec.constellation.bits)], -1)
    np.testing.assert_array_equal(Detector(spec).run_integers(h, y, index).llr, golden)
    np.testing.assert_array_equal(Native.build(spec).run(h, y, index).llr, golden)


@pytest.mark.parametrize("name", ["64qam", "stored", "units"])
def test_extremes_cause_every_event_of_soft_bits(name: str) -> None:
    spec = SPECS[name]
    h, y, index = extreme.vectors(spec, 7, 144, 16)
    events = family.count(spec, h, y, index, family.run(spec, h, y, index))
    missed = [event for event in family.missed(spec, events) if "llr" in event]
    assert missed == []
    assert any("llr knee" in event for event in events)


def shipped(name: str) -> DetectorSpec:
    """A shipped spec with soft bits."""
    spec = library.load(name)
    weight = Format(7, 4) if spec.weighs_streams else Format(8, 4)
    constants = (9,) if spec.weighs_streams else (9,) * len(spec.snr)
    return spec.replace(soft=SoftBits("state", Format(6, 1), weight, Format(11, 4), weight,
                                      constants))  # fmt: skip


def test_a_call_gives_ratios_of_the_bits_in_either_labelling() -> None:
    rng, spec = np.random.default_rng(0), shipped("admm-box")
    h = (rng.normal(size=(20, 16, 16)) + 1j * rng.normal(size=(20, 16, 16))) / 32**0.5
    x = rng.choice([-3, -1, 1, 3], (20, 16)) + 1j * rng.choice([-3, -1, 1, 3], (20, 16))
    y = np.einsum("gmn,gn->gm", h, x)
    ours = Detector(spec).run(h, y, 25.0)
    theirs = Detector(spec).run(h, y, 25.0, labels="38.211")
    for found in (ours, theirs):
        assert found.llr is not None
        assert found.llr.shape == found.bits.shape == (20, 16, 4)
        sure = np.abs(found.llr) >= 2
        assert sure.mean() > 0.9
        np.testing.assert_array_equal(found.llr[sure] > 0, found.bits[sure] == 1)
    assert Detector.load("admm-box").run(h, y, 25.0).llr is None


def test_no_digest_knows_of_soft_bits_that_there_are_not(tmp_path: Path) -> None:
    spec = shipped("pgd-box")
    spec.save(tmp_path / "soft.json")
    found = library.load(tmp_path / "soft.json")
    assert found == spec
    assert found.digest != library.load("pgd-box").digest
    assert "soft" not in json.loads((library.SHIPPED / "pgd-box.json").read_text())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"llr": Format(2, 0)}, "soft.llr.bits: 2, 3 to 12 expected"),
        ({"llr": Format(13, 0)}, "soft.llr.bits: 13, 3 to 12 expected"),
        ({"constants": (9, 9)}, "soft.constants: 2 entries, 36 expected"),
        ({"scaled": Format(8, 3)}, "soft.scaled.frac: 3 is below weight.frac"),
        ({"constants": (0,) * 36}, "soft.constants[0]: 0"),
    ],
)
def test_what_cannot_be_is_named(change: dict[str, Any], message: str) -> None:
    spec = shipped("pgd-box")
    assert spec.soft is not None
    with pytest.raises(SpecError, match=message.replace("[", r"\[")):
        spec.replace(soft=dataclasses.replace(spec.soft, **change))


def test_a_wire_that_there_is_not_is_named() -> None:
    spec = shipped("pgd-box")
    assert spec.soft is not None
    made = spec.replace(soft=dataclasses.replace(spec.soft, wire="stat"))
    with pytest.raises(SpecError, match=r"soft bits of the wire 'stat': one of .*state.* expected"):
        program(made)


def test_each_detector_has_a_case_with_soft_bits() -> None:
    assert all(found.small[0].soft is not None for found in catalog().values())
    assert set(MODULATIONS) == {spec.modulation for spec in SPECS.values()}
