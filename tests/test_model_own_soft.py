# SPDX-License-Identifier: Apache-2.0
"""Training on soft bits themselves: their rule with gradients, κ, and what a training makes."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from fixedpoint.detectors import found, registry
from fixedpoint.detectors.own_start import start
from fixedpoint.numbers.modulation import MODULATIONS
from fixedpoint.specs.prepare import inverse_share
from model import train
from model.own.config import OwnConfig
from model.own.data import entries, sample
from model.own.soft import Kappa, entropy, max_log
from model.own.trainer import GraphStage, view_of
from model.recipes.own import RECIPE
from model.soft import rule
from model.store.resume import read_log
from model.twin import compare
from tests.test_model_own import interrupted, trained

torch.set_num_threads(1)
EXAMPLES = Path(__file__).parent.parent / "examples"
TINY = OwnConfig("boxed", antennas="4x4", modulation="16qam", layers=2, blocks=36, vectors=2,
                 steps=6, float_epochs=2, epochs=1, validation=40, learning_rate=0.02,
                 snr_low_db=-5.0, loss="soft", soft_wire="update", balance=0.0)  # fmt: skip


@pytest.fixture(autouse=True)
def _examples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(found.VARIABLE, "")
    for name in ("boxed", "momentum", "cells"):
        registry.use(EXAMPLES / f"{name}.py")


@pytest.mark.parametrize("name", MODULATIONS)
def test_ratios_are_those_of_the_rule_and_have_gradients(name: str) -> None:
    rng, m = np.random.default_rng(0), MODULATIONS[name]
    w, weight = rng.normal(scale=m.peak, size=(50, 3)), rng.uniform(0.1, 3, (50, 3))
    tensors = [torch.tensor(x, requires_grad=True) for x in (w, weight)]
    ratios = max_log(*tensors, m)
    np.testing.assert_allclose(ratios.detach().numpy(), rule.max_log(w, weight, m), atol=1e-12)
    ratios[..., 0].sum().backward()
    assert all(x.grad is not None and (x.grad != 0).all() for x in tensors)
    x = m.modulate(rng.integers(0, m.levels, w.shape))
    bits = m.gray(((x + m.peak) / 2).round().astype(np.int64))
    lost = entropy(*tensors, torch.tensor(x), m)
    assert lost.shape == (50,)
    carried = 1 - lost.mean().item() / np.log(2)
    assert carried == pytest.approx(rule.information(rule.max_log(w, weight, m), bits))


@pytest.mark.parametrize(("name", "units"), [("boxed", 0), ("momentum", 0), ("cells", 2)])
def test_kappa_starts_where_bits_carry_most_and_follows_the_block(name: str, units: int) -> None:
    """Of Gaussian errors at one over their variance: a factor of the certainty, or by SNR entry."""
    rng = np.random.default_rng(1)
    spec = start(registry.use(EXAMPLES / f"{name}.py"), 8, 4, "qpsk", units=units)
    index = entries(rng, range(5, 8), 60, 100)
    drawn = sample(spec, rng, index, rounded=True)
    kappa, x = Kappa(spec), torch.from_numpy(drawn.x).float()
    noise = torch.from_numpy(rng.normal(size=x.shape)).float()
    if name == "boxed":
        p = drawn.inputs.matrices["p"][:, 0] * spec.format("p").step
        share = torch.from_numpy(inverse_share(p)[:, None]).float()
        kappa.start(drawn.inputs, x + 2 * noise / share.sqrt(), x)
        ratio = kappa(drawn.inputs) / share
        assert kappa.logarithms.shape == (1,)
        assert torch.allclose(ratio, torch.tensor(0.25), rtol=0.3)
        return
    scale = torch.from_numpy(index[..., None] - 4.0).float()
    kappa.start(drawn.inputs, x + noise * scale, x)
    assert kappa(drawn.inputs).shape == (60, 100, 1)
    assert torch.allclose(kappa(drawn.inputs), scale**-2, rtol=0.3)
    assert len(kappa.logarithms[:5].unique()) == 1


def test_the_example_is_the_same_in_torch_and_golden() -> None:
    spec = start(registry.use(EXAMPLES / "boxed.py"), 16, 8, "16qam", layers=3)
    counts = compare(spec, 300, seed=1)
    assert {wire: count.differing for wire, count in counts.items() if count.differing} == {}
    assert len(counts) > 10


def test_a_training_carries_more_information_and_says_how_it_was_made(tmp_path: Path) -> None:
    checkpoint = trained(dataclasses.replace(TINY, steps=25), tmp_path / "a")
    made = RECIPE.export(checkpoint, "mine")
    assert "--loss soft" in made.provenance
    assert "--soft-wire update" in made.provenance
    assert set(checkpoint.part("kappa")) == {"logarithms"}
    log = [entry["loss"] for entry in read_log(tmp_path / "a")]
    assert log[1] < log[0]


def test_a_resumed_training_is_an_uninterrupted_one(tmp_path: Path) -> None:
    whole = trained(TINY, tmp_path / "whole")
    for stop in (1, 2):  # within the first stage, and after it
        interrupted(TINY, tmp_path / f"{stop}", stop)
        assert trained(TINY, tmp_path / f"{stop}", resume=True).identity == whole.identity


def test_the_last_layer_alone_is_asked_for_soft_bits() -> None:
    """Its weight is the whole gradient where the others count nothing; with them there is more."""
    rng = np.random.default_rng(3)
    index = entries(rng, TINY.trained, 36, 2)
    alone, deep = (
        GraphStage("float", dataclasses.replace(TINY, deep=d), 1, None) for d in (0, 0.5)
    )
    losses = [stage._loss(np.random.default_rng(3), index).item() for stage in (alone, deep)]
    net = view_of(TINY.spec, "float")
    drawn = sample(TINY.spec, np.random.default_rng(3), index, rounded=False)
    *_, last = net(drawn.inputs).values()
    assert alone.kappa is not None
    x = torch.from_numpy(drawn.x).float()
    lost = entropy(last.update, alone.kappa(drawn.inputs), x, TINY.spec.constellation)
    assert losses[0] == pytest.approx(lost.mean().item(), rel=1e-4)
    assert losses[1] > losses[0] + 0.01


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--soft-wire", "bits"], "soft-wire 'bits' is not one of product, estimate, "),
        (["--soft-wire", "code"], "soft-wire 'code' is not one of"),
    ],
)
def test_wrong_options_are_one_line(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["own", "--detector", str(EXAMPLES / "boxed.py"), "--out", str(tmp_path / "x"),
               "--loss", "soft"]  # fmt: skip
    assert train.main([*command, *words]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert not (tmp_path / "x").exists()
