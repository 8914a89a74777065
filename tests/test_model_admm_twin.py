# SPDX-License-Identifier: Apache-2.0
"""ADMM-Net's fake-quantized twin equals the golden model on every wire; its float twins agree."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
import torch

from fixedpoint import admm_stress, family, prepare
from fixedpoint import spec as specs
from fixedpoint.admm_spec import AdmmSpec
from fixedpoint.channel import draw
from model import admm_twin, twin
from model.twin import compare

torch.set_num_threads(1)
NAMES = ("admm", "admm-box", "admm-kaq")


def changed(monkeypatch: pytest.MonkeyPatch, make: Callable[[AdmmSpec], torch.nn.Module]) -> None:
    views = dataclasses.replace(twin.VIEWS["admm"], make=make)
    monkeypatch.setitem(twin.VIEWS, "admm", views)


@pytest.mark.parametrize("name", NAMES)
def test_the_twin_equals_golden_on_every_wire(name: str) -> None:
    counts = compare(specs.load(name), 2048, seed=3)
    assert {wire: count.differing for wire, count in counts.items() if count.differing} == {}
    assert len(counts) == 3 + 2 + 10 * 5
    assert counts["p"].compared == 256 * 32 * 32
    assert all(counts[f"5.{wire}"].compared >= 2048 * 32 for wire in ("product", "dual", "bits"))


@pytest.mark.parametrize(("prox", "rows", "columns"), [("soft", 32, 16), ("box", 16, 16)])
def test_the_twin_equals_golden_on_stress_specs(prox: str, rows: int, columns: int) -> None:
    spec = admm_stress.spec(prox, rows, columns, 7)
    counts = compare(spec, 2048, seed=4)
    assert sum(count.differing for count in counts.values()) == 0
    assert "7.bits" in counts


def test_a_wrong_constant_is_noticed_where_it_acts(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = specs.load_as(AdmmSpec, "admm-box")
    for name, unit, first, before in (
        ("relaxation", 2.0**-9, "4.relaxed", "4.estimate"),
        ("dual", 2.0**-4, "4.dual", "4.decoded"),
    ):
        wrong = admm_twin.fake_quantized(spec)
        getattr(wrong.net.constants, name)[3] += unit
        changed(monkeypatch, lambda _, made=wrong: made)
        counts = compare(spec, 512, seed=0)
        assert counts[first].differing > 0
        assert counts[before].differing == 0


class HalfEven(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.round()


def test_stock_rounding_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    changed(monkeypatch, lambda spec: admm_twin.Twin(spec, HalfEven()))
    counts = compare(specs.load("admm-box"), 512, seed=0)
    assert counts["f"].differing == counts["p"].differing == counts["y"].differing == 0
    assert counts["front.estimate"].differing > 0


@pytest.mark.parametrize("name", NAMES)
def test_the_float_twins_of_torch_and_numpy_agree(name: str) -> None:
    spec = specs.load_as(AdmmSpec, name)
    index = np.repeat(np.arange(len(spec.snr))[:, None], 3, axis=1)
    rng = np.random.default_rng(5)
    drawn = draw(rng, spec.constellation, spec.rows, spec.columns, spec.snr.snr_db[index])
    y = drawn.y * 5  # drives converter and front end into saturation
    theirs = family.float_twin(spec, drawn.h, y, index)
    made = prepare.prepare(spec, drawn.h, index)
    f, p = (torch.from_numpy(array) for array in (made.f.transpose(0, 2, 1), made.p))
    ours = admm_twin.float_twin(spec)(f, p, torch.from_numpy(y), torch.from_numpy(index))
    formats = spec.formats
    assert np.abs(ours.estimate.numpy() - theirs[0].estimate * formats.front.step).max() < 1e-9
    assert (np.abs(theirs[0].estimate) == formats.front.max).any()
    for layer, wires in zip(ours.layers, theirs[1:], strict=True):
        for name in ("estimate", "state"):
            value = getattr(wires, name) * formats.state.step
            assert np.abs(getattr(layer, name).numpy() - value).max() < 1e-9


def test_a_block_has_one_snr_entry_and_every_entry_is_drawn() -> None:
    drawn = twin.entries(np.random.default_rng(0), 36, 36, one_a_block=True)
    assert drawn.shape == (36, twin.BLOCK)
    assert (drawn == drawn[:, :1]).all()
    assert set(drawn[:, 0]) == set(range(36))
