# SPDX-License-Identifier: Apache-2.0
"""The example that decodes the RTL's soft bits with Sionna, on a core of two layers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from examples.link import coded_rtl
from fixedpoint.detectors import library, pm
from fixedpoint.detectors.own_start import start
from fixedpoint.numbers.format import Format
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.specs.soft import SoftBits
from fixedpoint.vectors import files
from hls import defaults
from model.link.engines import engine_of
from verification.rtl.model import Rtl

WORDS, SNR_DB = 12, 4.0


@pytest.fixture(scope="module")
def spec() -> DetectorSpec:
    soft = SoftBits("state", Format(5, 1), Format(7, 4), Format(11, 4), Format(12, 9), (300,))
    return start(pm.DETECTOR, 8, 4, "qpsk", name="tiny", layers=2).replace(soft=soft).sealed()


@pytest.fixture(scope="module")
def folder(spec: DetectorSpec, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("coded")
    library.save(spec, made / "tiny.json")
    return made


def command(folder: Path, snr_db: float, *more: str) -> list[str]:
    return ["--spec", str(folder / "tiny.json"), "--words", str(WORDS), "--length", "128",
            "--snr", str(snr_db), "--out", str(folder / f"{snr_db}.vec"), *more]  # fmt: skip


def test_words_go_through_vectors_and_rtl_to_the_decoder(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = {}
    for snr_db in (-5.0, 12.0):
        assert coded_rtl.main(command(folder, snr_db, "--json")) == 0
        said = json.loads(capsys.readouterr().out)
        assert said["compared"] > 10_000
        wrong[snr_db] = said["wrong"]
    assert set(wrong[12.0].values()) == {0}
    assert min(wrong[-5.0].values()) > WORDS / 2
    assert coded_rtl.main(command(folder, 12.0)) == 0
    assert "RTL of tiny: 0 words wrong" in capsys.readouterr().out


def test_what_is_decoded_is_what_the_golden_model_gives_of_the_same_words(
    spec: DetectorSpec, folder: Path
) -> None:
    link = coded_rtl.Link(coded_rtl.Code(coded_rtl.system_for([spec], None), 0.5, 128), 3)
    draw, path = link.draw(0, WORDS), folder / "same.vec"
    y, inputs = coded_rtl.received(spec, draw, SNR_DB)
    coded_rtl.write(spec, inputs, 3, path)
    rtl = Rtl.build(spec, lanes=defaults.chosen(spec, None))
    found, comparison = coded_rtl.simulate(rtl, path)
    assert comparison.equal
    layer = files.read(path, spec).layer
    assert {f"{layer}.llr0", "output.llr0", f"{layer}.state"} <= set(comparison.compared)
    vectors = coded_rtl.converted(
        spec, y.numpy().astype(complex), draw.h.numpy().astype(complex),
        coded_rtl.covariance(2 / 10 ** (SNR_DB / 10), 4, len(y)).numpy().astype(complex), 1.0,
    )  # fmt: skip
    snr = np.full((len(y), 1), SNR_DB)
    golden = engine_of(spec, "golden")(vectors.h, vectors.y[:, None], snr).llr
    assert golden is not None
    np.testing.assert_array_equal(coded_rtl.ratios(spec, found), golden[:, 0])
    assert len(np.unique(golden)) > 10


def test_an_integer_that_differs_is_found(spec: DetectorSpec, folder: Path) -> None:
    path = folder / "same.vec"
    golden = files.read(path, spec)
    name = f"{golden.layer}.llr0"
    golden.wires[name][5, 0, 1] ^= 1
    files.write(path, golden)
    rtl = Rtl.build(spec, lanes=defaults.chosen(spec, None))
    _, comparison = coded_rtl.simulate(rtl, path)
    assert not comparison.equal
    assert comparison.differing[name] == 1
    assert comparison.differing["output.llr0"] == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [(["--spec", "admm-box"], "has no soft bits"),
     (["--words", "0"], "0 words: at least 1"),
     (["--rate", "2"], "rate 2.0"),
     (["--snr", "99"], "99.0"),
     (["--lanes", "3"], "lanes 3")],
)  # fmt: skip
def test_mistakes_are_one_line(
    options: list[str], said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert coded_rtl.main([*command(folder, 8.0), *options]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
