# SPDX-License-Identifier: Apache-2.0
"""The converters of 1 to 4 bits against comparisons one by one."""

from __future__ import annotations

import dataclasses
import itertools
from statistics import NormalDist

import numpy as np
import pytest

from fixedpoint.detectors import library as spec
from fixedpoint.numbers.few_bit import FewBitAdc
from fixedpoint.numbers.format import Format
from fixedpoint.specs.distributed import DistributedSpec
from fixedpoint.stress import distributed as distributed_stress
from tests.program_steps import edges, rows

FINE = Format(12, 6)


def uniform(bits: int, step: float) -> list[float]:
    return [step * (i - 2 ** (bits - 1)) for i in range(1, 2**bits)]


def lloyd_max(bits: int) -> list[float]:
    """Thresholds of the least mean square error for N(0, 1): midway between levels, these the
    centroids of their cells."""
    normal = NormalDist()
    levels = [2.0 * (2 * i + 1 - 2**bits) / 2**bits for i in range(2**bits)]
    for _ in range(2000):
        edges = [-np.inf, *((a + b) / 2 for a, b in itertools.pairwise(levels)), np.inf]
        levels = [
            (normal.pdf(a) - normal.pdf(b)) / (normal.cdf(b) - normal.cdf(a))
            for a, b in itertools.pairwise(edges)
        ]
    return edges[1:-1]


def converter(bits: int, quantizer: str, gains: tuple[float, ...] = (0.7, 1.0, 3.1)) -> FewBitAdc:
    edges = uniform(bits, 0.9) if quantizer == "uniform" else lloyd_max(bits)
    rows = tuple(tuple(FINE.quantize(np.array(edges) * gain).tolist()) for gain in gains)
    inner = [(a + b) // 2 for row in rows for a, b in itertools.pairwise(row)]
    count = 2**bits - 2
    levels = tuple(
        (row[0] - 5, *inner[k * count : (k + 1) * count], row[-1] + 5) for k, row in enumerate(rows)
    )
    made = FewBitAdc(bits, quantizer, FINE, FINE, rows, levels)
    assert made.faults(len(gains)) == []
    return made


@pytest.fixture(params=[1, 2, 3, 4])
def bits(request: pytest.FixtureRequest) -> int:
    return request.param


@pytest.fixture(params=["uniform", "lloyd-max"])
def adc(request: pytest.FixtureRequest, bits: int) -> FewBitAdc:
    return converter(bits, request.param)


def test_two_bit_lloyd_max_is_the_known_one() -> None:
    np.testing.assert_allclose(lloyd_max(2), [-0.9816, 0, 0.9816], atol=1e-4)


def test_a_code_counts_the_thresholds_that_are_not_above(adc: FewBitAdc) -> None:
    for k, row in enumerate(adc.thresholds):
        near = [q * FINE.step + d for q in row for d in (-1e-9, 0.0, 1e-9, -0.3, 0.3)]
        samples = np.array([*near, -1e9, 1e9, -0.0])
        codes = adc.convert(samples[None], np.array([k]))[0]
        assert codes.tolist() == [sum(q * FINE.step <= x for q in row) for x in samples.tolist()]


def test_a_sample_on_a_threshold_goes_up(adc: FewBitAdc, bits: int) -> None:
    for k, row in enumerate(adc.thresholds):
        codes = adc.convert(adc.threshold.value(row)[None], np.array([k]))[0]
        assert codes.tolist() == list(range(1, 2**bits))


def test_each_vector_uses_the_row_of_its_snr(adc: FewBitAdc) -> None:
    rng = np.random.default_rng(0)
    y, index = 3 * rng.standard_normal((4, 5, 7)), rng.integers(0, 3, (4, 5))
    codes = adc.convert(y, index)
    for g, b in np.ndindex(4, 5):
        alone = adc.convert(y[g, b][None], index[g, b][None])[0]
        assert codes[g, b].tolist() == alone.tolist()
    same = np.array_equal(adc.convert(y, 0 * index), adc.convert(y, 0 * index + 2))
    assert same == (adc.bits == 1)  # whose threshold is 0 at every gain


def test_a_cell_holds_the_sample_that_it_came_from(adc: FewBitAdc) -> None:
    rng = np.random.default_rng(1)
    y, index = 3 * rng.standard_normal((6, 40)), rng.integers(0, 3, 6)
    low, up = edges(adc, adc.convert(y, index), index)
    assert np.all(low <= y)
    assert np.all(y < up)


def test_the_end_cells_are_open_and_the_others_are_not(adc: FewBitAdc, bits: int) -> None:
    codes = np.arange(2**bits)[None]
    low, up = (edge[0] for edge in edges(adc, codes, np.array([1])))
    row = [q * FINE.step for q in adc.thresholds[1]]
    assert low.tolist() == [-np.inf, *row]
    assert up.tolist() == [*row, np.inf]
    integers = [q[0].tolist() for q in adc.cells(codes, np.array([1]))]
    first, last = adc.thresholds[1][0], adc.thresholds[1][-1]
    assert integers == [[first, *adc.thresholds[1]], [*adc.thresholds[1], last]]


def test_a_level_is_the_row_s_entry(adc: FewBitAdc) -> None:
    rng = np.random.default_rng(2)
    codes, index = rng.integers(0, adc.code.max + 1, (3, 4, 9)), rng.integers(0, 3, (3, 4))
    expected = [
        [[adc.levels[index[g, b]][c] for c in codes[g, b]] for b in range(4)] for g in range(3)
    ]
    assert adc.level_of(codes, index).tolist() == expected


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_nan_and_infinity_are_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="NaN or infinity cannot be converted"):
        converter(2, "uniform").convert(np.array([[0.0, bad]]), np.array([0]))


def test_open_thresholds_make_the_sigmoid_exactly_0_and_1(bits: int) -> None:
    made = distributed_stress.spec("hpd", rows=16, columns=4, units=2, bits=bits)
    rng = np.random.default_rng(3)
    h = rng.integers(-15, 16, (1, 16, 4))
    z = rng.integers(-40, 41, (1, 1, 4))
    index = np.array([[4]])
    for code, other in ((0, "up"), (made.adc.code.max, "low")):
        y = np.full((1, 1, 16), code)
        products = rows(made, h, y, index, z)
        frac = made.formats.h.frac + made.formats.state.frac
        q = made.adc.thresholds[4][0 if other == "up" else -1]
        known = made.sigmoid.read(products.accumulator - (q << frac - 2), frac)
        closed = -known if other == "up" else made.one - known
        assert np.array_equal(products.residual, closed)


def shipped() -> list[str]:
    return [*spec.shipped("hpd"), *spec.shipped("fpd")]


@pytest.mark.parametrize("name", shipped())
def test_shipped_levels_lie_in_their_cells(name: str) -> None:
    adc = spec.load_as(DistributedSpec, name).adc
    for k in range(len(adc.thresholds)):
        level = adc.level.value(adc.levels[k])
        assert adc.convert(level[None], np.array([k]))[0].tolist() == list(range(2**adc.bits))


@pytest.mark.parametrize("name", shipped())
def test_shipped_gain_control_widens_the_cells_with_the_noise(name: str) -> None:
    """Thresholds and levels grow with the standard deviation of what the converter sees."""
    made = spec.load_as(DistributedSpec, name)
    power = made.columns / 2 * made.constellation.symbol_energy / 2
    sd = np.sqrt(power * (1 + 10 ** (-made.snr.snr_db / 10)))
    rows = np.array(made.adc.levels)[:, -1] * made.adc.level.step
    np.testing.assert_allclose(rows / sd, rows[0] / sd[0], rtol=0.02)


def test_a_converter_names_what_is_wrong() -> None:
    good = converter(2, "uniform")
    for changes, fault in (
        ({"bits": 5}, "adc.bits: 5 is outside 1 to 4"),
        ({"quantizer": "best"}, "adc.quantizer: 'best' is not one of lloyd-max, uniform"),
        ({"threshold": Format(12, 6, signed=False)}, "adc.threshold.signed: false, true expected"),
        ({"level": Format(4, 6)}, "is not within s4.6"),
        ({"thresholds": good.thresholds[1:]}, "adc.thresholds: 2 entries, 3 expected"),
        ({"levels": ((1, 2), *good.levels[1:])}, "adc.levels[0]: 2 entries, 4 expected"),
        ({"thresholds": ((1, 1, 2), *good.thresholds[1:])}, "[1, 1, 2] does not ascend"),
    ):
        faults = dataclasses.replace(good, **changes).faults(3)
        assert any(fault in line for line in faults), (fault, faults)
