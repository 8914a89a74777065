# SPDX-License-Identifier: Apache-2.0
"""Training FPD-Net: loss, determinism, resuming, freezing, and what the shipped networks reach."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from fixedpoint.detectors.library import load_as
from fixedpoint.specs.fpd import FpdSpec
from model import rebuild, train
from model.detectors.catalog import make
from model.distributed.fpd import fpd
from model.fpd import shipped as fpd_shipped
from model.fpd.config import FpdConfig
from model.fpd.data import sample
from model.fpd.loss import BalancedError
from model.fpd.shipped import net_of
from model.fpd.table import frozen_table, polished
from model.fpd.trainer import FpdTrainer
from model.recipes.fpd import RECIPE
from model.store import checkpoint, shipped
from model.store.resume import LOG
from model.systems.scene import scene
from model.systems.system import SYSTEMS
from model.unfolded.accuracy import sliced_errors
from tests.training import StopError, silent

torch.set_num_threads(1)
TINY = FpdConfig(batch=100, steps=5, epochs=2, decay=1, learning_rate=5e-3, validation=40, table=30)


def run(config: FpdConfig, out: Path, resume: bool = False) -> checkpoint.Checkpoint:
    return FpdTrainer(config, out, resume, silent).run()


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("fpd")
    run(TINY, out)
    return out


def test_training_lowers_the_error_at_high_snr(tmp_path: Path) -> None:
    config = dataclasses.replace(TINY, steps=12, epochs=4, snr_low_db=15.0, bin_db=5.0, memory=0.5)
    run(config, tmp_path)
    entries = [json.loads(line) for line in (tmp_path / LOG).read_text().splitlines()]
    assert entries[-1]["mse"][0] < 0.7 * entries[0]["mse"][0]
    assert [e["epoch"] for e in entries] == [1, 2, 3, 4]
    assert set(entries[0]["ber"]) == {"0", "5", "7.5", "10", "12.5", "15", "20"}


def test_a_training_is_bit_reproducible_and_depends_on_the_seed(
    trained: Path, tmp_path: Path
) -> None:
    first, again = checkpoint.load(trained), run(TINY, tmp_path / "again")
    assert all(torch.equal(first.tensors[k], again.tensors[k]) for k in first.tensors)
    other = run(dataclasses.replace(TINY, seed=1), tmp_path / "other")
    assert not torch.equal(first.tensors["net.hyper.base"], other.tensors["net.hyper.base"])


def test_a_resumed_training_gives_the_digits_of_an_uninterrupted_one(
    trained: Path, tmp_path: Path
) -> None:
    def interrupt(stage: str, epoch: int, done: int, total: int) -> None:
        if (epoch, done) == (1, 2):
            raise StopError

    with pytest.raises(StopError):
        FpdTrainer(TINY, tmp_path, False, interrupt).run()
    parts, whole = run(TINY, tmp_path, resume=True), checkpoint.load(trained)
    assert whole.tensors.keys() == parts.tensors.keys()
    assert all(torch.equal(whole.tensors[k], parts.tensors[k]) for k in whole.tensors)
    assert (trained / LOG).read_text() == (tmp_path / LOG).read_text()


def test_a_checkpoint_is_not_overwritten_nor_resumed_as_another(
    trained: Path, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="--resume goes on"):
        FpdTrainer(TINY, trained, False, silent)
    with pytest.raises(ValueError, match=r"another configuration: seed 0 not 3"):
        FpdTrainer(dataclasses.replace(TINY, seed=3), trained, True, silent)
    with pytest.raises(ValueError, match="to resume"):
        FpdTrainer(TINY, tmp_path, True, silent)


def test_a_training_that_diverges_stops_and_keeps_no_checkpoint(tmp_path: Path) -> None:
    config = dataclasses.replace(TINY, learning_rate=1e30)
    with pytest.raises(ValueError, match="the loss is"):
        run(config, tmp_path)
    assert not (tmp_path / checkpoint.FILE).exists()


def test_without_balance_the_loss_is_the_mean_squared_error_of_41() -> None:
    error = torch.randn(40, 3, 16, generator=torch.Generator().manual_seed(2)).requires_grad_()
    snr_db = np.random.default_rng(2).uniform(0, 20, (40, 3))
    loss = BalancedError(dataclasses.replace(TINY, balance=0.0))
    norm = sum(float(row @ row) for row in error.detach().reshape(-1, 16)) / (40 * 3)
    for _ in range(3):  # what the running means remember does not enter
        found = loss(error, snr_db)
        assert found.item() == pytest.approx(norm / 16, rel=1e-6)
    (gradient,) = torch.autograd.grad(found, error)
    assert torch.allclose(gradient, 2 * error.detach() / error.numel())


def test_the_recipes_of_41_change_nothing_but_the_loss() -> None:
    for name in fpd_shipped.NETWORKS.values():
        literal = RECIPE.networks[f"{name}-mse"]
        assert (literal.balance, literal.polish) == (0, 0)
        assert dataclasses.replace(RECIPE.networks[name], balance=0.0, polish=0) == literal


@pytest.mark.parametrize("balance", [0.0, 0.5, 1.0])
def test_an_error_is_divided_by_the_power_of_its_bins_mean(balance: float) -> None:
    config = FpdConfig(snr_low_db=0.0, snr_high_db=10.0, bin_db=5.0, memory=1.0, balance=balance)
    snr_db = np.array([[1.0], [2.0], [6.0], [10.0]])
    error = torch.tensor([3.0, 1.0, 0.2, 0.1])[:, None, None].requires_grad_()
    loss = BalancedError(config)(error, snr_db)
    means = torch.tensor([5.0, 5.0, 0.025, 0.025])[:, None, None]
    assert loss.item() == pytest.approx((means ** (1 - balance)).mean().item())
    (gradient,) = torch.autograd.grad(loss, error)
    assert torch.allclose(gradient, 2 * error.detach() / means**balance / 4)


def test_the_running_mean_forgets_and_skips_empty_bins() -> None:
    config = FpdConfig(snr_low_db=0.0, snr_high_db=10.0, bin_db=5.0, memory=0.25)
    balanced = BalancedError(config)
    low, high = np.array([[1.0]]), np.array([[9.0]])
    for value in (1.0, 3.0):
        balanced(torch.full((1, 1, 2), value), low)
    balanced(torch.full((1, 1, 2), 2.0), high)
    assert balanced.mean.tolist() == pytest.approx([(1 + 9) / 2, 4.0])
    for _ in range(40):
        balanced(torch.full((1, 1, 2), 0.5), low)
    assert balanced.mean[0].item() == pytest.approx(0.25, rel=0.01)


def test_the_frozen_table_is_the_mean_of_the_outputs(trained: Path) -> None:
    saved = checkpoint.load(trained)
    net = net_of(saved)
    outputs: list[torch.Tensor] = []
    net.hyper.register_forward_hook(lambda module, given, output: outputs.append(output))
    table = frozen_table(net, TINY)
    rows = torch.cat([o.flatten(0, 2) for o in outputs]).double()
    assert rows.shape == (30 * 4, 5, 7)
    assert torch.allclose(table, rows.mean(0), atol=1e-6)
    frozen = fpd_shipped.freeze(saved, silent)
    assert {name.split(".")[0] for name in frozen.tensors} == {"net", "table"}
    assert torch.equal(frozen.tensors["table"], table)


def test_polishing_lowers_the_error_of_the_table_alone(trained: Path) -> None:
    config = dataclasses.replace(TINY, polish=30, polish_batch=300, polish_rate=0.02)
    table = frozen_table(net_of(checkpoint.load(trained)), config)
    better = polished(table, config, silent)
    assert torch.equal(polished(table, config, silent), better)
    assert (better[:, 6] > 1).all()
    seen, x = sample(config, np.random.default_rng(8), np.full((3000, 1), 15.0))
    errors = [(fpd(seen, t.float(), 3) - x).square().mean() for t in (table, better)]
    assert errors[1] < 0.8 * errors[0]
    assert torch.equal(polished(table, TINY, silent), table)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"system": "64x8"}, "system '64x8' is not one of"),
        ({"system": "16x16-16qam"}, "converters of 1 to 4 bits were expected"),
        ({"batch": 0}, "batch 0 is below 1"),
        ({"seed": -1}, "seed -1 is below 0"),
        ({"kappa": float("nan")}, "kappa nan is not a positive number"),
        ({"memory": 1.5}, "memory 1.5 is above 1"),
        ({"balance": 1.5}, "balance 1.5 is not 0 to 1"),
        ({"decay": 99}, "decay 99 is not 0 to 16 epochs"),
        ({"snr_low_db": 20.0}, "snr 20.0 to 20.0 dB is not a range"),
    ],
)
def test_a_configuration_names_what_is_wrong(entry: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(FpdConfig(), **entry)


def test_a_configuration_survives_json_and_unknown_entries_do_not() -> None:
    assert FpdConfig.from_json(json.loads(json.dumps(TINY.to_json()))) == TINY
    with pytest.raises(ValueError, match="unknown entries depth"):
        FpdConfig.from_json({"depth": 3})


def test_the_rate_falls_over_the_last_epochs() -> None:
    config = FpdConfig(epochs=5, decay=3, learning_rate=1.0)
    assert [config.rate(epoch) for epoch in range(5)] == [1, 1, 0.75, 0.5, 0.25]


def test_the_command_trains_resumes_and_refuses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["fpd", "--batch", "20", "--steps", "1", "--epochs", "1", "--decay", "0"]
    words += ["--validation", "10", "--out", str(tmp_path)]
    assert train.main([*words, "--seed", "4"]) == 0
    assert "seed 4, float epoch 1: loss" in capsys.readouterr().out
    assert checkpoint.load(tmp_path).config["seed"] == 4
    assert train.main([*words, "--seed", "4", "--resume"]) == 0
    capsys.readouterr()
    assert train.main([*words, "--seed", "5", "--resume"]) == 2
    assert "another configuration: seed 4 not 5" in capsys.readouterr().err


def test_a_rebuilt_network_is_frozen_stored_exported_and_not_trained_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "fpd-16qam-2bit"
    monkeypatch.setitem(RECIPE.networks, name, TINY)
    monkeypatch.setattr(shipped, "FOLDER", tmp_path / "networks")
    folders = (tmp_path / "work", tmp_path / "networks", tmp_path / "specs")
    written, exported = rebuild.rebuild(name, *folders)
    first = written.read_bytes()
    assert fpd_shipped.load(name).config == TINY
    layers = load_as(FpdSpec, exported).layers
    mu = fpd_shipped.load(name).table[:, 0].tolist()
    step = load_as(FpdSpec, exported).formats.step
    assert [layer.step for layer in layers] == [step.quantize(1.5 * value) for value in mu]
    rebuild.rebuild(name, *folders)
    assert written.read_bytes() == first


@pytest.mark.parametrize(
    ("name", "snr_db", "expected"),
    [("64x8-4qam-1bit", 5.0, 2.7e-3), ("64x8-16qam-2bit", 10.0, 4.4e-3)],
)
def test_shipped_networks_reach_their_ber_and_are_not_worse_than_hpd(
    name: str, snr_db: float, expected: float
) -> None:
    system, vectors = SYSTEMS[name], 6000
    drawn = scene(system, snr_db, vectors, np.random.default_rng(21))
    wrong = {}
    for text in ("fpd", "fpd:theta=hyper", "hpd"):
        estimate = make(text, system)(drawn.received, drawn.h, drawn.noise)
        errors = sliced_errors(estimate.numpy(), drawn.x.numpy(), system.constellation)
        wrong[text] = errors[:, 0] / system.bits
    deviation = wrong["fpd"].std() / vectors**0.5
    assert wrong["fpd"].mean() == pytest.approx(expected, abs=4 * deviation)
    for other in ("hpd", "fpd:theta=hyper"):
        lost = wrong["fpd"] - wrong[other]
        assert lost.mean() < 3 * lost.std() / vectors**0.5
    assert abs(wrong["fpd"].sum() - wrong["fpd:theta=hyper"].sum()) < 0.1 * wrong["fpd"].sum()


@pytest.mark.parametrize("name", fpd_shipped.SYSTEM_OF)
def test_shipped_files_hold_both_forms_and_the_command_that_made_them(name: str) -> None:
    found = fpd_shipped.load(name)
    assert found.config == RECIPE.networks[name]
    assert found.config.system == fpd_shipped.SYSTEM_OF[name]
    assert found.table.shape == (found.config.layers, 7)
    assert (found.table > 0).all()
    assert (found.table[:, 6] > 1).all()
    if not found.config.polish:
        assert torch.allclose(found.table, frozen_table(found.net, found.config), rtol=1e-5)
    notes = checkpoint.notes(shipped.FOLDER / f"{name}.safetensors")
    assert notes["command"] == f"python -m model.rebuild {name}"
    assert len(notes["log"]) == found.config.epochs
