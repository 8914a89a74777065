# SPDX-License-Identifier: Apache-2.0
"""Specs of ADMM-Net from shipped networks and from one's own checkpoints, and what is refused."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from fixedpoint.detectors import library as specs
from fixedpoint.specs.admm import AdmmSpec
from model import export, rebuild, twin
from model.recipes import admm, pgd, registry
from model.recipes.unfolded import Unfolded
from model.store import checkpoint, shipped
from model.store.checkpoint import Checkpoint
from model.unfolded.admm_wires import INT8
from model.unfolded.export import admm_spec
from tests.admm import softplus
from tests.training import TINY, run

SPECS = pgd.SPECS | admm.SPECS
ADMM = dataclasses.replace(TINY, network="admm", form="scalar")


@pytest.fixture(scope="module")
def scalar(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny training of the scalar form."""
    out = tmp_path_factory.mktemp("scalar")
    run(ADMM, out)
    return out


@pytest.mark.parametrize("name", sorted(SPECS))
def test_a_shipped_spec_is_that_of_its_shipped_network(name: str, tmp_path: Path) -> None:
    out = tmp_path / "spec.json"
    assert export.main(["--name", name, "--out", str(out)]) == 0
    assert specs.load(out) == specs.load(name)


def test_rho_of_the_shipped_specs_is_that_of_their_networks() -> None:
    box, soft = (specs.load_as(AdmmSpec, name) for name in ("admm-box", "admm"))
    assert (box.prox, soft.prox) == ("box", "soft")
    part = shipped.checkpoint_of(SPECS["admm-box"]).part("net")
    slope, floor = (softplus(part[f"constants.raw_{n}"].item()) for n in ("slope", "floor"))
    snr = 10 ** (box.snr.snr_db / 10)
    rho = np.array(box.rho) * box.formats.rho.step
    assert np.allclose(rho, slope / snr + floor, rtol=1e-5, atol=2.0**-20)
    assert len(set(soft.rho)) == 1
    part = shipped.checkpoint_of(SPECS["admm"]).part("net")
    only = softplus(part["constants.raw_rho"].item())
    assert soft.formats.rho.value(soft.rho[0]) == pytest.approx(only, abs=2.0**-20)
    assert box.formats == soft.formats == INT8


def test_a_checkpoint_of_ones_own_becomes_the_spec_of_its_network(
    scalar: Path, tmp_path: Path
) -> None:
    out = tmp_path / "mine.json"
    assert export.main([str(scalar), "--name", "mine", "--out", str(out)]) == 0
    spec = specs.load_as(AdmmSpec, out)
    part = checkpoint.load(scalar).part("net")
    for k, layer in enumerate(spec.layers):
        for name, trained in (("relaxation", "relaxation"), ("dual_step", "dual")):
            target = getattr(spec.formats, name)
            value = part[f"constants.{trained}"][k].item()
            assert getattr(layer, name) == target.quantize(value)
        threshold = softplus(part["constants.raw_threshold"][k].double().numpy())
        assert layer.threshold == spec.formats.state.quantize(threshold)
    assert spec.provenance.startswith("python -m model.train admm")
    assert "--form scalar" in spec.provenance
    assert twin.main(["--spec", str(out), "--vectors", "256"]) == 0


def refused(
    saved: Checkpoint, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / "bad.safetensors", tmp_path / "out.json"
    saved.save(path)
    assert export.main([str(path), "--name", "x", "--out", str(out)]) == 2
    message = capsys.readouterr().err
    assert words in message
    assert message.count("\n") == 1
    assert not out.exists()


def test_layers_with_a_rho_each_and_a_box_of_the_snr_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exact = shipped.checkpoint_of("admm-soft-int8-kaq")
    words = "form exact: a ρ for each layer, but a coherence block has one F and one P; "
    refused(exact, f"{words}scalar or shared was expected", tmp_path, capsys)
    box = run(dataclasses.replace(ADMM, prox="snr-box", epochs=0), tmp_path / "box")
    refused(box, "prox snr-box: a threshold for each SNR", tmp_path, capsys)
    refused(shipped.checkpoint_of("admm-box"), "only a quantized net has Δ", tmp_path, capsys)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("relaxation", 4.5, "layer 1: relaxation 4.5 is outside -2047 to 2047 of s12.9"),
        ("dual", -8.1, "layer 1: dual step -8.1 is outside -2047 to 2047 of s12.8"),
        ("dual", float("nan"), "'net.constants.dual' holds NaN"),
        ("raw_threshold", 20.0, "layer 1: threshold 20 is outside 0 to 32767 of s16.11"),
        ("raw_rho", -50.0, "rho[0] 1.92"),
        ("raw_rho", 5000.0, "rho[0] 5000 is outside 1 to 2147483647 of s32.20"),
    ],
)
def test_constants_outside_their_formats_are_refused(
    name: str,
    value: float,
    words: str,
    scalar: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    saved = checkpoint.load(scalar)
    key = f"net.constants.{name}"
    poisoned = torch.full_like(saved.tensors[key], value)
    tensors = saved.tensors | {key: poisoned}
    refused(dataclasses.replace(saved, tensors=tensors), words, tmp_path, capsys)


def test_a_name_without_a_network_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ["--out", str(tmp_path / "out.json")]
    for options, words in (
        (["--name", "mine"], "no checkpoint, and 'mine' is not one of pgd, pgd-box, admm, "),
        (["--name", "admm", "--like", "admm-box"], "like 'admm-box' is not one of hpd-"),
    ):
        assert export.main([*options, *out]) == 2
        message = capsys.readouterr().err
        assert words in message
        assert message.count("\n") == 1


def test_rebuild_trains_the_network_of_a_spec_and_writes_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipes = {"soft": dataclasses.replace(ADMM, form="exact", quantizer="float")}
    recipes["scalar"] = dataclasses.replace(ADMM, quantizer="float", start="soft")
    recipes["int8"] = dataclasses.replace(ADMM, start="scalar", epochs=1)
    recipe = Unfolded("admm", "ADMM-Net", recipes, {"admm": "int8"}, admm_spec)
    monkeypatch.setattr(registry, "RECIPES", (recipe,))
    for folder in ("work", "out", "specs"):
        (tmp_path / folder).mkdir()
    folders = [f"--{name}={tmp_path / name}" for name in ("work", "out", "specs")]
    assert rebuild.main(["int8", "admm", *folders]) == 0
    spec = specs.load_as(AdmmSpec, tmp_path / "specs/admm.json")
    assert spec.provenance.startswith("python -m model.rebuild admm (torch ")
    stored = checkpoint.load(tmp_path / "out/int8.safetensors")
    assert stored.config["start"] == "scalar"
    assert recipe.shipped("admm", stored).replace(provenance=spec.provenance) == spec
