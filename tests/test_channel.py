# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest

from fixedpoint.detectors import library as spec
from fixedpoint.numbers import adc
from fixedpoint.numbers.format import Format
from fixedpoint.numbers.modulation import MODULATIONS
from fixedpoint.numbers.slicer import bits_of_antennas
from fixedpoint.receivers import channel
from tests.conftest import decide


@pytest.mark.parametrize("name", MODULATIONS)
def test_neighbouring_coordinates_differ_in_one_bit(name: str) -> None:
    modulation = MODULATIONS[name]
    bits = modulation.gray(np.arange(modulation.levels))
    assert len({tuple(row) for row in bits.tolist()}) == modulation.levels
    assert np.all(np.sum(bits[1:] != bits[:-1], axis=1) == 1)


@pytest.mark.parametrize(("name", "energy"), [("qpsk", 2), ("16qam", 10), ("64qam", 42)])
def test_symbol_energy_is_that_of_the_coordinates(name: str, energy: float) -> None:
    modulation = MODULATIONS[name]
    points = modulation.modulate(np.arange(modulation.levels))
    assert modulation.symbol_energy == energy
    assert 2 * np.mean(points**2) == energy


def test_real_form_is_equation_2() -> None:
    rng = np.random.default_rng(0)
    h = rng.standard_normal((3, 4)) + 1j * rng.standard_normal((3, 4))
    x = rng.standard_normal(4) + 1j * rng.standard_normal(4)
    assert np.allclose(channel.real_matrix(h) @ channel.real_vector(x), channel.real_vector(h @ x))


@pytest.mark.parametrize("snr_db", [0.0, 10.0, 25.0])
def test_snr_is_received_signal_energy_over_noise_energy(snr_db: float) -> None:
    modulation = MODULATIONS["16qam"]
    drawn = channel.draw(np.random.default_rng(1), modulation, 32, 32, np.full((4000, 4), snr_db))
    signal = drawn.x @ drawn.h.transpose(0, 2, 1)
    measured = 10 * np.log10(np.mean(signal**2) / np.mean((drawn.y - signal) ** 2))
    assert measured == pytest.approx(snr_db, abs=0.1)


def test_channel_entries_have_the_papers_variance() -> None:
    modulation = MODULATIONS["16qam"]
    drawn = channel.draw(np.random.default_rng(2), modulation, 32, 32, np.zeros((2000, 1)))
    assert np.var(drawn.h) == pytest.approx(1 / 32, rel=0.01)
    assert np.array_equal(drawn.h[:, :16, :16], drawn.h[:, 16:, 16:])
    assert np.array_equal(drawn.h[:, :16, 16:], -drawn.h[:, 16:, :16])


def test_the_same_seed_draws_the_same() -> None:
    modulation = MODULATIONS["qpsk"]
    a, b = (
        channel.draw(np.random.default_rng(7), modulation, 8, 8, np.zeros((2, 3))) for _ in range(2)
    )
    assert np.array_equal(a.y, b.y)
    assert np.array_equal(a.bits, b.bits)


@pytest.mark.parametrize("bits", [1, 2, 3, 4, 8, 11])
def test_adc_levels_are_odd_half_steps_and_codes_span_the_range(bits: int) -> None:
    converter = spec.Adc(bits, half_step=3)
    codes = np.arange(2**bits)
    levels = adc.level(codes, converter)
    assert np.all(levels // 3 % 2 == 1)
    assert np.array_equal(levels, -levels[::-1])
    fmt = Format(20, 5)
    assert np.array_equal(adc.convert(fmt.value(levels), converter, fmt), codes)
    assert adc.convert(1e9, converter, fmt) == 2**bits - 1
    assert adc.convert(-1e9, converter, fmt) == 0


def test_adc_thresholds_lie_midway_and_decide_upwards() -> None:
    converter, fmt = spec.Adc(2, half_step=1), Format(8, 0)
    x = [-2.0, -2.01, 0.0, -0.01, 2.0, 1.99]
    assert adc.convert(x, converter, fmt).tolist() == [1, 0, 2, 1, 3, 2]


def test_a_code_outside_the_adc_is_refused() -> None:
    with pytest.raises(ValueError, match="outside 0 to 3"):
        adc.level([4], spec.Adc(2, 1))


def test_slicer_decides_the_sent_bits_without_noise(shipped: spec.PgdSpec) -> None:
    modulation = shipped.constellation
    position = np.random.default_rng(0).integers(0, modulation.levels, (50, 32))
    state = shipped.formats.state.quantize(modulation.modulate(position))
    assert np.array_equal(decide(shipped, state), modulation.gray(position))


def test_a_state_on_a_threshold_decides_upwards(shipped: spec.PgdSpec) -> None:
    thresholds = np.array(shipped.slicer)
    upper = shipped.constellation.gray(np.arange(1, len(thresholds) + 1))
    assert np.array_equal(decide(shipped, thresholds), upper)
    lower = shipped.constellation.gray(np.arange(len(thresholds)))
    assert np.array_equal(decide(shipped, thresholds - 1), lower)


def test_bits_of_an_antenna_are_real_part_first() -> None:
    bits = np.array([[0, 1], [2, 3], [4, 5], [6, 7]])
    assert bits_of_antennas(bits).tolist() == [[0, 1, 4, 5], [2, 3, 6, 7]]
