# SPDX-License-Identifier: Apache-2.0
"""Specs of the evidence beside the shipped ones: made again, and no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.evidence import sealed
from fixedpoint.detectors import library


@pytest.mark.parametrize("name", ["hpd-16qam-2bit-soft", "pm5-16x16-16qam-llr4"])
def test_a_spec_of_the_evidence_is_sealed_again(name: str, tmp_path: Path) -> None:
    assert sealed.main([name, "--out", str(tmp_path)]) == 0
    assert (tmp_path / f"{name}.json").read_bytes() == sealed.path(name).read_bytes()


@pytest.mark.parametrize("name", sealed.SOFT)
def test_a_spec_of_the_evidence_is_a_shipped_one_with_soft_bits(name: str) -> None:
    base, bits = sealed.SOFT[name]
    spec, shipped = sealed.load(name), library.load(base)
    assert spec.soft is not None
    assert spec.soft.llr.bits == bits
    bare = spec.replace(soft=None, name=base, provenance=shipped.provenance)
    assert bare.sealed() == shipped


def test_every_file_of_the_specs_folder_is_one_of_the_evidence() -> None:
    assert sorted(path.stem for path in sealed.FOLDER.glob("*.json")) == sorted(sealed.NAMES)
    assert sorted(path.stem for path in sealed.FOLDER.glob("*.toml")) == sorted(sealed.BUILT)
    for name in sealed.NAMES:
        assert sealed.load(name).name == name


def test_an_unknown_spec_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert sealed.main(["other"]) == 2
    assert "one of admm-box-llr4" in capsys.readouterr().err
