# SPDX-License-Identifier: Apache-2.0
"""Exporting, choosing ε, evaluating, rebuilding, and what the commands say to bad options."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from fixedpoint.detectors import library as specs
from fixedpoint.detectors.library import odd_reciprocal
from fixedpoint.numbers.format import Format
from fixedpoint.specs.pgd import PgdLayer, PgdSpec
from model import export, rebuild, train, twin
from model.quant.constants import constant
from model.recipes import registry
from model.recipes.unfolded import Unfolded
from model.store import checkpoint
from model.unfolded.accuracy import half_width
from model.unfolded.export import Column, layers, pgd_spec
from model.unfolded.nets import net_of
from tests.training import TINY


def test_an_export_loads_and_keeps_the_trained_constants(trained: Path, tmp_path: Path) -> None:
    out = tmp_path / "tiny.json"
    assert export.main([str(trained), "--name", "tiny", "--out", str(out)]) == 0
    spec = specs.load(out)
    net = net_of(checkpoint.load(trained))
    etas, thresholds = net.constants()
    f = spec.formats
    for k, layer in enumerate(spec.layers):
        assert layer.eta == f.eta.quantize(etas[k].item())
        assert layer.threshold == f.state.quantize(thresholds[k].item())
        assert list(layer.step) == f.step.quantize(net.steps[k].table().detach()).tolist()
        expected = [odd_reciprocal(q, f.step, f.inverse) for q in layer.step]
        assert list(layer.inverse) == expected
    assert "--seed 0" in spec.provenance
    assert "--mmd bounded" in spec.provenance
    assert twin.main(["--spec", str(out), "--vectors", "256"]) == 0


def layer_of(eta: float, threshold: float, table: torch.Tensor, least: int = 0) -> PgdLayer:
    f = specs.load_as(PgdSpec, "pgd").formats
    columns = {"eta": Column([eta], f.eta, 1), "threshold": Column([threshold], f.state, least)}
    (made,) = layers(PgdLayer, f, [table], columns)
    return made


def test_export_refuses_constants_outside_their_formats() -> None:
    table = torch.full((36,), 0.02)
    with pytest.raises(ValueError, match=r"threshold -0\.001 is negative"):
        layer_of(0.5, -0.001, table)
    with pytest.raises(ValueError, match=r"threshold -1e-05 is negative"):
        layer_of(0.5, -1e-5, table)
    with pytest.raises(ValueError, match=r"eta 3\.5 is outside 1 to 2047"):
        layer_of(3.5, 0.0, table)
    with pytest.raises(ValueError, match=r"eta -0\.1"):
        layer_of(-0.1, 0.0, table)
    with pytest.raises(ValueError, match="threshold 0 is outside 1"):
        layer_of(0.5, 0.0, table, least=1)
    with pytest.raises(ValueError, match=r"step\[0\] 0.001"):
        layer_of(0.5, 0.0, table * 0.05)
    with pytest.raises(ValueError, match="nan"):
        constant("eta", float("nan"), Format(12, 10), 1)
    assert layer_of(0.5, 0.0, table).threshold == 0


def test_bad_checkpoints_are_refused_with_one_line(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = (trained / checkpoint.FILE).read_bytes()
    missing, torn = tmp_path / "none", tmp_path / "torn.safetensors"
    torn.write_bytes(good[: len(good) // 2])
    saved = checkpoint.load(trained)
    poisoned = dict(saved.tensors)
    poisoned["net.constants.eta"] = torch.full((5,), float("nan"))
    nan = tmp_path / "nan.safetensors"
    dataclasses.replace(saved, tensors=poisoned).save(nan)
    lacking = tmp_path / "lacking.safetensors"
    del poisoned["net.constants.eta"]
    dataclasses.replace(saved, tensors=poisoned).save(lacking)
    is_float = tmp_path / "float.safetensors"
    dataclasses.replace(saved, stage="float").save(is_float)
    for path, words in [
        (missing, "no such file"),
        (torn, "not a bitfold checkpoint"),
        (nan, "NaN"),
        (lacking, "constants.eta"),
        (is_float, "only a quantized net"),
    ]:
        out = tmp_path / "out.json"
        assert export.main([str(path), "--name", "x", "--out", str(out)]) == 2
        message = capsys.readouterr().err
        assert words in message
        assert message.count("\n") == 1
        assert not out.exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--samples", "0"], "samples 0"),
        (["--mmd", "kde"], "epsilon 0.0"),
        (["--epsilon", "-1"], "epsilon -1"),
        (["--epsilon", "nan", "--mmd", "kde"], "epsilon nan"),
        (["--learning-rate", "0"], "learning_rate 0"),
        (["--snr-high-db", "40"], "snr_db 40.0"),
        (["--snr-low-db", "20", "--snr-high-db", "10"], "20.0 to 10.0"),
        (["--spec", "nothing"], "no such file"),
        (["--quantizer", "float", "--mmd", "kde", "--epsilon", "1"], "quantizer float"),
        (["--resume"], "to resume"),
        (["--start", "nowhere"], "no such file"),
        (["--bits", "1"], "bits 1 is below 2"),
        (["--epochs", "-1"], "epochs -1 is below 0"),
        (["--form", "linearised"], "quantizer float expected"),
    ],
)
def test_bad_options_exit_2_with_one_line(
    options: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert train.main(["pgd", *options, "--validation", "60", "--out", str(out)]) == 2
    message = capsys.readouterr().err
    assert words in message
    assert message.count("\n") == 1
    assert not out.exists()


def test_a_checkpoint_is_neither_overwritten_nor_resumed_under_another_configuration(
    trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train.main(["pgd", "--out", str(trained)]) == 2
    assert "--resume goes on" in capsys.readouterr().err
    assert train.main(["pgd", "--out", str(trained), "--resume"]) == 2
    assert "samples 512 not 50000" in capsys.readouterr().err


def test_an_unwritable_folder_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    options = ["--samples", "128", "--validation", "60", "--float-epochs", "1"]
    assert train.main(["pgd", *options, "--out", str(tmp_path / "file" / "out")]) == 2
    assert "cannot be" in capsys.readouterr().err


@pytest.mark.parametrize("network", ["pgd", "admm"])
def test_choose_epsilon_compares_each_value_with_zero(
    network: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = [
        "--network",
        network,
        "--mmd",
        "kde",
        "--samples",
        "256",
        "--validation",
        "60",
        "--float-epochs",
        "1",
    ]
    options += ["--epochs", "1", "--epsilons", "10", "--seeds", "1", "--vectors", "20"]
    assert train.main(["choose-epsilon", *options, "--out", str(tmp_path)]) == 0
    assert "chosen: 10" in capsys.readouterr().out
    record = json.loads((tmp_path / "choice.json").read_text())
    assert [c["epsilon"] for c in record["choices"]] == [0, 10]
    assert record["choices"][0]["gain"] == 0
    bad = ["choose-epsilon", *options[4:], "--out", str(tmp_path / "bad")]
    assert train.main(bad) == 2


def test_half_width_is_that_of_independent_draws() -> None:
    draws = np.random.default_rng(0).normal(size=10_000)
    assert half_width(draws) == pytest.approx(1.96 / 100, rel=0.05)


def test_rebuild_makes_a_network_after_its_start_and_a_spec_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    recipes = {"soft": dataclasses.replace(TINY, quantizer="float")}
    recipes["kaq"] = dataclasses.replace(TINY, start="soft", mmd="kde", epsilon=1.0)
    recipe = Unfolded("pgd", "PGD-Net", recipes, {"pgd": "kaq"}, pgd_spec)
    monkeypatch.setattr(registry, "RECIPES", (recipe,))
    out = [f"--{name}={tmp_path / name}" for name in ("work", "out", "specs")]
    (tmp_path / "specs").mkdir()
    assert rebuild.main(["kaq", "pgd", *out]) == 0
    spec = specs.load(tmp_path / "specs/pgd.json")
    assert spec.provenance.startswith("python -m model.rebuild pgd (torch ")
    path = tmp_path / "out/kaq.safetensors"
    shipped = checkpoint.load(path)
    assert shipped.config["start"] == "soft"
    assert set(shipped.tensors) == {
        k for k in checkpoint.load(tmp_path / "work/kaq").tensors if k.startswith("net.")
    }
    notes = checkpoint.notes(path)
    assert notes["command"] == "python -m model.rebuild kaq"
    assert [entry["epoch"] for entry in notes["log"]] == [1, 2]
    first = path.read_bytes()
    assert rebuild.main(["--all", *out]) == 0
    assert path.read_bytes() == first
    assert (tmp_path / "out/soft.safetensors").exists()
    capsys.readouterr()
    assert rebuild.main(["nothing", *out]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert rebuild.main(out) == 2


def test_twin_command_rejects_bad_options(capsys: pytest.CaptureFixture[str]) -> None:
    assert twin.main(["--vectors", "0"]) == 2
    assert "vectors 0" in capsys.readouterr().err
    assert twin.main(["--spec", "nothing"]) == 2
