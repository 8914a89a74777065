# SPDX-License-Identifier: Apache-2.0
"""Fake-quantized HPD and FPD-Net equal the golden model on every wire, and can be trained."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from fixedpoint import distributed_stress, family
from fixedpoint import spec as specs
from fixedpoint.channel import draw
from fixedpoint.distributed_spec import DistributedSpec
from fixedpoint.fpd_spec import SCALES, FpdSpec
from fixedpoint.hpd_spec import HpdSpec
from model import fpd_twin, hpd_twin, twin
from model.distributed_twin import DistributedTwin
from model.fpd import Observed, fpd
from model.quantizers import HalfUp
from model.tables import Table
from model.twin import compare
from tests.program_steps import edges

torch.set_num_threads(1)
Arrays = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]
NAMES = [*specs.shipped("hpd"), *specs.shipped("fpd")]
TWINS = {"hpd": hpd_twin, "fpd": fpd_twin}


def draws(spec: DistributedSpec, seed: int, blocks: int) -> Arrays:
    """Real h (G, M, N), y (G, 4, M) and index (G, 4) over the whole bank."""
    index = np.arange(blocks * 4).reshape(blocks, 4) % len(spec.snr)
    rng = np.random.default_rng(seed)
    drawn = draw(rng, spec.constellation, spec.rows, spec.columns, spec.snr.snr_db[index])
    gain = np.sqrt(spec.rows / 2)
    return drawn.h * gain, drawn.y * gain, index


def tensors(arrays: Arrays) -> list[torch.Tensor]:
    return [torch.from_numpy(array) for array in arrays]


@pytest.mark.parametrize("name", NAMES)
def test_the_twin_equals_golden_on_every_wire(name: str) -> None:
    spec = specs.load(name)
    counts = compare(spec, 288, seed=3)
    assert {wire: count.differing for wire, count in counts.items() if count.differing} == {}
    wires = [
        f"{layer.removeprefix(spec.detector)}.{wire}"
        for layer, formats in family.layer_formats(spec).items()
        for wire in formats
    ]
    assert list(counts) == ["h", "y", *wires]
    assert all(count.compared >= 288 * 16 for count in counts.values())


@pytest.mark.parametrize(("bits", "modulation"), [(1, "qpsk"), (2, "16qam"), (3, "64qam")])
@pytest.mark.parametrize("detector", ["hpd", "fpd"])
def test_the_twin_equals_golden_on_stress_specs(detector: str, bits: int, modulation: str) -> None:
    spec = distributed_stress.spec(detector, bits=bits, modulation=modulation)
    counts = compare(spec, 576, seed=4)
    assert sum(count.differing for count in counts.values()) == 0


@pytest.mark.parametrize("detector", ["hpd", "fpd"])
def test_a_wrong_constant_is_noticed_where_it_acts(
    detector: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = specs.load(f"{detector}-16qam-2bit")
    wrong = TWINS[detector].fake_quantized(spec)
    with torch.no_grad():
        wrong.scales.step[2] += 2.0**-7
    views = dataclasses.replace(twin.VIEWS[detector], make=lambda _: wrong)
    monkeypatch.setitem(twin.VIEWS, detector, views)
    counts = compare(spec, 64, seed=0)
    assert counts["3.estimate"].differing > 0
    assert counts["3.gradient"].differing == 0


@pytest.mark.parametrize("name", NAMES)
def test_the_float_twins_of_torch_and_numpy_agree(name: str) -> None:
    spec = specs.load(name)
    assert isinstance(spec, HpdSpec | FpdSpec)
    arrays = draws(spec, 5, 36)
    expected = family.float_twin(spec, *arrays)[1:]
    module = TWINS[spec.detector].float_twin(spec)
    with torch.no_grad():
        got = module(*tensors(arrays)).layers
    for ours, theirs in zip(got[-spec.depth :], expected[-spec.depth :], strict=True):
        for wire in ("estimate", "state", "extrapolated"):
            values = getattr(theirs, wire) * spec.state_format.step
            assert np.abs(ours[wire].numpy() - values).max() < 1e-9


def gradients(module: DistributedTwin, arrays: Arrays) -> dict[str, torch.Tensor]:
    """Of the sum of squares of the last state, by constant."""
    module.zero_grad()
    module(*tensors(arrays)).layers[-1]["state"].square().sum().backward()
    return {name: p.grad.clone() for name, p in module.scales.named_parameters()}


def test_the_float_twins_gradients_are_those_of_model_fpd() -> None:
    """Through step and cosine_step, which are κμ₁ and πμ₄ of `model.fpd`."""
    spec = specs.load_as(FpdSpec, "fpd-16qam-2bit")
    f, arrays = spec.formats, draws(spec, 7, 9)
    found = gradients(fpd_twin.float_twin(spec), arrays)
    h = tensors(arrays)[0]
    rows = torch.from_numpy(spec.unit_rows())
    cell = edges(spec.adc, spec.adc.convert(*arrays[1:]), arrays[2])
    low, up = (torch.from_numpy(q)[..., rows].transpose(1, 2) for q in cell)
    h = h.clamp(-f.h.max * f.h.step, f.h.max * f.h.step)
    value = {n: f.__dict__[n].value([getattr(a, n) for a in spec.layers]) for n in (*SCALES, "phi")}
    q, g = value["quartic_scale"], value["gaussian_scale"]
    columns = [value["step"] / 1.5, value["quartic_step"] / q, value["gaussian_step"] / g,
               value["cosine_step"] / np.pi, q**4, g**2, value["phi"]]  # fmt: skip
    theta = torch.from_numpy(np.stack(columns, axis=-1)).requires_grad_()
    state = fpd(Observed(h[:, rows], low, low, up), theta, 3, 1.5)
    state.square().sum().backward()
    assert theta.grad is not None
    for name, column, factor in (("step", 0, 1.5), ("cosine_step", 3, np.pi)):
        expected = theta.grad[:, column] / factor
        # `model.fpd` clips no inner state, and its t/(t + 3) is no integer.
        assert torch.linalg.norm(found[name] - expected) < 1e-2 * torch.linalg.norm(expected)


@pytest.mark.parametrize("detector", ["hpd", "fpd"])
def test_a_few_steps_of_training_lower_the_error_and_keep_the_formats(detector: str) -> None:
    spec = specs.load(f"{detector}-16qam-2bit-8bit")
    assert isinstance(spec, HpdSpec | FpdSpec)
    rng = np.random.default_rng(0)
    drawn = draw(rng, spec.constellation, spec.rows, spec.columns, np.full((100, 1), 8.0))
    arrays = (drawn.h * 8, drawn.y * 8, np.full((100, 1), 13))
    module = TWINS[detector].fake_quantized(spec)
    with torch.no_grad():
        module.scales.step *= 0.4
    optimizer, errors = torch.optim.Adam(module.scales.parameters(), lr=0.02), []
    for _ in range(6):
        state = module(*tensors(arrays)).layers[-1]["state"]
        error = (state - torch.from_numpy(drawn.x)).square().mean()
        optimizer.zero_grad()
        error.backward()
        optimizer.step()
        errors.append(error.item())
    assert errors[-1] < 0.8 * errors[0]
    for name, values in module.scales().items():
        integers = values / getattr(spec.formats, name).step
        assert torch.equal(integers, integers.round())
        assert getattr(spec.formats, name).allows(integers.detach().numpy().astype(np.int64))


def test_a_table_forwards_its_entries_and_its_functions_gradient() -> None:
    spec = specs.load_as(FpdSpec, "fpd-4qam-1bit")
    table = Table(spec.gaussian, lambda v: 2 * v * torch.exp(-(v**2)), HalfUp()).double()
    x = torch.linspace(-5, 5, 801, dtype=torch.float64, requires_grad=True)
    found = table(x)
    integers = spec.gaussian.read(np.floor(x.detach().numpy() * 2**12).astype(np.int64), 12)
    assert torch.equal(found, torch.from_numpy(spec.gaussian.output.value(integers)))
    found.sum().backward()
    square = x.detach() ** 2
    assert x.grad is not None
    assert torch.allclose(x.grad, (2 - 4 * square) * torch.exp(-square))


@pytest.mark.parametrize("detector", ["hpd", "fpd"])
def test_the_command_prints_no_difference(
    detector: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert twin.main(["--spec", f"{detector}-4qam-1bit", "--vectors", "16"]) == 0
    assert "0 differ" in capsys.readouterr().out.splitlines()[-1]
