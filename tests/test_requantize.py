# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from fractions import Fraction
from math import floor

import apytypes
import numpy as np
import pytest
from fxpmath import Fxp

from fixedpoint.numbers.format import Format
from fixedpoint.numbers.requantize import requantize, shift_right_half_up
from tests.worst_case import combine, exact_sum


def exact(q: int, shift: int, target: Format) -> int:
    """The rule in rational arithmetic: floor(q/2^shift + 1/2), clipped."""
    rounded = (
        floor(Fraction(q) / Fraction(2) ** shift + Fraction(1, 2)) if shift > 0 else q << -shift
    )
    return max(target.min, min(target.max, rounded))


def around_powers_of_two(limit: int) -> list[int]:
    corners = {sign * (1 << k) + d for k in range(limit) for d in range(-2, 3) for sign in (-1, 1)}
    return sorted(corners)


@pytest.mark.parametrize("bits", range(2, 9))
def test_every_small_width_and_every_shift(bits: int) -> None:
    q = np.arange(-(2**9), 2**9 + 1)
    target = Format(bits, 0)
    for shift in range(-4, 14):
        expected = [exact(int(v), shift, target) for v in q]
        assert requantize(q, shift, target).tolist() == expected


@pytest.mark.parametrize("shift", [0, 1, 2, 7, 17, 19, 31, 40, 52, 53, 60, 61, 62, 63, 90])
def test_corners_around_powers_of_two(shift: int) -> None:
    q = around_powers_of_two(53)
    target = Format(16, 0)
    expected = [exact(v, shift, target) for v in q]
    assert requantize(np.array(q), shift, target).tolist() == expected


def test_ties_round_up() -> None:
    assert shift_right_half_up([-6, -2, 2, 6], 2).tolist() == [-1, 0, 1, 2]


def test_a_shift_beyond_the_width_gives_zero() -> None:
    assert shift_right_half_up([127, -127], 40).tolist() == [0, 0]


def test_a_negative_shift_is_an_exact_left_shift_then_saturates() -> None:
    assert requantize([3, -3, 100], -2, Format(8, 0)).tolist() == [12, -12, 127]


def test_terms_of_different_points_meet_exactly() -> None:
    total, point = exact_sum((np.array([3, -5]), 1), (np.array([7, 1]), 4), (np.array([2, 0]), -1))
    assert (total.tolist(), point) == ([3 * 8 + 7 + 2 * 32, -5 * 8 + 1], 4)


@pytest.mark.parametrize("fracs", [(0, 0), (3, 7), (9, 2), (-2, 5), (12, 12)])
def test_a_sum_is_rounded_once(fracs: tuple[int, int]) -> None:
    rng, target = np.random.default_rng(4), Format(9, 4)
    a, b = rng.integers(-300, 301, (2, 500))
    two = Fraction(2)
    found = combine(target, (a, fracs[0]), (b, fracs[1]))
    for p, q, r in zip(a.tolist(), b.tolist(), found.tolist(), strict=True):
        value = p / two ** fracs[0] + q / two ** fracs[1]
        assert r == max(-255, min(255, floor(value * 16 + Fraction(1, 2))))


def test_agrees_with_apytypes() -> None:
    rng = np.random.default_rng(2)
    for shift in (1, 3, 7, 17):
        for q in rng.integers(-(2**31), 2**31, 300):
            oracle = apytypes.APyFixed.from_float(int(q), int_bits=40, frac_bits=0)
            scaled = apytypes.APyFixed(oracle.to_bits(), int_bits=40 - shift, frac_bits=shift)
            rounded = scaled.cast(
                int_bits=41, frac_bits=0, quantization=apytypes.QuantizationMode.RND
            )
            assert shift_right_half_up(int(q), shift) == int(float(rounded))


def test_agrees_with_fxpmath() -> None:
    q = np.random.default_rng(3).integers(-(2**30), 2**30, 2000)
    for shift in (1, 4, 10, 17):
        target = Format(12, 0)
        shifted = Fxp((q + (1 << shift - 1)) * 2.0**-shift, True, 40, 0, rounding="floor")
        clipped = np.clip(shifted.val, target.min, target.max)
        assert np.array_equal(requantize(q, shift, target), clipped)
