# SPDX-License-Identifier: Apache-2.0
"""The fake-quantized twin equals the golden model on every wire; the float twins agree."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
import torch

from fixedpoint import family, stress
from fixedpoint import spec as specs
from fixedpoint.channel import draw
from fixedpoint.spec import PgdSpec
from model import pgd_twin, twin
from model.pgd import product
from model.pgd_twin import fake_quantized, float_twin
from model.twin import Count, compare

torch.set_num_threads(1)


def draws(spec: PgdSpec, seed: int, vectors: int) -> tuple[torch.Tensor, ...]:
    rng = np.random.default_rng(seed)
    index = np.arange(vectors)[:, None] % len(spec.snr)
    drawn = draw(rng, spec.constellation, spec.rows, spec.columns, spec.snr.snr_db[index])
    return torch.from_numpy(drawn.h), torch.from_numpy(drawn.y), torch.from_numpy(index)


def test_the_twin_equals_golden_on_every_wire(shipped: PgdSpec) -> None:
    counts = compare(shipped, 4096, seed=3)
    assert {name: count.differing for name, count in counts.items() if count.differing} == {}
    layers = len(shipped.layers)
    assert len(counts) == 2 + 7 * layers
    assert all(count.compared >= 4096 * 32 for count in counts.values() if count is not counts["h"])


@pytest.mark.parametrize(("prox", "rows", "columns"), [("soft", 32, 16), ("box", 16, 16)])
def test_the_twin_equals_golden_on_stress_specs(prox: str, rows: int, columns: int) -> None:
    counts = compare(stress.spec(prox, rows, columns), 2048, seed=4)
    assert sum(count.differing for count in counts.values()) == 0


def test_a_wrong_constant_or_stock_rounding_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = specs.load_as(PgdSpec, "pgd")
    wrong = fake_quantized(spec)
    wrong.net.constants.eta[4] += 2.0**-10
    monkeypatch.setitem(twin.VIEWS, "pgd", made(lambda _: wrong))
    counts = compare(spec, 256, seed=0)
    assert counts["5.update"].differing > 0
    assert counts["4.code"].differing == 0
    monkeypatch.setitem(twin.VIEWS, "pgd", made(lambda s: pgd_twin.Twin(s, HalfEven())))
    assert sum(count.differing for count in compare(spec, 2048, seed=0).values()) > 0


def made(make: Callable[[PgdSpec], torch.nn.Module]) -> twin.Views:
    return dataclasses.replace(twin.VIEWS["pgd"], make=make)


class HalfEven(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.round()


def test_the_float_twins_of_torch_and_numpy_agree(shipped: PgdSpec) -> None:
    h, y, index = draws(shipped, 5, 720)
    expected = family.float_twin(shipped, h.numpy(), y.numpy(), index.numpy())
    got = float_twin(shipped)(h, y[:, 0], index[:, 0]).layers
    f = shipped.formats
    gradient_unit = f.h.step * f.residual.step
    for k, (ours, theirs) in enumerate(zip(got, expected, strict=True)):
        step = np.array(shipped.layers[k].step)[index.numpy()] * f.step.step
        for value, twin_value, unit in [
            (ours.residual, theirs.residual, f.residual.step),
            (ours.gradient, theirs.gradient, gradient_unit),
            (ours.update, theirs.update, f.state.step),
            (ours.state, theirs.state, f.state.step),
            (ours.code, theirs.code, step),
        ]:
            assert np.abs(value.numpy() - twin_value[:, 0] * unit).max() < 1e-9


def test_a_shared_channel_and_its_copies_give_the_same_values() -> None:
    spec = specs.load_as(PgdSpec, "pgd")
    h, y, index = draws(spec, 6, 64)
    net = fake_quantized(spec)
    shared = net(h[0], y[:, 0], index[:, 0])
    copies = net(h[0].expand(64, -1, -1), y[:, 0], index[:, 0])
    for a, b in zip(shared.layers, copies.layers, strict=True):
        assert all(torch.equal(left, right) for left, right in zip(a, b, strict=True))


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


def test_a_difference_is_counted_and_located() -> None:
    count = twin.Count()
    count.add(np.zeros((2, 3)), np.zeros((2, 3)), 0)
    assert (count.compared, count.differing, count.first) == (6, 0, "")
    count.add(np.array([[1.0, 2.0]]), np.array([[1.0, 2.5]]), 4)
    assert (count.compared, count.differing) == (8, 1)
    assert count.first == "chunk 4, [0, 1]: 2.0, golden has 2.5"
