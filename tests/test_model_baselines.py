# SPDX-License-Identifier: Apache-2.0
"""BMMSE, decentralised CG and decentralised ADMM against their definitions and exact solutions."""

from __future__ import annotations

import dataclasses
import itertools
import math

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.optimize import lsq_linear

from fixedpoint.receivers.channel import real_matrix
from model.detectors.bmmse import BMMSE, CHUNK
from model.detectors.catalog import make
from model.detectors.conjugate_gradient import ConjugateGradient
from model.detectors.distributed_admm import DistributedADMM, default_rho
from model.systems.converter import CONVERTERS
from model.systems.scene import Detector, Received, Scene, scene
from model.systems.system import SYSTEMS, System

torch.set_num_threads(1)
FloatArray = NDArray[np.float64]
NAMES = ("bmmse", "cg", "dadmm", "dadmm:prior=box", "hpd")
SMALL = System(nt=2, nr=6, modulation="16qam", adc_bits=2, units=3, channel_gain=1.0, vectors=3)
FOUR = dataclasses.replace(SMALL, nt=4)
POWER = 5.0


def drawn(system: System, blocks: int = 4, snr_db: float = 8.0, seed: int = 0) -> Scene:
    return scene(system, snr_db, blocks, np.random.default_rng(seed))


def run(detector: Detector, seen: Scene) -> torch.Tensor:
    return detector(seen.received, seen.h, seen.noise)


def unbiased(covariance: FloatArray, cross: FloatArray, y: FloatArray) -> FloatArray:
    """C_xy C_y⁻¹ y, each entry over the diagonal of C_xy C_y⁻¹ E[yxᵀ]/σx² (cross is per σx²)."""
    filters = np.linalg.solve(covariance, cross).T
    return filters @ y / np.diag(filters @ cross)


def test_one_bit_bmmse_is_the_linear_estimator_of_simulated_signs() -> None:
    system = System(nt=1, nr=2, modulation="qpsk", adc_bits=1, channel_gain=1.0)
    rng = np.random.default_rng(0)
    h = real_matrix(rng.standard_normal((2, 1)) + 1j * rng.standard_normal((2, 1)))
    noise, count = 0.4, 400_000
    x = rng.standard_normal((count, 2))
    s = np.sign(x @ h.T + math.sqrt(noise) * rng.standard_normal((count, 4)))
    covariance, cross = s.T @ s / count, s.T @ x / count
    patterns = np.array(list(itertools.product((-0.7, 0.7), repeat=4)))
    y = torch.from_numpy(patterns)[None]
    estimate = BMMSE(system)(
        Received(y, y, y), torch.from_numpy(h)[None], torch.full((1, 16), noise).double()
    )
    expected = np.array([unbiased(covariance, cross, np.sign(p)) for p in patterns])
    assert np.allclose(estimate[0], expected, atol=0.02)


def arcsine_law(h: FloatArray, noise: float, y: FloatArray) -> FloatArray:
    """facts: C_s and C_sx of 1-bit samples in the real form."""
    samples = POWER * h @ h.T + noise * np.eye(len(h))
    root = 1 / np.sqrt(np.diag(samples))
    covariance = 2 / np.pi * np.arcsin(np.clip(root[:, None] * samples * root, -1, 1))
    return unbiased(covariance, math.sqrt(2 / np.pi) * root[:, None] * h, np.sign(y))


def additive_model(bits: int, h: FloatArray, noise: float, y: FloatArray) -> FloatArray:
    """C_y and C_yx of levels by ρ, or of the samples themselves, as M×M matrices."""
    samples = POWER * h @ h.T + noise * np.eye(len(h))
    rho = CONVERTERS["lloyd-max"](bits).distortion if bits else 0.0
    covariance = (1 - rho) * ((1 - rho) * samples + rho * np.diag(np.diag(samples)))
    return unbiased(covariance, (1 - rho) * h, y)


@pytest.mark.parametrize("bits", [0, 1, 2, 3])
@pytest.mark.parametrize("constant", [True, False])
def test_bmmse_is_its_formula(bits: int, constant: bool) -> None:
    system = dataclasses.replace(SMALL, adc_bits=bits)
    snr_db = 8.0 if constant else np.linspace(0, 20, (CHUNK + 2) * 3).reshape(-1, 3)
    seen = scene(system, snr_db, CHUNK + 2, np.random.default_rng(1))
    estimate = run(BMMSE(system), seen)
    for g, b in itertools.product((0, CHUNK // 3, CHUNK + 1), range(3)):
        h, y, noise = seen.h[g].numpy(), seen.received.y[g, b].numpy(), seen.noise[g, b].item()
        expected = arcsine_law(h, noise, y) if bits == 1 else additive_model(bits, h, noise, y)
        assert np.allclose(estimate[g, b], expected, atol=1e-6)


@pytest.mark.parametrize("quantizer", ["lloyd-max", "uniform"])
def test_the_distortion_is_one_less_the_bussgang_gain(quantizer: str) -> None:
    x = np.linspace(-9, 9, 900_001)
    density = np.exp(-(x**2) / 2) / math.sqrt(2 * np.pi)
    for bits in (2, 3, 4):
        converter = CONVERTERS[quantizer](bits)
        level = np.array(converter.levels)[np.searchsorted(converter.thresholds, x)]
        gain = np.trapezoid(level * x * density, x)
        power = np.trapezoid(level**2 * density, x)
        assert gain == pytest.approx(1 - converter.distortion, abs=1e-4)
        assert power == pytest.approx(1 - converter.distortion, abs=1e-4)


def regularised(seen: Scene, g: int, b: int) -> FloatArray:
    """(HᵀH + σ²/σx²·I)⁻¹Hᵀy."""
    h = seen.h[g].numpy()
    matrix = h.T @ h + seen.noise[g, b].item() / POWER * np.eye(h.shape[1])
    return np.linalg.solve(matrix, h.T @ seen.received.y[g, b].numpy())


def test_cg_reaches_the_exact_solution_in_as_many_iterations_as_users() -> None:
    """The real form has every eigenvalue twice, so nt directions are enough."""
    seen = drawn(FOUR)
    exact = np.array([[regularised(seen, g, b) for b in range(3)] for g in range(4)])
    errors = [
        np.abs(run(ConjugateGradient(FOUR, n), seen).numpy() - exact).max() for n in (1, 2, 3, 4)
    ]
    assert errors[0] > errors[1] > errors[2] > 1e-2
    assert errors[3] < 1e-8
    assert np.allclose(run(ConjugateGradient(FOUR, 50), seen), exact, atol=1e-8)


def test_an_iterate_of_cg_is_the_best_of_its_krylov_space() -> None:
    seen = drawn(FOUR)
    h, target = seen.h[0].numpy(), regularised(seen, 0, 0)
    matrix = h.T @ h + seen.noise[0, 0].item() / POWER * np.eye(8)
    first = h.T @ seen.received.y[0, 0].numpy()
    space = np.stack([first, matrix @ first], axis=1)
    best = space @ np.linalg.solve(space.T @ matrix @ space, space.T @ matrix @ target)
    assert np.allclose(run(ConjugateGradient(FOUR, 2), seen)[0, 0], best, atol=1e-10)
    assert np.abs(best - target).max() > 1e-2


def literal_admm(detector: DistributedADMM, seen: Scene, g: int, b: int) -> FloatArray:
    system, rho = detector.system, detector.rho
    h, y = seen.h[g].numpy(), seen.received.y[g, b].numpy()
    rows, n = system.unit_rows(), system.columns
    s, dual = np.zeros(n), np.zeros((system.units, n))
    for _ in range(detector.iterations):
        z = [
            np.linalg.solve(h[r].T @ h[r] + rho * np.eye(n), h[r].T @ y[r] + rho * (s - dual[c]))
            for c, r in enumerate(rows)
        ]
        s = sum(z + dual) / (system.units + seen.noise[g, b].item() / (POWER * rho))
        if detector.prior == "box":
            s = np.clip(sum(z + dual) / system.units, -3, 3)
        dual = dual - (s - z)
    return s


@pytest.mark.parametrize("prior", ["gaussian", "box"])
def test_admm_is_its_three_steps_in_every_unit(prior: str) -> None:
    seen, detector = drawn(SMALL), DistributedADMM(SMALL, 1.7, 4, prior)
    estimate = run(detector, seen)
    for g, b in np.ndindex(4, 3):
        assert np.allclose(estimate[g, b], literal_admm(detector, seen, g, b), atol=1e-10)


def test_admm_settles_at_the_regularised_solution_and_in_the_box() -> None:
    seen = drawn(SMALL)
    gaussian = run(DistributedADMM(SMALL, 2.0, 400), seen)
    box = run(DistributedADMM(SMALL, 2.0, 400, "box"), seen)
    on_the_edge = 0
    for g, b in np.ndindex(4, 3):
        assert np.allclose(gaussian[g, b], regularised(seen, g, b), atol=1e-6)
        h, y = seen.h[g].numpy(), seen.received.y[g, b].numpy()
        inside = lsq_linear(h, y, bounds=(-3, 3), tol=1e-14).x
        assert np.allclose(box[g, b], inside, atol=1e-5)
        on_the_edge += (np.abs(inside) > 2.999).any()
    assert on_the_edge


def test_the_penalty_of_the_papers_systems() -> None:
    assert default_rho(SYSTEMS["64x8-4qam-1bit"]) == 20
    assert default_rho(SYSTEMS["64x8-16qam-2bit"]) == 5
    assert make("dadmm", SMALL) == DistributedADMM(SMALL, 0.625)
    assert make("dadmm:rho=3,iterations=7,prior=box", SMALL) == DistributedADMM(SMALL, 3, 7, "box")
    assert make("cg:iterations=3", SMALL) == ConjugateGradient(SMALL, 3)
    with pytest.raises(ValueError, match="dadmm: rho '-1' is not a number above 0"):
        make("dadmm:rho=-1", SMALL)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("bits", [0, 1, 2])
def test_a_singular_channel_without_noise_gives_finite_estimates(name: str, bits: int) -> None:
    system = dataclasses.replace(SMALL, adc_bits=bits)
    seen = drawn(system)
    doubled = seen.h.clone()
    doubled[..., 1::2] = doubled[..., 0::2]
    silent = seen.h.clone()
    silent[..., 0::2] = 0
    detector, quiet = make(name, system), torch.zeros_like(seen.noise)
    for h in (torch.zeros_like(seen.h), doubled, silent, doubled.flip(1), seen.h * 1e-9):
        for noise in (quiet, seen.noise):
            estimate = detector(seen.received, h, noise)
            assert estimate.isfinite().all()
            assert estimate.shape == seen.x.shape
    assert (make("bmmse", system)(seen.received, silent, seen.noise)[..., 0::2] == 0).all()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("system", ["64x8-4qam-1bit", "64x8-16qam-2bit"])
def test_every_detector_decides_nearly_all_symbols_of_the_papers_systems(
    name: str, system: str
) -> None:
    seen = drawn(SYSTEMS[system], blocks=40, snr_db=15.0)
    peak = SYSTEMS[system].constellation.peak
    decided = (2 * torch.floor(run(make(name, SYSTEMS[system]), seen) / 2) + 1).clamp(-peak, peak)
    assert (decided == seen.x).double().mean() > 0.95
