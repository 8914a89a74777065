# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fixedpoint import golden as golden_main
from fixedpoint.detectors import library as spec
from fixedpoint.vectors import files as vectors
from fixedpoint.vectors import layers as golden


def command(tmp_path: Path, *arguments: str) -> int:
    try:
        return golden_main.main([*arguments, "--out", str(tmp_path / "out")])
    except SystemExit as leave:
        return int(leave.code or 0)


@pytest.mark.parametrize("layer", ["pgd1", "pgd3", "pgd5", "slicer"])
def test_every_layer_writes_its_vectors(tmp_path: Path, layer: str) -> None:
    assert command(tmp_path, "--layer", layer, "--vectors", "20") == 0
    made = vectors.read(tmp_path / f"out/pgd-{layer}.vec", spec.load("pgd"))
    depth = 5 if layer == "slicer" else int(layer[-1])
    assert f"pgd{depth}.bits" in made.wires
    assert f"pgd{depth + 1}.bits" not in made.wires


def test_the_same_seed_writes_the_same_file(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        command(tmp_path / folder, "--layer", "pgd5", "--vectors", "16", "--seed", "9")
    files = [(tmp_path / f / "out/pgd-pgd5.vec").read_bytes() for f in ("a", "b")]
    assert files[0] == files[1]


def test_json_reports_wires_and_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(tmp_path, "--layer", "pgd5", "--vectors", "32", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["digest"] == spec.load("pgd").digest
    assert [row["wire"] for row in report["wires"]][:2] == ["h", "y"]
    assert report["float_twin"]["bits"] == 32 * 64


def test_without_an_snr_every_vector_draws_an_index() -> None:
    detector = spec.load("pgd")
    stimulus = golden.draw(detector, 720, 0, None)
    assert len(np.unique(detector.snr.index(stimulus.snr_db))) == len(detector.snr)


def test_own_input_is_taken(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    h = (rng.standard_normal((16, 16)) + 1j * rng.standard_normal((16, 16))) / np.sqrt(32)
    y = rng.standard_normal((6, 16)) + 1j * rng.standard_normal((6, 16))
    np.savez(tmp_path / "in.npz", H=h, y=y, snr_db=10.0)
    assert command(tmp_path, "--layer", "pgd5", "--input", str(tmp_path / "in.npz")) == 0
    made = vectors.read(tmp_path / "out/pgd-pgd5.vec", spec.load("pgd"))
    assert made.wires["y"].shape == (1, 6, 32)
    assert np.array_equal(made.wires["h"][0, :16, :16], spec.load("pgd").formats.h.quantize(h.real))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--layer", "pgd9"], "layer 'pgd9' is unknown, expected one of pgd1"),
        (["--layer", "pgd0"], "unknown"),
        (["--layer", "pgd1x"], "unknown"),
        (["--layer", "fpd6"], "layer 'fpd6' is unknown, expected one of adc, fpd1"),
        (
            ["--layer", "hpd1", "--spec", "fpd-4qam-1bit"],
            "layer 'hpd1' is one of hpd, spec fpd-4qam-1bit is of fpd",
        ),
        (["--layer", "fpd1", "--spec", "pgd"], "'fpd1' is one of fpd, spec pgd is of pgd"),
        (["--layer", "hyper", "--spec", "fpd-16qam-2bit"], "layer 'hyper' is unknown"),
        (["--layer", "all", "--spec", "nope"], "spec nope: no such file"),
        (["--layer", "all", "--snr-db", "31"], "snr_db 31.0 is outside the bank"),
        ([], "no layer"),
        (["--layer", "pgd5", "--snr-db", "31"], "snr_db 31.0 is outside the bank -5.0 to 30.0"),
        (["--layer", "pgd5", "--snr-db", "nan"], "outside the bank"),
        (["--layer", "pgd5", "--snr-db", "loud"], "invalid float value"),
        (["--layer", "pgd5", "--vectors", "0"], "0 vectors: at least 1"),
        (["--layer", "pgd5", "--vectors", "-3"], "-3 vectors: at least 1"),
        (["--layer", "pgd5", "--seed", "-1"], "seed -1"),
        (["--layer", "pgd5", "--spec", "nope"], "spec nope: no such file, nor a shipped spec"),
        (["--layer", "pgd5", "--loud"], "unrecognized arguments: --loud"),
        (["--layer", "pgd5", "--input", "no.npz"], "no.npz is not an .npz file"),
        (["--layer", "pgd5", "--input", "x", "--vectors", "3"], "--input brings its own"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert command(tmp_path, *arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert message in printed.err
    assert printed.err.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("content", [b"junk", b"PK\x05\x06" + b"\0" * 18])
def test_a_bad_npz_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    (tmp_path / "in.npz").write_bytes(content)
    assert command(tmp_path, "--layer", "pgd5", "--input", str(tmp_path / "in.npz")) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_an_unwritable_folder_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    status = golden_main.main(
        ["--layer", "pgd1", "--vectors", "2", "--out", str(tmp_path / "file")]
    )
    assert status == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    assert command(tmp_path, "--layer", "pgd1", "--vectors", "2") == 2
    assert list((tmp_path / "out").iterdir()) == []


def test_all_runs_every_layer_of_every_shipped_spec(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(tmp_path, "--layer", "all", "--vectors", "4", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    expected = [(name, layer) for name in spec.shipped() for layer in layers_of(name)]
    assert [(one["spec"], one["layer"]) for one in report] == expected
    files = {one["file"] for one in report}
    assert files == {str(path) for path in (tmp_path / "out").iterdir()}
    assert len(files) == len(spec.shipped())
    for name in spec.shipped():
        made = vectors.read(tmp_path / f"out/{name}-slicer.vec", spec.load(name))
        assert {wire.split(".")[0] for wire in made.wires if "." in wire} == {
            layer for layer in layers_of(name) if layer != "slicer"
        }


def test_all_reports_what_one_layer_reports(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("--spec", "hpd-4qam-1bit", "--vectors", "16", "--json")
    assert command(tmp_path, "--layer", "all", *arguments) == 0
    together = {one["layer"]: one for one in json.loads(capsys.readouterr().out)}
    for layer in ("hpd1", "hpd3", "slicer"):
        assert command(tmp_path, "--layer", layer, *arguments) == 0
        alone = json.loads(capsys.readouterr().out)
        assert {**alone, "file": ""} == {**together[layer], "file": ""}


def test_all_with_a_broken_spec_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(spec.SHIPPED, tmp_path / "specs")
    broken = json.loads((spec.SHIPPED / "pgd.json").read_text())
    broken["layers"][0]["eta"] += 1
    (tmp_path / "specs" / "zzz.json").write_text(json.dumps(broken))
    monkeypatch.setattr(spec, "SHIPPED", tmp_path / "specs")
    assert command(tmp_path, "--layer", "all", "--vectors", "2") == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("error: spec zzz: digest: ")
    assert printed.err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def layers_of(name: str) -> list[str]:
    return golden.layer_names(spec.load(name))


@pytest.mark.parametrize(("layer", "name"), golden.DEFAULTS.items())
def test_a_layer_without_a_spec_takes_the_default(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], layer: str, name: str
) -> None:
    layer = layer if layer in ("adc", "front", "hyper") else f"{layer}1"
    assert command(tmp_path, "--layer", layer, "--vectors", "2", "--json") == 0
    assert json.loads(capsys.readouterr().out)["spec"] == name


def test_list_names_every_spec_and_layer(capsys: pytest.CaptureFixture[str]) -> None:
    assert golden_main.main(["--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(
        line.startswith("pgd (default): pgd1, pgd2, pgd3, pgd4, pgd5, slicer") for line in lines
    )
    for name in spec.shipped():
        default = name in golden.DEFAULTS.values()
        (line,) = [line for line in lines if line.split(" ")[0].rstrip(":") == name]
        assert default == ("(default" in line)
        assert spec.load(name).digest in line


def test_golden_starts_without_torch() -> None:
    code = (
        "import runpy, sys; sys.modules['torch'] = None; sys.modules['brevitas'] = None\n"
        "sys.argv = ['golden', '--list']\n"
        "runpy.run_module('fixedpoint.golden', run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pgd5" in done.stdout
