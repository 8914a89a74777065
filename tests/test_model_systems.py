# SPDX-License-Identifier: Apache-2.0
"""Any system as text, trained for and exported; its channels, from files too."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.io import savemat

from fixedpoint.detectors import library
from fixedpoint.detectors.registry import program
from fixedpoint.numbers.modulation import MODULATIONS
from fixedpoint.receivers.channel import Correlation, draw
from fixedpoint.receivers.fading import Mixture, Rician
from model import channels, evaluate, export, train, twin
from model.distributed.hpd import STEP_A_UNIT
from model.recipes.registry import recipe_of
from model.systems.recorded import recorded
from model.systems.scene import scene
from model.systems.system import SYSTEMS, System
from model.systems.text import bank_of, system_of, text_of
from model.unfolded.data import dataset
from tests.training import TINY, run

SHORT: dict[str, Any] = {"samples": 256, "validation": 12, "float_epochs": 1, "epochs": 1}
SHORT_UNITS: dict[str, Any] = {"steps": 2, "epochs": 1, "decay": 0, "validation": 20, "table": 20}
KINDS = {"pgd": SHORT, "admm": SHORT, "fpd": SHORT_UNITS, "hpd": {}}
UNITS = "32x4-16qam:adc_bits=3,units=2"


@pytest.mark.parametrize("text", [
    "8x8-64qam", UNITS, "4x6-256qam:receive_correlation=0.7",
    "2x2-qpsk:channel=rician,rician_k_db=-3.0", "2x2-qpsk:channel=mixture,receive_correlation=0.9",
    "64x8-4qam-1bit", "16x16-16qam:channel=file,channel_file=/tmp/a:b.npz", "9x3-4qam:vectors=7",
])  # fmt: skip
def test_a_systems_text_makes_the_same_system(text: str) -> None:
    system = system_of(text)
    assert system_of(text_of(system)) == system
    assert System.from_json(system.to_json()) == system


def test_named_systems_are_those_of_the_papers() -> None:
    for name, system in SYSTEMS.items():
        assert system_of(name) == system
    assert system_of("16x16-4QAM") == system_of("16x16-qpsk")


@pytest.mark.parametrize(("text", "words"), [
    ("8x8-8psk", "modulation '8psk' is not one of qpsk"),
    ("8-64qam", "nor receive antennas x users"),
    ("8x8-64qam:unit=2", "'unit' is not one of units"),
    ("8x8-64qam:units", "units has no value"),
    ("8x8-64qam:channel=kronecker", "above 0 was expected"),
    ("8x8-64qam:channel=mixture", "channel mixture without correlation"),
    ("8x8-64qam:channel=file", "go together"),
    ("8x8-64qam:rician_k_db=3", "channel rician was expected"),
    ("8x8-64qam:channel=rain", "is not one of iid"),
])  # fmt: skip
def test_a_bad_system_text_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        system_of(text)


def test_a_path_with_a_comma_is_refused_and_a_bank_is_two_numbers() -> None:
    with pytest.raises(ValueError, match="comma"):
        text_of(System(nt=1, nr=1, modulation="qpsk", channel="file", channel_file="a,b.npz"))
    assert len(bank_of("-5:45")) == 51
    with pytest.raises(ValueError, match="bank '5'"):
        bank_of("5")


@pytest.mark.parametrize(("detector", "text"), [
    ("admm", "8x8-64qam"), ("pgd", "6x5-16qam"), ("admm", "12x7-64qam"), ("pgd", "64x16-16qam"),
    ("admm", "4x4-256qam"), ("pgd", "4x4-qpsk"), ("admm", "2x3-qpsk"), ("pgd", "1x1-qpsk"),
    ("hpd", UNITS), ("fpd", UNITS), ("hpd", "16x2-64qam:adc_bits=4,units=4"),
    ("fpd", "8x2-qpsk:adc_bits=1"),
])  # fmt: skip
def test_every_detector_is_trained_and_exported_for_any_system(
    detector: str, text: str, tmp_path: Path
) -> None:
    recipe, system = recipe_of(detector), system_of(text)
    config = recipe.configuration(text, **KINDS[detector])
    made = recipe.trained(config, tmp_path / "train")
    spec = recipe.spec(config, made, "mine", "a test")
    assert spec.detector == detector
    assert (spec.rows, spec.columns, spec.modulation) == (
        system.rows, system.columns, system.modulation)  # fmt: skip
    library.save(spec, tmp_path / "mine.json")
    assert library.load(str(tmp_path / "mine.json")) == spec
    counts = twin.compare(spec, 64, 0)
    assert sum(count.compared for count in counts.values()) > 1000
    assert not any(count.differing for count in counts.values())
    if made is not None:
        again = recipe.trained(config, tmp_path / "train")
        assert again is not None
        assert again.identity == made.identity


def test_unknown_entries_are_refused_with_the_nearest_word() -> None:
    for detector in KINDS:
        with pytest.raises(ValueError, match=r"'layer'.*layers perhaps"):
            recipe_of(detector).configuration(UNITS, layer=3)
    with pytest.raises(ValueError, match=r"0 .unquantized. was expected"):
        recipe_of("admm").configuration(UNITS)
    with pytest.raises(ValueError, match="converters of 1 to 4 bits"):
        recipe_of("hpd").configuration("8x8-64qam")


@pytest.mark.parametrize("units", [1, 2, 8])
def test_the_step_of_integers_follows_the_units(units: int) -> None:
    recipe = recipe_of("hpd")
    config = recipe.configuration(f"32x4-16qam:adc_bits=3,units={units}")
    spec: Any = recipe.spec(config, None, "mine", "a test")
    step = spec.formats.step.value(spec.layers[0].step) / spec.formats.kappa.value(spec.kappa)
    assert step == pytest.approx(STEP_A_UNIT * units, rel=0.01)


def test_formats_of_the_shipped_system_are_the_shipped_ones() -> None:
    recipe = recipe_of("pgd")
    of = recipe.configuration("16x16-16qam").template  # type: ignore[attr-defined]
    shipped = library.load("pgd")
    assert of.formats == shipped.formats  # type: ignore[attr-defined]
    assert (of.adc, of.slicer, of.snr) == (shipped.adc, shipped.slicer, shipped.snr)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", MODULATIONS)
def test_no_format_of_a_system_is_short_of_bits(name: str) -> None:
    """Each coordinate, and a sample of five deviations at 0 dB, have room."""
    for sizes in ("4x4", "8x8", "32x8", "6x5"):
        system = system_of(f"{sizes}-{name}")
        spec = recipe_of("pgd").configuration(text_of(system)).template  # type: ignore[attr-defined]
        state, y, h = spec.formats.state, spec.formats.y, spec.formats.h
        assert state.max * state.step > 1.5 * system.constellation.peak
        assert y.max * y.step > 4.5 * (2 * system.signal_variance) ** 0.5
        assert h.max * h.step > 5 * (system.gain / 2) ** 0.5
        assert program(spec).parts


def test_the_commands_train_export_and_evaluate_a_system(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, spec = tmp_path / "train", tmp_path / "mine.json"
    words = [f"--{name.replace('_', '-')}={value}" for name, value in SHORT.items()]
    assert train.main(["admm", "--antennas", "4x3", "--modulation", "64qam", "--out", str(folder),
                       *words]) == 0  # fmt: skip
    assert export.main([str(folder), "--name", "mine", "--out", str(spec)]) == 0
    options = ["--snr", "10", "--max-vectors", "100", "--workers", "1", "--min-vectors", "1"]
    assert evaluate.main(["--spec", str(spec), *options, "--correlation-receive", "0.7"]) == 0
    assert "4×3 64qam" in capsys.readouterr().out


def channel_file(path: Path, count: int = 40, size: tuple[int, ...] = (4, 3), **beside: Any) -> str:
    rng = np.random.default_rng(0)
    h = rng.standard_normal((count, *size)) + 1j * rng.standard_normal((count, *size))
    arrays = {"H": h * np.arange(1, count + 1).reshape(-1, *[1] * len(size)), **beside}
    (savemat if path.suffix == ".mat" else lambda p, a: np.savez(p, **a))(path, arrays)
    return str(path)


@pytest.mark.parametrize("suffix", [".npz", ".mat"])
def test_a_files_blocks_are_split_and_scaled(suffix: str, tmp_path: Path) -> None:
    path = channel_file(tmp_path / f"h{suffix}", size=(2, 4, 3))
    parts = {p: recorded(path, "none", p, 4, 3) for p in ("train", "validation", "test")}
    assert [len(h) for h in parts.values()] == [28, 6, 6]
    whole = np.concatenate(list(parts.values()))
    assert len({block.tobytes() for block in whole}) == 40
    scaled = recorded(path, "mean", "train", 4, 3)
    assert np.mean(np.abs(scaled) ** 2) == pytest.approx(1 / 4)
    each = recorded(path, "draw", "test", 4, 3)
    assert np.mean(np.abs(each) ** 2, axis=(2, 3)) == pytest.approx(1 / 4)


def test_training_sees_no_channel_of_the_tests(tmp_path: Path) -> None:
    """The parts of the file are told apart by a mark in each matrix."""
    h = np.zeros((40, 1, 1), complex)
    h[:, 0, 0] = np.arange(1, 41)
    np.savez(tmp_path / "h.npz", H=h)
    text = f"1x1-qpsk:channel=file,channel_scale=none,channel_file={tmp_path / 'h.npz'}"
    config = recipe_of("pgd").configuration(text, **SHORT)
    system = config.receiver  # type: ignore[attr-defined]
    seen = {}
    for stream in ("train", "validation", "choice"):
        data = dataset(config.template, np.full(400, 10.0), 0, stream, quantized=False,  # type: ignore[attr-defined]
                       system=system)  # fmt: skip
        seen[stream] = set(data.h[:, 0, 0].round().int().tolist())
    tested = scene(system, 10.0, 400, np.random.default_rng(0)).h[:, 0, 0]
    seen["test"] = set(tested.round().int().tolist())
    assert seen["train"] <= set(range(1, 29))
    assert seen["validation"] == seen["choice"] == set(range(29, 35))
    assert seen["test"] == set(range(35, 41))


@pytest.mark.parametrize(("arrays", "words"), [
    ({"G": np.ones((30, 4, 3), complex)}, "lacks H"),
    ({"H": np.ones((30, 4, 3))}, "H is real"),
    ({"H": np.full((30, 4, 3), np.nan + 0j)}, "NaN"),
    ({"H": np.ones((30, 3, 4), complex)}, r"\(draws, 4, 3\)"),
    ({"H": np.ones((5, 4, 3), complex)}, "5 draws, at least 20"),
    ({"H": np.zeros((30, 4, 3), complex)}, "is 0"),
    ({"H": np.ones((30, 4, 3), complex), "snr_db": np.ones(29)}, "snr_db has 29 entries, 30 were"),
    ({"H": np.ones((30, 4, 3), complex), "y": np.ones((30, 3), complex)}, r"y has the shape"),
    ({"H": np.ones((30, 4, 3), complex), "snr_db": np.ones(30) + 0j}, "complex"),
])  # fmt: skip
@pytest.mark.parametrize("suffix", [".npz", ".mat"])
def test_a_bad_channel_file_is_one_line(
    arrays: dict[str, Any], words: str, suffix: str, tmp_path: Path
) -> None:
    path = tmp_path / f"h{suffix}"
    (savemat if suffix == ".mat" else lambda p, a: np.savez(p, **a))(path, arrays)
    with pytest.raises(ValueError, match=words):
        recorded(str(path), "mean", "train", 4, 3)


@pytest.mark.parametrize("name", ["missing.npz", "other.txt", "broken.mat"])
def test_what_is_no_channel_file_is_one_line(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    if name != "missing.npz":
        path.write_text("nothing of the kind")
    options = ["--detectors", "lmmse", "--workers", "1", "--snr", "10", "--antennas", "4x4"]
    assert evaluate.main([*options, "--channel", "file", "--channel-file", str(path)]) == 2
    message = capsys.readouterr().err
    assert str(path) in message
    assert message.count("\n") == 1


def test_a_rician_channel_keeps_variance_and_has_a_line_of_sight() -> None:
    rng = np.random.default_rng(1)
    h = Rician(10.0).draw(rng, 4000, 8, 2)
    assert np.mean(np.abs(h) ** 2) == pytest.approx(1 / 8, rel=0.02)
    values = np.linalg.svd(h[:, :, :1] * 8**0.5, compute_uv=False)
    assert np.mean(values**2) == pytest.approx(8, rel=0.02)
    lines = Rician(100.0).draw(rng, 50, 8, 2)
    turns = lines[:, 1:, :] / lines[:, :-1, :]
    assert np.abs(lines) == pytest.approx(8**-0.5, rel=1e-3)
    assert np.abs(turns - turns[:, :1]).max() < 1e-3


def test_a_mixture_is_half_independent_and_keeps_variance() -> None:
    """Neighbours' correlation: 0 in half of the blocks, ρ uniform in 0 to .9 in the others."""
    h = Mixture(Correlation(0.9, 0.5)).draw(np.random.default_rng(1), 20000, 8, 4)
    assert np.mean(np.abs(h) ** 2) == pytest.approx(1 / 8, rel=0.02)
    for axis, most in ((1, 0.9), (2, 0.5)):
        one, next_one = h.take(range(3), axis), h.take(range(1, 4), axis)
        found = np.mean((one * next_one.conj()).real) * 8
        assert found == pytest.approx(most / 4, abs=0.02)
    within = np.mean((h[:, :-1] * h[:, 1:].conj()).real, axis=(1, 2)) * 8
    plain = Correlation().draw(np.random.default_rng(2), 20000, 8, 4)
    alone = np.mean((plain[:, :-1] * plain[:, 1:].conj()).real, axis=(1, 2)) * 8
    assert np.mean(within < 0) == pytest.approx(np.mean(alone < 0) / 2, abs=0.1)


def test_channels_reach_the_draws_with_the_systems_gain() -> None:
    system = system_of("8x2-qpsk:channel=rician,rician_k_db=6.0,channel_gain=1.0")
    drawn = scene(system, 10.0, 3000, np.random.default_rng(0))
    assert 2 * drawn.h.var().item() == pytest.approx(1.0, rel=0.03)
    plain = draw(np.random.default_rng(0), system.constellation, 16, 4, np.full((3, 1), 10.0),
                 system.fading("test"))  # fmt: skip
    assert plain.h.shape == (3, 16, 4)


def test_a_default_system_trains_as_its_spec_does(tmp_path: Path) -> None:
    """The draws of `16x16-16qam` are those of the spec without a system."""
    mine = run(dataclasses.replace(TINY, system="16x16-16qam", snr_low_db=0.0), tmp_path / "a")
    other = run(TINY, tmp_path / "b")
    for name, tensor in other.part("net").items():
        assert np.array_equal(tensor.numpy(), mine.part("net")[name].numpy()), name


def test_a_checkpoint_is_a_detector(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--snr", "12", "--max-vectors", "60", "--min-vectors", "1", "--workers", "1"]
    for detector, text in (("admm", "4x3-64qam"), ("fpd", UNITS)):
        folder = tmp_path / detector
        recipe_of(detector).trained(
            recipe_of(detector).configuration(text, **KINDS[detector]), folder
        )
        net = f"net:checkpoint={folder}"
        assert evaluate.main(["--system", text, "--detectors", net, *options]) == 0
        assert net in capsys.readouterr().out
        assert evaluate.main(["--system", "16x2-qpsk", "--detectors", net, *options]) == 2
        assert "trained for" in capsys.readouterr().err
    assert evaluate.main(["--detectors", "net", *options]) == 2
    assert "checkpoint=PATH was expected" in capsys.readouterr().err


def test_what_is_not_trained_is_exported_for_a_system(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, like = tmp_path / "mine.json", "hpd-16qam-2bit-8bit"
    words = ["--name", "mine", "--like", like, "--out", str(out)]
    assert export.main([*words, "--system", UNITS]) == 0
    assert "for 32x4 16qam, 2 units" in capsys.readouterr().out
    made: Any = library.load(str(out))
    assert made.rows, made.formats.state.bits == (64, 8)
    assert export.main(["--name", "mine", "--out", str(out), "--system", UNITS]) == 2
    assert "--like was expected" in capsys.readouterr().err
    assert export.main(["--name", "mine", "--like", "fpd-16qam-2bit", "--out", str(out),
                        "--system", UNITS]) == 2  # fmt: skip
    assert "is trained, a checkpoint was expected" in capsys.readouterr().err


def test_thresholds_of_another_array_are_not_sealed(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    spec: Any = recipe_of("hpd").spec(recipe_of("hpd").configuration(UNITS), None, "mine", "")
    other: Any = recipe_of("hpd").spec(
        recipe_of("hpd").configuration("32x16-16qam:adc_bits=3,units=2"), None, "mine", ""
    )
    library.save(spec, path)
    assert library.seal(path) == spec
    library.save(spec.replace(adc=other.adc), path)
    with pytest.raises(ValueError, match="times those of this array's samples"):
        library.seal(path)
    for name in library.shipped():
        assert not library.load(name).array_faults(), name


def test_3gpp_channels_become_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for kind in ("tdl-a", "cdl-c", "umi"):
        path = tmp_path / f"{kind}.npz"
        words = [kind, "--antennas", "4x2", "--draws", "40", "--out", str(path)]
        assert channels.main(words) == 0
        assert recorded(str(path), "mean", "train", 4, 2).shape == (28, 1, 4, 2)
        first = path.read_bytes()
        assert channels.main(words) == 0
        assert path.read_bytes() == first, kind
        assert channels.main([*words, "--seed", "1", "--subcarriers", "3"]) == 0
        assert recorded(str(path), "mean", "test", 4, 2).shape == (6, 3, 4, 2)
    capsys.readouterr()
    for bad, said in (
        (["rain"], "'rain' is not one of tdl-a"),
        (["umi", "--draws", "5"], "5 draws"),
        (["umi", "--draws", "900000", "--subcarriers", "99"], "take"),
    ):
        assert channels.main([*bad, "--antennas", "4x2", "--out", str(tmp_path / "x.npz")]) == 2
        message = capsys.readouterr().err
        assert said in message
        assert message.count("\n") == 1


def test_a_default_range_lies_within_the_bank_that_is_asked_for() -> None:
    for detector in ("admm", "pgd"):
        config: Any = recipe_of(detector).configuration("8x8-64qam", bank="0:20")
        assert (config.snr_low_db, config.snr_high_db) == (12.0, 20.0)
        assert len(config.template.snr) == 21
        asked: Any = recipe_of(detector).configuration("8x8-64qam", snr_low_db=3.0, snr_high_db=40)
        assert (asked.snr_low_db, asked.snr_high_db) == (3.0, 40.0)
