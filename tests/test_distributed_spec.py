# SPDX-License-Identifier: Apache-2.0
"""Specs of HPD and FPD-Net that cannot be used: each bad entry named, in one line."""

from __future__ import annotations

import dataclasses
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from fixedpoint import golden as golden_main
from fixedpoint.detectors import library as spec
from fixedpoint.detectors.found import PACKAGED
from fixedpoint.numbers.format import Format
from fixedpoint.spec import main as seal_main
from fixedpoint.specs.distributed import COARSEST, DistributedSpec
from fixedpoint.stress import distributed as distributed_stress
from fixedpoint.support.schema import SpecError
from tests.distributed_specs import averaging
from tests.test_spec import edit, faults, written

UNSIGNED = {"bits": 8, "frac": 3, "signed": False}

BOTH: list[tuple[str, Any, str]] = [
    ("units", 3, "units: 3 do not divide 16 antennas"),
    ("units", 0, "units: 0 do not divide 16 antennas"),
    ("units", -2, "units: -2 do not divide 16 antennas"),
    ("units", 32, "units: 32 do not divide 16 antennas"),
    ("rows", 30, "units: 4 do not divide 15 antennas"),
    ("rows", 33, "rows: 33 is not an even number"),
    ("columns", 0, "columns: 0 is not an even number"),
    ("modulation", "8psk", "modulation: '8psk' is not one of qpsk, 16qam, 64qam"),
    ("slicer", [-32, 1, 32], "slicer: [-32, 1, 32], [-32, 0, 32] expected for 16qam"),
    ("adc.bits", 5, "adc.bits: 5 is outside 1 to 4"),
    ("adc.bits", 0, "adc.bits: 0 is outside 1 to 4"),
    ("adc.bits", 1, "adc.thresholds[0]: 3 entries, 1 expected"),
    ("adc.quantizer", "best", "adc.quantizer: 'best' is not one of lloyd-max, uniform"),
    ("adc.thresholds.7", [4, 4, 9], "adc.thresholds[7]: [4, 4, 9] does not ascend"),
    ("adc.thresholds.35", [9, 4, 1], "adc.thresholds[35]: [9, 4, 1] does not ascend"),
    ("adc.thresholds.2", [1, 2], "adc.thresholds[2]: 2 entries, 3 expected"),
    ("adc.thresholds.3", [1, 2, 128], "adc.thresholds[3]: [1, 2, 128] is not within s8.2"),
    ("adc.thresholds.3", [1, 2, 2.5], "adc.thresholds[3][2]: 2.5 is not an integer"),
    ("adc.thresholds", [[1, 2, 3]], "adc.thresholds: 1 entries, 36 expected"),
    ("adc.levels.9", [1, 2, 3, 3], "adc.levels[9]: [1, 2, 3, 3] does not ascend"),
    ("adc.levels.9", [1, 2, 3], "adc.levels[9]: 3 entries, 4 expected"),
    ("adc.threshold", UNSIGNED, "adc.threshold.signed: false, true expected"),
    ("adc.level", UNSIGNED, "adc.level.signed: false, true expected"),
    ("adc.threshold.frac", 8, "adc.threshold.frac: 8 exceeds h + state"),
    ("snr.last_db", 29, "adc.thresholds: 36 entries, 35 expected"),
    ("sigmoid.values", [0] * 62, "sigmoid.values: 62 entries, 63 expected"),
    ("sigmoid.values", [0] * 64, "sigmoid.values: 64 entries, 63 expected"),
    ("sigmoid.values.40", 0, "sigmoid.values: they do not ascend"),
    ("sigmoid.values.0", -1, "sigmoid.values: an entry is outside 0 to 32"),
    ("sigmoid.values.62", 33, "sigmoid.values: an entry is outside 0 to 32"),
    ("sigmoid.values.62", 64, "sigmoid.values[62]: 64 is outside s7.5"),
    ("sigmoid.output.frac", 4, "sigmoid.output: s7.4 is not in residual's units"),
    ("sigmoid.address.signed", False, "sigmoid.address.signed: false, true expected"),
    ("sigmoid.address.bits", 7, "sigmoid.values: 63 entries, 127 expected"),
    ("formats.residual.bits", 5, "formats.residual: s5.5 does not hold ±1"),
    ("formats.state.bits", 6, "formats.state: s6.4 does not hold the grid's ±48"),
    ("formats.state.frac", -1, "formats.state.frac: -1 is below 0"),
    ("formats.residual.frac", -1, "formats.residual.frac: -1 is below 0"),
    ("formats.h.bits", 60, "wire 'accumulator': transformed needs"),
    ("formats.mean.bits", 60, "wire 'state': constant needs"),
    ("kappa", 0, "kappa: 0 is outside 1 to 2047"),
    ("kappa", 2048, "kappa: 2048 is outside 1 to 2047"),
    ("mean", 0, "mean: 0 is outside 1 to 127"),
    ("mean", 128, "mean: 128 is outside 1 to 127"),
    ("mean", 15, "mean: 15, 16 expected for 1/4 in s8.6"),
    ("mean", 17, "mean: 17, 16 expected for 1/4 in s8.6"),
    ("units", 2, "mean: 16, 32 expected for 1/2 in s8.6"),
    ("units", 1, "mean: 16, 64 expected for 1/1 in s8.6"),
    ("units", 16, "mean: 16, 4 expected for 1/16 in s8.6"),
    ("formats.mean.frac", 7, "mean: 16, 32 expected for 1/4 in s8.7"),
    ("formats.mean.frac", 10, "formats.mean: s8.10 does not hold 1/4; frac 8 or less expected"),
    ("formats.mean.frac", 1, "formats.mean: s8.1 is too coarse for 1/4, off by 100.00%"),
    ("formats.mean.frac", 0, "formats.mean: s8.0 is too coarse for 1/4, off by 100.00%"),
    ("momentum.2", -1, "momentum[2]: -1 is outside 0 to 63"),
    ("momentum.3", 64, "momentum[3]: 64 is outside 0 to 63"),
    ("momentum", [], "layers: 0 layers, 1 to 64 expected"),
    ("momentum", [16, 26, 32], "layers: 4 entries, 3 expected"),
    ("momentum.0", "t/(t+3)", "momentum[0]: 't/(t+3)' is not an integer"),
    ("layers.0.step", -1, "layers[0].step: -1 is outside"),
    ("layers.0.step", 32, "layers[0].step: 32 is outside"),
    ("layers.0.colour", 1, "layers[0].colour: unknown entry"),
    ("detector", "pgd", "units: unknown entry"),
    *(
        (f"formats.{name}.signed", False, f"formats.{name}.signed: false, true expected")
        for name in ("h", "state", "residual", "step", "kappa", "mean", "momentum")
    ),
]
HPD: list[tuple[str, Any, str]] = [
    ("detector", "fpd", "quartic: missing"),
    ("eta", 0, "eta: 0 is outside 1 to 255"),
    ("pull.values", [0] * 30, "pull.values: 30 entries, 31 expected"),
    ("pull.values.4", 32, "pull.values[4]: 32 is outside s6.4"),
    ("pull.output.signed", False, "pull.output.signed: false, true expected"),
    ("layers.1.step", 0, "layers[1].step: 0 is outside 1 to 31"),
    ("layers.2.weight", -1, "layers[2].weight: -1 is outside 0 to 31"),
    ("formats.weight.signed", False, "formats.weight.signed: false"),
    ("formats.weight.bits", 60, "wire 'estimate': constant needs"),
    ("formats.phi", UNSIGNED, "formats.phi: unknown entry"),
]
FPD: list[tuple[str, Any, str]] = [
    ("detector", "hpd", "pull: missing"),
    ("layers.0.phi", 16, "layers[0].phi: 16 is outside 17 to 63"),
    ("layers.3.phi", -20, "layers[3].phi: -20 is outside 17 to 63"),
    ("layers.1.phi", 64, "layers[1].phi: 64 is outside 17 to 63"),
    ("layers.1.cosine", [0] * 14, "layers[1].cosine: 14 entries, 15 expected"),
    ("layers.1.cosine.3", 64, "layers[1].cosine[3]: 64 is outside s7.4"),
    ("layers.2.quartic_step", 64, "layers[2].quartic_step: 64 is outside 0 to 63"),
    ("layers.2.gaussian_scale", -1, "layers[2].gaussian_scale: -1 is outside 0 to 31"),
    ("quartic.values", [0] * 62, "quartic.values: 62 entries, 63 expected"),
    ("gaussian.values.5", -32, "gaussian.values[5]: -32 is outside s6.4"),
    ("gaussian.address.signed", False, "gaussian.address.signed: false, true expected"),
    ("cosine_address.bits", 5, "layers[0].cosine: 15 entries, 31 expected"),
    ("cosine_address.signed", False, "cosine_address.signed: false, true expected"),
    ("cosine_output.signed", False, "cosine_output.signed: false, true expected"),
    ("formats.quartic_step.signed", False, "formats.quartic_step.signed: false"),
    ("formats.phi.frac", -1, "formats.phi.frac: -1 is below 0"),
    ("formats.cosine_step.bits", 60, "wire 'estimate': constant needs"),
    ("pull", 1, "pull: unknown entry"),
]
CASES = [
    *(("hpd", *case) for case in BOTH + HPD),
    *(("fpd", *case) for case in BOTH + FPD),
]


def data_of(detector: str, tmp_path: Path) -> dict[str, Any]:
    averaging(distributed_stress.spec(detector)).save(tmp_path / "good.json")
    return json.loads((tmp_path / "good.json").read_text())


@pytest.mark.parametrize(("detector", "path", "value", "message"), CASES)
def test_each_bad_entry_is_named(
    tmp_path: Path, detector: str, path: str, value: Any, message: str
) -> None:
    data = data_of(detector, tmp_path)
    edit(path, value)(data)
    found = faults(tmp_path, data)
    assert any(message in fault for fault in found), found


@pytest.mark.parametrize("detector", ["hpd", "fpd"])
def test_a_bad_spec_is_one_line_status_2_and_nothing_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], detector: str
) -> None:
    data = data_of(detector, tmp_path)
    data["units"], data["mean"] = 3, 0
    path = written(tmp_path, data)
    before = path.read_bytes()
    assert seal_main(["seal", str(path)]) == 2
    for layer in (f"{detector}1", "all"):
        arguments = ["--layer", layer, "--spec", str(path), "--out", str(tmp_path / "out")]
        assert golden_main.main(arguments) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    for line in lines:
        assert line.startswith(f"error: spec {path}: units: 3 do not divide 16 antennas")
    assert path.read_bytes() == before
    assert not (tmp_path / "out").exists()


SHIPPED = [*spec.shipped("hpd"), *spec.shipped("fpd")]


@pytest.mark.parametrize("name", SHIPPED)
def test_two_units_whose_mean_is_a_quarter_are_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    data = json.loads((spec.SHIPPED / f"{name}.json").read_text())
    data["units"] = 2
    fmt = data["formats"]["mean"]
    bits, frac = fmt["bits"], fmt["frac"]
    refused = f"formats.mean: s{bits}.{frac} does not hold 1/2; frac {bits - 1} or less expected"
    assert sealed(tmp_path, data, capsys) == (2, refused)
    fmt["frac"] = bits - 1
    data["mean"] = 2 ** (bits - 3)
    refused = f"mean: {data['mean']}, {2 * data['mean']} expected for 1/2 in s{bits}.{bits - 1}"
    assert sealed(tmp_path, data, capsys) == (2, refused)
    data["mean"] *= 2
    if "hyper" not in data:  # the network's weights are for four units' rows
        assert sealed(tmp_path, data, capsys) == (0, "")


def sealed(
    tmp_path: Path, data: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> tuple[int, str]:
    """The exit status of `seal`, and the fault in its one line, if it has one."""
    path = written(tmp_path, data)
    before = path.read_bytes()
    status = seal_main(["seal", str(path)])
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == (status != 0)
    assert (path.read_bytes() == before) == (status != 0)
    return status, lines[0].removeprefix(f"error: spec {path}: ") if lines else ""


@pytest.mark.parametrize("units", [1, 2, 3, 4, 6, 12])
def test_for_any_number_of_units_one_integer_alone_is_the_mean(units: int) -> None:
    """1/C rounded half up, if the format holds it and C of them make 1 within 1/64."""
    base = averaging(distributed_stress.spec("hpd", rows=24, layers=1))
    for frac in range(10):
        fmt = Format(7, frac)
        formats = dataclasses.replace(base.formats, mean=fmt)
        entries = [{"units": units, "mean": q, "formats": formats} for q in range(1, fmt.max + 1)]
        accepted = [one["mean"] for one in entries if not faults_of(base, one)]
        distances = [abs(q * units - 2**frac) for q in range(fmt.max + 2)]
        nearest = distances.index(min(distances))
        close = Fraction(min(distances), 2**frac) <= COARSEST and 1 <= nearest <= fmt.max
        assert accepted == [nearest] * close, fmt


def faults_of(base: DistributedSpec, changes: dict[str, Any]) -> list[str]:
    try:
        base.replace(**changes)
    except SpecError as error:
        return error.faults
    return []


@pytest.mark.parametrize("detector", ["hpd", "fpd"])
def test_a_stress_spec_is_never_read_from_a_file(tmp_path: Path, detector: str) -> None:
    distributed_stress.spec(detector).save(tmp_path / "s.json")
    with pytest.raises(SpecError, match=r"mean: \d+, 16 expected for 1/4 in s8.6"):
        spec.load(tmp_path / "s.json")


@pytest.mark.parametrize("detector", ["hpd", "fpd"])
def test_a_good_spec_survives_the_file(tmp_path: Path, detector: str) -> None:
    made = averaging(distributed_stress.spec(detector))
    made.save(tmp_path / "s.json")
    again = spec.load(tmp_path / "s.json")
    assert (again, again.digest) == (made, made.digest)


@pytest.mark.parametrize("detector", ["hpd", "fpd"])
def test_a_changed_table_entry_is_noticed(tmp_path: Path, detector: str) -> None:
    data = data_of(detector, tmp_path)
    data["sigmoid"]["values"][30] += 1
    with pytest.raises(SpecError, match=r"digest: .* is stored"):
        spec.load(written(tmp_path, data))


def test_a_spec_of_another_detector_is_refused_where_one_is_asked_for(tmp_path: Path) -> None:
    data_of("fpd", tmp_path)
    with pytest.raises(SpecError, match="detector: 'fpd', 'hpd' was expected here"):
        spec.load_as(spec.HpdSpec, tmp_path / "good.json")


def test_shipped_names_start_with_their_detector() -> None:
    for detector in (*spec.CLASSES, *PACKAGED):
        names = spec.shipped(detector)
        assert names
        for name in names:
            assert spec.load(name).detector == detector
            assert spec.load(name).name == name
    assert sorted(n for d in (*spec.CLASSES, *PACKAGED) for n in spec.shipped(d)) == spec.shipped()


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_detectors_have_the_paper_s_size_and_at_most_10_bits(name: str) -> None:
    made = spec.load_as(DistributedSpec, name)
    assert (made.rows, made.columns, made.units, made.depth) == (128, 16, 4, 5)
    assert made.formats.h.bits == 8
    widest = 8 if name.endswith("8bit") else 10
    assert max(fmt.bits for fmt in vars(made.formats).values()) <= widest
