# SPDX-License-Identifier: Apache-2.0
"""Specs with a hyper-network: what is refused, what JSON holds, and the bounds."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fixedpoint.detectors import library as specs
from fixedpoint.numbers.format import Format
from fixedpoint.specs import hyper_widths
from fixedpoint.specs.fpd import FpdSpec
from fixedpoint.specs.hyper import AFFINE, Affine, HyperSpec
from fixedpoint.stress import hyper as hyper_stress
from fixedpoint.stress.distributed import spec as table_stress
from fixedpoint.support.schema import SpecError
from tests.distributed_specs import averaging


def network(spec: FpdSpec) -> HyperSpec:
    assert spec.hyper is not None
    return spec.hyper


def table_spec() -> FpdSpec:
    made = table_stress("fpd")
    assert isinstance(made, FpdSpec)
    return made


def changed(layer: str, **entries: Any) -> Any:
    def change(net: HyperSpec) -> HyperSpec:
        return dataclasses.replace(
            net, **{layer: dataclasses.replace(getattr(net, layer), **entries)}
        )

    return change


BAD = {
    r"hyper\.phi\.values: the smallest, 16, is below 17: φ would not exceed 1": changed(
        "phi", values=(16, *[40] * 126)
    ),
    r"hyper\.step\.values: 5 entries, 127 expected": changed("step", values=(1, 2, 3, 4, 5)),
    r"hyper\.mu2\.values: the smallest, -1, is below 0": changed("mu2", values=(-1, *[3] * 126)),
    r"hyper\.conv1\.weights: 26 entries, 27 expected": changed("conv1", weights=(1,) * 26),
    r"hyper\.conv2\.weights\[0\]: 16 is outside s5\.4": changed("conv2", weights=(16,) * 81),
    r"hyper\.dense1\.bias\.frac: 7, the products' 5 expected": changed(
        "dense1", bias=Format(16, 7)
    ),
    r"hyper\.dense1\.output\.signed: false, which is the ReLU": changed(
        "dense1", output=Format(4, 1)
    ),
    r"hyper\.dense2\.biases: 27 entries, 28 expected": changed(
        "dense2", biases=(0,) * 27, weights=(0,) * 270
    ),
    r"hyper\.sine\.address: s7\.6, s6\.5 expected": changed(
        "sine", address=Format(7, 6), values=(0,) * 127
    ),
    r"hyper\.cosine\.values: an entry is outside -1 to 1": changed("cosine", values=(65,) * 63),
    r"hyper\.reciprocal\.values: an entry is not within 0 to 1": changed(
        "reciprocal", values=(0,) * 16
    ),
    r"hyper\.gaussian_scale\.output: s7\.4, s6\.4 expected": changed(
        "gaussian_scale", output=Format(7, 4)
    ),
    r"hyper\.phi\.output\.frac: -1 is below 0": changed("phi", output=Format(7, -1)),
    r"hyper\.image: s8\.2 does not hold s5\.3": lambda net: dataclasses.replace(
        net,
        image=Format(8, 2),
        conv1=dataclasses.replace(net.conv1, bias=Format(16, 6)),
    ),
    r"hyper.conv1 needs 59 bits in the worst case": changed("conv1", bias=Format(59, 7)),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_bad_network_is_named(fault: str) -> None:
    spec = hyper_stress.spec()
    with pytest.raises(SpecError, match=fault):
        spec.replace(hyper=BAD[fault](network(spec)))


def test_a_table_beside_a_network_is_refused() -> None:
    with pytest.raises(SpecError, match="layers: 4 entries, 0 expected beside a hyper-network"):
        hyper_stress.spec().replace(layers=table_spec().layers)


def test_a_table_spec_has_no_entry_of_the_network_and_a_network_survives_json(
    tmp_path: Path,
) -> None:
    table, made = averaging(table_spec()), averaging(hyper_stress.spec())
    for spec in (table, made):
        spec.save(tmp_path / "spec.json")
        assert ("hyper" in json.loads((tmp_path / "spec.json").read_text())) == (spec is made)
        assert specs.load(tmp_path / "spec.json") == spec


def test_every_intermediate_of_the_network_stays_below_its_bound() -> None:
    spec = hyper_stress.spec()
    net, bounds = network(spec), hyper_widths.bounds(spec, network(spec))
    sums = dict.fromkeys(AFFINE, 0)
    inputs = net.image.max
    for name in AFFINE:
        layer: Affine = getattr(net, name)
        matrix = np.abs(np.array(layer.weights).reshape(len(layer.biases), -1)).sum(axis=1)
        sums[name] = int((matrix * inputs + np.abs(layer.biases)).max())
        assert sums[name] <= bounds[name]
        inputs = layer.output.max
    assert bounds["conv1"] == 9 * 15 * net.image.max + (1 << 15) - 1
