# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from pathlib import Path

import pytest

from fixedpoint.detectors import library as spec
from fixedpoint.detectors.library import PgdSpec
from fixedpoint.numbers.bank import SnrBank
from fixedpoint.numbers.format import Format
from fixedpoint.spec import main as seal_main
from fixedpoint.stress import pgd as stress
from fixedpoint.support.schema import SpecError
from tests.pgd_widths import bounds


@pytest.fixture
def data() -> dict:
    return json.loads((spec.SHIPPED / "pgd.json").read_text())


def written(tmp_path: Path, data: object) -> Path:
    path = tmp_path / "edited.json"
    path.write_text(json.dumps(data))
    return path


def faults(tmp_path: Path, data: object) -> list[str]:
    with pytest.raises(SpecError) as caught:
        spec.seal(written(tmp_path, data))
    assert "\n" not in str(caught.value)
    return caught.value.faults


def test_shipped_specs_load() -> None:
    assert set(spec.shipped()) >= {"pgd", "pgd-box"}
    assert spec.load_as(PgdSpec, "pgd").prox == "soft"
    assert spec.load_as(PgdSpec, "pgd-box").prox == "box"


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("pgd", "a8dcf1087e2a7a43dd4d32e9fd09fccc6ba983b71941d387eb68e8d5a4e4fff4"),
        ("pgd-box", "bd934467f97f0c9155b1733651c9245fa3c25033f90198c83593b0f4ae0322f3"),
    ],
)
def test_the_trained_detectors_are_those_that_were_measured(name: str, digest: str) -> None:
    assert spec.load(name).digest == digest


def test_save_and_load_keep_everything(tmp_path: Path) -> None:
    original = stress.spec("box", 32, 16)
    original.save(tmp_path / "s.json")
    again = spec.load(tmp_path / "s.json")
    assert again == original
    assert again.digest == original.digest


def test_a_changed_digit_is_noticed(tmp_path: Path, data: dict) -> None:
    data["layers"][2]["eta"] += 1
    with pytest.raises(SpecError, match=r"digest: .* is stored"):
        spec.load(written(tmp_path, data))


def test_seal_signs_an_edited_spec(tmp_path: Path, data: dict) -> None:
    data["layers"][2]["eta"] += 1
    path = written(tmp_path, data)
    sealed = spec.seal(path)
    assert spec.load(path) == sealed
    assert sealed.digest != spec.load("pgd").digest


def test_the_digest_does_not_depend_on_layout(tmp_path: Path, data: dict) -> None:
    shuffled = dict(reversed(list(data.items())))
    assert spec.load(written(tmp_path, shuffled)).digest == spec.load("pgd").digest


def test_every_fault_is_named_not_only_the_first(tmp_path: Path, data: dict) -> None:
    del data["rows"]
    data["colour"] = "red"
    data["formats"]["h"]["bits"] = "8"
    data["layers"][1]["step"][3] = 1.5
    found = faults(tmp_path, data)
    assert "rows: missing" in found
    assert "colour: unknown entry" in found
    assert "formats.h.bits: '8' is not an integer" in found
    assert "layers[1].step[3]: 1.5 is not an integer" in found


def edit(path: str, value: object):
    def apply(data: dict) -> None:
        *parents, last = path.split(".")
        for key in parents:
            data = data[int(key)] if isinstance(data, list) else data[key]
        data[int(last) if isinstance(data, list) else last] = value

    return apply


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("schema", 2, "schema: 2 is not 1"),
        ("detector", "nope", "detector: 'nope'"),
        ("prox", "hard", "prox: 'hard' is not one of soft, box"),
        ("modulation", "8psk", "modulation: '8psk'"),
        ("rows", 31, "rows: 31 is not an even number"),
        ("rows", True, "rows: True is not an integer"),
        ("layers", [], "layers: 0 layers"),
        ("layers.0.eta", 0, "layers[0].eta: 0 is outside"),
        ("layers.0.eta", 99999, "layers[0].eta: 99999 is outside"),
        ("layers.4.threshold", -1, "layers[4].threshold: -1 is outside 0"),
        ("layers.1.step", [400] * 35, "layers[1].step: 35 entries, 36 expected"),
        ("layers.1.step.7", 0, "layers[1].step[7]: 0 is outside"),
        ("layers.1.inverse.7", 10000, "layers[1].inverse[7]: 10000 is even"),
        ("layers.1.inverse.7", 9999, "layers[1].inverse[7]: 9999 is not the odd reciprocal"),
        ("slicer.1", 1, "slicer: "),
        ("snr.last_db", 29, "layers[0].step: 36 entries, 35 expected"),
        ("snr.last_db", -9, "snr: last_db -9 lies below first_db -5"),
        ("adc.bits", 0, "adc.bits: 0 is outside 1 to 16"),
        ("adc.half_step", 2, "adc.half_step: 2 puts levels outside y's s12.7"),
        ("formats.code.frac", 1, "formats.code.frac: 1 is not 0"),
        ("formats.h.signed", False, "formats.h.signed: false"),
        ("formats.h.bits", 64, "formats.h: bits 64 is outside 2 to 63"),
        ("formats.y.frac", 30, "formats.y.frac: 30 exceeds"),
        ("formats.eta.bits", 40, "wire 'update': product needs"),
        ("formats.state.bits", 50, "wire 'code': product needs"),
        ("formats", 3, "formats: 3 is not an object"),
        ("layers", "x", "layers: 'x' is not a list"),
    ],
)
def test_each_bad_entry_is_named(
    tmp_path: Path,
    data: dict,
    path: str,
    value,
    message: str,
) -> None:
    edit(path, value)(data)
    assert any(message in fault for fault in faults(tmp_path, data)), message


@pytest.mark.parametrize("text", ["", "[]", "{", "\x00\xff"])
def test_a_file_that_is_no_spec_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(SpecError):
        spec.load(path)


def test_a_missing_file_names_the_shipped_specs() -> None:
    with pytest.raises(SpecError, match="nor a shipped spec"):
        spec.load("nowhere.json")


def test_seal_command(tmp_path: Path, data: dict, capsys: pytest.CaptureFixture[str]) -> None:
    data["layers"][0]["threshold"] += 1
    path = written(tmp_path, data)
    assert seal_main(["seal", str(path)]) == 0
    spec.load(path)
    data["prox"] = "hard"
    bad = written(tmp_path, data)
    before = bad.read_bytes()
    assert seal_main(["seal", str(bad)]) == 2
    assert bad.read_bytes() == before
    assert capsys.readouterr().err.count("\n") == 1


def test_odd_reciprocal_is_the_nearest_odd_integer() -> None:
    step, inverse = Format(13, 14), Format(16, 8)
    for q in range(129, 4096):
        found = spec.odd_reciprocal(q, step, inverse)
        assert found % 2 == 1
        assert abs(found * q - 2**22) <= q


def test_bank_picks_the_nearest_entry_ties_up() -> None:
    bank = SnrBank(-5, 30)
    assert bank.index([-5.5, -4.5, -4.51, 0.0, 0.5, 30.5]).tolist() == [0, 1, 0, 5, 6, 35]


@pytest.mark.parametrize("snr_db", [-5.51, 30.51, 1e9])
def test_bank_refuses_more_than_half_a_db_outside(snr_db: float) -> None:
    with pytest.raises(ValueError, match=r"is outside the bank -5.0 to 30.0"):
        SnrBank(-5, 30).index(snr_db)


def test_widths_of_the_shipped_spec_are_those_of_the_design() -> None:
    found = bounds(spec.load_as(PgdSpec, "pgd"))
    assert found["accumulator"].magnitude == 32 * 127 * 127
    assert found["accumulator"].bits == 20
    assert all(bound.bits <= 32 for bound in found.values())


def test_the_steps_of_a_spec_are_printed_by_layer_and_snr(
    capsys: pytest.CaptureFixture[str],
) -> None:
    made = spec.load_as(PgdSpec, "pgd")
    assert seal_main(["steps", "pgd"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:3] == ["pgd", "-5", "dB"]
    first, last = (made.layers[3].step[made.snr.index(snr)] for snr in (0, 25))
    assert lines[5].split()[-1] == f"{last / first:.3f}"
    assert seal_main(["steps", "pgd", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["steps"][3][5] == made.layers[3].step[5] * 2**-14
    assert len(found["snr_db"]) == len(found["steps"][0]) == 36


def test_a_spec_without_step_sizes_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert seal_main(["steps", "hpd-4qam-1bit"]) == 2
    error = capsys.readouterr().err
    assert "a layer of hpd has no bank of step sizes" in error
    assert error.count("\n") == 1
