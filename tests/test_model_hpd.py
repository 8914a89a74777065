# SPDX-License-Identifier: Apache-2.0
"""Distributed HPD against Algorithm 1 as it is printed, one vector at a time."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.special import expit

from model.detectors.catalog import make
from model.distributed.hpd import CHUNK, HPD
from model.systems.scene import Received, Scene, scene
from model.systems.system import SYSTEMS, System

torch.set_num_threads(1)
FloatArray = NDArray[np.float64]
ALPHA = {1: 0.428402223, 3: 0.428223150, 7: 0.428162184}
SMALL = System(nt=2, nr=6, modulation="16qam", adc_bits=2, units=3, channel_gain=1.0, vectors=3)


def algorithm_1(
    detector: HPD, h: FloatArray, low: FloatArray, up: FloatArray, layers: int
) -> FloatArray:
    """s^L of one vector: lines 1 to 11 of Algorithm 1 on κH, κq_up, κq_low."""
    system = detector.system
    kappa, peak, units = detector.kappa, system.constellation.peak, system.units
    antennas = system.nr // units
    z = np.zeros(system.columns)
    s = np.zeros(system.columns)
    gamma = detector.penalty
    for t in range(1, layers + 1):
        gamma *= detector.growth
        estimates = []
        for c in range(units):
            mine = range(c * antennas, (c + 1) * antennas)
            rows = [*mine, *(row + system.nr for row in mine)]
            h_c, low_c, up_c = kappa * h[rows], kappa * low[rows], kappa * up[rows]
            likelihood = -h_c.T @ (1 - expit(h_c @ z - up_c) - expit(h_c @ z - low_c))
            penalty = np.zeros_like(z)
            for j in range(-peak, peak + 1, 2):
                penalty += 400 * (z - j) ** 3 / (100 * (z - j) ** 4 + 1) ** 2
            step = likelihood + ALPHA[peak] * gamma / units * penalty
            estimates.append(np.clip(z - detector.step * step, -peak, peak))
        previous, s = s, sum(estimates) / units
        z = s + t / (t + 3) * (s - previous)
    return s


def drawn(system: System, blocks: int = 3, seed: int = 0) -> Scene:
    return scene(system, 8.0, blocks, np.random.default_rng(seed))


def run(detector: HPD, seen: Scene) -> torch.Tensor:
    return detector(seen.received, seen.h, seen.noise)


@pytest.mark.parametrize("kappa", [1.0, 1.5])
@pytest.mark.parametrize(
    "system",
    [
        SMALL,
        dataclasses.replace(SMALL, units=1, adc_bits=1, modulation="qpsk", agc="measured"),
        dataclasses.replace(SMALL, units=6, adc_bits=3, modulation="64qam"),
        SYSTEMS["64x8-4qam-1bit"],
        SYSTEMS["64x8-16qam-2bit"],
    ],
)
def test_hpd_is_algorithm_1(system: System, kappa: float) -> None:
    detector, seen = HPD(system, kappa=kappa), drawn(system)
    estimate = run(detector, seen)
    for g, b in np.ndindex(*seen.noise.shape):
        low, up = seen.received.low[g, b].numpy(), seen.received.up[g, b].numpy()
        expected = algorithm_1(detector, seen.h[g].numpy(), low, up, layers=5)
        assert np.allclose(estimate[g, b], expected, atol=1e-8)


def test_the_stop_rule_ends_at_the_eleventh_layer_and_is_never_reached_in_five() -> None:
    system = SYSTEMS["64x8-4qam-1bit"]
    detector = HPD(system, layers=20, stop="threshold")
    assert 1.5**10 < 128 / 4 * (1 + math.sqrt(16 / 128)) ** 2 < 1.5**11
    assert detector.weights() == pytest.approx([1.5**t for t in range(1, 12)])
    assert len(HPD(system, layers=5, stop="threshold").weights()) == 5
    assert len(HPD(system, layers=20).weights()) == 20
    seen = drawn(system, blocks=1)
    low, up = seen.received.low[0, 0].numpy(), seen.received.up[0, 0].numpy()
    expected = algorithm_1(detector, seen.h[0].numpy(), low, up, layers=11)
    assert np.allclose(run(detector, seen)[0, 0], expected, atol=1e-8)


@pytest.mark.parametrize("layers", range(1, 9))
def test_hpd_of_k_layers_is_the_kth_state_of_a_longer_one(layers: int) -> None:
    system = SYSTEMS["64x8-16qam-2bit"]
    longer, seen = HPD(system, layers=8), drawn(system, blocks=1)
    assert longer.weights()[:layers] == HPD(system, layers=layers).weights()
    low, up = seen.received.low[0, 0].numpy(), seen.received.up[0, 0].numpy()
    state = algorithm_1(longer, seen.h[0].numpy(), low, up, layers)
    found = make(f"hpd:layers={layers}", system)(seen.received, seen.h, seen.noise)
    assert np.allclose(found[0, 0], state, atol=1e-8)


def test_step_penalty_and_growth_are_those_of_algorithm_1() -> None:
    detector, seen = HPD(SMALL, 1.2, 3, step=0.1, penalty=2.0, growth=1.3), drawn(SMALL)
    low, up = seen.received.low[1, 2].numpy(), seen.received.up[1, 2].numpy()
    expected = algorithm_1(detector, seen.h[1].numpy(), low, up, layers=3)
    assert np.allclose(run(detector, seen)[1, 2], expected, atol=1e-8)


def test_a_channel_of_another_gain_is_brought_to_unit_variance() -> None:
    seen = drawn(SMALL)
    quarter = dataclasses.replace(SMALL, channel_gain=0.25)
    scaled = Received(*(part / 2 for part in seen.received))
    estimate = HPD(quarter)(scaled, seen.h / 2, seen.noise / 4)
    assert torch.allclose(estimate, run(HPD(SMALL), seen), atol=1e-12)


def test_blocks_do_not_depend_on_their_neighbours() -> None:
    seen = drawn(SMALL, blocks=CHUNK + 3)
    whole = run(HPD(SMALL), seen)
    for g in (0, CHUNK - 1, CHUNK, CHUNK + 2):
        part = slice(g, g + 1)
        alone = HPD(SMALL)(
            Received(*(q[part] for q in seen.received)), seen.h[part], seen.noise[part]
        )
        assert torch.allclose(whole[part], alone, atol=1e-12)


def test_the_estimate_is_finite_and_in_the_box_whatever_is_received() -> None:
    seen = drawn(SMALL)
    low = torch.full_like(seen.received.low, -math.inf)
    for h in (torch.zeros_like(seen.h), seen.h * 1e6, seen.h):
        for cells in (Received(seen.received.y, low, -low), seen.received):
            estimate = HPD(SMALL)(cells, h, seen.noise)
            assert estimate.abs().max() <= 3
    unquantized = drawn(dataclasses.replace(SMALL, adc_bits=0))
    assert run(HPD(SMALL), unquantized).abs().max() <= 3


def test_the_sent_vector_is_found_where_noise_is_small() -> None:
    system = dataclasses.replace(SYSTEMS["64x8-4qam-1bit"], nt=2)
    seen = scene(system, 30.0, 200, np.random.default_rng(0))
    assert (run(HPD(system), seen).sign() == seen.x).all()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hpd:kappa=0", "detector hpd: kappa '0' is not a number above 0"),
        ("hpd:layers=0", "detector hpd: layers '0' is not an integer >= 1"),
        ("hpd:stop=never", "detector hpd: stop 'never' is not one of layers, threshold"),
        ("hpd:rho=1", "unknown option rho; it takes gamma, growth, kappa, layers, mu, stop"),
    ],
)
def test_options_that_make_no_sense_are_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(text, SMALL)


def test_the_options_reach_the_detector() -> None:
    made = make("hpd:kappa=1,layers=7,mu=.1,gamma=2,growth=1.2,stop=threshold", SMALL)
    assert made == HPD(SMALL, 1.0, 7, 0.1, 2.0, 1.2, "threshold")
    assert make("hpd", SYSTEMS["64x8-4qam-1bit"]) == HPD(SYSTEMS["64x8-4qam-1bit"], 1.5, 5, 0.2)


def test_the_step_that_goes_with_the_units_keeps_the_accuracy() -> None:
    wrong = {}
    for units in (1, 4, 8):
        system = dataclasses.replace(SYSTEMS["64x8-16qam-2bit"], units=units)
        seen = scene(system, 10.0, 500, np.random.default_rng(0))
        for text in ("hpd", "hpd:mu=.2"):
            estimate = make(text, system)(seen.received, seen.h, seen.noise)
            wrong[units, text] = ((estimate - seen.x).abs() > 1).double().mean().item()
    assert max(wrong[units, "hpd"] for units in (1, 4, 8)) < 0.03
    assert wrong[1, "hpd:mu=.2"] > 0.3


def test_units_that_do_not_divide_the_antennas_are_refused() -> None:
    with pytest.raises(ValueError, match="units 4 do not divide 6 antennas"):
        dataclasses.replace(SMALL, units=4)
