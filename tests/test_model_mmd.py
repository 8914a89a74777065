# SPDX-License-Identifier: Apache-2.0
"""The KDE-MMD loss: eqs. (11) to (14), and what its bandwidths do when they are free."""

from __future__ import annotations

import pytest
import torch

from model.unfolded.mmd import Bandwidths, MmdLoss, mmd, mmd_with_gradient, silverman

torch.set_num_threads(1)
SIGMA = torch.tensor([0.7, 1.1, 1.6], dtype=torch.float64)


def points(seed: int, groups: int = 3, count: int = 11, dimensions: int = 2) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(groups, count, dimensions, generator=generator, dtype=torch.float64)


def plain_mmd(x: torch.Tensor, s: torch.Tensor, sigma: torch.Tensor) -> torch.Tensor:
    """Eq. (11) as it is written, for autograd."""

    def mean_kernel(a: torch.Tensor, b: torch.Tensor, bandwidth: torch.Tensor) -> torch.Tensor:
        distance = (a[:, :, None] - b[:, None]).square().sum(-1)
        return torch.exp(-distance / (2 * bandwidth**2)).mean(dim=(1, 2))

    loss = (
        mean_kernel(x, x, sigma[0]) + mean_kernel(s, s, sigma[1]) - 2 * mean_kernel(x, s, sigma[2])
    )
    return loss.mean()


@pytest.mark.parametrize("dimensions", [1, 2, 5])
def test_the_analytic_gradient_equals_autograd(dimensions: int) -> None:
    x, s = points(0, dimensions=dimensions), points(1, dimensions=dimensions).requires_grad_()
    sigma = SIGMA.clone().requires_grad_()
    expected = plain_mmd(x, s, sigma)
    expected.backward()
    loss, grad_s, grad_sigma = mmd_with_gradient(x, s.detach(), SIGMA)
    assert loss.item() == pytest.approx(expected.item(), abs=1e-14)
    assert torch.allclose(grad_s, s.grad, atol=1e-14)
    assert torch.allclose(grad_sigma, sigma.grad, atol=1e-14)


def test_the_analytic_gradient_equals_finite_differences() -> None:
    x, s, width = points(0), points(1), 1e-6
    _, grad_s, _ = mmd_with_gradient(x, s, SIGMA)
    for place in [(0, 0, 0), (1, 5, 1), (2, 10, 0)]:
        change = torch.zeros_like(s)
        change[place] = width
        slope = (plain_mmd(x, s + change, SIGMA) - plain_mmd(x, s - change, SIGMA)) / (2 * width)
        assert grad_s[place].item() == pytest.approx(slope.item(), abs=1e-9)


def test_eq_13_as_printed_lacks_a_factor_of_two_in_its_first_sum() -> None:
    x, s = points(0, groups=1), points(1, groups=1)
    _, grad_s, _ = mmd_with_gradient(x, s, SIGMA)

    def kernel_gradient(b: torch.Tensor, bandwidth: torch.Tensor) -> torch.Tensor:
        difference = s[0][:, None] - b[0][None]
        kernel = torch.exp(-difference.square().sum(-1) / (2 * bandwidth**2))
        return (-difference / bandwidth**2 * kernel[..., None]).sum(1)  # eq. (14)

    own, cross = kernel_gradient(s, SIGMA[1]), kernel_gradient(x, SIGMA[2])
    size = s.shape[1] ** 2
    assert torch.allclose(grad_s[0], (2 * own - 2 * cross) / size, atol=1e-15)
    assert not torch.allclose(grad_s[0], (own - 2 * cross) / size, atol=1e-4)


def test_no_gradient_reaches_the_full_precision_branch() -> None:
    x, s = points(0).requires_grad_(), points(1).requires_grad_()
    mmd(x, s, SIGMA).backward()
    assert x.grad is None
    assert s.grad is not None


def test_tied_bandwidths_give_zero_for_equal_sets_and_more_otherwise() -> None:
    x, tied = points(0), torch.full((3,), 0.9, dtype=torch.float64)
    assert mmd(x, x.clone(), tied).item() == pytest.approx(0, abs=1e-15)
    assert mmd(x, x + 0.1, tied).item() > 1e-4


def test_three_free_bandwidths_reach_their_useless_infimum_for_any_activations() -> None:
    x, count = points(0), 11
    s = x + 1e-9
    sigma = torch.tensor([1e-6, 1e-6, 1e6], dtype=torch.float64)
    assert mmd(x, s, sigma).item() == pytest.approx(2 / count - 2, abs=1e-9)


def test_a_tied_bandwidth_minimised_hides_any_difference() -> None:
    x = points(0)
    assert mmd(x, x * 3, torch.full((3,), 1e4, dtype=torch.float64)).item() < 1e-6


def test_silverman_in_one_dimension_is_the_textbook_value() -> None:
    assert silverman(torch.tensor(2.0), 1000, 1).item() == pytest.approx(
        2.0 * (4 / 3 / 1000) ** 0.2, rel=1e-6
    )


@pytest.mark.parametrize(("form", "count"), [("free", 3), ("tied", 1), ("bounded", 1), ("kde", 0)])
def test_every_form_starts_at_the_kde_and_has_its_parameters(form: str, count: int) -> None:
    bandwidths = Bandwidths(form, torch.tensor(0.4))
    assert torch.allclose(bandwidths(), torch.full((3,), 0.4))
    assert sum(p.numel() for p in bandwidths.parameters()) == count


def test_the_bounded_form_cannot_leave_a_factor_of_two() -> None:
    bandwidths = Bandwidths("bounded", torch.tensor(0.4))
    for extreme, expected in [(100.0, 0.8), (-100.0, 0.2)]:
        with torch.no_grad():
            bandwidths.log2_ratio.fill_(extreme)
        assert bandwidths().tolist() == pytest.approx([expected] * 3)


@pytest.mark.parametrize("over", ["coordinates", "vectors"])
def test_the_loss_sums_layers_and_sees_coarser_activations(over: str) -> None:
    loss = MmdLoss("kde", over, torch.tensor([2.0, 2.0]), 128, 6, drawn=6)
    full = [layer.T.float() * 2 for layer in points(2, groups=2, count=6, dimensions=128)]
    values = []
    for step in (0.01, 1.0, 4.0):
        coarse = [(layer / step).round() * step for layer in full]
        values.append(loss(full, coarse, torch.Generator().manual_seed(0)).item())
    assert values[0] < values[1] < values[2]


def test_drawn_coordinates_average_to_the_loss_over_all() -> None:
    full, coarse = [torch.randn(64, 8)], [torch.randn(64, 8)]
    every = MmdLoss("kde", "coordinates", torch.ones(1), 64, 8, drawn=8)
    few = MmdLoss("kde", "coordinates", torch.ones(1), 64, 8, drawn=2)
    generator = torch.Generator().manual_seed(1)
    mean = torch.stack([few(full, coarse, generator) for _ in range(800)]).mean().item()
    assert mean == pytest.approx(every(full, coarse, generator).item(), rel=0.08)
