# SPDX-License-Identifier: Apache-2.0
"""The shipped hyper-networks in integers against the trained ones in float, and their export."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from brevitas.core.function_wrapper import Identity

from fixedpoint.detectors import hyper
from fixedpoint.detectors import library as specs
from fixedpoint.detectors.registry import program
from fixedpoint.program.leaves import Supplied
from fixedpoint.program.values import Distance, walk
from fixedpoint.receivers import family
from fixedpoint.specs.fpd import FpdSpec
from fixedpoint.specs.hyper import HEADS
from fixedpoint.stress import extreme
from fixedpoint.stress import hyper as hyper_stress
from model import export
from model.distributed.fpd import fpd as algorithm
from model.distributed.fpd import observed
from model.fpd import shipped as fpd_shipped
from model.fpd.hyper import NAMES, PHI_LEAST, unconstrained
from model.fpd.hyper_twin import HyperTwin
from model.fpd.shipped import Shipped
from model.quant.quantizers import HalfUp
from model.recipes.fpd import MADE_OF, RECIPE
from model.systems.scene import Scene, scene
from model.view.net import fake_quantized
from tests.program_steps import third
from tests.torch_view import computed

torch.set_num_threads(1)
SPECS = tuple(name for name, made in MADE_OF.items() if made.hyper)
Scale = Callable[[dict[str, np.ndarray], float], np.ndarray]
THETA_TO_SCALE: dict[str, Scale] = {  # of θ and κ
    "step": lambda theta, kappa: kappa * theta["mu1"],
    "quartic_scale": lambda theta, kappa: theta["eta"] ** 0.25,
    "quartic_step": lambda theta, kappa: theta["mu2"] * theta["eta"] ** 0.25,
    "gaussian_scale": lambda theta, kappa: theta["beta"] ** 0.5,
    "gaussian_step": lambda theta, kappa: theta["mu3"] * theta["beta"] ** 0.5,
    "cosine_step": lambda theta, kappa: np.pi * theta["mu4"],
    "phi": lambda theta, kappa: theta["phi"],
}


def shipped(name: str) -> tuple[FpdSpec, Shipped]:
    spec = specs.load(name)
    assert isinstance(spec, FpdSpec)
    return spec, fpd_shipped.load(MADE_OF[name].network)


def both(name: str, snr_db: float) -> tuple[list[family.Wires], np.ndarray, np.ndarray, Scene]:
    """Golden wires, θ (G, B, C, L, 7) and s^L (G, B, N) of the trained network, on new draws."""
    spec, trained = shipped(name)
    system = trained.config.receiver
    drawn = scene(system, snr_db, 300, np.random.default_rng(31))
    index = spec.snr.index(np.full(drawn.x.shape[:2], snr_db))
    codes = spec.adc.convert(drawn.received.y.numpy(), index)
    wires = family.run(spec, spec.h_format.quantize(drawn.h.numpy()), codes, index)[1:]
    seen, net = observed(system, drawn.received, drawn.h), trained.net.double()
    with torch.no_grad():
        theta = net.hyper(seen)
        state = algorithm(seen, theta, net.peak, net.kappa)
    return wires, theta.transpose(1, 2).numpy(), state.numpy(), drawn


@pytest.mark.parametrize("snr_db", [0.0, 10.0, 20.0])
@pytest.mark.parametrize("name", SPECS)
def test_outputs_and_scales_stay_close_to_the_trained_network(name: str, snr_db: float) -> None:
    spec, trained = shipped(name)
    (first, *_), theta, _, _ = both(name, snr_db)
    assert spec.hyper is not None
    output = spec.hyper.dense2.output
    raw = unconstrained(torch.from_numpy(theta)).numpy().reshape(first.dense2.shape)
    error = output.value(first.dense2) - raw
    assert np.abs(error).max() < 3 * output.step + 0.01
    assert np.sqrt(np.mean(error**2)) < 0.5 * output.step
    real = dict(zip(NAMES, np.moveaxis(theta, -1, 0), strict=True))
    for scale, function in THETA_TO_SCALE.items():
        target, expected = getattr(spec.formats, scale), function(real, trained.config.kappa)
        off = target.value(getattr(first, scale)) - expected
        assert np.sqrt(np.mean(off**2)) < 0.015 * np.sqrt(np.mean(expected**2)), scale


@pytest.mark.parametrize("name", SPECS)
def test_few_bits_are_decided_differently_from_the_float_network(name: str) -> None:
    spec, _ = shipped(name)
    wires, _, state, drawn = both(name, 10.0)
    peak, levels = spec.constellation.peak, spec.constellation.levels
    gray = spec.constellation.gray
    decided, sent = (
        gray(np.clip((x + peak + 1) // 2, 0, levels - 1).astype(np.int64))
        for x in (state, drawn.x.numpy())
    )
    assert np.mean(wires[-1].bits != decided) < 2e-3
    assert np.mean(wires[-1].bits != sent) < np.mean(decided != sent) + 1e-3


@pytest.mark.parametrize("name", SPECS)
def test_export_gives_the_shipped_spec(name: str) -> None:
    assert RECIPE.shipped(name) == shipped(name)[0]


@pytest.mark.parametrize("name", SPECS)
def test_everything_else_is_that_of_the_table_spec(name: str) -> None:
    made, base = shipped(name)[0], specs.load(MADE_OF[name].network)
    assert isinstance(base, FpdSpec)
    own = ("name", "provenance", "formats", "cosine_output", "layers", "hyper")
    for field in dataclasses.fields(FpdSpec):
        if field.name not in own:
            assert getattr(made, field.name) == getattr(base, field.name), field.name
    for key in vars(base.formats):
        before, after = getattr(base.formats, key), getattr(made.formats, key)
        assert (after.bits, after.signed) == (before.bits, before.signed)
        assert after.frac == before.frac or (key in THETA_TO_SCALE and after.frac < before.frac)
    assert made.layers == ()
    assert base.hyper is None


def test_the_tables_hold_the_networks_outputs_in_their_order_with_its_least_phi() -> None:
    assert hyper.PHI_LEAST == PHI_LEAST
    assert tuple(hyper.heads(1.5)) == HEADS
    assert len(HEADS) == len(NAMES)


def test_the_command_writes_a_spec_and_names_an_unknown_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "spec.json"
    assert export.main(["--name", SPECS[0], "--out", str(out)]) == 0
    assert specs.load(out) == shipped(SPECS[0])[0]
    out.unlink()
    assert export.main(["--name", "fpd", "--out", str(out)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "no checkpoint, and 'fpd' is not one of pgd, pgd-box, admm, " in error
    assert not out.exists()


def compared(spec: FpdSpec, h: np.ndarray, codes: np.ndarray, index: np.ndarray) -> int:
    """The number of integers of the layer `hyper` that the fake-quantized twin has as well."""
    assert spec.hyper is not None
    rows = spec.unit_rows()
    twin = HyperTwin(spec, spec.hyper, HalfUp())
    real = torch.from_numpy(spec.h_format.value(h[:, rows]))
    with torch.no_grad():
        got = twin(real, torch.from_numpy(codes[:, :, rows]), torch.from_numpy(index))
    first, count = family.run(spec, h, codes, index)[1], 0
    for wire, target in family.layer_formats(spec)["hyper"].items():
        assert np.array_equal(got[wire].numpy(), target.value(getattr(first, wire))), wire
        count += got[wire].numel()
    return count


@pytest.mark.parametrize("sizes", [{}, {"rows": 128, "columns": 16}, {"bits": 1, "units": 2}])
def test_the_fake_quantized_network_equals_the_golden_one_under_stress(
    sizes: dict[str, int],
) -> None:
    spec = hyper_stress.spec(**sizes)
    assert compared(spec, *extreme.vectors(spec, 3, 3, 24)) > 10_000


@pytest.mark.parametrize("name", SPECS)
def test_the_fake_quantized_network_equals_the_golden_one_on_draws(name: str) -> None:
    spec, trained = shipped(name)
    index = np.random.default_rng(5).integers(0, len(spec.snr), (200, 1))
    drawn = scene(trained.config.receiver, spec.snr.snr_db[index], 200, np.random.default_rng(6))
    codes = spec.adc.convert(drawn.received.y.numpy(), index)
    h = spec.h_format.quantize(drawn.h.numpy())
    assert compared(spec, h, codes, index) == 200 * 4 * (1152 + 320 + 64 + 35 + 35)


@pytest.mark.parametrize("name", [*SPECS, "stress"])
def test_the_fake_quantized_third_penalty_equals_the_golden_one(name: str) -> None:
    """At every distance that its tables know, and every φ."""
    spec = hyper_stress.spec() if name == "stress" else shipped(name)[0]
    made, address, phi = program(spec), spec.cosine_address, spec.formats.phi
    value = made.layer.wires["cosine"]
    leaves = {type(leaf): leaf for leaf in walk([value]) if isinstance(leaf, Distance | Supplied)}
    a = np.arange(address.min, address.max + 1)[:, None]
    q = np.arange((1 << phi.frac) + 1, phi.max + 1)
    known = {leaves[Distance]: address.value(a), leaves[Supplied]: phi.value(q)}
    with torch.no_grad():
        got = computed(fake_quantized(made), value,
                       {leaf: torch.from_numpy(x) for leaf, x in known.items()})  # fmt: skip
    expected = third(spec, *np.broadcast_arrays(a, q))
    assert np.array_equal(got.numpy(), spec.cosine_output.value(expected))


@pytest.mark.parametrize("name", SPECS)
def test_the_float_twins_of_torch_and_numpy_agree(name: str) -> None:
    spec, trained = shipped(name)
    assert spec.hyper is not None
    index = np.full((20, 1), 12)
    drawn = scene(trained.config.receiver, 7.0, 20, np.random.default_rng(7))
    h, y = drawn.h.numpy(), drawn.received.y.numpy()
    rows, limit = spec.unit_rows(), spec.h_format.max * spec.h_format.step
    codes = torch.from_numpy(spec.adc.convert(y, index)[:, :, rows])
    clipped = torch.from_numpy(np.clip(h, -limit, limit)[:, rows])
    with torch.no_grad():
        got = HyperTwin(spec, spec.hyper, Identity())(clipped, codes, torch.from_numpy(index))
    for scale, expected in family.float_twin(spec, h, y, index)[1].__dict__.items():
        step = getattr(spec.formats, scale).step
        assert np.allclose(got[scale].numpy(), expected * step, rtol=1e-12, atol=0), scale
