# SPDX-License-Identifier: Apache-2.0
"""ADMM-Net's golden model: every wire in rational arithmetic, bounds, and the float twin."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from fixedpoint.detector import Detector, Integers
from fixedpoint.detectors import library as spec
from fixedpoint.numbers.format import IntArray
from fixedpoint.receivers import channel, family
from fixedpoint.receivers.inputs import split
from fixedpoint.specs.admm import AdmmSpec
from fixedpoint.stress import admm as admm_stress
from fixedpoint.vectors import layers as golden
from tests import admm_reference as reference
from tests.admm_widths import shifts
from tests.conftest import channel_inputs, stress_inputs

NAMES = spec.shipped("admm")


@pytest.fixture(params=NAMES)
def shipped(request: pytest.FixtureRequest) -> AdmmSpec:
    return spec.load_as(AdmmSpec, request.param)


@pytest.fixture(params=reference.STRESSED, ids=lambda made: made.name)
def stressed(request: pytest.FixtureRequest) -> AdmmSpec:
    made: AdmmSpec = request.param
    return made


def drawn_inputs(made: AdmmSpec, seed: int, count: int) -> Integers:
    """Channel draws, one SNR entry a block."""
    stimulus = golden.draw(made, count, seed, None)
    return Detector(made).quantize(stimulus.h, stimulus.y, stimulus.snr_db)


def assert_every_wire_is_rational(made: AdmmSpec, inputs: Integers) -> None:
    wires = family.run(made, inputs.h, inputs.y, inputs.index)
    matrices = split(made, inputs.h)
    for g, b in np.ndindex(inputs.index.shape):
        f, p = (matrices[name][g].tolist() for name in ("f", "p"))
        y, index = inputs.y[g, b].tolist(), int(inputs.index[g, b])
        expected = reference.detect(made, f, p, y, index)
        for k, (layer, own) in enumerate(zip(wires, expected, strict=True)):
            named = [wire for wire in vars(layer) if not wire.startswith("llr")]  # test_soft_bits
            assert named == list(own)
            for wire, values in own.items():
                assert getattr(layer, wire)[g, b].tolist() == values, (wire, k)


def test_golden_equals_rational_arithmetic_under_stress(stressed: AdmmSpec) -> None:
    assert_every_wire_is_rational(stressed, stress_inputs(stressed, 1, 6, 4))


def test_golden_equals_rational_arithmetic_on_channel_draws(shipped: AdmmSpec) -> None:
    assert_every_wire_is_rational(shipped, drawn_inputs(shipped, 1, 17))
    assert_every_wire_is_rational(shipped, stress_inputs(shipped, 1, 3, 4))


def test_the_formats_of_the_references_shift_both_ways() -> None:
    left, right = shifts(reference.left()), shifts(reference.coarse())
    assert left.front < 0
    assert left.estimate.shift < 0
    assert left.decoded < 0
    assert left.difference.shift < 0
    assert right.dual.shift == 0
    assert min(right.front, right.estimate.shift, right.update.shift, right.decoded) > 0


def test_the_first_layer_starts_at_zero(stressed: AdmmSpec) -> None:
    inputs = stress_inputs(stressed, 2, 6, 4)
    front, first, second, *_ = family.run(stressed, inputs.h, inputs.y, inputs.index)
    assert not first.product.any()
    assert second.product.any()
    x0 = stressed.formats.front.value(front.estimate)
    assert np.array_equal(first.estimate, stressed.formats.state.quantize(x0))


def test_every_wire_fits_its_format(stressed: AdmmSpec) -> None:
    inputs = stress_inputs(stressed, 3, 12, 9)
    front, *layers = family.run(stressed, inputs.h, inputs.y, inputs.index)
    found = [(front, family.layer_formats(stressed)[family.FRONT])]
    found += [(layer, family.wire_formats(stressed)) for layer in layers]
    assert len(layers) == stressed.depth
    for wires, formats in found:
        assert list(vars(wires)) == list(formats)
        for name, fmt in formats.items():
            values = getattr(wires, name)
            assert values.dtype == np.int64
            assert values.shape[:3] == (12, 9, stressed.columns)
            assert fmt.allows(values), name


def test_neighbours_change_nothing(stressed: AdmmSpec) -> None:
    inputs = stress_inputs(stressed, 4, 6, 5)
    together = family.run(stressed, inputs.h, inputs.y, inputs.index)
    for g, b in ((0, 0), (3, 4), (5, 2)):
        h, y = inputs.h[g : g + 1], inputs.y[g : g + 1, b : b + 1]
        alone = family.run(stressed, h, y, inputs.index[g : g + 1, b : b + 1])
        for mine, ours in zip(alone, together, strict=True):
            for wire, values in vars(mine).items():
                assert np.array_equal(values[0, 0], getattr(ours, wire)[g, b]), wire


def plain_admm(
    made: AdmmSpec, h: NDArray[np.float64], y: NDArray[np.float64], index: IntArray
) -> list[NDArray[np.float64]]:
    """v of each layer in plain floating point, with F and P by a direct inverse."""
    f = made.formats
    rho = f.rho.value(made.rho)[index[:, 0], None, None]
    h_t = h.transpose(0, 2, 1)
    w = np.linalg.inv(h_t @ h + rho * np.eye(made.columns))
    x0, p = (w @ h_t @ y.transpose(0, 2, 1)).transpose(0, 2, 1), rho * w
    z = u = np.zeros_like(x0)
    found = []
    for layer in made.layers:
        x = x0 + (z - u) @ p
        relaxed = z + f.relaxation.value(layer.relaxation) * (x - z)
        threshold = f.state.value(layer.threshold)
        if made.prox == "box":
            v = np.clip(relaxed + u, -threshold, threshold)
        else:
            v = np.sign(relaxed + u) * np.maximum(np.abs(relaxed + u) - threshold, 0)
        exact = f.step.value(layer.step) * f.inverse.value(layer.inverse)
        z = v * exact[index][..., None]
        u = u + f.dual_step.value(layer.dual_step) * (relaxed - z)
        found.append(v)
    return found


@pytest.mark.parametrize("prox", ["soft", "box"])
def test_the_float_twin_is_plain_admm_where_nothing_clips(prox: str) -> None:
    made = reference.roomy(spec.load_as(AdmmSpec, "admm-box").replace(prox=prox))
    drawn = golden.draw(made, 160, 5, None)
    h, y, index = drawn.h, drawn.y / 4, made.snr.index(drawn.snr_db)
    twin = family.float_twin(made, h, y, index)
    for wires, expected in zip(twin[1:], plain_admm(made, h, y, index), strict=True):
        assert np.abs(wires.state * made.state_format.step - expected).max() < 1e-9


def error_of(made: AdmmSpec) -> float:
    drawn = golden.draw(made, 320, 6, None)
    inputs = Detector(made).quantize(drawn.h, drawn.y, drawn.snr_db)
    integers = family.run(made, inputs.h, inputs.y, inputs.index)[-1].state
    twin = family.float_twin(made, drawn.h, drawn.y, inputs.index)[-1].state
    return float(np.sqrt(np.mean((integers - twin) ** 2))) * made.state_format.step


def test_with_four_more_bits_the_integers_come_sixteen_times_closer_to_the_twin() -> None:
    made = spec.load_as(AdmmSpec, "admm-box")
    assert error_of(reference.finer(made, 4)) < error_of(made) / 14


def test_the_twin_clips_where_the_integers_do(stressed: AdmmSpec) -> None:
    f, rng = stressed.formats, np.random.default_rng(7)
    h = rng.standard_normal((3, stressed.rows, stressed.columns)) / 8
    y = 1e6 * rng.standard_normal((3, 4, stressed.rows))
    index = np.full((3, 4), 35)
    front, *layers = family.float_twin(stressed, h, y, index)
    highest = f.y.value(stressed.adc.highest)
    ends = family.float_twin(stressed, h, np.clip(y, -highest, highest), index)
    assert np.array_equal(layers[-1].state, ends[-1].state)
    assert np.abs(front.estimate).max() == f.front.max
    for wires in layers:
        assert np.abs(wires.state).max() <= f.state.max
        assert np.abs(wires.estimate).max() <= f.state.max


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda i: (i.h + 0.0, i.y, i.index), "h has the type float64"),
        (lambda i: (i.h[:, 1:], i.y, i.index), r"h has the shape .* \(G, 64, 32\) was expected"),
        (lambda i: (i.h, i.y * 0 + 2048, i.index), "y holds 2048"),
        (lambda i: (i.h, i.y, i.index + 36), "SNR index"),
        (lambda i: (i.h, i.y, i.index - 1 - i.index.max()), "SNR index"),
        (lambda i: (i.h, i.y[:, :0], i.index[:, :0]), "no vectors"),
    ],
)
def test_bad_integers_are_refused(change, message: str) -> None:
    made = spec.load_as(AdmmSpec, "admm-box")
    with pytest.raises(ValueError, match=message):
        family.run(made, *change(drawn_inputs(made, 0, 4)))


@pytest.mark.parametrize(
    ("row", "value", "message"),
    [
        (0, -1024, "f holds -1024"),
        (31, 1024, "f holds 1024"),
        (32, 128, "p holds 128, outside s8.7: -127 to 127"),
        (63, -128, "p holds -128"),
    ],
)
def test_each_matrix_has_its_own_range(row: int, value: int, message: str) -> None:
    made = spec.load_as(AdmmSpec, "admm-box")
    inputs = drawn_inputs(made, 0, 4)
    inputs.h[0, row, 3] = value
    with pytest.raises(ValueError, match=message):
        family.run(made, inputs.h, inputs.y, inputs.index)


def test_a_vector_of_another_snr_entry_is_refused_with_its_place() -> None:
    made = admm_stress.spec("box", 8, 4)
    inputs = stress_inputs(made, 0, 3, 4)
    inputs.index[1, 2] = 9
    with pytest.raises(ValueError, match="vector 2 of block 1 has the SNR index 9, 1 was expected"):
        family.run(made, inputs.h, inputs.y, inputs.index)


def test_channel_draws_at_several_snr_in_a_block_are_refused() -> None:
    with pytest.raises(ValueError, match="vector 1 of block 0 has the SNR index 1, 0 was"):
        channel_inputs(spec.load("admm-box"), 0, 1, 4)


def test_matrices_of_a_complex_channel_keep_the_structure_of_its_real_form() -> None:
    made = spec.load_as(AdmmSpec, "admm-box")
    rng, snr_db = np.random.default_rng(8), np.full((2, 1), 20.0)
    drawn = channel.draw(rng, made.constellation, 32, 32, snr_db)
    matrices = split(made, Detector(made).quantize(drawn.h, drawn.y, drawn.snr_db).h)
    for matrix in matrices.values():
        assert np.abs(matrix[:, :16, :16] - matrix[:, 16:, 16:]).max() <= 1
        assert np.abs(matrix[:, :16, 16:] + matrix[:, 16:, :16]).max() <= 1
