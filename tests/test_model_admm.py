# SPDX-License-Identifier: Apache-2.0
"""ADMM-Net: its layers against plain loops, its limit, and its forms against each other."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.optimize import lsq_linear
from torch import Tensor, nn

from model.unfolded.admm import AdmmNet, gram_of
from model.unfolded.admm_constants import FORMS, AdmmConstants
from model.unfolded.admm_wires import WIRES
from tests.admm import BANK, FloatArray, constants_of, problem, softplus

PROX = {
    "soft": lambda v, t: np.sign(v) * np.maximum(np.abs(v) - t, 0),
    "box": lambda v, t: np.clip(v, -t, t),
}


def plain_loop(
    h: FloatArray, y: FloatArray, snr_db: float, c: AdmmConstants, form: str, prox: str
) -> list[FloatArray]:
    """One vector by the equations, with an inverse; z of every layer."""
    p = {name: value.detach().numpy() for name, value in c.named_parameters()}
    n = h.shape[1]
    x, z, u, states = np.zeros(n), np.zeros(n), np.zeros(n), []
    for k in range(len(p["relaxation"])):
        if form == "scalar":
            rho = softplus(p["raw_rho"])
        elif form == "shared":
            rho = softplus(p["raw_slope"]) / 10 ** (snr_db / 10) + softplus(p["raw_floor"])
        else:
            rho = softplus(p["raw_rho"][k])
        if form == "linearised":
            x = x - p["eta"][k] * (h.T @ (h @ x - y) + rho * (x - z + u))
        else:
            w = np.linalg.inv(h.T @ h + rho * np.eye(n))
            x = w @ h.T @ y + rho * w @ (z - u)
        relaxed = p["relaxation"][k] * x + (1 - p["relaxation"][k]) * z
        if prox == "snr-box":
            t = p["alpha"][k] * 10 ** (-snr_db / 20) + p["gamma"][k]
        else:
            t = softplus(p["raw_threshold"][k])
        z = PROX["soft" if prox == "soft" else "box"](relaxed + u, t)
        u = u + p["dual"][k] * (relaxed - z)
        states.append(z)
    return states


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("prox", ["soft", "box", "snr-box"])
def test_the_layers_are_the_equations(form: str, prox: str) -> None:
    h, y = problem()
    constants = constants_of(form, prox=prox)
    snr_db = [-5.0, 0.0, 7.0, 18.0, 25.0, 30.0]
    index = torch.from_numpy(BANK.index(snr_db))
    layers = AdmmNet(prox, form, constants)(h, y, index)
    for i, at in enumerate(snr_db):
        expected = plain_loop(h[i].numpy(), y[i].numpy(), at, constants, form, prox)
        for layer, state in zip(layers, expected, strict=True):
            assert np.allclose(layer.state[i].detach().numpy(), state, atol=1e-6)


def test_the_first_x_of_the_shared_form_is_the_lmmse_estimate() -> None:
    h, y = problem()
    index = torch.arange(6) * 5
    constants = AdmmConstants(1, "shared", 0.1, 0.1, 3.0, BANK, False).double()
    with torch.no_grad():
        constants.raw_slope.fill_(np.log(np.e - 1))
        constants.raw_floor.fill_(-40.0)
    x = AdmmNet("box", "shared", constants)(h, y, index)[0].estimate
    for i in range(6):
        rho = 10 ** (-BANK.snr_db[5 * i] / 10)
        gram = h[i].numpy().T @ h[i].numpy()
        expected = np.linalg.solve(gram + rho * np.eye(8), h[i].numpy().T @ y[i].numpy())
        assert np.allclose(x[i].detach().numpy(), expected, atol=1e-6)


@pytest.mark.parametrize("form", ["exact", "linearised"])
def test_many_layers_with_a_box_reach_the_bounded_least_squares_solution(form: str) -> None:
    h, y = problem(count=3, seed=4)
    constants = AdmmConstants(3000, form, 0.3, 0.2, 1.2, BANK, False).double()
    with torch.no_grad():
        state = AdmmNet("box", form, constants)(h, y, torch.zeros(3, dtype=torch.int64))[-1].state
    bound = softplus(constants.raw_threshold[0].item())
    for i in range(3):
        best = lsq_linear(h[i].numpy(), y[i].numpy(), (-bound, bound), tol=1e-12).x
        assert (np.abs(best) > bound - 1e-6).any()  # the box matters
        assert np.allclose(state[i].numpy(), best, atol=1e-5)


@pytest.mark.parametrize("form", ["exact", "scalar"])
def test_a_shared_rho_equals_any_other_of_the_same_value(form: str) -> None:
    h, y = problem()
    other, shared = constants_of(form), constants_of("shared")
    with torch.no_grad():
        shared.raw_slope.fill_(-60.0)
        other.raw_rho.fill_(shared.raw_floor)
        for name in ("relaxation", "dual", "raw_threshold"):
            getattr(other, name).copy_(getattr(shared, name))
    index = torch.arange(6)
    a = AdmmNet("box", form, other)(h, y, index)[-1].state
    b = AdmmNet("box", "shared", shared)(h, y, index)[-1].state
    assert torch.allclose(a, b, atol=1e-12)


class Passing(nn.Module):
    """No rounding, no clipping."""

    def forward(self, x: Tensor) -> Tensor:
        return x

    values = forward


def unquantized(net_form: str, constants: AdmmConstants) -> AdmmNet:
    """The net that forms P and F, without any quantizer."""
    wires = nn.ModuleDict({name: Passing() for name in (*WIRES, "code")})
    return AdmmNet("box", net_form, constants, wires)


@pytest.mark.parametrize("form", ["exact", "scalar", "shared"])
def test_matrices_and_decomposition_give_the_same_net_and_gradient(form: str) -> None:
    h, y = problem()
    index = torch.tensor([0, 5, 10, 20, 30, 35])
    constants = constants_of(form)
    outputs, gradients = [], []
    for net in (AdmmNet("box", form, constants), unquantized(form, constants)):
        state = net(h, y, index)[-1].state
        gradients.append(torch.autograd.grad(state.square().sum(), list(constants.parameters())))
        outputs.append(state)
    assert torch.allclose(*outputs, atol=1e-10)
    assert all(torch.allclose(a, b, atol=1e-9) for a, b in zip(*gradients, strict=True))


def test_p_is_rho_times_the_inverse_and_stays_within_one() -> None:
    h, y = problem(count=36, m=8)
    index = torch.arange(36)
    net = unquantized("shared", constants_of("shared"))
    p, front = net._matrices(net.wires, 0, h, y, index, gram_of(h))
    rho = net.constants.rho(0, index).unsqueeze(-1).detach()
    kernel = h.mT @ h + rho * torch.eye(8, dtype=torch.float64)
    assert torch.allclose(p @ kernel, rho * torch.eye(8, dtype=torch.float64), atol=1e-9)
    matched = (h.mT @ y.unsqueeze(-1)).squeeze(-1)
    assert torch.allclose((kernel @ front.unsqueeze(-1)).squeeze(-1), matched, atol=1e-9)
    assert p.abs().max() <= 1
