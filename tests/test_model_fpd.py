# SPDX-License-Identifier: Apache-2.0
"""FPD-Net: Algorithm 2 against literal loops, penalties against differences, the hyper-network."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch

from model.detectors.catalog import make
from model.detectors.fusion import FPD, from_network, from_table
from model.distributed import fpd
from model.distributed.fpd import Observed, observed
from model.distributed.penalty import smooth_gradient
from model.fpd import shipped as fpd_shipped
from model.fpd.config import FpdConfig
from model.fpd.hyper import START, FpdNet, HyperNetwork, constrained, unconstrained
from model.fpd.table import frozen_table
from model.systems.scene import Received, scene
from model.systems.system import SYSTEMS, System

torch.set_num_threads(1)
PAPER = ("64x8-4qam-1bit", "64x8-16qam-2bit")


def sigma(a: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-a))


def algorithm_2(
    system: System, h: np.ndarray, low: np.ndarray, up: np.ndarray, theta: np.ndarray, kappa: float
) -> list[np.ndarray]:
    """s¹ to s^L of one vector, line by line; h (M, N), low and up (M,), theta (C, L, 7)."""
    states = []
    points = np.arange(-system.constellation.peak, system.constellation.peak + 1, 2)
    antennas = system.nr // system.units
    z = s = np.zeros(system.columns)
    for t in range(1, theta.shape[1] + 1):
        estimates = []
        for c in range(system.units):
            mine = [*range(c * antennas, (c + 1) * antennas)]
            rows = mine + [system.nr + i for i in mine]
            hc, q_up, q_low = kappa * h[rows], kappa * up[rows], kappa * low[rows]
            mu1, mu2, mu3, mu4, eta, beta, phi = theta[c, t - 1]
            b = z + mu1 * hc.T @ (1 - sigma(hc @ z - q_up) - sigma(hc @ z - q_low))
            p = b - mu2 * sum(
                4 * eta * (b - j) ** 3 / (eta * (b - j) ** 4 + 1) ** 2 for j in points
            )
            d = p - mu3 * sum(2 * beta * (p - j) * np.exp(-beta * (p - j) ** 2) for j in points)
            x = d + mu4 * math.pi * np.sin(math.pi * d) / (np.cos(math.pi * d) + phi)
            estimates.append(np.clip(x, points[0], points[-1]))
        before, s = s, np.mean(estimates, axis=0)
        z = s + t / (t + 3) * (s - before)
        states.append(s)
    return states


def some_theta(shape: tuple[int, ...], seed: int) -> torch.Tensor:
    """θ around the start, another for every layer (and unit, and vector)."""
    spread = torch.rand(*shape, 7, generator=torch.Generator().manual_seed(seed))
    return torch.tensor(START, dtype=torch.float64) * (0.7 + 0.6 * spread.double()) + torch.tensor(
        [0.0] * 6 + [0.7]
    )


@pytest.mark.parametrize("name", PAPER)
def test_the_network_is_algorithm_2_vector_by_vector(name: str) -> None:
    system = System(**{**SYSTEMS[name].to_json(), "vectors": 3})
    drawn = scene(system, 8.0, 4, np.random.default_rng(1))
    theta = some_theta((4, system.units, 3, 5), 2)
    seen = observed(system, drawn.received, drawn.h)
    found = fpd.fpd(seen, theta, system.constellation.peak, 1.3).numpy()
    _, low, up = (part.numpy() for part in drawn.received)
    for g in range(4):
        for b in range(3):
            expected = algorithm_2(
                system, drawn.h[g].numpy(), low[g, b], up[g, b], theta[g, :, b].numpy(), 1.3
            )
            assert np.abs(found[g, b] - expected[-1]).max() < 1e-11


@pytest.mark.parametrize("options", ["", "theta=hyper", "loss=mse"])
@pytest.mark.parametrize("name", PAPER)
def test_after_k_layers_is_the_kth_state_of_algorithm_2(name: str, options: str) -> None:
    system = SYSTEMS[name]
    drawn = scene(system, 8.0, 3, np.random.default_rng(12))
    whole = make(f"fpd:{options}", system)
    assert isinstance(whole, FPD)
    theta = whole.theta(observed(system, drawn.received, drawn.h)).detach()
    theta = theta.expand(3, system.units, 1, 5, 7).double()
    _, low, up = (part.numpy() for part in drawn.received)
    states = [
        algorithm_2(system, drawn.h[g].numpy(), low[g, 0], up[g, 0], theta[g, :, 0].numpy(), 1.5)
        for g in range(3)
    ]
    for k in range(1, 6):
        after = make(f"fpd:after={k},{options}", system)
        found = after(drawn.received, drawn.h, drawn.noise).detach().numpy()
        for g in range(3):
            assert np.abs(found[g, 0] - states[g][k - 1]).max() < 1e-9


POINTS = [-3, -1, 1, 3]
PENALTIES: dict[str, tuple[Callable[[float], float], Callable[[torch.Tensor], torch.Tensor]]] = {
    "(34)": (
        lambda x: -sum(1 / (6.5 * (x - j) ** 4 + 1) for j in POINTS),
        lambda x: smooth_gradient(x, 3, 6.5),
    ),
    "(35)": (
        lambda x: -sum(math.exp(-2.2 * (x - j) ** 2) for j in POINTS),
        lambda x: fpd.gaussian_slope(x, 2.2, 3),
    ),
    "(36)": (
        lambda x: math.log(math.cos(math.pi * x) + 1.3),
        lambda x: fpd.cosine_slope(x, 1.3),
    ),
}


@pytest.mark.parametrize("equation", PENALTIES)
def test_slopes_are_differences_of_the_penalties(equation: str) -> None:
    value, slope = PENALTIES[equation]
    x = np.linspace(-4.2, 4.2, 211)
    step = 1e-5
    differences = [(value(v + step) - value(v - step)) / (2 * step) for v in x]
    assert np.abs(slope(torch.from_numpy(x)).numpy() - differences).max() < 1e-8


@pytest.mark.parametrize("mu", range(1, 4))
def test_every_penalty_step_goes_downhill_to_the_nearest_point(mu: int) -> None:
    sizes = [0.01 if i == mu else 0.0 for i in range(4)]
    theta = fpd.Theta(*(torch.tensor(v, dtype=torch.float64) for v in (*sizes, 8.0, 3.0, 2.0)))
    b = torch.tensor([-2.8, -1.2, -0.9, 0.7, 1.3, 2.7], dtype=torch.float64)
    nearest = torch.tensor([-3.0, -1.0, -1.0, 1.0, 1.0, 3.0], dtype=torch.float64)
    moved = fpd.penalties(b, theta, 3)
    assert ((moved - nearest).abs() < (b - nearest).abs()).all()


def test_open_thresholds_have_finite_gradients_in_training() -> None:
    system = SYSTEMS["64x8-4qam-1bit"]
    drawn = scene(system, 5.0, 8, np.random.default_rng(3))
    theta = some_theta((5,), 4).requires_grad_()
    estimate = fpd.fpd(observed(system, drawn.received, drawn.h), theta, 1)
    (gradient,) = torch.autograd.grad((estimate - drawn.x).square().sum(), theta)
    assert torch.isfinite(gradient).all()
    assert (gradient != 0).any(dim=0).all()


@pytest.mark.parametrize("scale", [0.0, 1e-8, 1e8])
def test_any_channel_gives_finite_estimates_within_the_grid(scale: float) -> None:
    system = SYSTEMS["64x8-16qam-2bit"]
    drawn = scene(system, 5.0, 8, np.random.default_rng(5))
    seen = observed(system, drawn.received, drawn.h * scale)
    estimate = fpd.fpd(seen, some_theta((5,), 6), 3)
    assert torch.isfinite(estimate).all()
    assert estimate.abs().max() <= 3


def test_the_channels_gain_is_divided_out() -> None:
    system = SYSTEMS["64x8-16qam-2bit"]
    scaled = System(**{**system.to_json(), "channel_gain": 1 / 64})
    one = scene(system, 12.0, 20, np.random.default_rng(7))
    other = scene(scaled, 12.0, 20, np.random.default_rng(7))
    estimates = [
        fpd.fpd(observed(which, drawn.received, drawn.h), some_theta((5,), 8), 3)
        for which, drawn in ((system, one), (scaled, other))
    ]
    assert torch.allclose(*estimates, atol=1e-10)


def test_the_hyper_network_has_the_papers_shapes_and_23518_parameters() -> None:
    hyper = HyperNetwork(32, 16, 5)
    assert sum(p.numel() for p in hyper.parameters()) == 23_518
    assert [tuple(p.shape) for p in hyper.parameters() if p.dim() > 1] == [
        (5, 7), (8, 1, 3, 3), (8, 8, 3, 3), (64, 320), (35, 64),
    ]  # fmt: skip
    seen = Observed(torch.randn(3, 4, 32, 16), *torch.randn(3, 3, 4, 2, 32))
    assert hyper(seen).shape == (3, 4, 2, 5, 7)


def test_the_hyper_network_sees_the_unit_and_the_vector_it_answers_for() -> None:
    torch.manual_seed(0)
    hyper = HyperNetwork(32, 16, 5)
    seen = Observed(torch.randn(3, 4, 32, 16), *torch.randn(3, 3, 4, 2, 32))
    changed = seen.y.clone()
    changed[1, 2, 0] += 1
    touched = (hyper(seen) != hyper(seen._replace(y=changed))).any(-1).any(-1)
    assert touched.nonzero().tolist() == [[1, 2, 0]]


def test_theta_is_positive_and_phi_above_one_whatever_the_network_says() -> None:
    raw = torch.linspace(-200, 200, 801).unsqueeze(-1).expand(-1, 7)
    theta = constrained(raw)
    assert (theta >= 0).all()
    assert (theta[:, 6] > 1).all()
    start = torch.tensor(START, dtype=torch.float64)
    assert torch.allclose(constrained(unconstrained(start)), start)


def test_a_constant_hyper_network_is_its_table() -> None:
    config = FpdConfig(table=50)
    system = config.receiver
    net = FpdNet(system, config.layers, config.kappa).double()
    with torch.no_grad():
        net.hyper.dense[-1].weight.zero_()
        net.hyper.dense[-1].bias.normal_(generator=torch.Generator().manual_seed(9))
    drawn = scene(system, 10.0, 300, np.random.default_rng(10))
    hyper = FPD(system, from_network(net.hyper), config.kappa)
    wide = hyper(drawn.received, drawn.h, drawn.noise)
    table = frozen_table(net.float(), config)
    frozen = FPD(system, from_table(table), config.kappa)
    assert (frozen(drawn.received, drawn.h, drawn.noise) - wide).abs().max() < 1e-4


@pytest.mark.parametrize("name", PAPER)
@pytest.mark.parametrize("theta", ["table", "hyper"])
def test_the_catalogue_serves_both_forms_in_the_dtype_of_the_inputs(name: str, theta: str) -> None:
    system = SYSTEMS[name]
    drawn = scene(system, 10.0, 200, np.random.default_rng(11))
    by_system = make(f"fpd:theta={theta}", system)(drawn.received, drawn.h, drawn.noise)
    by_name = make(f"{fpd_shipped.NETWORKS[name]}:theta={theta}", system)
    assert torch.equal(by_name(drawn.received, drawn.h, drawn.noise), by_system)
    single = Received(*(part.float() for part in drawn.received))
    narrow = by_name(single, drawn.h.float(), drawn.noise.float())
    assert narrow.dtype == torch.float32
    assert (narrow - by_system).abs().median() < 1e-5


@pytest.mark.parametrize(
    ("text", "system", "message"),
    [
        ("fpd", "16x16-16qam", "trained for nt 8, nr 64, .*not nt 16, nr 16"),
        ("fpd-16qam-2bit", "64x8-4qam-1bit", "trained for modulation 16qam, adc_bits 2, not"),
        ("fpd:net=fpd-64qam", "64x8-4qam-1bit", "net 'fpd-64qam' is not one of fpd-4qam-1bit"),
        ("fpd:theta=mean", "64x8-4qam-1bit", "theta 'mean' is not one of table, hyper"),
        ("fpd-4qam-1bit:net=x", "64x8-4qam-1bit", "unknown option net; it takes after, theta"),
        ("fpd-16qam-2bit-mse", "64x8-4qam-1bit", "fpd-16qam-2bit-mse: trained for modulation"),
        ("fpd:loss=mae", "64x8-4qam-1bit", "loss 'mae' is not one of balanced, mse"),
        ("fpd:after=6", "64x8-4qam-1bit", "after 6 is not 1 to 5 layers"),
        ("fpd:after=0", "64x8-4qam-1bit", "after '0' is not an integer >= 1"),
    ],
)
def test_what_it_cannot_serve_is_refused_in_one_line(text: str, system: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(text, SYSTEMS[system])
