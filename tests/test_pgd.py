# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import floor

import numpy as np
import pytest

from fixedpoint.detector import Detector, Integers
from fixedpoint.detectors.library import PgdSpec
from fixedpoint.detectors.registry import program
from fixedpoint.numbers.format import Format
from fixedpoint.program.views import reach
from fixedpoint.receivers import channel, family
from fixedpoint.receivers.channel import real_matrix, real_vector
from fixedpoint.stress import pgd as stress
from tests.conftest import channel_inputs, stress_inputs
from tests.pgd_widths import bounds


def rational_layer(
    spec: PgdSpec, k: int, h: list[list[int]], y: list[int], index: int, x: list[int]
) -> dict[str, list[int]]:
    """Layer k of one vector in rational arithmetic on real values: a second opinion."""
    f, layer = spec.formats, spec.layers[k]
    delta = Fraction(spec.layers[k - 1].step[index], 2**f.step.frac) if k else Fraction(0)
    real_h = [[Fraction(q, 2**f.h.frac) for q in row] for row in h]
    real_x = [q * delta for q in x]

    def rounded(value: Fraction, fmt: Format) -> int:
        q = floor(value * Fraction(2) ** fmt.frac + Fraction(1, 2))
        return max(fmt.min, min(fmt.max, q))

    residual = []
    for row, sample in zip(real_h, y, strict=True):
        total = sum((a * b for a, b in zip(row, real_x, strict=True)), Fraction(0))
        residual.append(rounded(total - Fraction(sample, 2**f.y.frac), f.residual))
    eta = Fraction(layer.eta, 2**f.eta.frac)
    update = []
    for n in range(spec.columns):
        column = sum(
            (real_h[m][n] * Fraction(residual[m], 2**f.residual.frac) for m in range(spec.rows)),
            Fraction(0),
        )
        update.append(rounded(real_x[n] - eta * column, f.state))
    t = layer.threshold
    if spec.prox == "box":
        state = [max(-t, min(t, u)) for u in update]
    else:
        state = [(u - t if u > t else u + t if u < -t else 0) for u in update]
    inverse = Fraction(layer.inverse[index], 2**f.inverse.frac)
    code = [rounded(Fraction(v, 2**f.state.frac) * inverse, f.code) for v in state]
    return {"residual": residual, "update": update, "state": state, "code": code}


def assert_layers_are_rational(spec: PgdSpec, inputs: Integers) -> None:
    wires = family.run(spec, inputs.h, inputs.y, inputs.index)
    for g, b in np.ndindex(inputs.index.shape):
        x = [0] * spec.columns
        for k in range(len(spec.layers)):
            expected = rational_layer(
                spec, k, inputs.h[g].tolist(), inputs.y[g, b].tolist(), int(inputs.index[g, b]), x
            )
            for wire, values in expected.items():
                assert getattr(wires[k], wire)[g, b].tolist() == values, (wire, k)
            x = expected["code"]


def test_golden_equals_rational_arithmetic_on_channel_draws(shipped: PgdSpec) -> None:
    assert_layers_are_rational(shipped, channel_inputs(shipped, 1, 2, 3))


def test_golden_equals_rational_arithmetic_under_stress(stressed: PgdSpec) -> None:
    assert_layers_are_rational(stressed, stress_inputs(stressed, 1, 3, 4))


def test_fast_path_is_exact_on_channel_draws(shipped: PgdSpec) -> None:
    for shape in ((1, 700), (20, 36), (400, 1)):
        assert_fast_is_exact(shipped, channel_inputs(shipped, 2, *shape))


def test_fast_path_is_exact_under_stress(stressed: PgdSpec) -> None:
    for shape in ((3, 300), (60, 4), (300, 1)):
        assert_fast_is_exact(stressed, stress_inputs(stressed, 3, *shape))


def test_fast_path_is_exact_near_the_limit_of_float64() -> None:
    spec = stress.spec()
    formats = replace(spec.formats, h=Format(18, 12), residual=Format(20, 11), state=Format(30, 14))
    wide = spec.replace(formats=formats, slicer=spec.constellation.thresholds(formats.state))
    assert max(bound.bits for bound in bounds(wide).values()) >= 46
    assert_fast_is_exact(wide, stress_inputs(wide, 4, 6, 40))


def assert_fast_is_exact(spec: PgdSpec, inputs: Integers) -> None:
    last = family.run(spec, inputs.h, inputs.y, inputs.index)[-1]
    fast = Detector(spec).run_integers(inputs.h, inputs.y, inputs.index)
    for wire in ("state", "code", "bits"):
        assert np.array_equal(getattr(fast, wire), getattr(last, wire)), wire


def test_no_intermediate_passes_its_bound(stressed: PgdSpec) -> None:
    inputs = stress_inputs(stressed, 5, 12, 72)
    wires = family.run(stressed, inputs.h, inputs.y, inputs.index)
    limits = bounds(stressed)
    for layer in wires:
        for name in ("accumulator", "gradient"):
            assert np.max(np.abs(getattr(layer, name))) <= limits[name].magnitude


def test_the_accumulators_worst_case_is_attained() -> None:
    spec = stress.spec(layers=2)
    f = spec.formats
    h = np.full((1, 32, 32), f.h.max)
    x = np.full((1, 1, 32), f.code.max)
    assert int((x @ h.transpose(0, 2, 1)).max()) == bounds(spec)["accumulator"].magnitude


def test_stress_vectors_reach_every_reachable_event(stressed: PgdSpec) -> None:
    inputs = stress_inputs(stressed, 0, 24, 36)
    wires = family.run(stressed, inputs.h, inputs.y, inputs.index)
    events = family.count(stressed, inputs.h, inputs.y, inputs.index, wires)
    assert family.missed(stressed, events) == []


def test_what_is_out_of_reach_never_happens(stressed: PgdSpec) -> None:
    possible = reach.possible(program(stressed))
    for seed in range(1, 4):
        inputs = stress_inputs(stressed, seed, 40, 9)
        wires = family.run(stressed, inputs.h, inputs.y, inputs.index)
        events = family.count(stressed, inputs.h, inputs.y, inputs.index, wires)
        assert [name for name, reached in possible.items() if events[name] and not reached] == []


def test_coverage_counts_what_a_plain_count_counts(stressed: PgdSpec) -> None:
    inputs = stress_inputs(stressed, 6, 6, 36)
    wires = family.run(stressed, inputs.h, inputs.y, inputs.index)
    events = family.count(stressed, inputs.h, inputs.y, inputs.index, wires)
    threshold = stressed.layers[2].threshold
    assert events["pgd3.prox high"] == int(np.sum(wires[2].update > threshold))
    assert events["pgd3.code saturated high"] <= int(
        np.sum(wires[2].code == stressed.formats.code.max)
    )
    assert sum(events[f"snr index {i}"] for i in range(36)) == inputs.index.size


def test_an_unvisited_snr_index_is_missed() -> None:
    spec = stress.spec()
    inputs = stress_inputs(spec, 0, 4, 4)
    wires = family.run(spec, inputs.h, inputs.y, inputs.index)
    events = family.count(spec, inputs.h, inputs.y, inputs.index, wires)
    assert "snr index 35" in family.missed(spec, events)


def test_float_twin_stays_close_where_nothing_is_lost(shipped: PgdSpec) -> None:
    rng = np.random.default_rng(0)
    drawn = channel.draw(rng, shipped.constellation, 32, 32, np.full((50, 4), 20.0))
    inputs = Detector(shipped).quantize(drawn.h, drawn.y, drawn.snr_db)
    integer = family.run(shipped, inputs.h, inputs.y, inputs.index)[0]
    twin = family.float_twin(shipped, drawn.h, drawn.y, inputs.index)[0]
    unit = shipped.formats.state.step
    assert np.sqrt(np.mean((integer.update - twin.update) ** 2)) * unit < 0.05
    assert not np.array_equal(twin.update, np.round(twin.update))


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("h", lambda i: (i.h + 128, i.y, i.index), "h holds"),
        ("h minimum", lambda i: (np.full_like(i.h, -128), i.y, i.index), "h holds -128"),
        ("y", lambda i: (i.h, i.y * 0 + 2048, i.index), "y holds 2048"),
        ("index", lambda i: (i.h, i.y, i.index + 36), "SNR index"),
        ("type", lambda i: (i.h * 1.0, i.y, i.index), "type float64"),
        ("shape", lambda i: (i.h[:, 1:], i.y, i.index), r"h has the shape"),
        ("none", lambda i: (i.h, i.y[:, :0], i.index[:, :0]), "no vectors"),
    ],
)
def test_bad_integers_are_refused(name: str, change, message: str, shipped: PgdSpec) -> None:
    inputs = channel_inputs(shipped, 0, 2, 2)
    with pytest.raises(ValueError, match=message):
        family.run(shipped, *change(inputs))


def test_detector_takes_complex_and_real_inputs_alike(shipped: PgdSpec) -> None:
    rng = np.random.default_rng(3)
    h = (rng.standard_normal((16, 16)) + 1j * rng.standard_normal((16, 16))) / np.sqrt(32)
    y = rng.standard_normal((10, 16)) + 1j * rng.standard_normal((10, 16))
    detector = Detector(shipped)
    a = detector.run(h, y, 12.0)
    b = detector.run(real_matrix(h), real_vector(y), np.full(10, 12.0))
    c = detector.run(np.repeat(h[None], 10, 0), y, 12.0)
    d = detector.run(h[None], y[None], 12.0)
    assert a.bits.shape == (10, 16, 4)
    for other in (b, c):
        assert np.array_equal(a.bits, other.bits)
    assert np.array_equal(a.state, d.state[0])


@pytest.mark.parametrize(
    ("h", "y", "snr_db", "message"),
    [
        ((16, 15), (4, 16), 10, "H is complex with the shape"),
        ((16, 16), (4, 15), 10, "y is complex with the shape"),
        ((3, 16, 16), (4, 16), 10, "does not go with"),
        ((16, 16), (0, 16), 10, "no vectors"),
        ((16, 16), (4, 16), 31, "outside the bank"),
        ((16, 16), (4, 16), np.nan, "outside the bank"),
        ((16, 16), (4, 16), [10, 11], "snr_db has the shape"),
    ],
)
def test_bad_real_inputs_are_refused(h, y, snr_db, message: str) -> None:
    detector = Detector.load("pgd")
    with pytest.raises(ValueError, match=message):
        detector.run(np.ones(h, complex), np.ones(y, complex), snr_db)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nan_and_infinity_are_refused(bad: float) -> None:
    detector = Detector.load("pgd")
    h, y = np.ones((32, 32)), np.ones((2, 32))
    y[1, 3] = bad
    with pytest.raises(ValueError, match="y holds NaN or infinity"):
        detector.run(h, y, 10)
