# SPDX-License-Identifier: Apache-2.0
"""A spec of any detector goes on training by its graph, for soft bits or for decisions."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from fixedpoint.detectors import library
from fixedpoint.detectors.library import DetectorSpec
from fixedpoint.specs.entries import Tree, leaves, with_constants
from model import export as exporting
from model import train
from model.own.data import entries
from model.own.trainer import GraphStage, GraphTrainer
from model.own.tune_config import TuneConfig
from model.recipes import registry
from model.recipes.tuned import RECIPE
from model.soft import __main__ as soft
from model.store.checkpoint import Checkpoint
from model.systems.system import System
from model.systems.text import text_of
from model.twin import compare

torch.set_num_threads(1)
WIRES = {"pgd": "update", "pgd-box": "update", "admm-box": "update", "hpd-16qam-2bit": "state",
         "fpd-16qam-2bit": "state", "fpd-4qam-1bit-8bit": "state",
         "pm5-16x8-16qam": "state"}  # fmt: skip
"""A spec of each kind, and a wire that its soft bits are taken from."""
LOSSY = 20
"""Entries of a bank from its first on, at whose SNRs every detector loses bits."""
STORED = [name for name in library.shipped() if "hyper" not in name]


def tiny(source: str, **entries: Any) -> TuneConfig:
    small = {"blocks": 36, "vectors": 2, "steps": 15, "epochs": 1, "validation": 10}
    return TuneConfig(source, **{"soft_wire": WIRES.get(source, "state"), **small, **entries})


def trained(config: TuneConfig, out: Path, resume: bool = False) -> Checkpoint:
    return GraphTrainer(config, out, resume, lambda *_: None).run()


def loss_on(stage: GraphStage, seed: int, blocks: int = 72) -> torch.Tensor:
    rng, config = np.random.default_rng(seed), stage.config
    return stage._loss(rng, entries(rng, config.trained, blocks, config.vectors))


@pytest.mark.parametrize("name", WIRES)
@pytest.mark.parametrize("loss", ["soft", "squared"])
def test_the_gradient_reaches_each_constant_of_a_layer(name: str, loss: str) -> None:
    """Of a layer that others follow; of a bank nearly each entry where bits are lost."""
    stage = GraphStage("quantized", tiny(name, loss=loss, spread=0.0), 1, None)
    loss_on(stage, 3).backward()
    named = dict(stage.net.leaves.named_parameters())
    reached = {key for key, p in named.items() if p.grad is not None and
               (p.grad[1].reshape(-1)[:LOSSY] != 0).double().mean() > 0.8}  # fmt: skip
    held = {key for key, p in named.items() if not p.requires_grad}
    assert reached | held == set(named)
    assert not reached & held
    assert {key.partition(".")[2] for key in held} <= {"mean"}
    if stage.kappa is not None:
        gradient = stage.kappa.logarithms.grad
        assert gradient is not None
        assert (gradient[:LOSSY] != 0).all()


@pytest.mark.parametrize("name", WIRES)
def test_a_few_steps_lower_the_loss_on_other_draws_and_give_a_whole_spec(
    name: str, tmp_path: Path
) -> None:
    config = tiny(name, learning_rate=0.01)
    start = GraphStage("quantized", config, 1, None)
    before = loss_on(start, 9).item()
    checkpoint = trained(config, tmp_path / "a")
    stage = GraphStage("quantized", config, 1, None)
    stage.net.leaves.load_state_dict(checkpoint.part("net"))
    assert stage.kappa is not None
    stage.kappa.load_state_dict(checkpoint.part("kappa"))
    assert loss_on(stage, 9).item() < before - 1e-4
    made, old = RECIPE.export(checkpoint, "mine"), library.load(name)
    assert type(made) is type(old)
    assert made.depth == old.depth
    assert changed(made, old) > 0
    library.save(made, tmp_path / "mine.json")
    assert library.load(tmp_path / "mine.json") == made
    counts = compare(made, 72, seed=0)
    assert sum(count.differing for count in counts.values()) == 0
    assert sum(count.compared for count in counts.values()) > 20_000


def changed(made: DetectorSpec, old: DetectorSpec) -> int:
    """Constants and banks that are not as before; everything else is."""
    names, (new, before) = leaves(old), (Tree(made), Tree(old))
    found = [name for name, entry in names.items() if new.get(entry) != before.get(entry)]
    reals = {name: _reals(old, names[name]) for name in found}
    assert with_constants(made, reals, old.provenance).replace(name=old.name) == old
    return len(found)


def _reals(spec: DetectorSpec, entry: str) -> np.ndarray[Any, Any]:
    formats = vars(spec)["formats"]
    name = spec.number_formats[entry]
    fmt = formats[name] if hasattr(formats, "pairs") else getattr(formats, name)
    return np.asarray(fmt.value(np.array(Tree(spec).get(entry))))


@pytest.mark.parametrize("name", STORED)
def test_no_epoch_exports_the_integers_of_the_start(name: str, tmp_path: Path) -> None:
    made = RECIPE.export(trained(tiny(name, epochs=0), tmp_path), "mine")
    old = library.load(name)
    assert made.replace(name=name, provenance=old.provenance) == old.replace(soft=None)
    said = f"python -m model.train tune --spec {name} "
    assert made.provenance.startswith(said)
    assert "digest" not in made.provenance


def test_what_must_be_positive_stays_so() -> None:
    spec = library.load("pgd-box")
    made = with_constants(spec, {"eta": np.zeros(5), "threshold": np.zeros(5)}, "zeros")
    for entry in ("layers.eta", "layers.threshold"):
        assert set(np.ravel(Tree(made).get(entry))) == {1}
    with pytest.raises(KeyError):
        with_constants(spec, {"inverse": np.zeros((5, 36))}, "a reciprocal follows")


@pytest.mark.parametrize("name", WIRES)
def test_the_wildest_training_ends_in_a_spec(name: str, tmp_path: Path) -> None:
    """Whatever steps are made, constants stay in their formats, and so do reciprocals."""
    config = tiny(name, learning_rate=5.0, steps=4, snr_low_db=5.0, snr_high_db=15.0)
    made = RECIPE.export(trained(config, tmp_path), "mine")
    counts = compare(made, 36, seed=0)
    assert sum(count.differing for count in counts.values()) == 0


def test_a_resumed_training_is_an_uninterrupted_one_and_a_changed_spec_is_refused(
    tmp_path: Path,
) -> None:
    file, spec = tmp_path / "mine.json", library.load("pgd-box")
    library.save(spec.replace(name="mine"), file)
    config = tiny(str(file), soft_wire="update", epochs=2, steps=3)
    whole = trained(config, tmp_path / "whole")

    class StopError(Exception):
        pass

    def stopping(stage: str, epoch: int, done: int, total: int) -> None:
        if epoch == 1:
            raise StopError

    with pytest.raises(StopError):
        GraphTrainer(config, tmp_path / "a", False, stopping).run()
    assert trained(config, tmp_path / "a", resume=True).identity == whole.identity
    library.save(spec.replace(name="other"), file)
    with pytest.raises(ValueError, match="has its file changed"):
        RECIPE.export(whole, "mine")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--spec", "fpd-16qam-2bit-hyper"], "a network computes its constants at run time"),
        (["--spec", "nothing"], "no such file"),
        (["--spec", "pgd-box", "--soft-wire", "code"], "soft-wire 'code' is not one of gradient, "),
        (["--spec", "pgd-box", "--system", "8x8-16qam"], "nr 8 does not fit, 16 was expected"),
        (["--spec", "pgd-box", "--snr-low-db", "99"], "holds no entry of the bank"),
        (["--spec", "pgd-box", "--spread", "-1"], "outside 0 to 100 entries"),
        (["--spec", "pgd-box", "--epochs", "-1"], "epochs -1 is below 0"),
    ],
)
def test_what_cannot_be_is_one_line(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train.main(["tune", *words, "--out", str(tmp_path / "x")]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert not (tmp_path / "x").exists()


def test_draws_may_be_another_channels(tmp_path: Path) -> None:
    """Correlated antennas lose more of the same bits; distributed units keep their converters."""
    for name, nr, nt, more in (
        ("pgd-box", 16, 16, {}),
        ("hpd-16qam-2bit", 64, 8, {"adc_bits": 2, "units": 4, "channel_gain": 1.0}),
    ):
        rho = {"receive_correlation": 0.8, "transmit_correlation": 0.8}
        system = System(nr=nr, nt=nt, modulation="16qam", **rho, **more)  # type: ignore[arg-type]
        own, other = (GraphStage("quantized", tiny(name, system=text), 1, None)
                      for text in ("", text_of(system)))  # fmt: skip
        assert loss_on(other, 5).item() > loss_on(own, 5).item() + 0.02


def test_a_channel_file_of_another_scale_is_named(tmp_path: Path) -> None:
    parts = np.random.default_rng(0).normal(size=(2, 100, 16, 16)) * 0.5**0.5
    np.savez(tmp_path / "mine.npz", H=parts[0] + 1j * parts[1])
    system = System(nr=16, nt=16, modulation="16qam", channel="file", channel_scale="none",
                    channel_file=str(tmp_path / "mine.npz"))  # fmt: skip
    said = RECIPE.remark(tiny("pgd-box", system=text_of(system)))
    assert said is not None
    assert "divide H and y by 4" in said


def test_the_commands_train_export_and_give_soft_bits(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--soft-wire", "update", "--steps", "2", "--epochs", "1", "--validation", "10"]
    folder, hard, out = (str(tmp_path / name) for name in ("a", "hard.json", "soft.json"))
    assert train.main(["tune", "--spec", "admm-box-soft", *words, "--out", folder]) == 0
    assert "BER" in capsys.readouterr().out
    assert exporting.main([folder, "--name", "mine", "--out", hard]) == 0
    assert library.load(hard).soft is None
    assert soft.main(["add", "--spec", hard, "--wire", "update", "--vectors", "100",
                      "--out", out]) == 0  # fmt: skip
    capsys.readouterr()
    assert soft.main(["quality", "--spec", out, "--against", "admm-box-soft", "--snr", "10",
                      "--vectors", "100", "--json"]) == 0  # fmt: skip
    (found,) = json.loads(capsys.readouterr().out)["each"]
    assert abs(found["more"]) < 0.05


def test_a_checkpoint_is_owned_by_this_recipe_and_a_detector_of_the_lab(tmp_path: Path) -> None:
    checkpoint = trained(tiny("pgd-box", epochs=0), tmp_path / "a")
    assert registry.owner(checkpoint) is RECIPE
    assert [r for r in registry.RECIPES if r.owns(checkpoint.config)] == [RECIPE]
    config = TuneConfig.from_json(checkpoint.config)
    assert config == dataclasses.replace(config)
    assert config.digest == library.load("pgd-box").digest
