# SPDX-License-Identifier: Apache-2.0
"""Systems, few-bit converters, and the scene that every detector is given."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.stats import norm

from fixedpoint.numbers.gaussian import lloyd_max, uniform
from fixedpoint.numbers.modulation import MODULATIONS
from fixedpoint.receivers import channel
from model.detectors.catalog import make
from model.detectors.options import Options
from model.systems.converter import CONVERTERS, measured_scale
from model.systems.scene import convert, scene
from model.systems.system import SYSTEMS, System

HPD = SYSTEMS["64x8-16qam-2bit"]


def quadrature_distortion(thresholds: tuple[float, ...], levels: tuple[float, ...]) -> float:
    edges = [-9.0, *thresholds, 9.0]
    cells = zip(edges[:-1], edges[1:], levels, strict=True)
    return sum(quad(lambda x, v=v: (x - v) ** 2 * norm.pdf(x), a, b)[0] for a, b, v in cells)


@pytest.mark.parametrize("bits", [1, 2, 3, 4])
def test_lloyd_max_levels_are_centroids_and_thresholds_are_middles(bits: int) -> None:
    c = lloyd_max(bits)
    edges = [-9.0, *c.thresholds, 9.0]
    for a, b, level in zip(edges[:-1], edges[1:], c.levels, strict=True):
        mass = quad(norm.pdf, a, b)[0]
        assert quad(lambda x: x * norm.pdf(x), a, b)[0] / mass == pytest.approx(level, abs=1e-6)
    for t, a, b in zip(c.thresholds, c.levels[:-1], c.levels[1:], strict=True):
        assert t == pytest.approx((a + b) / 2)


@pytest.mark.parametrize("bits", [1, 2, 3, 4])
@pytest.mark.parametrize("name", CONVERTERS)
def test_distortion_is_the_mean_squared_error(name: str, bits: int) -> None:
    c = CONVERTERS[name](bits)
    assert c.distortion == pytest.approx(quadrature_distortion(c.thresholds, c.levels), abs=1e-7)


@pytest.mark.parametrize("bits", [2, 3, 4])
def test_the_uniform_step_is_best_and_lloyd_max_is_better(bits: int) -> None:
    c = uniform(bits)
    for factor in (0.98, 1.02):
        levels = tuple(v * factor for v in c.levels)
        thresholds = tuple(t * factor for t in c.thresholds)
        assert quadrature_distortion(thresholds, levels) > c.distortion
    assert np.allclose(np.diff(c.levels), c.levels[-1] * 2 / (2**bits - 1))
    assert lloyd_max(bits).distortion < c.distortion


def test_known_converters_come_out() -> None:
    """Max 1960: one bit ±√(2/π); two bits thresholds .9816, levels .4528 and 1.510."""
    assert lloyd_max(1).levels == pytest.approx((-np.sqrt(2 / np.pi), np.sqrt(2 / np.pi)))
    assert lloyd_max(2).thresholds == pytest.approx((-0.9816, 0, 0.9816), abs=5e-5)
    assert lloyd_max(2).levels[2:] == pytest.approx((0.4528, 1.510), abs=5e-4)


def test_a_cell_holds_its_sample_and_open_cells_are_infinite() -> None:
    y = torch.linspace(-40, 40, 128 * 50, dtype=torch.float64).reshape(1, 50, 128)
    received = convert(HPD, y, torch.full((1, 50), 3.0, dtype=torch.float64))
    assert bool(((received.low <= y) & (y < received.up)).all())
    assert bool(((received.low <= received.y) & (received.y <= received.up)).all())
    assert received.low[0, 0, 0] == -torch.inf
    assert received.up[0, -1, -1] == torch.inf
    on_threshold = convert(HPD, torch.zeros(1, 1, 128), torch.ones(1, 1))
    assert bool((on_threshold.low == 0).all())


def test_unquantized_samples_pass() -> None:
    drawn = scene(SYSTEMS["16x16-16qam"], 10.0, 3, np.random.default_rng(0))
    assert torch.equal(drawn.received.y, drawn.received.low)
    assert torch.equal(drawn.received.y, drawn.received.up)


def test_measured_gain_is_the_rms_of_each_unit() -> None:
    rows = HPD.unit_rows()
    y = torch.randn(5, 7, 128, dtype=torch.float64)
    y[:, :, rows[2]] *= 10
    scale = measured_scale(y, rows)
    for unit in rows:
        expected = np.sqrt(np.mean(y.numpy()[:, :, unit] ** 2, axis=(1, 2)))
        assert np.allclose(scale[:, 0, unit].numpy(), expected[:, None])


def test_units_take_both_parts_of_their_antennas() -> None:
    rows = HPD.unit_rows()
    assert rows.shape == (4, 32)
    assert rows[1].tolist() == [*range(16, 32), *range(80, 96)]
    assert sorted(rows.ravel()) == list(range(128))


@pytest.mark.parametrize("snr_db", [0.0, 12.0])
@pytest.mark.parametrize("name", ["16x16-16qam", "64x8-16qam-2bit"])
def test_noise_is_the_residual_variance(name: str, snr_db: float) -> None:
    system = dataclasses.replace(SYSTEMS[name], adc_bits=0, vectors=4)
    drawn = scene(system, snr_db, 2000, np.random.default_rng(1))
    signal = torch.einsum("gmn,gbn->gbm", drawn.h, drawn.x)
    noise = (drawn.received.y - signal).square().mean().item()
    assert noise == pytest.approx(drawn.noise[0, 0].item(), rel=0.01)
    assert signal.square().mean().item() == pytest.approx(system.signal_variance, rel=0.02)
    assert drawn.h.var().item() == pytest.approx(system.gain / 2, rel=0.02)


def test_correlation_is_exponential_and_keeps_variance() -> None:
    system = dataclasses.replace(
        SYSTEMS["16x16-16qam"], receive_correlation=0.7, transmit_correlation=0.4
    )
    h = scene(system, 10.0, 20_000, np.random.default_rng(2)).h[:, :16, :16].numpy() * 16**0.5
    assert np.mean(h**2) == pytest.approx(0.5, rel=0.02)
    for lag in (1, 3):
        assert 2 * np.mean(h[:, lag:] * h[:, :-lag]) == pytest.approx(0.7**lag, abs=0.01)
        assert 2 * np.mean(h[..., lag:] * h[..., :-lag]) == pytest.approx(0.4**lag, abs=0.01)


def test_without_correlation_the_draw_is_the_one_of_before() -> None:
    args = (MODULATIONS["16qam"], 8, 8, np.full((3, 2), 10.0))
    plain = channel.draw(np.random.default_rng(5), *args)
    independent = channel.draw(np.random.default_rng(5), *args, channel.Correlation(0.0, 0.0))
    assert np.array_equal(plain.y, independent.y)


def test_the_estimate_errs_by_its_variance_and_the_snr_by_its_mismatch() -> None:
    exact = scene(SYSTEMS["16x16-16qam"], 10.0, 4000, np.random.default_rng(3))
    wrong = dataclasses.replace(SYSTEMS["16x16-16qam"], csi_error=0.1, snr_mismatch_db=3.0)
    drawn = scene(wrong, 10.0, 4000, np.random.default_rng(3))
    assert torch.equal(drawn.received.y, exact.received.y)
    assert (drawn.h - exact.h).var().item() == pytest.approx(0.1 / 32, rel=0.02)
    assert (exact.noise / drawn.noise).mean().item() == pytest.approx(10**0.3)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"modulation": "8psk"}, "modulation '8psk' is not one of qpsk, 16qam, 64qam"),
        ({"adc_bits": 5}, "adc_bits 5 is not 1 to 4"),
        ({"units": 5}, "units 5 do not divide 64 antennas"),
        ({"nt": 0}, "nt 0 is below 1"),
        ({"quantizer": "log"}, "quantizer 'log'"),
        ({"agc": "slow"}, "agc 'slow'"),
        ({"csi_error": -0.1}, "csi_error -0.1"),
        ({"receive_correlation": 1.0}, "receive correlation 1.0 is outside"),
        ({"snr_mismatch_db": float("nan")}, "snr_mismatch_db nan"),
    ],
)
def test_a_bad_system_is_refused_with_its_value(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        dataclasses.replace(HPD, **changes)


def test_4qam_is_qpsk() -> None:
    assert System(nt=2, nr=2, modulation="4qam").constellation.symbol_energy == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nothing", "detector 'nothing' is not one of"),
        ("kbest:64", "'64' is not key=value"),
        ("kbest:k=zero", "k 'zero' is not an integer >= 1"),
        ("kbest:k=100000000000", "k 100000000000 is above 1000000"),
        ("lmmse:k=2", "unknown option k; it takes none"),
    ],
)
def test_a_bad_detector_is_refused_with_its_words(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make(text, SYSTEMS["16x16-16qam"])


def test_options_are_numbers_in_their_range() -> None:
    with pytest.raises(ValueError, match="kappa '-1' is not a number above 0"):
        Options("hpd:kappa=-1").number("kappa", 1.5, above=0)
    with pytest.raises(ValueError, match="order 'x' is not one of a, b"):
        Options("kbest:order=x").word("order", "a", ("a", "b"))
