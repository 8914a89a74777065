# SPDX-License-Identifier: Apache-2.0
"""FPD-Net's golden model: Algorithm 2 where it differs from HPD, and the shipped specs."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

from fixedpoint.detector import Detector
from fixedpoint.detectors import library as spec
from fixedpoint.numbers.lookup import Lookup
from fixedpoint.receivers import family
from fixedpoint.specs.fpd import FpdSpec
from fixedpoint.specs.fpd_tables import SCALES
from fixedpoint.stress import distributed as distributed_stress
from fixedpoint.vectors import layers as golden
from tests.conftest import stress_inputs
from tests.distributed_specs import with_layer

NAMES = spec.shipped("fpd")


@pytest.fixture(params=[name for name in NAMES if not name.endswith("hyper")])
def shipped(request: pytest.FixtureRequest) -> FpdSpec:
    return spec.load_as(FpdSpec, request.param)


def stressed(**size: int) -> FpdSpec:
    made = distributed_stress.spec("fpd", **size)
    assert isinstance(made, FpdSpec)
    return made


def layers_of(made: FpdSpec, seed: int = 0) -> list[Any]:
    inputs = stress_inputs(made, seed, 4, 9)
    return family.run(made, inputs.h, inputs.y, inputs.index)[1:]


def test_both_modulations_are_shipped() -> None:
    assert set(NAMES) >= {"fpd-4qam-1bit", "fpd-16qam-2bit"}


def test_every_wire_of_the_chain_is_a_unit_s_own() -> None:
    made = stressed(rows=24, columns=6, units=3, bits=2)
    layer = layers_of(made)[1]
    for wire in ("gradient", "b", "quartic", "p", "gaussian", "d", "cosine", "estimate"):
        assert getattr(layer, wire).shape == (4, 9, 3, 6)
        assert not np.array_equal(getattr(layer, wire)[:, :, 0], getattr(layer, wire)[:, :, 1])
    assert list(vars(layer)) == list(family.wire_formats(made))


@pytest.mark.parametrize(
    ("step", "start", "end"), [("quartic_step", "b", "p"), ("gaussian_step", "p", "d")]
)
def test_a_step_of_0_passes_the_chain_on(step: str, start: str, end: str) -> None:
    made = stressed(layers=1)
    (layer,) = layers_of(with_layer(made, 0, **{step: 0}))
    assert np.array_equal(getattr(layer, start), getattr(layer, end))
    (layer,) = layers_of(made)
    assert not np.array_equal(getattr(layer, start), getattr(layer, end))


def test_without_the_third_penalty_the_estimate_is_d_projected() -> None:
    made = stressed(layers=1)
    (layer,) = layers_of(with_layer(made, 0, cosine_step=0))
    assert np.array_equal(layer.estimate, np.clip(layer.d, -made.peak, made.peak))


def test_each_layer_has_its_own_third_penalty() -> None:
    made = stressed()
    tables = {made.cosine(k).values for k in range(made.depth)}
    assert len(tables) == made.depth
    for k, layer in enumerate(layers_of(made)):
        d, found = layer.d.ravel()[:200].tolist(), layer.cosine.ravel()[:200].tolist()
        near = [min((-48, -16, 16, 48), key=lambda j: (abs(q - j), -j)) for q in d]
        distance = np.array(d) - np.array(near)
        assert made.cosine(k).read(distance, made.state_format.frac).tolist() == found


def third_penalty(phi: float, a: np.ndarray) -> np.ndarray:
    """Eq. (36) at a distance a from any point of the grid: all of them are odd."""
    return np.sin(np.pi * (a + 1)) / (np.cos(np.pi * (a + 1)) + phi)


def rounded(function, table: Lookup) -> np.ndarray:
    """Exact values behind a table's entries, in units of its last bit, clipped."""
    x = table.address.value(np.arange(table.address.min, table.address.max + 1))
    return np.clip(function(x) / table.output.step, table.output.min, table.output.max)


def test_shipped_tables_are_those_of_their_constants(shipped: FpdSpec) -> None:
    """Half a last bit: the entry is the function, rounded. The float twin takes the function."""
    kappa = shipped.formats.kappa.value(shipped.kappa)
    tables = [
        (shipped.sigmoid, lambda a: 1 / (1 + np.exp(-kappa * a))),
        (shipped.quartic, lambda v: 4 * v**3 / (v**4 + 1) ** 2),
        (shipped.gaussian, lambda v: 2 * v * np.exp(-(v**2))),
    ]
    for k, layer in enumerate(shipped.layers):
        phi = shipped.formats.phi.value(layer.phi)
        assert phi > 1
        tables.append((shipped.cosine(k), partial(third_penalty, phi)))
    for table, function in tables:
        assert np.abs(np.array(table.values) - rounded(function, table)).max() <= 0.5 + 1e-9


def test_shipped_constants_use_their_formats(shipped: FpdSpec) -> None:
    """No scale was clipped when it was quantized."""
    for name in SCALES:
        values = [getattr(layer, name) for layer in shipped.layers]
        assert max(values) < getattr(shipped.formats, name).max


@pytest.mark.parametrize("name", NAMES)
def test_shipped_detectors_keep_close_to_their_float_twins(name: str) -> None:
    made = spec.load_as(FpdSpec, name)
    result = golden.run(made, "slicer", golden.draw(made, 320, 1, 10.0), 1)
    assert result.twin is not None
    assert result.twin.rms < 0.15
    assert result.twin.differing_bits < 0.004 * result.twin.bits


@pytest.mark.parametrize("name", NAMES)
def test_shipped_detectors_detect(name: str) -> None:
    made = spec.load_as(FpdSpec, name)
    stimulus = golden.draw(made, 320, 2, 15.0)
    found = Detector(made).run(stimulus.h, stimulus.y, stimulus.snr_db)
    assert np.abs(found.symbols).max() <= made.constellation.peak
    rate = golden.run(made, "slicer", stimulus, 2).bit_error_rate
    assert rate is not None
    assert rate < 0.005
