# SPDX-License-Identifier: Apache-2.0
"""Shifts and worst-case bounds of ADMM-Net."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from fixedpoint.detectors.registry import program
from fixedpoint.numbers.format import IntArray
from fixedpoint.program.views.golden import resume
from fixedpoint.program.views.interpret import Inputs
from fixedpoint.receivers import family
from fixedpoint.specs.admm import AdmmSpec
from fixedpoint.stress import admm as admm_stress
from tests import admm_reference as reference
from tests.admm_widths import bounds, shifts
from tests.conftest import stress_inputs
from tests.worst_case import Combination, rounded


@pytest.fixture(params=reference.STRESSED, ids=lambda made: made.name)
def stressed(request: pytest.FixtureRequest) -> AdmmSpec:
    made: AdmmSpec = request.param
    return made


def intermediates(
    made: AdmmSpec, k: int, w: family.Wires, x0: IntArray, z: IntArray, u: IntArray
) -> dict[str, IntArray]:
    """The exact values behind every bound of a layer, from its wires and what it started from."""
    s, layer = shifts(made), made.layers[k]
    gap, change = w.estimate - z, w.relaxed - w.decoded
    scaled, stepped = gap * layer.relaxation, change * layer.dual_step
    states = np.arange(len(made.snr))[:, None, None]
    inverse, step = (np.array(c)[states] for c in (layer.inverse, layer.step))
    return {
        "product": w.product,
        "estimate": (x0 << s.estimate.align[0]) + (w.product << s.estimate.align[1]),
        "gap": gap,
        "gap_scaled": scaled,
        "relaxed": (z << s.relaxed.align[0]) + (scaled << s.relaxed.align[1]),
        "update": (w.relaxed << s.update.align[0]) + (u << s.update.align[1]),
        "code_product": w.state * inverse,
        "decoded_product": w.code * step,
        "gap_stepped": stepped,
        "dual": (u << s.dual.align[0]) + (stepped << s.dual.align[1]),
        "difference": (w.decoded << s.difference.align[0]) - (w.dual << s.difference.align[1]),
    }


def test_no_intermediate_passes_its_bound(stressed: AdmmSpec) -> None:
    inputs, limits = stress_inputs(stressed, 5, 36, 12), bounds(stressed)
    front, *layers = family.run(stressed, inputs.h, inputs.y, inputs.index)
    found = {"filtered": front.filtered}
    z = u = np.zeros_like(front.estimate)
    for k, w in enumerate(layers):
        found |= intermediates(stressed, k, w, front.estimate, z, u)
        for name, values in found.items():
            assert int(np.abs(values).max()) <= limits[name].magnitude, name
        z, u = w.decoded, w.dual
    assert {name for name in limits if not name.endswith("_rounded")} == set(found)


def largest_constants() -> AdmmSpec:
    """A box as wide as the state, and constants at the ends of their formats."""
    made = admm_stress.spec("box", 16, 8, layers=2)
    f = made.formats
    ends = {"relaxation": f.relaxation.min, "dual_step": f.dual_step.max}
    wide = (dataclasses.replace(one, threshold=f.state.max, **ends) for one in made.layers)
    return made.replace(layers=tuple(wide))


def test_the_largest_products_are_attained() -> None:
    """All columns alike and everything at full scale: x₀ and z − u are at their ends."""
    made = admm_stress.spec("soft", 16, 8, layers=2)
    f, limits = made.formats, bounds(made)
    h = np.concatenate([np.full((16, 8), f.f.max), np.full((8, 8), f.p.max)])[None]
    for end in (f.y.min, f.y.max):
        y, index = np.full((1, 1, 16), end), np.full((1, 1), 20)
        front, _, second = family.run(made, h, y, index)
        assert np.abs(front.filtered).min() == limits["filtered"].magnitude
        assert np.abs(second.product).min() == limits["product"].magnitude


def test_the_largest_sums_of_a_column_are_attained() -> None:
    made = largest_constants()
    f, limits = made.formats, bounds(made)
    shape, index = (1, 1, 8), np.zeros((1, 1), dtype=np.int64)
    x0, product = np.full(shape, f.front.max), np.full(shape, limits["product"].magnitude)
    z, u = np.full(shape, f.state.min), np.full(shape, f.dual.min)
    known = {"front.estimate": x0, "product": product}
    before = {"decoded": z, "dual": u}
    wanted = [*family.wire_formats(made)]
    w = resume(program(made), 1, known, before, wanted, Inputs({}, {}, index))
    found = intermediates(made, 1, w, x0, z, u)
    for name in ("estimate", "gap", "gap_scaled", "relaxed", "update"):
        assert int(np.abs(found[name]).max()) == limits[name].magnitude, name


def test_bounds_come_from_formats_not_from_constants() -> None:
    made = admm_stress.spec("box", 16, 8, layers=2)
    assert bounds(largest_constants()) == bounds(made)
    s = shifts(made)
    for name, exact, shift in (
        ("front", "filtered", s.front),
        ("code", "code_product", s.code),
        ("decoded", "decoded_product", s.decoded),
        ("dual", "dual", s.dual.shift),
    ):
        limit = rounded(bounds(made)[exact].magnitude, shift)
        assert bounds(made)[f"{name}_rounded"].magnitude == limit


def test_shifts_are_those_of_the_formats() -> None:
    s = shifts(admm_stress.spec("box", 8, 4))
    assert (s.front, s.code, s.decoded) == (6, 8, 2)
    assert s.estimate == Combination((4, 0), 2)
    assert s.relaxed == Combination((3, 0), 3)
    assert s.update == Combination((0, 1), 0)
    assert s.dual == Combination((3, 0), 3)
    assert s.difference == Combination((0, 1), 2)
