# SPDX-License-Identifier: Apache-2.0
"""Specs of ADMM-Net that cannot be used: each bad entry named, in one line."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from fixedpoint import golden as golden_main
from fixedpoint.detectors import library as spec
from fixedpoint.numbers.format import Format
from fixedpoint.spec import main as seal_main
from fixedpoint.specs.admm import AdmmFormats, AdmmSpec
from fixedpoint.stress import admm as admm_stress
from fixedpoint.support.schema import SpecError
from tests.admm_reference import left, with_formats
from tests.admm_widths import shifts
from tests.test_spec import edit, faults, written

SIGNED = [field.name for field in dataclasses.fields(AdmmFormats)]

CASES: list[tuple[str, Any, str]] = [
    ("schema", 2, "schema: 2 is not 1"),
    ("detector", "pgd", "rho: unknown entry"),
    ("prox", "hard", "prox: 'hard' is not one of soft, box"),
    ("modulation", "8psk", "modulation: '8psk' is not one of qpsk, 16qam, 64qam"),
    ("rows", 31, "rows: 31 is not an even number from 2 to 1024"),
    ("columns", 0, "columns: 0 is not an even number from 2 to 1024"),
    ("layers", [], "layers: 0 layers, 1 to 64 expected"),
    ("slicer", [-4096, 1, 4096], "slicer: [-4096, 1, 4096], [-4096, 0, 4096] expected for 16qam"),
    ("rho", [1] * 35, "rho: 35 entries, 36 expected"),
    ("rho", [], "rho: 0 entries, 36 expected"),
    ("rho.3", 0, "rho[3]: 0 is outside 1 to 2147483647"),
    ("rho.35", -5, "rho[35]: -5 is outside 1 to 2147483647"),
    ("rho.0", 1 << 31, "rho[0]: 2147483648 is outside 1 to 2147483647"),
    ("rho.1", 0.5, "rho[1]: 0.5 is not an integer"),
    ("snr.last_db", 29, "rho: 36 entries, 35 expected"),
    ("snr.last_db", 29, "layers[4].inverse: 36 entries, 35 expected"),
    ("snr.last_db", -9, "snr: last_db -9 lies below first_db -5"),
    ("adc.bits", 0, "adc.bits: 0 is outside 1 to 16"),
    ("adc.bits", 17, "adc.bits: 17 is outside 1 to 16"),
    ("adc.half_step", 0, "adc.half_step: 0 puts levels outside y's s12.7"),
    ("adc.half_step", 2, "adc.half_step: 2 puts levels outside y's s12.7"),
    ("adc.bits", 12, "adc.half_step: 1 puts levels outside y's s12.7"),
    ("layers.0.relaxation", 2048, "layers[0].relaxation: 2048 is outside -2047 to 2047"),
    ("layers.1.relaxation", -2048, "layers[1].relaxation: -2048 is outside -2047 to 2047"),
    ("layers.2.dual_step", 2048, "layers[2].dual_step: 2048 is outside -2047 to 2047"),
    ("layers.3.dual_step", -9999, "layers[3].dual_step: -9999 is outside -2047 to 2047"),
    ("layers.0.threshold", 0, "layers[0].threshold: 0 is outside 1 to 32767"),
    ("layers.4.threshold", 32768, "layers[4].threshold: 32768 is outside 1 to 32767"),
    ("layers.1.step", [400] * 35, "layers[1].step: 35 entries, 36 expected"),
    ("layers.1.step.7", 0, "layers[1].step[7]: 0 is outside 1 to 4095"),
    ("layers.1.inverse.7", 10000, "layers[1].inverse[7]: 10000 is even"),
    ("layers.1.inverse.7", 9999, "layers[1].inverse[7]: 9999 is not the odd reciprocal"),
    ("layers.1.inverse.7", 32769, "layers[1].inverse[7]: 32769 is outside 1 to 32767"),
    ("layers.0.eta", 1, "layers[0].eta: unknown entry"),
    ("layers.0", {}, "layers[0].relaxation: missing"),
    ("formats.h", {"bits": 8, "frac": 7, "signed": True}, "formats.h: unknown entry"),
    ("formats.code.frac", 1, "formats.code.frac: 1 is not 0 (codes count steps)"),
    ("formats.inverse.frac", -12, "formats.inverse.frac: -12 is below -state.frac"),
    ("formats.inverse.frac", -30, "formats.inverse.frac: -30 is below -state.frac"),
    ("formats.relaxation.frac", -1, "formats.relaxation.frac: -1 is below 0"),
    ("formats.dual_step.frac", -1, "formats.dual_step.frac: -1 is below 0"),
    ("formats.f.bits", 64, "formats.f: bits 64 is outside 2 to 63"),
    ("formats.f.bits", 45, "wire 'filtered': transformed needs 60 bits in the worst case"),
    ("formats.p.bits", 45, "wire 'product': transformed needs 56 bits in the worst case"),
    ("formats.front.frac", -40, "wire 'estimate': rounded needs"),
    ("formats.p.frac", 60, "wire 'product': frac 64 is outside -63 to 63"),
    ("formats.relaxation.bits", 45, "wire 'relaxed': product needs"),
    ("formats.relaxation.frac", 50, "wire 'relaxed': total needs"),
    ("formats.dual.frac", 55, "wire 'update': total needs"),
    ("formats.inverse.bits", 45, "wire 'code': product needs"),
    ("formats.step.bits", 50, "wire 'decoded': product needs"),
    ("formats.dual_step.bits", 45, "wire 'dual': product needs"),
    ("formats.dual_step.frac", 60, "wire 'dual': total needs"),
    *((f"formats.{name}.signed", False, f"formats.{name}.signed: false, true") for name in SIGNED),
]  # fmt: skip


@pytest.fixture
def data() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((spec.SHIPPED / "admm-box.json").read_text())
    return found


@pytest.mark.parametrize(("path", "value", "message"), CASES)
def test_each_bad_entry_is_named(
    tmp_path: Path, data: dict[str, Any], path: str, value: Any, message: str
) -> None:
    edit(path, value)(data)
    found = faults(tmp_path, data)
    assert any(message in fault for fault in found), found


def test_a_soft_threshold_may_be_zero_and_not_negative(
    tmp_path: Path, data: dict[str, Any]
) -> None:
    data["prox"] = "soft"
    data["layers"][2]["threshold"] = 0
    spec.seal(written(tmp_path, data))
    data["layers"][2]["threshold"] = -1
    assert faults(tmp_path, data) == ["layers[2].threshold: -1 is outside 0 to 32767"]


def test_constants_of_both_signs_are_allowed(tmp_path: Path, data: dict[str, Any]) -> None:
    data["layers"][0] |= {"relaxation": -2047, "dual_step": -2047}
    data["layers"][1] |= {"relaxation": 0, "dual_step": 0}
    sealed = spec.seal(written(tmp_path, data))
    assert isinstance(sealed, AdmmSpec)
    assert sealed.layers[0].relaxation == -2047


def test_every_fault_is_named_not_only_the_first(tmp_path: Path, data: dict[str, Any]) -> None:
    del data["rho"]
    data["formats"]["dual"]["frac"] = "4"
    data["layers"][1]["relaxation"] = None
    found = faults(tmp_path, data)
    assert "rho: missing" in found
    assert "formats.dual.frac: '4' is not an integer" in found
    assert "layers[1].relaxation: None is not an integer" in found


@pytest.mark.parametrize("made", [admm_stress.spec("soft", 8, 4), left()], ids=["stress", "left"])
def test_a_good_spec_survives_the_file(tmp_path: Path, made: AdmmSpec) -> None:
    made.save(tmp_path / "s.json")
    again = spec.load_as(AdmmSpec, tmp_path / "s.json")
    assert (again, again.digest) == (made, made.digest)


def test_formats_that_shift_left_are_no_fault() -> None:
    assert shifts(left()).front < 0
    made = with_formats(admm_stress.spec("box", 8, 4), p=Format(5, -9), dual_step=Format(6, 0))
    assert shifts(made).estimate.shift < 0


def test_a_changed_digit_is_noticed(tmp_path: Path, data: dict[str, Any]) -> None:
    data["rho"][7] += 1
    with pytest.raises(SpecError, match=r"digest: .* is stored"):
        spec.load(written(tmp_path, data))
    path = written(tmp_path, data)
    assert seal_main(["seal", str(path)]) == 0
    assert spec.load(path).digest != spec.load("admm-box").digest


def test_the_digest_does_not_depend_on_layout(tmp_path: Path, data: dict[str, Any]) -> None:
    shuffled = dict(reversed(list(data.items())))
    assert spec.load(written(tmp_path, shuffled)).digest == spec.load("admm-box").digest


def test_a_bad_spec_is_one_line_status_2_and_nothing_written(
    tmp_path: Path, data: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    data["rho"][0], data["prox"] = 0, "hard"
    path = written(tmp_path, data)
    before = path.read_bytes()
    assert seal_main(["seal", str(path)]) == 2
    for layer in ("admm1", "front", "all"):
        out = str(tmp_path / "out")
        assert golden_main.main(["--layer", layer, "--spec", str(path), "--out", out]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 4
    for line in lines:
        assert line.startswith(f"error: spec {path}: prox: 'hard' is not one of soft, box; rho[0]")
    assert path.read_bytes() == before
    assert not (tmp_path / "out").exists()


def test_what_a_block_brings() -> None:
    made = spec.load_as(AdmmSpec, "admm-box")
    assert [(part.name, part.rows) for part in made.parts] == [("f", 32), ("p", 32)]
    assert made.matrix_rows == 64
    assert made.h_format == made.formats.f
    assert with_formats(made, p=Format(12, 11)).h_format == Format(12, 11)
    assert made.one_snr_a_block
    assert not spec.load("pgd").one_snr_a_block


def test_shipped_detectors_are_those_of_the_issue() -> None:
    """P and what is multiplied with it in int8; F in about ten bits; a batch of one size."""
    for name in spec.shipped("admm"):
        made = spec.load_as(AdmmSpec, name)
        assert (made.rows, made.columns, made.modulation) == (32, 32, "16qam")
        assert (made.formats.p.bits, made.formats.difference.bits) == (8, 8)
        assert 8 <= made.formats.f.bits <= 12
        assert list(made.rho) == sorted(made.rho, reverse=True)
