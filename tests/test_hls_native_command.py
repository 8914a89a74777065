# SPDX-License-Identifier: Apache-2.0
"""The command `python -m hls.native`: what it compares, what it says, what it refuses."""

from __future__ import annotations

import json

import pytest

from fixedpoint.receivers import family
from hls import native as native_main
from hls.builds.native import Native

HYPER = "stress-fpd-32x8x4-16qam-2bit-hyper"


def test_the_command_compares_every_wire_up_to_the_layer(capsys):
    assert native_main.main(["--layer", "pgd2", "--vectors", "48", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found["compared"]) == 14
    assert found["compared"]["pgd2.bits"] == 48 * 64
    assert native_main.main(["--layer", "slicer", "--vectors", "48"]) == 0
    text = capsys.readouterr().out
    assert "run.bits" in text
    assert "equal: 0 of" in text


@pytest.mark.parametrize(
    ("layer", "wires"),
    [
        ("hpd2", 2 + 2 * 8),
        ("fpd1", 2 + 13),
        ("fpd5", 2 + 5 * 13 + 2),
        ("hpd5", 2 + 5 * 8 + 2),
    ],
)
def test_the_layers_name_chooses_the_detectors_default_spec(capsys, layer, wires):
    assert native_main.main(["--layer", layer, "--vectors", "48", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["spec"] == f"{layer[:3]}-16qam-2bit"
    assert len(found["compared"]) == wires
    assert found["compared"][f"{layer}.bits"] == 48 * 16 * 2


def test_the_converter_is_a_layer(capsys):
    assert native_main.main(["--layer", "adc", "--vectors", "48", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["compared"] == {"adc.low": 48 * 128, "adc.up": 48 * 128}


def test_the_layer_of_the_hyper_network_is_compared(capsys):
    assert native_main.main(["--layer", "hyper", "--spec", HYPER, "--vectors", "48", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {wire.split(".")[0] for wire in found["compared"]} == {"adc", "hyper"}
    assert found["compared"]["hyper.phi"] == 48 * 4 * 4


def test_the_command_compares_every_chunk_and_says_how_to_repeat(monkeypatch, capsys):
    monkeypatch.setattr(native_main, "CHUNK", 16)
    calls = []

    def broken(self, h, y, index):
        calls.append(index.size)
        wires = family.run(self.spec, h, y, index)
        if len(calls) == 3:
            wires[2].residual[0, 5, 7] += 1
        return wires

    monkeypatch.setattr(Native, "wires", broken)
    assert native_main.main(["--layer", "pgd5", "--vectors", "40", "--seed", "9"]) == 1
    assert calls == [16, 16, 8]
    text = capsys.readouterr().out
    assert "seed 11, vector 5, wire pgd3.residual[7]" in text
    assert "python -m hls.native --layer pgd5 --spec pgd --seed 11 --vectors 8" in text


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--layer", "pgd6"],
        ["--layer", "hpd6"],
        ["--layer", "hpd5", "--spec", "pgd"],
        ["--layer", "hyper", "--spec", "fpd-16qam-2bit"],
        ["--layer", "pgd5", "--spec", "pdg"],
        ["--layer", "pgd5", "--vectors", "0"],
        ["--layer", "pgd5", "--vectors", "x"],
        ["--layer", "pgd5", "--fast"],
    ],
)
def test_a_mistake_is_one_line_and_status_2(capsys, options):
    try:
        status = native_main.main(options)
    except SystemExit as leaving:
        status = leaving.code
    assert status == 2
    assert capsys.readouterr().err.count("\n") == 1
