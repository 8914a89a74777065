# SPDX-License-Identifier: Apache-2.0
"""Shifts and worst-case bounds of HPD and FPD-Net."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import numpy as np
import pytest

from fixedpoint.detectors.registry import program
from fixedpoint.numbers.format import Format
from fixedpoint.numbers.requantize import requantize
from fixedpoint.receivers import distributed, family
from fixedpoint.specs.distributed import DistributedSpec
from fixedpoint.specs.fpd import FpdSpec
from fixedpoint.specs.hpd import HpdSpec
from fixedpoint.stress import distributed as distributed_stress
from fixedpoint.support.schema import SpecError
from tests.conftest import stress_inputs
from tests.distributed_widths import fpd_bounds, fpd_shifts, hpd_bounds, hpd_shifts
from tests.program_steps import rows
from tests.test_distributed_coverage import STRESSED
from tests.worst_case import Bound, Combination, combine, rounded

SMALL = STRESSED[:4] + STRESSED[5:9]


def bounds(made: DistributedSpec) -> dict[str, Bound]:
    return hpd_bounds(made) if isinstance(made, HpdSpec) else fpd_bounds(made)


def intermediates(made: Any, k: int, w: Any, z: Any, before: Any, inputs: Any) -> dict[str, Any]:
    """Exact values behind every bound, from a layer's wires and its inputs."""
    f, theta = made.formats, made.layers[k]
    s = hpd_shifts(made) if isinstance(made, HpdSpec) else fpd_shifts(made)
    rows = made.unit_rows()
    q = np.stack([edge[:, :, rows] for edge in made.adc.cells(inputs.y, inputs.index)])
    aligned = q << s.threshold_align
    total = w.estimate.sum(axis=2)
    change = w.state - before
    found = {
        "accumulator": w.accumulator,
        "threshold_aligned": aligned,
        "difference": w.accumulator - aligned,
        "gradient": w.gradient,
        "g_scaled": theta.step * w.gradient,
        "total": total,
        "mean_product": total * made.mean,
        "state_change": change,
        "momentum_scaled": change * made.momentum[k],
        "extrapolation": (w.state << s.extrapolate.align[0])
        + (change * made.momentum[k] << s.extrapolate.align[1]),
    }
    if isinstance(made, HpdSpec):
        pulled = theta.weight * w.pull[:, :, None]
        terms = zip((z[:, :, None], found["g_scaled"], -pulled), s.update.align, strict=True)
        return found | {
            "distance": z - distributed.nearest(made, z),
            "pull_scaled": pulled,
            "change": sum(term << align for term, align in terms),
        }
    grid = np.array(distributed.points(made))
    descent = (z[:, :, None] << s.descend.align[0]) + (found["g_scaled"] << s.descend.align[1])
    found |= {"descent": descent, "distance": w.d - distributed.nearest(made, w.d)}
    for name, start, update in (
        ("quartic", w.b, s.quartic_update),
        ("gaussian", w.p, s.gaussian_update),
    ):
        table = getattr(w, name)
        scaled = getattr(theta, f"{name}_step") * table
        found[f"{name}_argument"] = (start[..., None] - grid) * getattr(theta, f"{name}_scale")
        found[name], found[f"{name}_scaled"] = table, scaled
        found[f"{name}_change"] = (start << update.align[0]) - (scaled << update.align[1])
    scaled = theta.cosine_step * w.cosine
    update = s.cosine_update
    cosine = (w.d << update.align[0]) + (scaled << update.align[1])
    assert f.cosine_step.max * made.cosine_output.max >= np.abs(scaled).max()
    return found | {"cosine_scaled": scaled, "cosine_change": cosine}


@pytest.mark.parametrize("made", SMALL, ids=lambda made: made.name)
def test_no_intermediate_passes_its_bound(made: DistributedSpec) -> None:
    inputs, limits = stress_inputs(made, 3, 30, 12), bounds(made)
    wires = family.run(made, inputs.h, inputs.y, inputs.index)[1:]
    before = z = np.zeros((*inputs.index.shape, made.columns), np.int64)
    checked = set()
    for k, w in enumerate(wires):
        for name, values in intermediates(made, k, w, z, before, inputs).items():
            assert int(np.abs(values).max()) <= limits[name].magnitude, name
            checked.add(name)
        before, z = w.state, w.extrapolated
    unchecked = {name for name in set(limits) - checked if not name.endswith("_rounded")}
    assert unchecked == set()


@pytest.mark.parametrize("made", SMALL, ids=lambda made: made.name)
def test_every_wire_fits_its_format(made: DistributedSpec) -> None:
    inputs = stress_inputs(made, 4, 30, 12)
    formats = family.wire_formats(made)
    for w in family.run(made, inputs.h, inputs.y, inputs.index)[1:]:
        for name, fmt in formats.items():
            values = getattr(w, name)
            assert values.dtype == np.int64
            assert fmt.allows(values), name


def test_the_worst_sums_are_attained() -> None:
    made = distributed_stress.spec("hpd", rows=16, columns=4, units=2, bits=2)
    limits, f = hpd_bounds(made), made.formats
    h = np.full((1, 16, 4), f.h.max)
    y, index = np.full((1, 1, 16), made.adc.code.max), np.zeros((1, 1), dtype=int)
    z = np.full((1, 1, 4), f.state.min)
    products = rows(made, h, y, index, z)
    assert -products.accumulator.min() == limits["accumulator"].magnitude
    assert products.gradient.max() == limits["gradient"].magnitude


def test_bounds_come_from_formats_not_from_constants() -> None:
    for detector in ("hpd", "fpd"):
        made = distributed_stress.spec(detector, layers=3)
        weak = made.replace(momentum=(1, 2, 3), mean=1, layers=made.layers[:1] * 3)
        assert bounds(weak) == bounds(made)


def test_a_rounding_constant_is_part_of_the_bound() -> None:
    for made in SMALL:
        limits = bounds(made)
        s = hpd_shifts(made) if isinstance(made, HpdSpec) else fpd_shifts(made)
        assert limits["difference_rounded"].magnitude == rounded(
            limits["difference"].magnitude, s.sigmoid
        )
        assert limits["mean_rounded"].magnitude == rounded(limits["mean_product"].magnitude, s.mean)


def with_formats(made: Any, **changes: Format) -> Any:
    formats = dataclasses.replace(made.formats, **changes)
    return made.replace(formats=formats, slicer=made.constellation.thresholds(formats.state))


@pytest.mark.parametrize(
    ("detector", "changes", "wire"),
    [
        ("hpd", {"h": Format(48, 3)}, "accumulator': transformed"),
        ("hpd", {"step": Format(45, 4)}, "estimate': product"),
        ("hpd", {"weight": Format(50, 4)}, "estimate': product"),
        ("hpd", {"weight": Format(20, 50)}, "estimate': total"),
        ("hpd", {"mean": Format(50, 6)}, "state': product"),
        ("hpd", {"momentum": Format(50, 6)}, "extrapolated': product"),
        ("fpd", {"step": Format(20, 48)}, "b': total"),
        ("fpd", {"quartic_scale": Format(48, 4)}, "quartic': total"),
        ("fpd", {"gaussian_scale": Format(48, 4)}, "gaussian': total"),
        ("fpd", {"quartic_step": Format(48, 4)}, "p': product"),
        ("fpd", {"gaussian_step": Format(20, 51)}, "d': total"),
        ("fpd", {"cosine_step": Format(50, 4)}, "estimate': product"),
    ],
)
def test_a_spec_that_could_wrap_is_refused(detector: str, changes: Any, wire: str) -> None:
    made = distributed_stress.spec(detector)
    with pytest.raises(SpecError, match=rf"wire '{wire} needs \d\d+ bits in the worst case"):
        program(with_formats(made, **changes))


@pytest.mark.parametrize("fracs", list(itertools.product((0, 4, 9), (0, 4, 9), (2, 7))), ids=str)
def test_shifts_say_what_combine_does(fracs: tuple[int, ...]) -> None:
    rng, target = np.random.default_rng(0), Format(8, 3)
    terms = [rng.integers(-400, 400, 300) for _ in fracs]
    s = Combination.of(target, *fracs)
    total = sum(q << align for q, align in zip(terms, s.align, strict=True))
    expected = combine(target, *zip(terms, fracs, strict=True))
    assert np.array_equal(requantize(total, s.shift, target), expected)
    limits = s.bounds("sum", *(400 for _ in fracs))
    assert np.abs(total).max() <= limits["sum"] <= limits["sum_rounded"]
    assert min(s.align) == 0


def test_shifts_are_those_of_the_formats() -> None:
    made = distributed_stress.spec("fpd")
    assert isinstance(made, FpdSpec)
    s = fpd_shifts(made)
    assert (s.threshold_align, s.sigmoid, s.mean) == (5, 5, 6)
    assert (s.quartic, s.gaussian, s.cosine) == (5, 5, 1)
    assert s.descend == Combination((8, 0), 8)
    assert s.extrapolate == Combination((6, 0), 6)
