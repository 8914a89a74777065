# SPDX-License-Identifier: Apache-2.0
"""Specs of HPD and FPD-Net: what export writes, from which real values, and what it refuses."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from fixedpoint.detectors import library as specs
from fixedpoint.numbers.bank import SnrBank
from fixedpoint.numbers.format import Format
from fixedpoint.specs.fpd import FpdSpec
from fixedpoint.specs.hpd import HpdSpec
from model import export, rebuild
from model.distributed.config import EIGHT, TEN
from model.distributed.unit_specs import adc_of
from model.fpd import shipped as fpd_shipped
from model.fpd.export import fpd_spec
from model.quant.constants import fitting
from model.recipes import fpd, hpd
from model.store import checkpoint as checkpoints
from model.store.shipped import FOLDER
from model.systems.converter import CONVERTERS
from model.systems.system import SYSTEMS

DISTRIBUTED = hpd.MADE_OF | fpd.MADE_OF
NAMES = sorted(name for name, made in DISTRIBUTED.items() if not made.hyper)
FPD = "fpd-16qam-2bit"


def refused(theta: torch.Tensor) -> str:
    with pytest.raises(ValueError, match="layer 3") as caught:
        fpd_spec("fpd-x", DISTRIBUTED[FPD], "test", theta, 1.5)
    return str(caught.value)


@pytest.fixture
def theta() -> torch.Tensor:
    return fpd_shipped.load(FPD).table.clone()


@pytest.mark.parametrize("name", NAMES)
def test_an_export_is_the_shipped_spec_to_the_byte(name: str, tmp_path: Path) -> None:
    out = tmp_path / "spec.json"
    assert export.main(["--name", name, "--out", str(out)]) == 0
    assert out.read_bytes() == (specs.SHIPPED / f"{name}.json").read_bytes()
    assert specs.load(name).provenance == f"python -m model.export --name {name}"


def test_rebuild_writes_the_same_spec(tmp_path: Path) -> None:
    options = [f"--{name}={tmp_path / name}" for name in ("work", "out", "specs")]
    (tmp_path / "specs").mkdir()
    assert rebuild.main(["hpd-4qam-1bit-8bit", *options]) == 0
    (made,) = (tmp_path / "specs").iterdir()
    assert made.read_bytes() == (specs.SHIPPED / made.name).read_bytes()


def test_every_recipe_is_shipped() -> None:
    assert set(NAMES) <= {*specs.shipped("hpd"), *specs.shipped("fpd")}


@pytest.mark.parametrize("name", NAMES)
def test_words_are_as_long_as_the_recipe_says(name: str) -> None:
    spec, words = specs.load(name), DISTRIBUTED[name].words
    assert isinstance(spec, HpdSpec | FpdSpec)
    most = 8 if name.endswith("-8bit") else 10
    assert words == (EIGHT if most == 8 else TEN)
    formats = {f.name: getattr(spec.formats, f.name) for f in dataclasses.fields(spec.formats)}
    formats |= {"threshold": spec.adc.threshold, "level": spec.adc.level}
    tables = [spec.sigmoid]
    if isinstance(spec, HpdSpec):
        tables.append(spec.pull)
    else:
        tables += [spec.quartic, spec.gaussian, *(spec.cosine(k) for k in range(spec.depth))]
    for fmt in [*formats.values(), *(t.address for t in tables), *(t.output for t in tables)]:
        assert fmt.bits <= most
    assert all(len(table.values) == 127 for table in tables)


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("hpd")])
def test_hpd_constants_are_those_of_algorithm_1(name: str) -> None:
    spec = specs.load_as(HpdSpec, name)
    f, alpha = spec.formats, {1: 0.428402223, 3: 0.428223150}[spec.constellation.peak]
    for t, layer in enumerate(spec.layers, start=1):
        weight = 0.2 * alpha * 1.5**t / 4
        assert abs(f.weight.value(layer.weight) - weight) <= f.weight.step / 2
        assert abs(f.step.value(layer.step) - 0.3) <= f.step.step / 2
        assert abs(f.momentum.value(spec.momentum[t - 1]) - t / (t + 3)) <= f.momentum.step / 2
    assert f.mean.value(spec.mean) == 0.25
    assert f.kappa.value(spec.kappa) == 1.5
    for q, entry in zip(range(-63, 64), spec.pull.values, strict=True):
        x = q / 64
        slope = sum(400 * (x - j) ** 3 / (100 * (x - j) ** 4 + 1) ** 2 for j in (-2, 0, 2))
        assert abs(spec.pull.output.value(entry) - slope) <= spec.pull.output.step / 2
    for q, entry in zip(range(-63, 64), spec.sigmoid.values, strict=True):
        assert entry == math.floor(64 / (1 + math.exp(-1.5 * q / 8)) + 0.5)


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("fpd")])
def test_fpd_scales_are_made_of_the_networks_table(name: str) -> None:
    spec, f = specs.load_as(FpdSpec, name), specs.load_as(FpdSpec, name).formats
    table = fpd_shipped.load(DISTRIBUTED[name].network).table.tolist()
    for layer, (mu1, mu2, mu3, mu4, eta, beta, phi) in zip(spec.layers, table, strict=True):
        expected = {
            "step": 1.5 * mu1, "quartic_scale": eta**0.25, "quartic_step": mu2 * eta**0.25,
            "gaussian_scale": beta**0.5, "gaussian_step": mu3 * beta**0.5,
            "cosine_step": math.pi * mu4, "phi": phi,
        }  # fmt: skip
        for key, value in expected.items():
            fmt = getattr(f, key)
            assert abs(fmt.value(getattr(layer, key)) - value) <= fmt.step / 2, key
        stored = float(f.phi.value(layer.phi))
        for q, entry in zip(range(-63, 64), layer.cosine, strict=True):
            d = q / 64 + 1  # a point of the grid is odd
            slope = math.sin(math.pi * d) / (math.cos(math.pi * d) + stored)
            assert abs(spec.cosine_output.value(entry) - slope) <= spec.cosine_output.step / 2


@pytest.mark.parametrize("quantizer", ["lloyd-max", "uniform"])
@pytest.mark.parametrize("bits", [1, 2, 3, 4])
def test_banks_are_the_converters_times_the_deviation(bits: int, quantizer: str) -> None:
    system = dataclasses.replace(SYSTEMS["64x8-16qam-2bit"], adc_bits=bits, quantizer=quantizer)
    bank = SnrBank(-5, 30)
    made, converter = adc_of(system, bank, 10), CONVERTERS[quantizer](bits)
    assert made.faults(len(bank)) == []
    for k, snr_db in enumerate(range(-5, 31)):
        deviation = math.sqrt(8 * 10 / 2 * (1 + 10 ** (-snr_db / 10)))
        for fmt, row, values in (
            (made.threshold, made.thresholds[k], converter.thresholds),
            (made.level, made.levels[k], converter.levels),
        ):
            real = np.array(values) * deviation
            assert np.abs(fmt.value(row) - real).max() <= fmt.step / 2 + 1e-12


def test_a_format_holds_its_largest_value_and_no_more_bits_would() -> None:
    for bits in (2, 8, 10):
        for peak in (1e-6, 0.25, 0.3, 1.0, 1.5, 126.6, 127.4, 127.6, 3e5):
            fmt, finer = fitting(bits, [-peak, peak / 3]), Format(bits, 0)
            assert fmt.max + 0.5 > peak / fmt.step
            finer = Format(bits, fmt.frac + 1)
            assert finer.max + 0.5 <= peak / finer.step
    assert fitting(10, [0.0, 0.0]) == Format(10, 0)
    for value in (math.nan, math.inf):
        with pytest.raises(ValueError, match="not finite"):
            fitting(10, [1.0, value])


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        (0, -0.1, "layer 3: mu1 -0.1 is not a number above 0"),
        (1, math.nan, "layer 3: mu2 nan"),
        (4, 0.0, "layer 3: eta 0 is not"),
        (5, math.inf, "layer 3: beta inf"),
        (6, 1.0, "layer 3: phi 1 is not a number above 1"),
        (6, 1.001, "layer 3: phi 1.001 is outside 129 to 511"),
    ],
)
def test_a_bad_theta_is_refused(theta: torch.Tensor, column: int, value: float, words: str) -> None:
    theta[2, column] = value
    assert words in refused(theta)


def test_thresholds_that_become_one_integer_are_refused() -> None:
    system = dataclasses.replace(SYSTEMS["64x8-16qam-2bit"], adc_bits=4)
    with pytest.raises(ValueError, match=r"converter in 3 bits: adc\.thresholds\[0\]"):
        adc_of(system, SnrBank(-5, 30), 3)


def test_a_trained_net_is_frozen_and_takes_the_word_lengths_of_a_recipe(tmp_path: Path) -> None:
    saved = checkpoints.load(FOLDER / f"{FPD}.safetensors")
    tensors = {name: t for name, t in saved.tensors.items() if name != "table"}
    dataclasses.replace(saved, tensors=tensors).save(tmp_path / "mine.safetensors")
    out = tmp_path / "mine.json"
    words = [str(tmp_path / "mine.safetensors"), "--name", "mine", "--like", FPD]
    assert export.main([*words, "--out", str(out)]) == 0
    mine, like = specs.load_as(FpdSpec, out), specs.load_as(FpdSpec, FPD)
    assert mine.name == "mine"
    assert mine.provenance == f"python -m model.export CHECKPOINT --name mine --like {FPD}"
    assert mine.replace(name=like.name, provenance=like.provenance) == like


def test_bad_exports_exit_2_with_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = FOLDER / "fpd-4qam-1bit.safetensors"
    pgd = FOLDER / "pgd-soft.safetensors"
    for words, options in (
        ("no checkpoint, and 'pgd-x' is not one of", ["--name", "pgd-x"]),
        ("HPD is not trained", [str(other), "--name", "hpd-4qam-1bit"]),
        ("the checkpoint's system is 64x8-4qam-1bit", [str(other), "--name", FPD]),
        ("FPD configuration: unknown entries", [str(pgd), "--name", "mine", "--like", FPD]),
        ("'nope' is not one of", [str(other), "--name", "mine", "--like", "nope"]),
        ("no such file", [str(tmp_path / "none"), "--name", FPD]),
    ):
        out = tmp_path / "out.json"
        assert export.main([*options, "--out", str(out)]) == 2
        message = capsys.readouterr().err
        assert words in message
        assert message.count("\n") == 1
        assert not out.exists()
