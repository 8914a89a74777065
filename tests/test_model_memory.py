# SPDX-License-Identifier: Apache-2.0
"""Bytes counted a second time: from tensors of torch, the JSON of the spec, and by hooks."""

from __future__ import annotations

import dataclasses
import json

import pytest
import torch
from torch import nn

from fixedpoint.detectors import library as specs
from fixedpoint.receivers import family
from fixedpoint.receivers.family import wire_formats
from fixedpoint.specs.hpd import HpdSpec
from model.detectors.cost import memory
from model.detectors.cost.memory import PRECISIONS
from model.distributed.fpd import Observed
from model.fpd.hyper import FpdNet
from model.systems.system import SYSTEMS
from model.unfolded.admm_constants import AdmmConstants
from model.unfolded.pgd import Constants

DISTRIBUTED = SYSTEMS["64x8-16qam-2bit"]
ROWS = {(row.network, row.precision): row for row in memory.rows()}
HYPER = "FPD-Net, hyper-network, a unit"


def tensor_bytes(module, kind):
    return sum(p.to(kind).nbytes for p in module.parameters())


@pytest.mark.parametrize(("precision", "kind"), [("fp32", torch.float32), ("fp16", torch.float16)])
def test_float_parameters_are_those_of_the_torch_modules(precision, kind):
    bank = specs.load("pgd").snr
    modules = {
        "PGD-Net": Constants(5, 0.1, 0.05),
        "ADMM-Net": AdmmConstants(5, "shared", 1.0, 0.1, 0.05, bank, False),
        HYPER: FpdNet(DISTRIBUTED, 5, 1.5),
    }
    for name, module in modules.items():
        assert ROWS[name, precision].parameters == tensor_bytes(module, kind), name


def carried(bits):
    return 1 if bits <= 8 else 2 if bits <= 16 else 4


@pytest.mark.parametrize(("name", "network"), [("pgd", "PGD-Net"), ("admm-box", "ADMM-Net")])
def test_int8_parameters_are_the_entries_of_the_spec_file(name, network):
    data = json.loads((specs.SHIPPED / f"{name}.json").read_text("utf-8"))
    formats = {name: entry["bits"] for name, entry in data["formats"].items()}
    formats["threshold"] = formats["state"]
    total = carried(formats["rho"]) * len(data["rho"]) if "rho" in data else 0
    for layer in data["layers"]:
        for name, value in layer.items():
            total += carried(formats[name]) * (len(value) if isinstance(value, list) else 1)
    assert ROWS[network, "int8"].parameters == total


def test_the_working_set_of_an_int8_net_is_that_of_its_wires():
    spec = specs.load("pgd")
    wires = {"y": spec.formats.y, **wire_formats(spec)}
    lengths = {
        "y": spec.rows,
        "residual": spec.rows,
        "code": spec.columns,
        "gradient": spec.columns,
    }
    expected = sum(carried(wires[name].bits) * length for name, length in lengths.items())
    assert ROWS["PGD-Net", "int8"].vector == expected
    spec = specs.load("admm-box")
    wires = {**family.wire_formats(spec), "front": spec.formats.front, "y": spec.formats.y}
    kept = ("y", "front", "code", "dual", "difference", "product")
    expected = sum(carried(wires[name].bits) for name in kept) * 32
    assert ROWS["ADMM-Net", "int8"].vector == expected


def test_matrices_of_a_block():
    sizes = {"fp32": 4, "fp16": 2, "int8": 1}
    for precision, size in sizes.items():
        assert ROWS["PGD-Net", precision].block == 32 * 32 * size
        assert ROWS["HPD, a unit", precision].block == 32 * 16 * size
    p, f = torch.zeros(32, 32, dtype=torch.int8), torch.zeros(32, 32, dtype=torch.int16)
    assert ROWS["ADMM-Net", "int8"].block == p.nbytes + f.nbytes
    assert ROWS["ADMM-Net", "fp16"].block == 2 * f.nbytes


def table_bytes(data, name):
    """Of a table, or of the entry `cosine` of every layer."""
    if name == "cosine":
        tables, output = [layer["cosine"] for layer in data["layers"]], data["cosine_output"]
    else:
        tables, output = [data[name]["values"]], data[name]["output"]
    return sum(map(len, tables)) * carried(output["bits"])


@pytest.mark.parametrize(
    ("name", "network", "tables"),
    [
        ("hpd-16qam-2bit", "HPD, a unit", ("pull",)),
        ("fpd-16qam-2bit", "FPD-Net, table, a unit", ("quartic", "gaussian", "cosine")),
    ],
)
def test_int8_parameters_of_a_unit_are_the_entries_of_the_spec_file(name, network, tables):
    data = json.loads((specs.SHIPPED / f"{name}.json").read_text("utf-8"))
    total = sum(table_bytes(data, table) for table in ("sigmoid", *tables))
    adc = data["adc"]
    total += sum(map(len, adc["thresholds"])) * carried(adc["threshold"]["bits"])
    for layer in data["layers"]:  # φ is in the table that it made
        scales = layer.keys() - {"cosine", "phi"}
        total += sum(carried(data["formats"][scale]["bits"]) for scale in scales)
    assert ROWS[network, "int8"].parameters == total


def hyper_network():
    return FpdNet(DISTRIBUTED, 5, 1.5).hyper


def test_int8_parameters_of_the_hyper_network_are_the_entries_of_the_spec_file():
    data = json.loads((specs.SHIPPED / "fpd-16qam-2bit-hyper.json").read_text("utf-8"))
    total = sum(table_bytes(data, table) for table in ("sigmoid", "quartic", "gaussian"))
    total += sum(map(len, data["adc"]["thresholds"])) * carried(data["adc"]["threshold"]["bits"])
    weights = 0
    for entry in data["hyper"].values():
        if "weights" in entry:
            weights += len(entry["weights"])
            total += len(entry["weights"]) * carried(entry["weight"]["bits"])
            total += len(entry["biases"]) * carried(entry["bias"]["bits"])
        elif "values" in entry:
            total += len(entry["values"]) * carried(entry["output"]["bits"])
    assert ROWS[HYPER, "int8"].parameters == total
    assert weights == sum(p.numel() for p in hyper_network().parameters() if p.dim() > 1) - 35


def test_the_working_set_of_the_hyper_network_is_its_largest_pair_of_layers():
    network, lengths = hyper_network(), []

    def record(module, inputs, output):
        lengths.append((inputs[0].numel(), output.numel()))

    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            module.register_forward_hook(record)
    h, y = torch.zeros(1, 1, 32, 16), torch.zeros(1, 1, 1, 32)
    theta = network(Observed(h, y, y, y))
    pair = max(before + after for before, after in lengths)
    for precision, size in (("fp32", 4), ("fp16", 2)):
        table, hyper = (ROWS[n, precision] for n in ("FPD-Net, table, a unit", HYPER))
        assert hyper.vector - table.vector == size * (pair + theta.numel())
    table, hyper = ROWS["FPD-Net, table, a unit", "int8"], ROWS[HYPER, "int8"]
    data = json.loads((specs.SHIPPED / "fpd-16qam-2bit-hyper.json").read_text("utf-8"))["hyper"]
    image = 32 * 17
    entries = image * carried(data["image"]["bits"])
    entries += (pair - image) * carried(data["conv1"]["output"]["bits"])
    assert hyper.vector - table.vector == entries + 2 * theta.numel()


def test_fp16_halves_all_but_the_running_sums():
    for (network, precision), row in ROWS.items():
        if precision == "fp32":
            half = ROWS[network, "fp16"]
            sums = 4 * (16 if "unit" in network else 32)
            assert 2 * half.parameters == row.parameters
            assert 2 * half.block == row.block
            assert 2 * (half.vector - sums) == row.vector - sums


def test_sizes_follow_the_system_and_the_layers():
    spec = dataclasses.replace(specs.load("admm-box"), rows=16, columns=8)
    spec = dataclasses.replace(spec, layers=spec.layers[:2])
    small = memory.memory("admm", memory.admm(spec), "int8")
    assert small.parameters == 2 * (2 + 2 + 2) + 36 * 4 + 2 * 36 * (2 + 2)
    assert small.block == 8 * 8 * 1 + 8 * 16 * 2
    assert small.vector == 16 * 2 + 8 * (2 + 1 + 1 + 1 + 4)
    one_bit_spec = specs.load_as(HpdSpec, "hpd-4qam-1bit")
    one_bit = memory.memory("hpd", memory.hpd(one_bit_spec), "int8")
    assert ROWS["HPD, a unit", "int8"].parameters - one_bit.parameters == 2 * 36 * (3 - 1)
    assert one_bit.total == one_bit.parameters + one_bit.block + one_bit.vector


def test_the_frozen_table_of_fpd_is_smaller_than_its_network():
    assert ROWS["FPD-Net, table, a unit", "fp32"].parameters == 4 * 7 * 5
    assert ROWS[HYPER, "fp32"].parameters == 4 * 23_518


def test_rows_cover_every_network_and_precision():
    networks = {network for network, _ in ROWS}
    assert len(networks) == 5
    assert ROWS.keys() == {(n, p) for n in networks for p in PRECISIONS}
    with pytest.raises(ValueError, match=r"precision 'int4' is not one of fp32, fp16, int8"):
        memory.memory("pgd", (), "int4")
