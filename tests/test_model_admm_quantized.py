# SPDX-License-Identifier: Apache-2.0
"""Quantized ADMM-Net: its wires, its float twin, blocks, and its training."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from brevitas.core.function_wrapper import Identity
from torch import nn

from fixedpoint.numbers.format import Format
from model.quant.quantizers import HalfUp, wires_of
from model.quant.steps import SnrStep
from model.store import checkpoint
from model.store.resume import LOG
from model.unfolded.admm import AdmmNet
from model.unfolded.admm_wires import INT8
from model.unfolded.admm_wires import WIRES as QUANTIZED
from model.unfolded.nets import float_net, load_start, net_of, quantized_net
from tests.admm import BANK, FloatArray, constants_of, problem, softplus
from tests.training import TINY, run

WIRES = {
    "estimate": INT8.state,
    "relaxed": INT8.state,
    "update": INT8.state,
    "decoded": INT8.state,
    "dual": INT8.dual,
    "difference": INT8.difference,
}


def quantized(rounding: nn.Module, bits: int = 8) -> AdmmNet:
    formats = {wire: getattr(INT8, name) for wire, name in QUANTIZED.items()}
    wires = wires_of(formats, Format(bits, 0), rounding)
    steps = []
    for k in range(4):
        step = SnrStep(0.03 * 2 ** (8 - bits), BANK, (0.001, 2.0))
        with torch.no_grad():
            step.alpha.fill_(0.004 * (k - 1))
        steps.append(step)
    return AdmmNet("box", "shared", constants_of("shared"), wires, steps).double()


def clip(x: FloatArray, f: Format) -> FloatArray:
    return np.clip(x, -f.max * f.step, f.max * f.step)


def test_without_rounding_the_quantized_net_is_the_clipping_loop() -> None:
    h, y = problem()
    y = y * 3  # drives front end, dual and codes into saturation
    index = torch.tensor([0, 5, 10, 20, 30, 35])
    net = quantized(Identity())
    layers = net(h, y, index)
    saturated = 0
    c = {name: value.detach().numpy() for name, value in net.constants.named_parameters()}
    for i, entry in enumerate(index.tolist()):
        snr = 10 ** (BANK.snr_db[entry] / 10)
        rho = softplus(c["raw_slope"]) / snr + softplus(c["raw_floor"])
        hi = h[i].numpy()
        w = np.linalg.inv(hi.T @ hi + rho * np.eye(8))
        p, front = clip(rho * w, INT8.p), clip(clip(w @ hi.T, INT8.f) @ y[i].numpy(), INT8.front)
        z, u = np.zeros(8), np.zeros(8)
        for k, layer in enumerate(layers):
            x = clip(front + p @ clip(z - u, INT8.difference), INT8.state)
            relaxed = clip(z + c["relaxation"][k] * (x - z), INT8.state)
            b = softplus(c["raw_threshold"][k])
            state = np.clip(clip(relaxed + u, INT8.state), -b, b)
            limit = 127 * (0.03 + 0.004 * (k - 1) / np.sqrt(snr))
            z = np.clip(state, -limit, limit)
            u = clip(u + c["dual"][k] * (relaxed - z), INT8.dual)
            saturated += int((np.abs(u) == INT8.dual.max * INT8.dual.step).sum())
            assert np.allclose(layer.code[i].detach().numpy(), z, atol=1e-5)
            assert np.allclose(layer.dual[i].detach().numpy(), u, atol=1e-5)
            assert np.allclose(layer.estimate[i].detach().numpy(), x, atol=1e-5)
    assert saturated


@pytest.mark.parametrize("bits", [8, 4, 3])
def test_codes_and_wires_lie_on_their_grids(bits: int) -> None:
    h, y = problem()
    index = torch.tensor([0, 5, 10, 20, 30, 35])
    net = quantized(HalfUp(), bits)
    twin = quantized(Identity(), bits)(h, y, index)
    for k, layer in enumerate(net(h, y, index)):
        codes = (layer.code / net.steps[k].scales(index)[0]).detach()
        assert torch.allclose(codes, codes.round(), atol=1e-9)
        assert codes.round().abs().max() <= 2 ** (bits - 1) - 1
        for wire, target in WIRES.items():
            value = getattr(layer, wire) / target.step
            assert torch.equal(value, value.round())
            assert value.abs().max() <= target.max
        assert not torch.equal(layer.code, twin[k].code)


def test_blocks_are_their_vectors_and_share_one_snr_entry_when_quantized() -> None:
    h, _ = problem(count=3)
    y = torch.from_numpy(np.random.default_rng(2).normal(size=(3, 5, 12)))
    index = torch.tensor([[4], [20], [33]]).expand(3, 5)
    for net in (quantized(HalfUp()), AdmmNet("box", "shared", constants_of("shared"))):
        whole = net(h, y, index)[-1].state
        for g in range(3):
            alone = net(h[g].expand(5, 12, 8), y[g], index[g])[-1].state
            assert torch.allclose(whole[g], alone, atol=1e-9)
    with pytest.raises(ValueError, match="one SNR entry"):
        quantized(HalfUp())(h, y, torch.arange(15).reshape(3, 5))


def test_a_singular_channel_gives_finite_estimates() -> None:
    h = torch.zeros(2, 12, 8, dtype=torch.float64)
    h[1, :, 0] = 1
    y = torch.ones(2, 12, dtype=torch.float64)
    for net in (quantized(HalfUp()), AdmmNet("soft", "exact", constants_of("exact", prox="soft"))):
        assert torch.isfinite(net(h, y, torch.tensor([35, 35]))[-1].state).all()


@pytest.mark.parametrize(
    "changes",
    [
        {"form": "exact"},
        {"form": "scalar"},
        {"form": "shared", "prox": "box", "last": "wide", "bits": 4},
    ],
)
def test_admm_trains_below_the_loss_of_its_ptq_and_its_checkpoint_is_its_net(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    config = dataclasses.replace(TINY, network="admm", initial="mse", **changes)
    run(dataclasses.replace(config, epochs=0), tmp_path / "ptq")
    saved = run(config, tmp_path / "qat")
    net = net_of(saved)
    assert torch.equal(saved.part("net")["constants.dual"], net.constants.dual)
    logs = [(tmp_path / name / LOG).read_text().splitlines()[-1] for name in ("ptq", "qat")]
    ptq, qat = (json.loads(log)["loss"] for log in logs)
    assert qat < ptq


def test_relaxations_stay_in_their_formats_while_a_quantized_net_is_trained() -> None:
    config = dataclasses.replace(TINY, network="admm", form="scalar")
    start = float_net(config)
    with torch.no_grad():
        start.constants.relaxation.copy_(torch.tensor([-9.0, -1.0, 0.5, 2.0, 9.0]))
        start.constants.dual.fill_(-20.0)
    net = quantized_net(config, start, [0.02] * 5, HalfUp())
    largest = INT8.relaxation.max * INT8.relaxation.step
    assert net.constants.relaxation.tolist() == [-largest, -1.0, 0.5, 2.0, largest]
    assert net.constants.dual.tolist() == [-INT8.dual_step.max * INT8.dual_step.step] * 5
    assert start.constants.dual.tolist() == [-20.0] * 5


def test_a_scalar_rho_starts_where_layers_have_one_each(tmp_path: Path) -> None:
    config = dataclasses.replace(TINY, network="admm", quantizer="float")
    run(config, tmp_path)
    given = net_of(checkpoint.load(tmp_path))
    net = load_start(tmp_path, dataclasses.replace(config, form="scalar"))
    assert torch.equal(net.constants.relaxation, given.constants.relaxation)
    assert torch.equal(net.constants.raw_threshold, given.constants.raw_threshold)
    assert net.constants.rho(0, None).item() == pytest.approx(config.rho)
