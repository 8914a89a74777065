# SPDX-License-Identifier: Apache-2.0
"""Tables in place of functions: address, ends, length."""

from __future__ import annotations

from fractions import Fraction
from math import floor

import numpy as np
import pytest

from fixedpoint.detectors import fpd, hpd, units
from fixedpoint.numbers.format import Format
from fixedpoint.numbers.lookup import Lookup

ADDRESS, OUTPUT = Format(5, 2), Format(6, 3)


def table() -> Lookup:
    """Entries that tell their address: 31 of them, all different."""
    return Lookup(ADDRESS, Format(9, 0), tuple(7 * q - 2 for q in range(-15, 16)))


@pytest.mark.parametrize("frac", range(-2, 9))
def test_every_argument_reads_the_nearest_entry_ties_up_and_the_ends_beyond(frac: int) -> None:
    q = np.arange(-600, 601)
    expected = []
    for value in q.tolist():
        address = floor(Fraction(value) * Fraction(2) ** (2 - frac) + Fraction(1, 2))
        expected.append(7 * max(-15, min(15, address)) - 2)
    assert table().read(q, frac).tolist() == expected
    assert table().index(q, frac).tolist() == [(e + 2) // 7 for e in expected]


def test_a_tie_between_two_entries_takes_the_upper_one() -> None:
    assert table().index(np.array([2, 1, -2, -3, 6]), 4).tolist() == [1, 0, 0, -1, 2]


def test_an_entry_is_the_function_rounded_half_up() -> None:
    made = Lookup.of(lambda x: x / 16, ADDRESS, OUTPUT)
    assert made.values == tuple(floor(Fraction(q, 8) + Fraction(1, 2)) for q in range(-15, 16))


def test_a_function_beyond_the_output_saturates() -> None:
    made = Lookup.of(lambda x: 100 * x, ADDRESS, OUTPUT)
    assert made.values == (-31,) * 15 + (0,) + (31,) * 15


def test_a_function_that_is_not_finite_is_refused() -> None:
    with np.errstate(divide="ignore"), pytest.raises(ValueError, match="NaN or infinity"):
        Lookup.of(lambda x: 1 / x, ADDRESS, OUTPUT)


def test_a_wrong_length_and_an_entry_outside_are_named() -> None:
    good = table()
    assert good.faults("sigmoid") == []
    short = Lookup(ADDRESS, good.output, good.values[1:])
    assert short.faults("sigmoid") == ["sigmoid.values: 30 entries, 31 expected"]
    outside = Lookup(ADDRESS, Format(7, 0), good.values)
    assert outside.faults("pull") == ["pull.values[0]: -107 is outside s7.0"]


def derivative(function, x: np.ndarray) -> np.ndarray:
    return (function(x + 1e-6) - function(x - 1e-6)) / 2e-6


def test_penalty_tables_are_gradients_of_the_paper_s_penalties() -> None:
    """Eqs. (34) and (35): −1/(η·v⁴ + 1) and −e^(−βv²) about each point, at η = β = 1."""
    v = np.linspace(-3, 3, 601)
    quartic = derivative(lambda x: -1 / (x**4 + 1), v)
    np.testing.assert_allclose(fpd.quartic_slope(v), quartic, atol=1e-7)
    gaussian = derivative(lambda x: -np.exp(-(x**2)), v)
    np.testing.assert_allclose(fpd.gaussian_slope(v), gaussian, atol=1e-7)


@pytest.mark.parametrize("eta", [0.5, 8.0, 100.0])
def test_a_change_of_variable_serves_every_eta_and_beta(eta: float) -> None:
    u = np.linspace(-2, 2, 401)
    quartic = derivative(lambda x: -1 / (eta * x**4 + 1), u)
    root = eta**0.25
    np.testing.assert_allclose(root * fpd.quartic_slope(root * u), quartic, atol=1e-5)
    gaussian = derivative(lambda x: -np.exp(-eta * x**2), u)
    root = eta**0.5
    np.testing.assert_allclose(root * fpd.gaussian_slope(root * u), gaussian, atol=1e-5)


@pytest.mark.parametrize("point", [-3, -1, 1, 3])
def test_the_third_penalty_is_that_of_eq_36_at_every_point_of_the_grid(point: int) -> None:
    a, phi = np.linspace(-1, 1, 201), 1.3
    d = point + a
    expected = np.sin(np.pi * d) / (np.cos(np.pi * d) + phi)
    np.testing.assert_allclose(fpd.cosine_slope(a, phi), expected, atol=1e-12)


def test_the_pull_is_the_gradient_of_eq_14_between_points_of_the_grid() -> None:
    eta, points = 100.0, np.arange(-9, 10, 2)
    x = np.linspace(-1, 1, 201)
    full = derivative(lambda v: sum(-1 / (eta * (v - j) ** 4 + 1) for j in points), x + 1)
    np.testing.assert_allclose(hpd.pull_gradient(x, eta), full, atol=2e-4)


def test_the_sigmoid_is_0_and_1_at_infinity() -> None:
    values = units.sigmoid(np.array([-np.inf, -1000.0, 0.0, np.inf]))
    assert values.tolist() == [0.0, 0.0, 0.5, 1.0]
