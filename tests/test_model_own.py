# SPDX-License-Identifier: Apache-2.0
"""A detector that is only a definition is trained, exported, and the same in torch and golden."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from fixedpoint.detectors import found, registry
from fixedpoint.detectors import library as specs
from fixedpoint.detectors.own_spec import OwnSpec
from fixedpoint.detectors.own_start import start
from fixedpoint.numbers.modulation import MODULATIONS
from model import export as exporting
from model import train
from model.own.config import OwnConfig
from model.own.data import STREAMS, by_entry, entries, sample
from model.own.loss import loss_of
from model.own.trainer import GraphStage, GraphTrainer, averages, view_of
from model.recipes.own import RECIPE
from model.store import checkpoint
from model.store.resume import read_log
from model.twin import compare

torch.set_num_threads(1)
EXAMPLES = Path(__file__).parent.parent / "examples"
NAMES = ["momentum", "oamp", "staircase", "cells"]
TINY = OwnConfig("momentum", antennas="6x4", modulation="qpsk", layers=2, blocks=31, vectors=2,
                 steps=4, float_epochs=2, epochs=2, validation=40)  # fmt: skip


@pytest.fixture(autouse=True)
def _examples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(found.VARIABLE, "")
    for name in NAMES:
        registry.use(EXAMPLES / f"{name}.py")


def trained(config: OwnConfig, out: Path, resume: bool = False) -> checkpoint.Checkpoint:
    return GraphTrainer(config, out, resume, lambda *_: None).run()


@pytest.mark.parametrize("name", NAMES)
def test_the_twin_equals_golden_on_every_wire(name: str) -> None:
    detector = registry.use(EXAMPLES / f"{name}.py")
    spec = start(detector, 16, 8, "16qam", layers=3, units=4 * detector.units)
    counts = compare(spec, 512, seed=1)
    assert {wire: count.differing for wire, count in counts.items() if count.differing} == {}
    assert len(counts) > 20


@pytest.mark.parametrize("name", NAMES)
def test_training_finds_fewer_errors_and_keeps_to_the_formats(name: str, tmp_path: Path) -> None:
    config = OwnConfig(name, antennas="8x8", layers=3, blocks=62, steps=40, float_epochs=1,
                       epochs=1, validation=400, learning_rate=0.05)  # fmt: skip
    made = RECIPE.export(trained(config, tmp_path), "mine")
    assert made.name == "mine"
    assert made.sealed().graph == made.graph
    assert made.provenance.startswith("python -m model.train own --detector FILE.py --antennas 8x8")
    before, after = (mean_error(spec) for spec in (config.spec, made))
    assert after < 0.97 * before
    counts = compare(made, 256, seed=0)
    assert sum(count.differing for count in counts.values()) == 0


def mean_error(spec: OwnSpec) -> float:
    """The loss of the integers' last state over the bank."""
    config, rng = OwnConfig(spec.detector, deep=0.0), np.random.default_rng(9)
    index = entries(rng, range(len(spec.snr)), 108, 8)
    drawn, net = sample(spec, rng, index, True), view_of(spec, "quantized")
    with torch.no_grad():
        *_, last = net(drawn.inputs).values()
        x = torch.from_numpy(drawn.x).float()
        plain = dataclasses.replace(config, balance=0.0)
        return float(loss_of(plain, last.state, x, index, spec.constellation))


def test_a_resumed_training_is_an_uninterrupted_one(tmp_path: Path) -> None:
    whole = trained(TINY, tmp_path / "whole")
    for stop in (1, 3):  # after the first epoch of each stage
        out = tmp_path / f"stopped{stop}"
        interrupted(TINY, out, stop)
        assert len(read_log(out)) == stop
        again = trained(TINY, out, resume=True)
        assert again.identity == whole.identity
        assert read_log(out) == read_log(tmp_path / "whole")


def interrupted(config: OwnConfig, out: Path, epochs: int) -> None:
    class StopError(Exception):
        pass

    trainer = GraphTrainer(config, out, False, lambda *_: None)
    finish, done = trainer._finish, []

    def stopping(*arguments: object) -> None:
        finish(*arguments)  # type: ignore[arg-type]
        done.append(1)
        if len(done) == epochs:
            raise StopError

    trainer._finish = stopping  # type: ignore[method-assign,assignment]
    with pytest.raises(StopError):
        trainer.run()


def test_no_epoch_exports_where_the_definition_starts(tmp_path: Path) -> None:
    config = dataclasses.replace(TINY, float_epochs=0, epochs=0)
    made = RECIPE.export(trained(config, tmp_path), "momentum")
    assert made.replace(provenance="untrained") == config.spec


def test_reciprocals_follow_their_bank_and_what_is_fixed_stays() -> None:
    spec = TINY.spec
    net = view_of(spec, "float")
    assert set(net.leaves.banks) == {"step"}
    with torch.no_grad():
        net.leaves.banks["step"] *= 0.5
        made = {leaf.name: value for leaf, value in net.leaves().items()}
    assert torch.allclose(made["inverse"], 1 / made["step"])
    own = dataclasses.replace(spec.definition, fixed=("eta", "step"))
    leaves = type(net)(net.program, net.rounding, torch.float32, own.reciprocals, own.fixed).leaves
    trained_names = {name for name, p in leaves.named_parameters() if p.requires_grad}
    assert trained_names == {"constants.beta", "constants.box"}


def test_projection_keeps_signs_formats_and_what_has_a_reciprocal() -> None:
    leaves = view_of(TINY.spec, "quantized").leaves
    with torch.no_grad():
        leaves.constants["eta"].fill_(-3)
        leaves.constants["box"].fill_(1e5)
        leaves.banks["step"].fill_(1e-9)
    leaves.project()
    formats = TINY.spec.formats
    assert leaves.constants["eta"].tolist() == [0, 0]
    assert leaves.constants["box"].tolist() == [formats["box"].max * formats["box"].step] * 2
    step, inverse = formats["step"].step, formats["inverse"]
    assert (leaves.banks["step"] >= step).all()
    assert 1 / leaves.banks["step"].min() <= inverse.max * inverse.step


def test_entries_that_are_not_drawn_grow_as_their_neighbours() -> None:
    leaves = view_of(TINY.spec, "float").leaves
    start_of = leaves.banks["step"].detach().clone()
    with torch.no_grad():
        leaves.banks["step"][:, 5] *= 2
        leaves.banks["step"][:, 30] *= 3
    leaves.extend(range(5, 31))
    grown = leaves.banks["step"].detach() / start_of
    assert torch.allclose(grown[:, :6], torch.full((2, 6), 2.0))
    assert torch.allclose(grown[:, 6:30], torch.ones(2, 24))
    assert torch.allclose(grown[:, 30:], torch.full((2, 6), 3.0))


def test_each_trained_entry_is_drawn_as_often_and_a_block_has_one() -> None:
    assert [TINY.spec.snr.snr_db[i] for i in (TINY.trained[0], TINY.trained[-1])] == [0, 30]
    drawn = entries(np.random.default_rng(0), TINY.trained, 62, 3)
    assert (drawn == drawn[:, :1]).all()
    assert sorted(drawn[:, 0]) == sorted([*TINY.trained] * 2)
    assert len(set(STREAMS.values())) == len(STREAMS)


def test_neighbours_learn_from_an_entry_that_is_drawn() -> None:
    alone, spread = (GraphStage("float", dataclasses.replace(TINY, spread=width), 1, None)
                     for width in (0.0, 2.0))  # fmt: skip
    gradients = []
    for stage in (alone, spread):
        stage._loss(np.random.default_rng(3), np.full((8, 2), 12)).backward()
        gradients.append(stage.net.leaves.banks["step"].grad)
    one, all_of_them = gradients
    assert one is not None
    assert all_of_them is not None
    assert set(one.nonzero()[:, 1].tolist()) == {12}
    shares = all_of_them[0] / one[0, 12]
    assert shares[10].item() == pytest.approx(shares[12].item() * np.exp(-0.5), rel=1e-3)
    sums = averages(one, 2.0).sum(0)
    assert torch.allclose(sums, torch.ones_like(sums))


def test_means_by_entry_are_those_of_their_vectors() -> None:
    index = np.array([[4, 4], [7, 4]])
    found, at = by_entry(torch.tensor([[1.0, 2.0], [5.0, 6.0]]), index)
    assert found.tolist() == [3.0, 5.0]
    assert at.tolist() == [[0, 0], [1, 0]]


@pytest.mark.parametrize("loss", ["decisions", "squared"])
def test_a_loss_falls_towards_what_was_sent_and_counts_entries_alike(loss: str) -> None:
    config = OwnConfig("momentum", loss=loss, balance=1.0)
    x = torch.tensor([[[3.0, -1.0]], [[1.0, -3.0]]])
    index, m = np.array([[0], [9]]), MODULATIONS["16qam"]
    state = (x + torch.tensor([[[0.9, 0.9]], [[0.4, -0.4]]])).requires_grad_()
    value = loss_of(config, state, x, index, m)
    assert value.item() == pytest.approx(1.0)  # each entry's loss over itself
    value.backward()
    assert state.grad is not None
    wrong = state.detach() - x
    inner = x.abs() < 2
    assert ((state.grad * wrong)[inner] > 0).all()
    if loss == "squared":
        assert ((state.grad * wrong) > 0).all()


def test_the_commands_train_and_export(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = ["--detector", str(EXAMPLES / "oamp.py")]
    words = ["--antennas", "4x2", "--modulation", "qpsk", "--layers", "2", "--steps", "2",
             "--float-epochs", "1", "--epochs", "1", "--validation", "20"]  # fmt: skip
    folder, file = str(tmp_path / "oamp"), tmp_path / "oamp.json"
    assert train.main(["own", *own, *words, "--out", folder]) == 0
    assert "BER" in capsys.readouterr().out
    assert exporting.main([folder, "--name", "mine", *own, "--out", str(file)]) == 0
    made = specs.load(str(file))
    assert isinstance(made, OwnSpec)
    assert (made.name, made.detector, made.depth) == ("mine", "oamp", 2)
    assert train.main(["own", *own, *words, "--out", folder]) == 2
    assert "holds a checkpoint" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("entry", "value", "expected"),
    [
        ("loss", "mse", "not one of decisions, squared"),
        ("steps", 0, "below 1"),
        ("learning_rate", 0.0, "not a positive number"),
        ("deep", 1.5, "not 0 to 1"),
        ("spread", -1.0, "outside 0 to 100 entries"),
        ("snr_low_db", 99.0, "holds no entry"),
    ],
)
def test_a_configuration_names_what_is_wrong(entry: str, value: object, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        dataclasses.replace(TINY, **{entry: value})
    assert OwnConfig.from_json(TINY.to_json()) == TINY


def test_a_system_that_cannot_be_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    own = ["own", "--detector", str(EXAMPLES / "momentum.py")]
    for words in (["--antennas", "4by4"], ["--modulation", "8psk"], ["--antennas", "0x4"]):
        assert train.main([*own, *words, "--out", "/nonexistent/x"]) == 2
        assert capsys.readouterr().err.count("\n") == 1
