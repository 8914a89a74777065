# SPDX-License-Identifier: Apache-2.0
"""HPD's golden model: Algorithm 1 where it differs from FPD-Net, and the shipped specs."""

from __future__ import annotations

import numpy as np
import pytest

from fixedpoint.detector import Detector
from fixedpoint.detectors import hpd
from fixedpoint.detectors import library as spec
from fixedpoint.receivers import distributed, family
from fixedpoint.specs.hpd import HpdSpec
from fixedpoint.stress import distributed as distributed_stress
from fixedpoint.vectors import layers as golden
from tests.conftest import channel_inputs, stress_inputs
from tests.distributed_specs import with_layer

NAMES = spec.shipped("hpd")


@pytest.fixture(params=NAMES)
def shipped(request: pytest.FixtureRequest) -> HpdSpec:
    return spec.load_as(HpdSpec, request.param)


def stressed(**size: int) -> HpdSpec:
    made = distributed_stress.spec("hpd", **size)
    assert isinstance(made, HpdSpec)
    return made


def test_both_modulations_are_shipped() -> None:
    assert set(NAMES) >= {"hpd-4qam-1bit", "hpd-16qam-2bit"}


def test_wires_have_the_shapes_of_units_and_fusion() -> None:
    made = stressed(rows=24, columns=6, units=3, bits=2)
    inputs = stress_inputs(made, 0, 2, 5)
    layer = family.run(made, inputs.h, inputs.y, inputs.index)[1]
    for wire in ("accumulator", "residual"):
        assert getattr(layer, wire).shape == (2, 5, 3, 8)
    for wire in ("gradient", "estimate"):
        assert getattr(layer, wire).shape == (2, 5, 3, 6)
    for wire in ("pull", "state", "extrapolated"):
        assert getattr(layer, wire).shape == (2, 5, 6)
    assert layer.bits.shape == (2, 5, 6, 2)
    assert list(vars(layer)) == list(family.wire_formats(made))


def test_the_first_layer_starts_at_zero() -> None:
    made = stressed()
    inputs = stress_inputs(made, 1, 4, 9)
    first = family.run(made, inputs.h, inputs.y, inputs.index)[1]
    assert not first.accumulator.any()
    assert np.unique(first.pull).tolist() == [made.pull.values[0]]  # −1 from the upper neighbour


def test_without_weight_the_penalty_does_not_count() -> None:
    made = stressed(layers=1)
    free = with_layer(made, 0, weight=0)
    other = free.replace(pull=type(free.pull)(free.pull.address, free.pull.output, (5,) * 31))
    inputs = stress_inputs(made, 2, 4, 9)
    a, b, c = (family.run(s, inputs.h, inputs.y, inputs.index)[1] for s in (made, free, other))
    assert np.array_equal(b.estimate, c.estimate)
    assert not np.array_equal(a.estimate, b.estimate)


def test_a_point_of_the_grid_is_its_own_nearest_and_middles_go_up() -> None:
    made = stressed()
    x = np.arange(made.state_format.min, made.state_format.max + 1)
    grid = distributed.points(made)
    expected = [min(grid, key=lambda j: (abs(q - j), -j)) for q in x.tolist()]
    assert distributed.nearest(made, x).tolist() == expected


def rounded(function, table) -> np.ndarray:
    """Exact values behind a table's entries, in units of its last bit, clipped."""
    x = table.address.value(np.arange(table.address.min, table.address.max + 1))
    return np.clip(function(x) / table.output.step, table.output.min, table.output.max)


def test_shipped_tables_are_those_of_their_constants(shipped: HpdSpec) -> None:
    """Half a last bit: the entry is the function, rounded. The float twin takes the function."""
    kappa = shipped.formats.kappa.value(shipped.kappa)
    eta = float(shipped.formats.eta.value(shipped.eta))
    for table, function in (
        (shipped.sigmoid, lambda a: 1 / (1 + np.exp(-kappa * a))),
        (shipped.pull, lambda a: hpd.pull_gradient(a, eta)),
    ):
        error = np.array(table.values) - rounded(function, table)
        assert np.abs(error).max() <= 0.5 + 1e-9


def test_shipped_constants_are_those_of_the_paper(shipped: HpdSpec) -> None:
    """1/C; t/(t + 3) of eq. (23); weights that grow by γ = 1.5 a layer."""
    f = shipped.formats
    assert shipped.mean == f.mean.quantize(1 / shipped.units)
    t = np.arange(1, shipped.depth + 1)
    assert shipped.momentum == tuple(f.momentum.quantize(t / (t + 3)).tolist())
    weights = np.array([layer.weight for layer in shipped.layers])
    assert np.abs(weights - weights[-1] * 1.5 ** (t - t[-1])).max() <= 1
    assert len({layer.step for layer in shipped.layers}) == 1


def test_shipped_detectors_keep_close_to_their_float_twins(shipped: HpdSpec) -> None:
    stimulus = golden.draw(shipped, 320, 1, 10.0)
    made = golden.run(shipped, f"hpd{shipped.depth}", stimulus, 1)
    assert made.twin is not None
    assert made.twin.rms < 0.15
    assert made.twin.differing_bits < 0.004 * made.twin.bits


def test_shipped_detectors_detect(shipped: HpdSpec) -> None:
    stimulus = golden.draw(shipped, 320, 2, 15.0)
    found = Detector(shipped).run(stimulus.h, stimulus.y, stimulus.snr_db)
    assert stimulus.bits is not None
    assert np.abs(found.symbols).max() <= shipped.constellation.peak
    assert found.bits.shape == (*stimulus.y.shape[:2], 8, 2 * shipped.constellation.bits)
    made = golden.run(shipped, "slicer", stimulus, 2)
    assert made.bit_error_rate is not None
    assert made.bit_error_rate < 0.005


def test_channel_draws_leave_headroom(shipped: HpdSpec) -> None:
    inputs = channel_inputs(shipped, 4, 10, 18)
    assert np.abs(inputs.h).max() < shipped.h_format.max
