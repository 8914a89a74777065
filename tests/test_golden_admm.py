# SPDX-License-Identifier: Apache-2.0
"""ADMM-Net by the golden command, its vector files, and the Python API."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fixedpoint.detectors import library as spec
from fixedpoint.receivers import family
from fixedpoint.receivers.channel import real_matrix
from fixedpoint.specs.admm import AdmmSpec
from fixedpoint.vectors import files as vectors
from fixedpoint.vectors import layers as golden
from tests.test_admm_detector import complex_inputs
from tests.test_golden import command

LAYERS = ["front", *(f"admm{k}" for k in range(1, 6)), "slicer"]
FRONT = ["front.filtered", "front.estimate"]
WIRES = ["product", "estimate", "relaxed", "update", "state", "code", "decoded", "dual",
         "difference", "bits"]  # fmt: skip


def report(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_the_last_layer_without_a_spec_is_the_shipped_one_s(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(tmp_path, "--layer", "admm5", "--vectors", "32", "--json") == 0
    found = report(capsys)
    assert (found["spec"], found["vectors"]) == ("admm-box", 32)
    rows = [row["wire"] for row in found["wires"]]
    assert rows == ["f", "p", "y", *(f"admm5.{wire}" for wire in WIRES)]
    assert found["wires"][0]["format"] == "s11.8"
    assert found["wires"][1]["format"] == "s8.7"
    assert found["float_twin"]["bits"] == 32 * 64
    assert found["raised_blocks"] == 0


def test_the_front_end_has_two_wires_and_decides_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(tmp_path, "--layer", "front", "--vectors", "8", "--json") == 0
    found = report(capsys)
    assert [row["wire"] for row in found["wires"]][3:] == FRONT
    assert found["float_twin"] is None
    assert found["bit_error_rate"] is None
    made = vectors.read(tmp_path / "out/admm-box-front.vec", spec.load("admm-box"))
    assert [*made.wires] == ["f", "p", "y", "snr_index", *FRONT]


def test_all_layers_from_one_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("--spec", "admm-box", "--vectors", "48")
    assert command(tmp_path, "--layer", "all", *arguments, "--json") == 0
    together = report(capsys)
    assert [one["layer"] for one in together] == LAYERS
    for layer in ("front", "admm2", "slicer"):
        assert command(tmp_path, "--layer", layer, *arguments, "--json") == 0
        alone = report(capsys)
        assert {**alone, "file": ""} == {**together[LAYERS.index(layer)], "file": ""}


def test_detection_gets_better_from_layer_to_layer() -> None:
    made = spec.load("admm-box")
    stimulus = golden.draw(made, 640, 3, 20.0)
    runs = golden.run_layers(made, ["admm1", "admm5"], stimulus, 3)
    rates = [run.bit_error_rate for run in runs]
    assert rates[0] is not None
    assert rates[1] is not None
    assert rates[1] < 0.06 < rates[0]
    assert runs[1].twin is not None
    assert runs[1].twin.rms < 0.15


def test_every_block_draws_one_snr() -> None:
    made = spec.load("admm-box")
    index = made.snr.index(golden.draw(made, 1600, 0, None).snr_db)
    assert index.shape == (100, 16)
    assert np.array_equal(index, np.repeat(index[:, :1], 16, axis=1))
    assert len(np.unique(index)) > 25


def test_vector_files_hold_f_and_p_and_every_wire(tmp_path: Path) -> None:
    made = spec.load_as(AdmmSpec, "admm-box")
    written = golden.run(made, "admm3", golden.draw(made, 12, 5, None), 5).vectors()
    vectors.write(tmp_path / "v.vec", written)
    again = vectors.read(tmp_path / "v.vec", made)
    names = [*FRONT, *(f"admm{k}.{wire}" for k in (1, 2, 3) for wire in WIRES)]
    assert [*again.wires] == ["f", "p", "y", "snr_index", *names]
    for name, array in written.wires.items():
        assert np.array_equal(again.wires[name], array), name
        assert again.formats[name] == written.formats[name]
    assert (again.formats["f"], again.formats["p"]) == (made.formats.f, made.formats.p)
    h = np.concatenate([again.wires["f"], again.wires["p"]], axis=1)
    layers = family.run(made, h, again.wires["y"], again.wires["snr_index"][..., 0])
    assert np.array_equal(layers[3].dual, again.wires["admm3.dual"])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("wire p ", "wire q ", "wire 'q' is unknown"),
        ("wire f ", "wire g ", "wire 'g' is unknown"),
        ("wire p s8.7", "wire p s3.7", "wire p has the format s3.7, s8.7 expected"),
        ("wire f s11.8 1", "wire f s11.8 2", r"the shape \(2, 32, 32\)"),
        ("vectors 12", "vectors 11", "has the shape"),
    ],
)
def test_a_broken_file_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    made = spec.load("admm-box")
    path = tmp_path / "v.vec"
    vectors.write(path, golden.run(made, "front", golden.draw(made, 12, 5, None), 5).vectors())
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(ValueError, match=message):
        vectors.read(path, made)


def test_a_file_with_f_alone_is_refused(tmp_path: Path) -> None:
    made = spec.load("admm-box")
    full = golden.run(made, "front", golden.draw(made, 4, 5, None), 5).vectors()
    wires = {name: array for name, array in full.wires.items() if name != "p"}
    short = vectors.GoldenVectors(made.digest, "front", 5, wires, full.formats)
    vectors.write(tmp_path / "v.vec", short)
    with pytest.raises(ValueError, match="wire p is missing"):
        vectors.read(tmp_path / "v.vec", made)


def test_own_input_is_taken(tmp_path: Path) -> None:
    h, y = complex_inputs(0, 6)
    np.savez(tmp_path / "in.npz", H=h, y=y, snr_db=12.0)
    assert command(tmp_path, "--layer", "admm5", "--input", str(tmp_path / "in.npz")) == 0
    made = spec.load_as(AdmmSpec, "admm-box")
    found = vectors.read(tmp_path / "out/admm-box-admm5.vec", made).wires
    own = real_matrix(h)
    rho = made.formats.rho.value(made.rho[17])
    w = np.linalg.inv(own.T @ own + rho * np.eye(32))
    assert np.array_equal(found["f"][0], made.formats.f.quantize(own @ w.T))
    assert np.array_equal(found["p"][0], made.formats.p.quantize(rho * w))
    assert np.unique(found["snr_index"]).tolist() == [17]


def test_own_snr_in_a_block_is_one_line_and_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    h, y = complex_inputs(1, 4)
    np.savez(tmp_path / "in.npz", H=h, y=y, snr_db=[10.0, 10.4, 10.0, 11.0])
    assert command(tmp_path, "--layer", "admm5", "--input", str(tmp_path / "in.npz")) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert "vector 3 of block 0 has the SNR index 16, 15 was expected" in printed.err
    assert not (tmp_path / "out").exists()


def test_a_channel_that_needs_a_larger_rho_is_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """ρ = 1/256, one entry of 1/16: F is 8 there, beyond s11.8; doubled once 5.3, twice 3.2."""
    made = spec.load_as(AdmmSpec, "admm-box")
    made = made.replace(rho=(made.formats.rho.quantize(1 / 256).item(),) * 36)
    made.save(tmp_path / "s.json")
    random, y = complex_inputs(2, 3, 4)
    good = np.linalg.qr(random)[0]
    singular, weak = good.copy(), np.zeros((16, 16))
    singular[:, 3] = 0
    weak[5, 5] = 1 / 16
    np.savez(tmp_path / "in.npz", H=np.stack([good, singular, weak]), y=y, snr_db=30.0)
    arguments = ("--layer", "admm5", "--input", str(tmp_path / "in.npz"))
    arguments += ("--spec", str(tmp_path / "s.json"))
    assert command(tmp_path, *arguments) == 0
    assert "rho doubled in 1 blocks until F fitted its format" in capsys.readouterr().out
    found = vectors.read(tmp_path / "out/admm-box-admm5.vec", made).wires
    assert found["f"][2].max() == made.formats.f.quantize((1 / 16) / (1 / 256 + 4 / 256))
    assert not found["f"][1][:, 3].any()
    assert command(tmp_path, *arguments, "--json") == 0
    assert report(capsys)["raised_blocks"] == 1


def test_where_nothing_was_doubled_nothing_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(tmp_path, "--layer", "admm1", "--vectors", "16", "--snr-db", "0") == 0
    assert "rho" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--layer", "admm6"], "layer 'admm6' is unknown, expected one of front, admm1"),
        (["--layer", "front", "--spec", "pgd"], "layer 'front' is unknown, expected one of pgd1"),
        (["--layer", "admm1", "--spec", "pgd"], "'admm1' is one of admm, spec pgd is of pgd"),
        (["--layer", "pgd1", "--spec", "admm-box"], "'pgd1' is one of pgd, spec admm-box is of"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert command(tmp_path, *arguments) == 2
    printed = capsys.readouterr()
    assert message in printed.err
    assert printed.err.count("\n") == 1


def test_nan_in_h_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    h, y = complex_inputs(3, 2)
    h[1, 1] = np.nan
    np.savez(tmp_path / "in.npz", H=h, y=y, snr_db=10.0)
    assert command(tmp_path, "--layer", "front", "--input", str(tmp_path / "in.npz")) == 2
    assert "array H: it holds NaN, infinity" in capsys.readouterr().err
