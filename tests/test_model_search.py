# SPDX-License-Identifier: Apache-2.0
"""The sphere decoder and K-best against brute force."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from model.detectors import kbest
from model.detectors.catalog import make
from model.systems.scene import Received, Scene, scene
from model.systems.system import System

SMALL = {
    "2x2-16qam": System(nt=2, nr=2, modulation="16qam"),
    "2x3-16qam": System(nt=2, nr=3, modulation="16qam", vectors=3),
    "3x2-qpsk": System(nt=3, nr=2, modulation="qpsk"),
    "4x4-qpsk": System(nt=4, nr=4, modulation="qpsk", channel_gain=1.0),
    "1x1-64qam": System(nt=1, nr=1, modulation="64qam"),
}


def candidates(system: System) -> np.ndarray:
    """Every x of the grid, (C, N)."""
    axis = range(-system.constellation.peak, system.constellation.peak + 1, 2)
    return np.array(list(itertools.product(axis, repeat=system.columns)), dtype=np.float64)


def distances(system: System, given: Scene, g: int, b: int) -> np.ndarray:
    """‖y − Hx‖² of every candidate."""
    error = given.received.y[g, b].numpy() - candidates(system) @ given.h[g].numpy().T
    return (error**2).sum(axis=1)


def decisions(name: str, system: System, given: Scene) -> np.ndarray:
    found = make(name, system)(given.received, given.h, given.noise).numpy()
    assert found.shape == tuple(given.x.shape)
    return found


def expect_least(system: System, given: Scene, found: np.ndarray, cost: list[np.ndarray]) -> None:
    """Each decision is the candidate of least cost, vector by vector."""
    points = candidates(system)
    for vector, costs in zip(found.reshape(-1, system.columns), cost, strict=True):
        assert np.array_equal(vector, points[costs.argmin()])


@pytest.mark.parametrize("system", SMALL.values(), ids=SMALL)
@pytest.mark.parametrize("snr_db", [-5.0, 8.0, 25.0])
def test_sphere_decoder_finds_the_nearest_candidate(system: System, snr_db: float) -> None:
    given = scene(system, snr_db, 30, np.random.default_rng(1))
    vectors = [(g, b) for g in range(30) for b in range(system.vectors)]
    cost = [distances(system, given, g, b) for g, b in vectors]
    expect_least(system, given, decisions("ml", system, given), cost)


def test_sphere_decoder_finds_a_nearest_candidate_of_a_singular_channel() -> None:
    system = SMALL["2x3-16qam"]
    given = scene(system, 10.0, 10, np.random.default_rng(2))
    h = given.h.clone()
    h[:, :, [1, 3]] = h[:, :, [0, 2]]
    h[5:] = 0
    given = given._replace(h=h)
    found = decisions("ml", system, given)
    for g, b in itertools.product(range(10), range(system.vectors)):
        distance = ((given.received.y[g, b].numpy() - h[g].numpy() @ found[g, b]) ** 2).sum()
        assert distance <= distances(system, given, g, b).min() + 1e-9
        assert set(np.abs(found[g, b])) <= {1.0, 3.0}


@pytest.mark.parametrize("noise", [1e-9, 1e9, 0.0])
def test_the_believed_noise_does_not_change_the_sphere_decoders_result(noise: float) -> None:
    system = SMALL["2x2-16qam"]
    given = scene(system, 10.0, 30, np.random.default_rng(3))
    other = given._replace(noise=given.noise * 0 + noise)
    assert np.array_equal(decisions("ml", system, given), decisions("ml", system, other))


@pytest.mark.parametrize("options", [
    "", ",qr=plain", ",order=natural", ",lattice=complex", ",order=norm,qr=plain,lattice=complex",
])  # fmt: skip
@pytest.mark.parametrize("system", SMALL.values(), ids=SMALL)
def test_k_best_that_keeps_all_candidates_is_maximum_likelihood(
    system: System, options: str
) -> None:
    given = scene(system, 8.0, 20, np.random.default_rng(4))
    vectors = [(g, b) for g in range(20) for b in range(system.vectors)]
    cost = [distances(system, given, g, b) for g, b in vectors]
    expect_least(system, given, decisions(f"kbest:k=4096{options}", system, given), cost)


def best_of_each_level(y: np.ndarray, h: np.ndarray, k: int, peak: int) -> np.ndarray:
    """K-best in its natural order by residuals after projecting the undecided columns out."""
    n = h.shape[1]
    paths: list[tuple[float, ...]] = [()]
    for level in range(n - 1, -1, -1):
        away = np.eye(len(y)) - h[:, :level] @ np.linalg.pinv(h[:, :level])
        grown = [(point, *path) for path in paths for point in range(-peak, peak + 1, 2)]
        cost = [((away @ (y - h[:, level:] @ np.array(path))) ** 2).sum() for path in grown]
        paths = [grown[i] for i in np.argsort(cost)[:k]]
    return np.array(paths[0])


def test_k_best_keeps_the_k_least_residuals_of_every_level() -> None:
    system = System(nt=3, nr=3, modulation="16qam", vectors=2)
    given = scene(system, 14.0, 15, np.random.default_rng(5))
    found = decisions("kbest:k=5,order=natural,qr=plain", system, given)
    for g, b in itertools.product(range(15), range(2)):
        expected = best_of_each_level(given.received.y[g, b].numpy(), given.h[g].numpy(), 5, 3)
        assert np.array_equal(found[g, b], expected)


def test_sorting_and_the_mmse_make_k_best_better() -> None:
    """250 vectors at 16×16, paired: each step saves far more symbols than chance explains."""
    system = System(nt=16, nr=16, modulation="16qam")
    given = scene(system, 17.0, 250, np.random.default_rng(6))
    names = ("kbest:k=8", "kbest:k=8,qr=plain", "kbest:k=8,qr=plain,order=natural")
    wrong = [(decisions(name, system, given) != given.x.numpy()).sum() for name in names]
    assert wrong[0] < 0.9 * wrong[1] < 0.9 * 0.9 * wrong[2]


@pytest.mark.parametrize(("name", "system", "message"), [
    ("kbest:k=0", SMALL["2x2-16qam"], "k '0' is not an integer >= 1"),
    ("kbest:order=best", SMALL["2x2-16qam"], "order 'best' is not one of sqrd, norm, natural"),
    ("ml:k=2", SMALL["2x2-16qam"], "unknown option k"),
])  # fmt: skip
def test_what_cannot_be_done_is_refused_in_one_line(
    name: str, system: System, message: str
) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        make(name, system)
    assert "\n" not in str(caught.value)


def test_k_best_and_the_sphere_decoder_take_quantized_levels() -> None:
    """Unequal noise within a block, and levels for samples: the nearest candidate all the same."""
    system = System(nt=2, nr=4, modulation="qpsk", adc_bits=2, vectors=3)
    snr_db = np.random.default_rng(10).uniform(0, 20, (10, 3))
    given = scene(system, snr_db, 10, np.random.default_rng(11))
    assert isinstance(given.received, Received)
    cost = [distances(system, given, g, b) for g in range(10) for b in range(3)]
    expect_least(system, given, decisions("ml", system, given), cost)
    expect_least(system, given, decisions("kbest:k=256", system, given), cost)


@pytest.mark.parametrize("system", SMALL.values(), ids=SMALL)
def test_the_order_of_columns_does_not_hang_on_the_last_bits(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The two columns of an antenna have one norm: another processor rounds it in another way."""
    rng = np.random.default_rng(5)
    h = scene(system, 8.0, 500, rng).h
    other = h * (1 + torch.from_numpy(rng.integers(-1, 2, h.shape) * 2.0**-52))
    order = kbest.sorted_qr_order(h)
    assert torch.equal(order.sort(dim=1).values, kbest.natural_order(h))
    assert torch.equal(order, kbest.sorted_qr_order(other))
    monkeypatch.setattr(kbest, "TIE", 0.0)
    assert not torch.equal(kbest.sorted_qr_order(h), kbest.sorted_qr_order(other))
