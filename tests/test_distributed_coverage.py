# SPDX-License-Identifier: Apache-2.0
"""Which events vectors caused in HPD and FPD-Net, which they can cause, and why others cannot."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from fixedpoint.detector import Integers
from fixedpoint.detectors import library as spec
from fixedpoint.detectors.registry import program
from fixedpoint.numbers.format import Format
from fixedpoint.program.coverage import Events
from fixedpoint.program.views import reach
from fixedpoint.receivers import family
from fixedpoint.specs.distributed import DistributedSpec
from fixedpoint.specs.fpd import FpdSpec
from fixedpoint.stress import distributed as distributed_stress
from tests.conftest import channel_inputs, stress_inputs
from tests.distributed_specs import gentle

SIZES: tuple[dict[str, Any], ...] = (
    {"rows": 32, "columns": 8, "units": 4, "bits": 2},
    {"rows": 16, "columns": 4, "units": 2, "bits": 1, "modulation": "qpsk"},
    {"rows": 24, "columns": 4, "units": 3, "bits": 3},
    {"rows": 16, "columns": 4, "units": 1, "bits": 4, "modulation": "64qam"},
    {"rows": 128, "columns": 16, "units": 4, "bits": 2},
)
STRESSED = [
    distributed_stress.spec(detector, **size)
    for detector, size in itertools.product(("hpd", "fpd"), SIZES)
]
WITH_CONSTANTS = [
    name
    for name in (*spec.shipped("hpd"), *spec.shipped("fpd"))
    if getattr(spec.load(name), "hyper", None) is None
]


def possible(made: DistributedSpec) -> dict[str, bool]:
    return reach.possible(program(made))


def events_of(made: DistributedSpec, inputs: Integers) -> Events:
    wires = family.run(made, inputs.h, inputs.y, inputs.index)
    return family.count(made, inputs.h, inputs.y, inputs.index, wires)


@pytest.mark.parametrize("made", STRESSED, ids=lambda made: made.name)
def test_a_thousand_stress_vectors_reach_every_reachable_event(made: DistributedSpec) -> None:
    assert family.missed(made, events_of(made, stress_inputs(made, 0, 63, 16))) == []


@pytest.mark.parametrize("made", STRESSED, ids=lambda made: made.name)
def test_hardly_any_event_of_a_stress_spec_is_out_of_reach(made: DistributedSpec) -> None:
    """The first layer's distance of z = 0 from the grid; one odd tie of a single 64-QAM unit."""
    beyond = {name for name, reached in possible(made).items() if not reached}
    if made.detector == "hpd":
        assert beyond == {"hpd1.pull high end"}
    elif made.units > 1:
        assert beyond == set()
    else:
        assert beyond <= {f"fpd{k}.state tie" for k in range(1, 5)}


@pytest.mark.parametrize("made", STRESSED, ids=lambda made: made.name)
def test_what_is_out_of_reach_never_happens_under_stress(made: DistributedSpec) -> None:
    for seed in range(1, 4):
        assert_nothing_impossible_happens(made, stress_inputs(made, seed, 40, 9))


@pytest.mark.parametrize("name", WITH_CONSTANTS)
def test_what_is_out_of_reach_never_happens_in_shipped_detectors(name: str) -> None:
    made = spec.load_as(DistributedSpec, name)
    assert_nothing_impossible_happens(made, stress_inputs(made, 1, 20, 9))
    assert_nothing_impossible_happens(made, channel_inputs(made, 1, 10, 18))


@pytest.mark.parametrize("detector", ["hpd", "fpd"])
def test_what_is_out_of_reach_never_happens_with_weak_constants(detector: str) -> None:
    for size in SIZES[:4]:
        made = gentle(detector, **size)
        assert_nothing_impossible_happens(made, stress_inputs(made, 2, 40, 9))


def assert_nothing_impossible_happens(made: DistributedSpec, inputs: Integers) -> None:
    events = events_of(made, inputs)
    known = {name for name in events if not name.startswith(("snr index", "adc code"))}
    assert known == set(possible(made))
    assert [name for name, reached in possible(made).items() if events[name] and not reached] == []


@pytest.mark.parametrize("name", WITH_CONSTANTS)
def test_the_mean_of_projected_estimates_saturates_in_no_shipped_detector(name: str) -> None:
    made = spec.load_as(DistributedSpec, name)
    assert made.units * made.peak * made.mean >> made.formats.mean.frac <= made.state_format.max
    reached = possible(made)
    for k in range(1, made.depth + 1):
        assert not reached[f"{made.detector}{k}.state saturated high"]
        assert not reached[f"{made.detector}{k}.state saturated low"]


def test_thresholds_alone_address_the_first_layer_s_sigmoid() -> None:
    inside = distributed_stress.spec("hpd", **SIZES[1])
    adc = inside.adc
    narrow = inside.replace(
        adc=type(adc)(1, "uniform", adc.threshold, adc.level, ((3,),) * 36, ((-1, 5),) * 36)
    )
    for side, end in itertools.product(("up", "low"), ("low", "high")):
        assert possible(inside)[f"hpd1.sigmoid {side} {end} end"]
        assert not possible(narrow)[f"hpd1.sigmoid {side} {end} end"]
        assert possible(narrow)[f"hpd2.sigmoid {side} {end} end"]


def test_no_tie_where_no_bit_is_dropped() -> None:
    made = distributed_stress.spec("fpd", **SIZES[0])
    f = made.formats
    plain = made.replace(mean=1, formats=type(f)(**{**vars(f), "mean": Format(8, 0)}))
    assert not any(possible(plain)[f"fpd{k}.state tie"] for k in range(1, 5))
    assert not any(events_of(plain, stress_inputs(plain, 0, 20, 9))[f"fpd{k}.state tie"]
                   for k in range(1, 5))  # fmt: skip


@pytest.mark.parametrize("made", STRESSED[:4] + STRESSED[5:9], ids=lambda made: made.name)
def test_counts_are_those_of_a_plain_count(made: DistributedSpec) -> None:
    inputs = stress_inputs(made, 5, 12, 9)
    wires = family.run(made, inputs.h, inputs.y, inputs.index)
    events = family.count(made, inputs.h, inputs.y, inputs.index, wires)
    assert sum(events[f"snr index {i}"] for i in range(36)) == inputs.index.size
    for code in range(made.adc.code.max + 1):
        assert events[f"adc code {code}"] == int(np.sum(inputs.y == code))
    x = made.state_format
    for k, w in enumerate(wires[1:], start=1):
        layer = f"{made.detector}{k}"
        parts = ("projected low", "projected inside", "projected high")
        assert sum(events[f"{layer}.estimate {part}"] for part in parts) == w.estimate.size
        ends = {"high": made.peak, "low": -made.peak}
        for side, value in ends.items():
            assert events[f"{layer}.estimate projected {side}"] <= np.sum(w.estimate == value)
        stored = ["state", "extrapolated", *("bpd" if isinstance(made, FpdSpec) else "")]
        for wire, (side, value) in itertools.product(stored, (("high", x.max), ("low", x.min))):
            full = int(np.sum(getattr(w, wire) == value))
            assert 0 < events[f"{layer}.{wire} saturated {side}"] <= full or full == 0 or k == 1


def test_an_event_that_did_not_happen_is_missed() -> None:
    made = STRESSED[0]
    inputs = stress_inputs(made, 0, 63, 16)
    quiet = Integers(inputs.h, 0 * inputs.y + 1, 0 * inputs.index)
    missed = family.missed(made, events_of(made, quiet))
    assert {"adc code 0", "adc code 3", "snr index 35"} <= set(missed)
    assert "adc code 1" not in missed
