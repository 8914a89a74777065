# SPDX-License-Identifier: Apache-2.0
"""The fake-quantized twin on draws equals the golden model on every wire, and can be trained."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from fixedpoint.detectors import library as specs
from fixedpoint.detectors.registry import program
from fixedpoint.receivers import family, receiver
from fixedpoint.receivers.channel import draw
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.specs.distributed import DistributedSpec
from fixedpoint.specs.fpd import FpdSpec
from fixedpoint.specs.fpd_tables import SCALES
from fixedpoint.stress import admm as admm_stress
from fixedpoint.stress import distributed as distributed_stress
from fixedpoint.stress import hyper as hyper_stress
from fixedpoint.stress import pgd as stress
from model import twin
from model.distributed.fpd import Observed, fpd
from model.quant.quantizers import HalfUp
from model.quant.tables import Table
from model.twin import Count, compare
from model.unfolded.layered import product
from model.unfolded.nets import shipped_net
from model.unfolded.pgd import PgdNet
from model.view.net import View, fake_quantized, float_twin
from tests.program_steps import edges

torch.set_num_threads(1)
Arrays = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]
STRESSED: list[DetectorSpec] = [
    stress.spec("soft", 32, 16),
    stress.spec("box", 16, 16),
    admm_stress.spec("soft", 32, 16, 7),
    admm_stress.spec("box", 16, 16, 7),
    *(distributed_stress.spec(detector, bits=bits, modulation=modulation)
      for detector in ("hpd", "fpd")
      for bits, modulation in ((1, "qpsk"), (2, "16qam"), (3, "64qam"))),
    hyper_stress.spec(),
]  # fmt: skip


def draws(spec: DetectorSpec, seed: int, blocks: int) -> Arrays:
    """Real h (G, M, N), y (G, 4, M) and index (G, 4) over the whole bank."""
    index = np.arange(blocks * 4).reshape(blocks, 4) % len(spec.snr)
    rng = np.random.default_rng(seed)
    drawn = draw(rng, spec.constellation, spec.rows, spec.columns, spec.snr.snr_db[index])
    gain = np.sqrt(spec.entry_variance * spec.rows / 2)
    return drawn.h * gain, drawn.y * gain, index


@pytest.mark.parametrize("name", specs.shipped())
def test_the_twin_equals_golden_on_every_wire(name: str) -> None:
    spec = specs.load(name)
    vectors = 288 if isinstance(spec, DistributedSpec) else 4096
    counts = compare(spec, vectors, seed=3)
    assert {wire: count.differing for wire, count in counts.items() if count.differing} == {}
    wires = [f"{layer}.{wire}" for layer, formats in family.layer_formats(spec).items()
             for wire in formats]  # fmt: skip
    assert set(counts) == {*(part.name for part in spec.parts), "y", *wires}
    of_vectors = [count for wire, count in counts.items() if "." in wire]
    assert all(count.compared >= vectors * spec.columns for count in of_vectors)


@pytest.mark.parametrize("spec", STRESSED, ids=lambda spec: spec.name)
def test_the_twin_equals_golden_on_stress_specs(spec: DetectorSpec) -> None:
    counts = compare(spec, 576 if isinstance(spec, DistributedSpec) else 2048, seed=4)
    assert sum(count.differing for count in counts.values()) == 0


@pytest.mark.parametrize(
    ("name", "leaf", "place", "unit", "first", "before"),
    [
        ("pgd", "eta", 4, 2.0**-10, "pgd5.update", "pgd4.code"),
        ("admm-box", "relaxation", 3, 2.0**-9, "admm4.relaxed", "admm4.estimate"),
        ("admm-box", "dual_step", 3, 2.0**-4, "admm4.dual", "admm4.decoded"),
        ("hpd-16qam-2bit", "step", 2, 2.0**-7, "hpd3.estimate", "hpd3.gradient"),
        ("fpd-16qam-2bit", "step", 2, 2.0**-7, "fpd3.estimate", "fpd3.gradient"),
    ],
)
def test_a_wrong_constant_is_noticed_where_it_acts(
    name: str, leaf: str, place: int, unit: float, first: str, before: str
) -> None:
    spec = specs.load(name)
    wrong = fake_quantized(program(spec))
    with torch.no_grad():
        wrong.leaves.constants[leaf][place] += unit
    counts = compare(spec, 512, seed=0, twin=wrong)
    assert counts[first].differing > 0
    assert counts[before].differing == 0


class HalfEven(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.round()


@pytest.mark.parametrize("name", ["pgd", "admm-box"])
def test_stock_rounding_is_noticed(name: str) -> None:
    spec = specs.load(name)
    counts = compare(spec, 2048, seed=0, twin=View(program(spec), HalfEven()))
    assert sum(counts[part.name].differing for part in spec.parts) == counts["y"].differing == 0
    assert sum(count.differing for count in counts.values()) > 0


@pytest.mark.parametrize("name", specs.shipped())
def test_the_float_twins_of_torch_and_numpy_agree_on_draws(name: str) -> None:
    spec = specs.load(name)
    h, y, index = draws(spec, 5, 36)
    if spec.one_snr_a_block:
        index = np.repeat(index[:, :1], 4, axis=1)
    y = y * 3  # drives converters and front ends into saturation
    made = program(spec)
    with torch.no_grad():
        got = float_twin(made)(receiver.real_inputs(spec, h, y, index)[0])
    layers = zip(family.layer_formats(spec), family.float_twin(spec, h, y, index), strict=True)
    for layer, expected in layers:
        for wire in ("estimate", "update", "state", "extrapolated"):
            if hasattr(expected, wire) and layer in got:
                value = next(part for name, part, _ in made.parts if name == layer).wires[wire]
                reals = getattr(expected, wire) * 2.0**-value.frac
                assert np.abs(getattr(got[layer], wire).numpy() - reals).max() < 1e-9


def gradients(view: View, arrays: Arrays) -> dict[str, torch.Tensor]:
    """Of the sum of squares of the last state, by constant."""
    spec = view.program.spec
    *_, last = view(receiver.real_inputs(spec, *arrays)[0]).values()
    last.state.square().sum().backward()
    trained = view.leaves.constants.items()
    return {name: p.grad for name, p in trained if p.grad is not None}


def test_the_float_twins_gradients_are_those_of_model_fpd() -> None:
    """Through step and cosine_step, which are κμ₁ and πμ₄ of `model.fpd`."""
    spec = specs.load_as(FpdSpec, "fpd-16qam-2bit")
    f, arrays = spec.formats, draws(spec, 7, 9)
    found = gradients(float_twin(program(spec)), arrays)
    h = torch.from_numpy(arrays[0])
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
    rng = np.random.default_rng(0)
    drawn = draw(rng, spec.constellation, spec.rows, spec.columns, np.full((100, 1), 8.0))
    index = np.full((100, 1), 13)
    h, y = receiver.matrices(spec, drawn.h * 8, index).h, spec.converter.convert(drawn.y * 8, index)
    given, view = receiver.inputs(spec, h, y, index)[0], fake_quantized(program(spec))
    with torch.no_grad():
        view.leaves.constants["step"] *= 0.4
    optimizer, errors = torch.optim.Adam(view.parameters(), lr=0.02), []
    for _ in range(6):
        *_, last = view(given).values()
        error = (last.state - torch.from_numpy(drawn.x)).square().mean()
        optimizer.zero_grad()
        error.backward()
        optimizer.step()
        errors.append(error.item())
    assert errors[-1] < 0.8 * errors[0]
    for leaf, values in view.leaves().items():
        integers = values / leaf.format.step
        assert torch.equal(integers, integers.round())
        assert leaf.format.allows(integers.detach().numpy().astype(np.int64))


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


def test_a_shared_channel_and_its_copies_give_the_same_values() -> None:
    net, generator = shipped_net("pgd-soft-int8-kaq").double(), torch.Generator().manual_seed(6)
    assert isinstance(net, PgdNet)
    h, y = (torch.randn(*size, generator=generator, dtype=torch.float64) / 4
            for size in ((32, 32), (64, 32)))  # fmt: skip
    index = torch.arange(64) % 36
    for a, b in zip(net(h, y, index), net(h.expand(64, -1, -1), y, index), strict=True):
        assert all(torch.allclose(left, right) for left, right in zip(a, b, strict=True))


def test_product_takes_a_matrix_each_or_one_for_all() -> None:
    matrices, vectors = torch.randn(4, 3, 2), torch.randn(4, 2)
    expected = torch.stack([m @ v for m, v in zip(matrices, vectors, strict=True)])
    assert torch.allclose(product(matrices, vectors), expected)
    assert torch.allclose(product(matrices[0], vectors), vectors @ matrices[0].T)


def test_a_count_refuses_arrays_of_different_shapes() -> None:
    with pytest.raises(ValueError, match="shape"):
        Count().add(np.zeros(3), np.zeros((3, 1)), 0)


def test_every_snr_entry_is_drawn() -> None:
    drawn = twin.entries(np.random.default_rng(0), 36, 8)
    assert drawn.shape == (8, twin.BLOCK)
    assert set(drawn.flat) == set(range(36))


def test_a_block_has_one_snr_entry_and_every_entry_is_drawn() -> None:
    drawn = twin.entries(np.random.default_rng(0), 36, 36, one_a_block=True)
    assert drawn.shape == (36, twin.BLOCK)
    assert (drawn == drawn[:, :1]).all()
    assert set(drawn[:, 0]) == set(range(36))


def test_a_difference_is_counted_and_located() -> None:
    count = twin.Count()
    count.add(np.zeros((2, 3)), np.zeros((2, 3)), 0)
    assert (count.compared, count.differing, count.first) == (6, 0, "")
    count.add(np.array([[1.0, 2.0]]), np.array([[1.0, 2.5]]), 4)
    assert (count.compared, count.differing) == (8, 1)
    assert count.first == "chunk 4, [0, 1]: 2.0, golden has 2.5"


@pytest.mark.parametrize("name", ["pgd", "hpd-4qam-1bit", "fpd-4qam-1bit-hyper"])
def test_the_command_prints_no_difference(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert twin.main(["--spec", name, "--vectors", "16"]) == 0
    assert "0 differ" in capsys.readouterr().out.splitlines()[-1]
