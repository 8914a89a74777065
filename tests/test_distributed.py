# SPDX-License-Identifier: Apache-2.0
"""HPD and FPD-Net: what both golden models have in common, against independent computations."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

import numpy as np
import pytest

from fixedpoint.detector import Detector, Integers
from fixedpoint.receivers import family
from fixedpoint.specs.fpd import FpdSpec
from fixedpoint.specs.hpd import HpdSpec
from fixedpoint.stress import distributed as distributed_stress
from tests.conftest import channel_inputs, stress_inputs
from tests.distributed_reference import Exact, Real, Vector
from tests.distributed_specs import gentle

SIZES = {
    "4 units, 2 bits": {"rows": 32, "columns": 8, "units": 4, "bits": 2},
    "2 units, 1 bit": {"rows": 16, "columns": 4, "units": 2, "bits": 1, "modulation": "qpsk"},
    "3 units, 3 bits": {"rows": 24, "columns": 4, "units": 3, "bits": 3},
    "1 unit, 4 bits": {"rows": 16, "columns": 4, "units": 1, "bits": 4, "modulation": "64qam"},
}
Spec = HpdSpec | FpdSpec


@pytest.fixture(params=["hpd", "fpd"])
def detector(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=SIZES)
def spec(request: pytest.FixtureRequest, detector: str) -> Spec:
    return distributed_stress.spec(detector, **SIZES[request.param])


def assert_wires_are_rational(spec: Spec, inputs: Integers) -> None:
    """Every wire of every layer against `Exact`, integer for integer."""
    numbers, wires = Exact(spec), family.run(spec, inputs.h, inputs.y, inputs.index)[1:]
    formats = family.wire_formats(spec)
    for g, b in np.ndindex(inputs.index.shape):
        h = [[numbers.number(q, spec.formats.h) for q in row] for row in inputs.h[g].tolist()]
        vector = Vector(numbers, h, inputs.y[g, b].tolist(), int(inputs.index[g, b]))
        layers = vector.layers()
        assert len(layers) == len(wires) == spec.depth
        for k, (expected, layer) in enumerate(zip(layers, wires, strict=True)):
            assert set(expected) == set(formats)
            for name, fmt in formats.items():
                found = getattr(layer, name)[g, b]
                values = np.array(expected[name], dtype=object) * Fraction(2) ** fmt.frac
                # HPD's pull is one for all units in the golden model
                assert np.array_equal(np.broadcast_to(found, values.shape), values), (name, k)


def test_golden_equals_the_algorithm_in_rational_arithmetic(spec: Spec) -> None:
    assert_wires_are_rational(spec, stress_inputs(spec, 1, 3, 4))


def test_it_does_on_channel_draws_too(detector: str) -> None:
    spec = distributed_stress.spec(detector, rows=24, columns=6, units=3, layers=5)
    assert_wires_are_rational(spec, channel_inputs(spec, 2, 2, 2))


def real_inputs(spec: Spec, seed: int, blocks: int, vectors: int) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    h = rng.standard_normal((blocks, spec.rows, spec.columns))
    y = 4 * rng.standard_normal((blocks, vectors, spec.rows))
    return h, y, rng.integers(0, len(spec.snr), (blocks, vectors))


@pytest.mark.parametrize("size", SIZES)
def test_the_float_twin_equals_the_algorithm_in_floats(detector: str, size: str) -> None:
    spec = gentle(detector, **SIZES[size])
    h, y, index = real_inputs(spec, 3, 2, 3)
    twin = family.float_twin(spec, h, y, index)[1:]
    numbers, unit = Real(spec), spec.state_format.step
    for g, b in np.ndindex(index.shape):
        entries = [[numbers.store(x, spec.formats.h) for x in row] for row in h[g].tolist()]
        row = spec.adc.thresholds[index[g, b]]
        codes = [sum(q * spec.adc.threshold.step <= x for q in row) for x in y[g, b].tolist()]
        vector = Vector(numbers, entries, codes, int(index[g, b]))
        for k, expected in enumerate(vector.layers()):
            for name in ("estimate", "state", "extrapolated"):
                found = getattr(twin[k], name)[g, b] * unit
                np.testing.assert_allclose(found, expected[name], rtol=0, atol=1e-9, err_msg=name)


FINENESS = 6


@pytest.mark.parametrize("units", [4, 3])
def test_the_golden_model_nears_its_float_twin_as_formats_get_finer(
    detector: str, units: int
) -> None:
    """Six more bits in data and tables: the error shrinks by 2^6, after every layer."""
    size = {"rows": 16 * units, "columns": 8, "units": units, "bits": 2}
    rng = np.random.default_rng(4)
    h = rng.integers(-12, 13, (6, size["rows"], 8))
    x = rng.choice([-3, -1, 1, 3], (6, 20, 8))
    y = np.einsum("gbn,gmn->gbm", x, h / 8) + 2 * rng.standard_normal((6, 20, size["rows"]))
    index = rng.integers(0, 36, (6, 20))
    errors = []
    for extra in (0, FINENESS):
        spec = gentle(detector, extra, **size)
        wires = family.run(spec, h, spec.adc.convert(y, index), index)[1:]
        twin = family.float_twin(spec, h / 8, y, index)[1:]
        pairs = [
            (w.state - t.state) * spec.state_format.step for w, t in zip(wires, twin, strict=True)
        ]
        errors.append([np.sqrt(np.mean(error**2)) for error in pairs])
    coarse, fine = np.array(errors)
    assert np.all(coarse < 0.03)
    assert np.all(np.abs(np.log2(coarse / fine) - FINENESS) < 0.6)


def test_units_take_each_row_once_and_whole_antennas(spec: Spec) -> None:
    rows = spec.unit_rows()
    assert rows.shape == (spec.units, spec.rows // spec.units)
    assert sorted(rows.ravel().tolist()) == list(range(spec.rows))
    half = spec.rows // 2
    for unit in rows.tolist():
        real, imaginary = unit[: len(unit) // 2], unit[len(unit) // 2 :]
        assert [m + half for m in real] == imaginary
        assert real == list(range(real[0], real[0] + len(real)))


def test_the_layer_adc_gives_each_unit_the_cells_of_its_codes(spec: Spec) -> None:
    inputs = stress_inputs(spec, 8, 2, 40)
    cells = family.run(spec, inputs.h, inputs.y, inputs.index)[0]
    rows, last = spec.unit_rows().tolist(), spec.adc.code.max
    for g, b in np.ndindex(inputs.index.shape):
        thresholds = spec.adc.thresholds[inputs.index[g, b]]
        for c, unit in enumerate(rows):
            codes = [int(inputs.y[g, b, m]) for m in unit]
            assert cells.low[g, b, c].tolist() == [thresholds[max(q - 1, 0)] for q in codes]
            assert cells.up[g, b, c].tolist() == [thresholds[min(q, last - 1)] for q in codes]


def test_units_do_not_see_each_other_s_rows(spec: Spec) -> None:
    """What a unit sends in the first layer depends on its own rows and codes alone."""
    inputs = stress_inputs(spec, 5, 2, 6)
    h, y, index = inputs.h, inputs.y, inputs.index
    mine = spec.unit_rows()[0]
    others = np.setdiff1d(np.arange(spec.rows), mine)
    changed_h, changed_y = h.copy(), y.copy()
    changed_h[:, others] = -h[:, others]
    changed_y[:, :, others] = spec.adc.code.max - y[:, :, others]
    a = family.run(spec, h, y, index)[1].estimate
    b = family.run(spec, changed_h, changed_y, index)[1].estimate
    assert np.array_equal(a[:, :, 0], b[:, :, 0])
    assert spec.units == 1 or not np.array_equal(a[:, :, 1:], b[:, :, 1:])


def test_the_order_of_vectors_and_blocks_does_not_matter(spec: Spec) -> None:
    inputs = stress_inputs(spec, 6, 3, 5)
    together = family.run(spec, inputs.h, inputs.y, inputs.index)[1:]
    for g in range(3):
        part = family.run(
            spec, inputs.h[g : g + 1], inputs.y[g : g + 1, ::-1], inputs.index[g : g + 1, ::-1]
        )[1:]
        for k, layer in enumerate(part):
            assert np.array_equal(layer.extrapolated[0, ::-1], together[k].extrapolated[g])


@pytest.mark.parametrize("size", SIZES)
def test_open_cells_pull_without_end(detector: str, size: str) -> None:
    """All codes at an end: no sample contradicts a large signal, so e keeps its sign."""
    spec = distributed_stress.spec(detector, **SIZES[size])
    inputs = stress_inputs(spec, 7, 2, 8)
    top = np.full_like(inputs.y, spec.adc.code.max)
    for y, sign in ((top, 1), (0 * top, -1)):
        for layer in family.run(spec, inputs.h, y, inputs.index)[1:]:
            assert np.all(sign * layer.residual >= 0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda i, s: (i.h, i.y + s.adc.code.max + 1, i.index), r"y holds \d+, outside u"),
        (lambda i, s: (i.h, i.y - 1 - i.y.max(), i.index), r"y holds -\d+, outside u"),
        (lambda i, s: (i.h, 0 * i.y + s.adc.code.max + 1, i.index), "y holds"),
        (lambda i, s: (0 * i.h - 16, i.y, i.index), "h holds -16, outside s5.3: -15 to 15"),
        (lambda i, s: (i.h, i.y, i.index + 36), "SNR index 36 is outside the bank 0 to 35"),
        (lambda i, s: (i.h, i.y, i.index - 36), "SNR index -36 is outside"),
        (lambda i, s: (i.h, i.y * 1.0, i.index), "y has the type float64"),
        (lambda i, s: (i.h, i.y[:, :, 1:], i.index), "y has the shape"),
        (lambda i, s: (i.h[:, 1:], i.y, i.index), "h has the shape"),
        (lambda i, s: (i.h, i.y[:, :0], i.index[:, :0]), "no vectors"),
    ],
)
def test_bad_integers_are_refused(spec: Spec, change, message: str) -> None:
    inputs = stress_inputs(spec, 0, 2, 2)
    with pytest.raises(ValueError, match=message):
        family.run(spec, *change(dataclasses.replace(inputs, index=0 * inputs.index), spec))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_samples_that_are_not_finite_are_refused(spec: Spec, bad: float) -> None:
    h, y = np.ones((spec.rows, spec.columns)), np.ones((2, spec.rows))
    y[1, 3] = bad
    with pytest.raises(ValueError, match="y holds NaN or infinity"):
        Detector(spec).run(h, y, 10)
    with pytest.raises(ValueError, match="NaN or infinity"):
        spec.converter.convert(y[None], np.zeros((1, 2), dtype=int))


def test_detection_has_the_state_and_the_bits_of_the_last_layer(spec: Spec) -> None:
    inputs = stress_inputs(spec, 8, 3, 4)
    last = family.run(spec, inputs.h, inputs.y, inputs.index)[-1]
    output = Detector(spec).run_integers(inputs.h, inputs.y, inputs.index)
    assert np.array_equal(output.state, last.state)
    assert np.array_equal(output.bits, last.bits)
    assert output.code is None
