# SPDX-License-Identifier: Apache-2.0
"""Which events vectors caused in ADMM-Net, and which they can cause."""

from __future__ import annotations

import numpy as np
import pytest

from fixedpoint.detector import Detector, Integers
from fixedpoint.detectors import library as spec
from fixedpoint.detectors.registry import program
from fixedpoint.numbers.prox import prox
from fixedpoint.program import coverage
from fixedpoint.program.coverage import Events
from fixedpoint.program.views import events as counting
from fixedpoint.program.views import golden, reach
from fixedpoint.program.views.interpret import Inputs
from fixedpoint.receivers import family
from fixedpoint.receivers.family import reachable
from fixedpoint.specs.admm import AdmmSpec
from fixedpoint.stress import admm as admm_stress
from fixedpoint.vectors import layers as drawing
from hls import cases
from tests import admm_reference as reference
from tests.conftest import stress_inputs

LARGE = [admm_stress.spec(*size) for size in (("soft", 32, 32), ("box", 32, 32), ("soft", 32, 16))]
SMALL = [
    admm_stress.spec("soft", 8, 4),
    admm_stress.spec("box", 8, 4),
    admm_stress.spec("box", 16, 8, layers=2),
    reference.left(),
    reference.coarse(),
]
STEPS = ("estimate", "relaxed", "update", "dual", "difference", "code", "decoded")


def name_of(made: AdmmSpec) -> str:
    return made.name


def events_of(made: AdmmSpec, inputs: Integers) -> Events:
    wires = family.run(made, inputs.h, inputs.y, inputs.index)
    return family.count(made, inputs.h, inputs.y, inputs.index, wires)


def counted(made: AdmmSpec, x0: list[int], product: list[int], z: int, u: int) -> Events:
    """The second layer's events, of columns that start from these."""
    shape, index = (1, 1, len(x0)), np.array([[3]])
    known = {"front.estimate": np.array(x0), "product": np.array(product)}
    before = {"decoded": np.full(len(x0), z), "dual": np.full(len(x0), u)}
    given = Inputs({}, {}, index)
    layer = golden.resumed(
        program(made), 1, *({name: q.reshape(shape) for name, q in arrays.items()}
                            for arrays in (known, before)), [*family.wire_formats(made)], given,
    )  # fmt: skip
    return counting.of_layer("admm2", layer.program.layer, layer)


def test_saturations_and_ties_are_counted_where_they_happen() -> None:
    """x₀ has 2 fractional bits, products 6 and the state 4: x = RS(16·x₀ + product, 2)."""
    made = admm_stress.spec("box", 8, 4, layers=2)
    events = counted(made, [31, 31, 31, 0, 0, 0, 0, 0], [525, 526, 527, 1, 2, -2, 4, -1900], 0, 0)
    assert events["admm2.estimate saturated high"] == 2
    assert events["admm2.estimate saturated low"] == 1
    assert events["admm2.estimate tie"] == 3
    assert events["admm2.update tie"] == 0


def test_branches_of_the_prox_are_counted() -> None:
    """With rel = −11/8 and z = u = 0: update = RS(−11·x, 3) around a box of ±64."""
    made = admm_stress.spec("box", 8, 4, layers=2)
    x = np.array([-48, -47, -46, 46, 47, 48])
    update = (-11 * x + 4) >> 3
    assert update.tolist() == [66, 65, 63, -63, -65, -66]
    events = counted(made, [0] * 6, (4 * x).tolist(), 0, 0)
    found = [events[f"admm2.prox {branch}"] for branch in ("low", "inside", "high")]
    assert found == [2, 2, 2]


def test_the_dual_and_the_difference_start_from_the_layer_before() -> None:
    made = admm_stress.spec("box", 8, 4, layers=2)
    calm = counted(made, [0] * 4, [0] * 4, 0, 0)
    assert calm["admm2.difference saturated low"] == 0
    assert calm["admm2.dual saturated high"] == 0
    pushed = counted(made, [-31] * 4, [-500] * 4, 0, 31)
    assert pushed["admm2.dual saturated high"] == 4
    assert pushed["admm2.difference saturated low"] + pushed["admm2.relaxed saturated high"] == 4


def test_every_requantization_has_its_events() -> None:
    made = LARGE[0]
    events = events_of(made, stress_inputs(made, 0, 2, 2))
    kinds = ("saturated high", "saturated low", "tie")
    expected = {f"front.estimate {kind}" for kind in kinds}
    for k in range(1, made.depth + 1):
        expected |= {f"admm{k}.{wire} {kind}" for wire in STEPS for kind in kinds}
        expected |= {f"admm{k}.prox {branch}" for branch in ("low", "zero", "high")}
    expected |= {f"snr index {i}" for i in range(36)}
    assert set(events) == expected


@pytest.mark.parametrize("made", LARGE + SMALL, ids=name_of)
def test_what_is_counted_recomputes_the_wires(made: AdmmSpec) -> None:
    """Saturations are at most the integers at a format's ends, ties of no shift are none."""
    inputs = stress_inputs(made, 1, 9, 6)
    wires = family.run(made, inputs.h, inputs.y, inputs.index)
    events = family.count(made, inputs.h, inputs.y, inputs.index, wires)
    formats = family.wire_formats(made)
    for k, (layer, w) in enumerate(zip(made.layers, wires[1:], strict=True), start=1):
        for wire in STEPS:
            values, fmt = getattr(w, wire), formats[wire]
            assert events[f"admm{k}.{wire} saturated high"] <= int(np.sum(values == fmt.max))
            assert events[f"admm{k}.{wire} saturated low"] <= int(np.sum(values == fmt.min))
        assert np.array_equal(prox(made.prox, w.update, layer.threshold), w.state)
        assert events[f"admm{k}.prox high"] == int(np.sum(w.update > layer.threshold))
        assert events[f"admm{k}.prox low"] == int(np.sum(w.update < -layer.threshold))


@pytest.mark.parametrize("made", LARGE, ids=name_of)
@pytest.mark.parametrize("count", [288, cases.ENOUGH])
def test_as_many_stress_vectors_as_a_bench_sends_reach_every_event(
    made: AdmmSpec, count: int
) -> None:
    """288 are what the benches send (`verification.drivers`), ENOUGH long comparisons at least."""
    for seed in range(5):
        assert family.missed(made, events_of(made, cases.stress_draw(made, count, seed))) == []


@pytest.mark.parametrize("made", SMALL, ids=name_of)
def test_every_event_of_a_small_spec_is_reached_in_the_end(made: AdmmSpec) -> None:
    """Four columns seldom meet a product at its end: some events are one in 10⁵ vectors."""
    events: Events = {}
    for seed in range(40):
        events = coverage.add(events, events_of(made, stress_inputs(made, seed, 3600, 4)))
        if not family.missed(made, events):
            return
    pytest.fail(f"never hit: {family.missed(made, events)}")


def assert_nothing_impossible_happens(made: AdmmSpec, inputs: Integers) -> None:
    events = events_of(made, inputs)
    happened = {name for name, times in events.items() if times and not name.startswith("snr")}
    assert happened
    assert [name for name in happened if not reachable(made, name)] == []


@pytest.mark.parametrize("made", LARGE + SMALL, ids=name_of)
def test_what_is_out_of_reach_never_happens_under_stress(made: AdmmSpec) -> None:
    assert_nothing_impossible_happens(made, stress_inputs(made, 5, 360, 16))


@pytest.mark.parametrize("name", spec.shipped("admm"))
def test_what_is_out_of_reach_never_happens_in_shipped_detectors(name: str) -> None:
    made = spec.load_as(AdmmSpec, name)
    assert_nothing_impossible_happens(made, stress_inputs(made, 5, 180, 16))
    drawn = drawing.draw(made, 3200, 5, None)
    inputs = Detector(made).quantize(drawn.h, drawn.y, drawn.snr_db)
    assert_nothing_impossible_happens(made, inputs)


def test_what_a_stress_spec_cannot_reach_has_a_reason() -> None:
    """Layer 1: no product, |x₀| ≤ 7.75 of 15.94. u has fewer bits than the state: no tie. Layer 5
    takes 5/8 of x and 3/8 of z: no more than either."""
    made = LARGE[0]
    events = events_of(made, stress_inputs(made, 0, 36, 8))
    beyond = {name for name in events if "snr" not in name and not reachable(made, name)}
    calm, sides = ("estimate", "relaxed", "update", "decoded"), ("high", "low")
    first = {f"admm1.{wire} saturated {side}" for wire in calm for side in sides}
    ties = {f"admm{k}.update tie" for k in range(1, 6)} | {"admm1.estimate tie", "admm1.code tie"}
    last = {f"admm5.relaxed saturated {side}" for side in sides}
    assert beyond == first | ties | last


def test_a_box_keeps_its_codes_off_ties_and_saturated_states() -> None:
    made = LARGE[1]
    for k in range(1, 6):
        assert not reachable(made, f"admm{k}.code tie")
        assert not reachable(made, f"admm{k}.decoded saturated high")
        assert reachable(made, f"admm{k}.prox high")


def test_shipped_detectors_are_judged_by_their_own_constants() -> None:
    made = spec.load_as(AdmmSpec, "admm-box")
    for k in range(1, made.depth + 1):
        assert not reachable(made, f"admm{k}.decoded saturated high")  # |z| stays near the box
        assert reachable(made, f"admm{k}.prox inside")
    assert not reachable(made, "admm1.estimate saturated high")
    assert reachable(made, "admm2.estimate saturated high")


def test_the_verdict_is_the_same_in_every_process() -> None:
    made = SMALL[0]
    before = reach.possible(program(made))
    reach.possible.cache_clear()
    assert reach.possible(program(made)) == before


def test_an_unvisited_entry_of_the_bank_is_missed() -> None:
    made = LARGE[0]
    quiet = stress_inputs(made, 0, 36, 8)
    missed = family.missed(made, events_of(made, Integers(quiet.h, quiet.y, 0 * quiet.index)))
    assert "snr index 35" in missed
    assert "snr index 0" not in missed


def test_each_snr_entry_meets_matrices_of_every_kind() -> None:
    made = SMALL[0]
    inputs = stress_inputs(made, 0, 108, 1)
    full = np.all(np.abs(inputs.h[:, : made.rows]) == made.formats.f.max, axis=(1, 2))
    index = inputs.index[:, 0]
    assert sorted(set(index[full].tolist())) == list(range(36))
    assert np.array_equal(np.bincount(index), np.full(36, 3))
