# SPDX-License-Identifier: Apache-2.0
"""ZF and LMMSE: against textbook formulas in complex numbers, and at the edges."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from model.detectors import cholesky
from model.detectors.catalog import make
from model.systems.scene import Received, Scene, scene
from model.systems.system import System

SYSTEM = System(nt=3, nr=4, modulation="16qam", vectors=5, channel_gain=0.7)


def drawn(system: System, snr_db: float | np.ndarray, blocks: int, seed: int = 0) -> Scene:
    return scene(system, snr_db, blocks, np.random.default_rng(seed))


def estimates(name: str, system: System, given: Scene) -> np.ndarray:
    found = make(name, system)(given.received, given.h, given.noise)
    assert found.shape == given.x.shape
    assert found.dtype == given.h.dtype
    return found.numpy()


def complex_parts(given: Scene, g: int, b: int) -> tuple[np.ndarray, np.ndarray]:
    """H and y of one vector in complex numbers."""
    nr, nt = given.h.shape[1] // 2, given.h.shape[2] // 2
    h, y = given.h[g].numpy(), given.received.y[g, b].numpy()
    return h[:nr, :nt] + 1j * h[nr:, :nt], y[:nr] + 1j * y[nr:]


def textbook(name: str, given: Scene, energy: float) -> np.ndarray:
    """W = Es·Hᴴ(Es·HHᴴ + N0·I)⁻¹, the rows of the unbiased one over diag(WH); ZF is lstsq."""
    found = np.empty(given.x.shape)
    for g in range(found.shape[0]):
        for b in range(found.shape[1]):
            h, y = complex_parts(given, g, b)
            covariance = energy * h @ h.conj().T + 2 * float(given.noise[g, b]) * np.eye(len(h))
            w = energy * h.conj().T @ np.linalg.inv(covariance)
            if name == "lmmse":
                w = w / np.diag(w @ h)[:, None]
            s = np.linalg.lstsq(h, y, rcond=None)[0] if name == "zf" else w @ y
            found[g, b] = np.concatenate([s.real, s.imag])
    return found


@pytest.mark.parametrize("name", ["zf", "lmmse", "lmmse-biased"])
@pytest.mark.parametrize("blocks", [1, 16, 19])
def test_estimates_are_the_textbooks(name: str, blocks: int) -> None:
    given = drawn(SYSTEM, 12.0, blocks)
    expected = textbook(name, given, SYSTEM.constellation.symbol_energy)
    np.testing.assert_allclose(estimates(name, SYSTEM, given), expected, rtol=1e-9, atol=1e-9)


def test_vectors_of_a_block_may_differ_in_their_noise() -> None:
    snr_db = np.random.default_rng(3).uniform(0, 30, (6, SYSTEM.vectors))
    given = drawn(SYSTEM, snr_db, 6)
    expected = textbook("lmmse", given, SYSTEM.constellation.symbol_energy)
    np.testing.assert_allclose(estimates("lmmse", SYSTEM, given), expected, rtol=1e-9, atol=1e-9)


def test_other_precisions_go_by_the_library_and_agree() -> None:
    given = drawn(SYSTEM, 12.0, 19)
    matched, rho = given.received.y @ given.h, given.noise[:, 0] / 5
    ours = cholesky.ridge_solve(given.h, matched, rho)
    single = cholesky.ridge_solve(given.h.float(), matched.float(), rho.float())
    assert single[0].dtype == torch.float32
    for a, b in zip(ours, single, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-3, atol=1e-3)


def test_unbiased_means_that_the_mean_given_a_coordinate_is_the_coordinate() -> None:
    """4000 draws of the other symbols and noise on one H; five standard errors."""
    one = dataclasses.replace(SYSTEM, vectors=4000)
    given = drawn(one, 8.0, 1)
    for name, unbiased in (("lmmse", True), ("lmmse-biased", False)):
        estimate, x = estimates(name, one, given)[0], given.x[0].numpy()
        # the slope of a regression through 0 estimates the gain
        gain = (estimate * x).mean(axis=0) / (x**2).mean(axis=0)
        error = (estimate - gain * x).std(axis=0) / np.sqrt((x**2).sum(axis=0))
        assert (np.abs(gain - 1) < 5 * error).all() == unbiased


def test_lmmse_has_the_least_mean_squared_error_of_linear_estimates() -> None:
    """The filter E[xyᵀ]·E[yyᵀ]⁻¹ from the sample itself can only win by its own fit to it."""
    one = dataclasses.replace(SYSTEM, vectors=20_000)
    given = drawn(one, 8.0, 1)
    x, y = given.x[0].numpy(), given.received.y[0].numpy()
    measured = y @ np.linalg.solve(y.T @ y, y.T @ x)
    best = ((measured - x) ** 2).mean()
    ours = ((estimates("lmmse-biased", one, given)[0] - x) ** 2).mean()
    assert best <= ours <= best * 1.005
    assert ((estimates("zf", one, given)[0] - x) ** 2).mean() > 1.05 * best


def test_zf_without_noise_is_exact() -> None:
    given = drawn(SYSTEM, 300.0, 8)
    np.testing.assert_allclose(estimates("zf", SYSTEM, given), given.x.numpy(), atol=1e-9)


def with_channel(given: Scene, h: torch.Tensor) -> Scene:
    y = given.x @ h.mT
    return given._replace(h=h, received=Received(y, y, y))


@pytest.mark.parametrize("name", ["zf", "lmmse", "lmmse-biased"])
@pytest.mark.parametrize("snr_db", [12.0, 280.0])
def test_a_singular_channel_gives_finite_estimates(name: str, snr_db: float) -> None:
    """Block 0: no channel at all; 1: two equal columns; 2: one column is 0; 3: regular."""
    given = drawn(SYSTEM, snr_db, 4)
    h, nt = given.h.clone(), SYSTEM.nt
    h[0] = 0
    h[1][:, [1, nt + 1]] = h[1][:, [0, nt]]
    h[2][:, [2, nt + 2]] = 0
    given = with_channel(given, h)
    found = estimates(name, SYSTEM, given)
    assert np.isfinite(found).all()
    assert np.array_equal(found[0], np.zeros_like(found[0]))
    assert np.abs(found[2][:, [2, nt + 2]]).max() < 1e-6
    received = Received(*(part[3:] for part in given.received))
    alone = Scene(received, h[3:], given.noise[3:], given.x[3:])
    np.testing.assert_allclose(found[3:], estimates(name, SYSTEM, alone), atol=1e-9)


def test_zf_of_a_singular_channel_is_the_solution_of_least_norm() -> None:
    system = System(nt=4, nr=2, modulation="qpsk")
    given = drawn(system, 20.0, 5)
    found = estimates("zf", system, given)
    for g in range(5):
        expected = np.linalg.lstsq(given.h[g].numpy(), given.received.y[g, 0].numpy(), rcond=None)
        np.testing.assert_allclose(found[g, 0], expected[0], atol=1e-9)


def test_options_are_refused() -> None:
    with pytest.raises(ValueError, match="detector lmmse: unknown option k; it takes none"):
        make("lmmse:k=3", SYSTEM)
