# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixedpoint.numbers.format import Format


def test_signed_formats_are_symmetric() -> None:
    assert (Format(8, 7).min, Format(8, 7).max) == (-127, 127)


def test_unsigned_formats_start_at_zero() -> None:
    assert (Format(3, 0, signed=False).min, Format(3, 0, signed=False).max) == (0, 7)


def test_notations() -> None:
    assert str(Format(8, 7)) == "s8.7"
    assert Format(8, 7).ap_fixed == "ap_fixed<8,1,AP_RND,AP_SAT_SYM>"
    assert Format(16, 11).ap_fixed == "ap_fixed<16,5,AP_RND,AP_SAT_SYM>"
    assert Format(4, 0, signed=False).ap_fixed == "ap_ufixed<4,4,AP_RND,AP_SAT>"


@pytest.mark.parametrize(("bits", "frac"), [(1, 0), (64, 0), (8, 64), (8, -64)])
def test_impossible_formats_are_refused(bits: int, frac: int) -> None:
    with pytest.raises(ValueError, match=r"is outside"):
        Format(bits, frac)


def test_quantize_rounds_half_up_and_saturates() -> None:
    x = np.array([0.5, -0.5, 1.5, -1.5, 126.4, 500.0, -500.0]) / 16
    assert Format(8, 4).quantize(x).tolist() == [1, 0, 2, -1, 126, 127, -127]


def test_a_value_just_below_a_half_is_not_carried_over_by_addition() -> None:
    assert Format(8, 0).quantize(np.nextafter(0.5, 0)) == 0


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_quantize_refuses_nan_and_infinity(bad: float) -> None:
    with pytest.raises(ValueError, match="NaN or infinity"):
        Format(8, 7).quantize([0.0, bad])


@given(st.integers(2, 30), st.integers(-5, 30), st.data())
def test_quantize_undoes_value(bits: int, frac: int, data: st.DataObject) -> None:
    fmt = Format(bits, frac)
    q = data.draw(st.integers(fmt.min, fmt.max))
    assert fmt.quantize(fmt.value(q)) == q


@given(st.integers(2, 30), st.integers(0, 29), st.data())
def test_fxp_has_the_same_value_and_format(bits: int, frac: int, data: st.DataObject) -> None:
    fmt = Format(bits, frac)
    q = data.draw(st.integers(fmt.min, fmt.max))
    fxp = fmt.to_fxp(q)
    assert float(fxp.get_val()) == fmt.value(q)
    assert Format.from_fxp(fxp) == fmt
