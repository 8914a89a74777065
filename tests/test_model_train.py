# SPDX-License-Identifier: Apache-2.0
"""Training: resuming, determinism, the loss, schedules, data."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from fixedpoint.detectors import library as specs
from fixedpoint.numbers.bank import SnrBank
from model.quant.quantizers import HalfUp
from model.recipes.registry import RECIPES
from model.store import checkpoint
from model.store.resume import LOG
from model.unfolded.config import TrainConfig
from model.unfolded.data import dataset, uniform_snr
from model.unfolded.losses import BIN, SquaredError, balance_of
from model.unfolded.nets import float_net, load_start, quantized_net, statistics
from model.unfolded.pgd import Constants
from model.unfolded.prox import BOX_LIMITS
from model.unfolded.trainer import Trainer
from tests.training import TINY, StopError, run


@pytest.mark.parametrize("stage", ["float", "quantized"])
@pytest.mark.parametrize(
    ("network", "mmd", "balance"),
    [("pgd", "none", 0.7), ("pgd", "bounded", 0.0), ("admm", "kde", 1.0)],
)
def test_a_resumed_training_gives_the_digits_of_an_uninterrupted_one(
    tmp_path: Path, stage: str, network: str, mmd: str, balance: float
) -> None:
    epsilon = 0.0 if mmd == "none" else 100.0
    config = dataclasses.replace(TINY, network=network, mmd=mmd, epsilon=epsilon, balance=balance)
    whole = run(config, tmp_path / "whole")

    def interrupt(at: str, epoch: int, done: int, total: int) -> None:
        if (at, epoch, done) == (stage, 1, 2):
            raise StopError

    with pytest.raises(StopError):
        Trainer(config, tmp_path / "parts", False, interrupt).run()
    parts = run(config, tmp_path / "parts", resume=True)
    assert whole.tensors.keys() == parts.tensors.keys()
    assert all(torch.equal(whole.tensors[k], parts.tensors[k]) for k in whole.tensors)
    assert (tmp_path / "whole" / LOG).read_text() == (tmp_path / "parts" / LOG).read_text()


def test_training_is_deterministic_and_depends_on_the_seed(trained: Path, tmp_path: Path) -> None:
    first = checkpoint.load(trained)
    config = TrainConfig.from_json(first.config)
    again = run(config, tmp_path / "again")
    assert all(torch.equal(first.tensors[k], again.tensors[k]) for k in first.tensors)
    other = run(dataclasses.replace(config, seed=1), tmp_path / "other")
    assert not torch.equal(first.part("net")["constants.eta"], other.part("net")["constants.eta"])


@pytest.mark.parametrize("prox", ["soft", "box", "snr-box"])
@pytest.mark.parametrize("quantizer", ["float", "fixed", "learned", "snr"])
def test_training_lowers_the_loss_and_the_ber(tmp_path: Path, prox: str, quantizer: str) -> None:
    run(dataclasses.replace(TINY, prox=prox, quantizer=quantizer, float_epochs=4), tmp_path)
    entries = [json.loads(line) for line in (tmp_path / LOG).read_text().splitlines()]
    assert entries[-1]["loss"] < 0.9 * entries[0]["loss"]
    assert entries[-1]["mean_ber"] < entries[0]["mean_ber"]
    stage = "float" if quantizer == "float" else "quantized"
    assert (entries[-1]["stage"], entries[-1]["seed"]) == (stage, 0)


def test_a_float_net_of_another_prox_can_teach_and_a_quantized_one_cannot(
    trained: Path, tmp_path: Path
) -> None:
    run(dataclasses.replace(TINY, prox="box", quantizer="float"), tmp_path / "box")
    taught = dataclasses.replace(
        TINY, mmd="kde", epsilon=100.0, teacher=str(tmp_path / "box"), epochs=1
    )
    saved = run(taught, tmp_path / "taught")
    assert saved.stage == "quantized"
    assert not torch.equal(
        saved.part("net")["constants.eta"], checkpoint.load(trained).part("net")["constants.eta"]
    )
    with pytest.raises(ValueError, match="float was expected"):
        run(dataclasses.replace(taught, teacher=str(trained)), tmp_path / "refused")


def test_a_float_training_starts_from_another_prox_but_for_its_threshold(tmp_path: Path) -> None:
    soft = run(dataclasses.replace(TINY, quantizer="float"), tmp_path / "soft")
    start = dataclasses.replace(TINY, quantizer="float", start=str(tmp_path / "soft"))
    for prox in ("box", "snr-box"):
        loaded = load_start(tmp_path / "soft", dataclasses.replace(start, prox=prox))
        assert torch.equal(loaded.constants.eta, soft.part("net")["constants.eta"])
        assert torch.allclose(loaded.constants.thresholds(), torch.tensor(3.0))
    same = load_start(tmp_path / "soft", start)
    assert torch.equal(same.constants.raw_threshold, soft.part("net")["constants.raw_threshold"])
    run(dataclasses.replace(start, prox="box"), tmp_path / "box")
    with pytest.raises(ValueError, match="network pgd is not admm"):
        load_start(tmp_path / "soft", dataclasses.replace(start, network="admm"))
    with pytest.raises(ValueError, match="prox soft is not box"):
        load_start(tmp_path / "soft", dataclasses.replace(TINY, prox="box"))


def test_no_epochs_quantize_the_trained_net_and_no_more(tmp_path: Path) -> None:
    soft = run(dataclasses.replace(TINY, quantizer="float"), tmp_path / "soft")
    for initial in ("max", "mse"):
        config = dataclasses.replace(
            TINY, quantizer="fixed", epochs=0, initial=initial, start=str(tmp_path / "soft")
        )
        saved = run(config, tmp_path / initial)
        again = run(config, tmp_path / initial, resume=True)
        assert (saved.stage, saved.epoch) == ("quantized", 0)
        assert torch.equal(
            saved.part("net")["constants.eta"][:-1], soft.part("net")["constants.eta"][:-1]
        )
        assert all(torch.equal(saved.tensors[k], again.tensors[k]) for k in saved.tensors)
    steps = [
        checkpoint.load(tmp_path / n).part("net")["steps.2.step"].item() for n in ("mse", "max")
    ]
    assert steps[0] < steps[1]


def test_a_wide_last_layer_puts_the_state_before_its_code_into_the_loss() -> None:
    config = dataclasses.replace(TINY, bits=3)
    net = quantized_net(config, float_net(config), [0.5] * 5, HalfUp())
    data = dataset(config.template, uniform_snr(40, 0, 25, 0), 0, "train", quantized=True)
    batch = data.batch(torch.arange(40))
    layer = net(batch.h, batch.y, batch.index)[-1]
    for last, decided in (("wide", layer.state), ("quantized", layer.code)):
        loss = SquaredError(net, last)(batch, torch.Generator()).total
        assert loss.item() == pytest.approx(((decided - batch.x) ** 2).sum().item() / 40, rel=1e-5)


def test_a_balanced_loss_weighs_every_bin_of_snrs_by_a_power_of_its_own_mean() -> None:
    net = float_net(TINY)
    data = dataset(TINY.template, uniform_snr(400, 0, 25, 0), 0, "train", quantized=False)
    batch = data.batch(torch.arange(400))
    each = (net(batch.h, batch.y, batch.index)[-1].state - batch.x).square().mean(-1).detach()
    for share in (0.5, 1.0):
        balance = balance_of(share, 36)
        assert balance is not None
        loss = SquaredError(net, "wide", balance)(batch, torch.Generator()).total
        expected = 0.0
        for k in range(12):
            mine = each[batch.index // BIN == k].double()
            if len(mine):
                expected += (mine / mine.mean() ** share).sum().item()
        assert loss.item() == pytest.approx(expected / 400, rel=1e-5)
    assert loss.item() == pytest.approx(1, rel=1e-5)  # of all the balance every bin counts alike
    assert balance_of(0.0, 36) is None


def test_the_shipped_recipes_have_the_papers_loss_and_say_nothing_of_a_balance() -> None:
    """The default of a system of one's own may be another: these stay the same to the bit."""
    for recipe in RECIPES:
        for config in recipe.networks.values():
            if isinstance(config, TrainConfig):
                assert config.balance == 0
                assert "balance" not in config.to_json()


def test_a_training_that_diverges_stops_and_keeps_no_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="the loss is"):
        run(dataclasses.replace(TINY, learning_rate=1e30), tmp_path)
    assert not (tmp_path / checkpoint.FILE).exists()


def test_the_rate_is_halved_on_schedule(tmp_path: Path) -> None:
    run(dataclasses.replace(TINY, quantizer="float", float_epochs=5, halve_every=2), tmp_path)
    rates = [json.loads(line)["rate"] for line in (tmp_path / LOG).read_text().splitlines()]
    assert rates == [5e-3, 5e-3, 2.5e-3, 2.5e-3, 1.25e-3]


def test_the_defaults_are_the_papers_protocol() -> None:
    c = TrainConfig()
    assert (c.samples, c.batch, c.epochs, c.layers) == (50_000, 128, 50, 5)
    assert (c.learning_rate, c.halve_every, c.eta, c.threshold) == (1e-3, 10, 0.1, 0.05)
    assert (c.snr_low_db, c.snr_high_db) == (0, 25)


def test_thresholds_stay_positive_whatever_the_optimizer_does() -> None:
    constants = Constants(3, 0.1, 0.05)
    assert constants()[1].tolist() == pytest.approx([0.05] * 3)
    with torch.no_grad():
        constants.raw_threshold.fill_(-50.0)
    assert (constants()[1] >= 0).all()


def test_an_snr_driven_box_is_eq_15_clamped() -> None:
    constants = Constants(2, 0.1, 3.0, bank=SnrBank(-5, 30))
    with torch.no_grad():
        constants.alpha.copy_(torch.tensor([0.5, -4.0]))
    _, table = constants()
    snr = 10 ** (np.arange(-5, 31) / 10)
    assert np.allclose(table[0].detach(), 0.5 / np.sqrt(snr) + 3, atol=1e-6)
    expected = np.maximum(3 - 4 / np.sqrt(snr), BOX_LIMITS[0])
    assert np.allclose(table[1].detach(), expected, atol=1e-6)


def test_projection_keeps_eta_in_its_limits() -> None:
    constants = Constants(2, 0.1, 0.05, (0.25, torch.tensor([1.0, 0.5])))
    with torch.no_grad():
        constants.eta.copy_(torch.tensor([-3.0, 7.0]))
    constants.project()
    assert constants.eta.tolist() == [0.25, 0.5]


def test_statistics_are_those_of_the_whole_set() -> None:
    config = dataclasses.replace(TINY, samples=300)
    snr_db = uniform_snr(300, 0, 25, 0)
    data = dataset(config.template, snr_db, 0, "train", quantized=True)
    net = float_net(config)
    batch = data.batch(torch.arange(300))
    codes = torch.stack([v.code for v in net(batch.h, batch.y, batch.index)])
    largest, deviations = statistics(net, net, data, 128)
    assert torch.equal(largest, codes.abs().amax(dim=(1, 2)))
    assert torch.allclose(deviations, codes.square().mean(dim=(1, 2)).sqrt(), rtol=1e-5)


def test_data_are_int8_seeded_and_streams_differ() -> None:
    template = specs.load("pgd")
    snr_db = np.full(40, 10.0)
    data = dataset(template, snr_db, 0, "train", quantized=True)
    assert (data.h.dtype, data.x.dtype) == (torch.int8, torch.int8)
    assert torch.equal(data.h, dataset(template, snr_db, 0, "train", quantized=True).h)
    assert not torch.equal(data.h, dataset(template, snr_db, 0, "validation", quantized=True).h)
    real = dataset(template, snr_db, 0, "train", quantized=False).batch(torch.arange(40))
    assert (data.batch(torch.arange(40)).h - real.h).abs().max() <= 2.0**-8 + 1e-6
    assert set(real.x.unique().tolist()) == {-3, -1, 1, 3}
