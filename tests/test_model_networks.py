# SPDX-License-Identifier: Apache-2.0
"""The shipped PGD- and ADMM-Nets: loading, accuracy, and as detectors."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from model.detectors.catalog import make
from model.detectors.unfolded import DETECTORS
from model.recipes.families import FAMILIES, TESTED
from model.recipes.registry import config_of
from model.store import checkpoint as checkpoints
from model.store import shipped
from model.systems.scene import Received, Scene, scene
from model.systems.system import SYSTEMS, System
from model.unfolded.config import TrainConfig
from model.unfolded.nets import shipped_names, shipped_net
from model.unfolded.pgd import PgdNet
from model.variants import plan

torch.set_num_threads(1)
SYSTEM = SYSTEMS["16x16-16qam"]
WORST_AT_25_DB = {
    "pgd-soft": 0.185,
    "pgd-soft-int8-kaq": 0.14,
    "pgd-box": 0.135,
    "admm-soft": 0.2,
    "admm-scalar-soft": 0.09,
    "admm-scalar-soft-int8-kaq": 0.065,
    "admm-box": 0.0065,
    "admm-snr-box": 0.0065,
    "admm-box-int8-learned": 0.0065,
    "admm-box-int8-snr": 0.0065,
}
"""Coarse: what 2000 vectors can tell."""


def ber(text: str, drawn: Scene, system: System = SYSTEM) -> float:
    estimate = make(text, system)(drawn.received, drawn.h, drawn.noise)
    assert torch.isfinite(estimate).all()
    m = system.constellation
    sliced = [
        np.clip(np.floor((x.numpy() + m.peak + 1) / 2), 0, m.peak).astype(int)
        for x in (estimate, drawn.x)
    ]
    codes = [m.gray(positions) for positions in sliced]
    return float((codes[0] != codes[1]).mean())


@pytest.fixture(scope="module")
def clear() -> Scene:
    """2000 vectors at 25 dB."""
    return scene(SYSTEM, 25.0, 2000, np.random.default_rng(5))


@pytest.mark.parametrize("name", sorted(WORST_AT_25_DB))
def test_a_shipped_network_reaches_its_ber(name: str, clear: Scene) -> None:
    assert ber(name, clear) <= WORST_AT_25_DB[name]


@pytest.mark.parametrize("name", shipped_names())
def test_a_shipped_network_says_how_it_was_made(name: str) -> None:
    saved = checkpoints.load(shipped.locate(name))
    config = TrainConfig.from_json(saved.config)
    assert config == config_of(name)
    assert saved.stage == ("float" if config.quantizer == "float" else "quantized")
    notes = checkpoints.notes(shipped.locate(name))
    assert notes["command"] == f"python -m model.rebuild {name}"
    stages = [entry["epoch"] for entry in shipped.log(name) if entry["stage"] == saved.stage]
    assert stages == list(range(1, saved.epoch + 1))
    assert shipped.locate(name).stat().st_size < 50_000
    assert name in DETECTORS


def test_an_unknown_network_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"network 'pgd-hard' is not one of .*pgd-soft"):
        shipped_net("pgd-hard")
    with pytest.raises(ValueError, match="no such file"):
        checkpoints.load(shipped.locate("pgd-hard"))


@pytest.mark.parametrize("name", ["admm-box-int8-snr", "pgd-soft-int8-kaq"])
def test_rounding_costs_little_against_the_float_twin(name: str, clear: Scene) -> None:
    integers, twin = ber(name, clear), ber(f"{name}:twin=yes", clear)
    assert integers != twin
    assert integers - twin < 0.002


def test_fp16_is_the_loop_in_numpys_half_precision() -> None:
    net = shipped_net("pgd-soft")
    assert isinstance(net, PgdNet)
    drawn = scene(SYSTEM, 15.0, 20, np.random.default_rng(6))
    half = make("pgd-soft:precision=fp16", SYSTEM)(drawn.received, drawn.h, drawn.noise)
    assert np.array_equal(half.numpy(), half.numpy().astype(np.float16))
    eta, threshold = (value.detach().numpy().astype(np.float16) for value in net.constants())
    for g in range(20):
        h = drawn.h[g].numpy().astype(np.float16).astype(np.float32)
        y = drawn.received.y[g, 0].numpy().astype(np.float16).astype(np.float32)
        x = np.zeros(32, dtype=np.float32)
        for k in range(5):
            residual = (h @ x - y).astype(np.float16).astype(np.float32)
            u = (x - np.float32(eta[k]) * (h.T @ residual)).astype(np.float16).astype(np.float32)
            shrunk = np.sign(u) * np.maximum(np.abs(u) - np.float32(threshold[k]), 0)
            x = shrunk.astype(np.float16).astype(np.float32)
        # Sums in another order may fall on the other side of a rounding: 2 units of |x| < 8.
        assert np.abs(half[g, 0].numpy() - x).max() <= 2 * 2.0**-8


def test_fp16_and_fp32_stay_near_fp64(clear: Scene) -> None:
    for name in ("pgd-soft", "admm-soft", "admm-box"):
        rates = [ber(f"{name}:precision={p}", clear) for p in ("fp64", "fp32", "fp16")]
        assert max(rates) - min(rates) < 0.003
        assert rates[2] != rates[0]


@pytest.mark.parametrize("name", ["admm-box-int8-snr", "admm-box", "pgd-soft-int8-kaq"])
def test_vectors_of_a_block_are_detected_like_single_ones(name: str) -> None:
    blocks = dataclasses.replace(SYSTEM, vectors=3)
    for snr_db in (np.full((4, 3), 15.0), np.array([[0.0, 10.0, 25.0]] * 4)):
        drawn = scene(blocks, snr_db, 4, np.random.default_rng(1))
        whole = make(name, blocks)(drawn.received, drawn.h, drawn.noise)
        for b in range(3):
            y = drawn.received.y[:, b : b + 1]
            alone = make(name, SYSTEM)(Received(y, y, y), drawn.h, drawn.noise[:, b : b + 1])
            assert torch.allclose(whole[:, b : b + 1], alone, atol=1e-9)


def test_a_quantized_last_layer_decides_on_codes() -> None:
    drawn = scene(SYSTEM, 20.0, 50, np.random.default_rng(2))
    net = shipped_net("pgd-soft-int8-kaq").double()
    code = make("pgd-soft-int8-kaq:last=quantized", SYSTEM)(*drawn[:3]).detach()
    index = torch.tensor([25])
    with torch.no_grad():
        step = net.steps[4].scales(index)[0].item()
    units = code.numpy() / step
    assert np.allclose(units, np.rint(units), atol=1e-6)
    assert np.abs(np.rint(units)).max() <= 127


@pytest.mark.parametrize("name", ["admm-box-int8-snr", "admm-soft", "pgd-soft-int8-kaq"])
def test_a_singular_channel_gives_finite_estimates(name: str) -> None:
    drawn = scene(SYSTEM, 30.0, 3, np.random.default_rng(3))
    h = drawn.h.clone()
    h[0] = 0
    h[1, :, 1] = h[1, :, 0]
    assert torch.isfinite(make(name, SYSTEM)(drawn.received, h, drawn.noise)).all()


@pytest.mark.parametrize(
    ("text", "changes", "words"),
    [
        ("pgd-soft", {"nt": 8}, "trained for 16 users, 16 antennas and 16qam, not for 8"),
        ("admm-box", {"modulation": "64qam"}, "not for 16, 16 and 64qam"),
        ("admm-box", {"adc_bits": 2}, "adc_bits 2"),
        ("admm-box", {"channel_gain": 1.0}, "channel_gain 1, 1/nr was expected"),
        ("pgd-soft:precision=fp8", {}, "precision 'fp8' is not one of fp64, fp32, fp16"),
        ("pgd-soft:twin=yes", {}, "twin is for quantized nets"),
        ("pgd-soft-int8-kaq:precision=fp16", {}, "fp16 is for float nets"),
        ("pgd-soft:last=narrow", {}, "last 'narrow'"),
    ],
)
def test_what_a_network_cannot_serve_is_refused(
    text: str, changes: dict[str, object], words: str
) -> None:
    with pytest.raises(ValueError, match=words) as error:
        make(text, dataclasses.replace(SYSTEM, **changes))
    assert "\n" not in str(error.value)


def test_an_snr_outside_the_bank_is_refused_by_nets_that_read_it() -> None:
    drawn = scene(SYSTEM, 33.0, 2, np.random.default_rng(3))
    with pytest.raises(ValueError, match=r"snr_db 33\.0 is outside the bank"):
        make("admm-box", SYSTEM)(drawn.received, drawn.h, drawn.noise)
    assert torch.isfinite(make("pgd-soft", SYSTEM)(drawn.received, drawn.h, drawn.noise)).all()


def test_variants_change_one_factor_at_a_time() -> None:
    planned = {variant.name: variant for variant in plan(3)}
    assert len(planned) == len(list(plan(3)))
    allowed = {
        "mmd-kde": {"mmd", "epsilon"},
        "mmd-free": {"mmd", "epsilon"},
        "no-mmd": {"mmd", "epsilon"},
        "ptq-max": {"quantizer", "epochs", "initial"},
        "ptq-mse": {"quantizer", "epochs"},
        "admm-box": {"mmd", "epsilon", "last", "initial"},
    }
    for variant in planned.values():
        base = variant.reference
        assert planned[base.name] == base
        changed = {
            field.name
            for field in dataclasses.fields(variant.config)
            if getattr(variant.config, field.name) != getattr(base.config, field.name)
        }
        assert changed == allowed.get(variant.factor, changed)
        assert len(changed) <= 1 or variant.factor in allowed


def test_what_a_claim_is_about_is_trained_with_every_seed() -> None:
    names = {variant.name for variant in plan(3)}
    whole = tuple(FAMILIES["kaq"].factors)
    for family, bits, factors in (("pgd", 8, TESTED), ("pgd", 4, TESTED), ("kaq", 8, whole)):
        for factor in factors:
            assert {f"{family}-{factor}-{bits}bit-seed{seed}" for seed in range(3)} <= names
    assert plan(1).__next__().family == "kaq"


def test_the_whole_algorithm_trains_every_part_of_itself() -> None:
    config = config_of("admm-box-int8-kaq")
    assert (config.initial, config.last, config.quantizer) == ("max", "quantized", "snr")
    assert (config.mmd, config.form, config.prox) == ("bounded", "shared", "box")
    net = shipped.checkpoint_of("admm-box-int8-kaq").part("net")
    alphas = [float(net[f"steps.{k}.alpha"]) for k in range(5)]
    assert all(alpha != 0 for alpha in alphas)
    last = shipped.log("admm-box-int8-kaq")[-1]
    assert 0 < last["mmd"] < last["loss"]
