# SPDX-License-Identifier: Apache-2.0
"""The quantizers of the model: half up, eqs. (9), (10), (15) and (19)."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from brevitas.core.function_wrapper import Identity

from fixedpoint.detectors import library as specs
from fixedpoint.detectors.library import Adc, odd_reciprocal
from fixedpoint.numbers import adc
from fixedpoint.numbers.bank import SnrBank
from fixedpoint.numbers.format import Format
from model.quant.quantizers import AdcQuantizer, CodeQuantizer, Float16, FormatQuantizer, HalfUp
from model.quant.steps import (
    STEPS,
    FixedStep,
    LearnedStep,
    SnrStep,
    initial_step,
    least_mse_step,
    step_limits,
)

torch.set_num_threads(1)
BANK = SnrBank(-5, 30)
LIMITS = (0.008, 0.25)
CODE = Format(8, 0)


def quantize_with(step, v: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
    return CodeQuantizer(CODE, HalfUp())(v, *step.scales(index))


def test_ties_round_up_and_brevitas_stock_rounding_does_not() -> None:
    ties = torch.tensor([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5])
    assert HalfUp()(ties).tolist() == [-2, -1, 0, 1, 2, 3]
    assert torch.round(ties).tolist() != HalfUp()(ties).tolist()


def test_the_largest_double_below_one_half_rounds_down() -> None:
    below = torch.tensor([np.nextafter(0.5, 0)], dtype=torch.float64)
    assert HalfUp()(below).item() == 0


def test_format_quantizer_equals_format_quantize_with_saturation() -> None:
    target = Format(8, 4)
    x = torch.linspace(-9, 9, 36001, dtype=torch.float64)
    expected = target.value(target.quantize(x.numpy()))
    assert np.array_equal(FormatQuantizer(target, HalfUp()).double()(x).numpy(), expected)


@pytest.mark.parametrize(("bits", "half_step"), [(1, 3), (4, 5), (11, 1)])
def test_adc_quantizer_equals_the_converter(bits: int, half_step: int) -> None:
    converter, y_format = Adc(bits, half_step), Format(12, 7)
    y = torch.linspace(-20, 20, 20001, dtype=torch.float64)
    levels = adc.level(adc.convert(y.numpy(), converter, y_format), converter)
    fake = AdcQuantizer(converter, y_format, HalfUp()).double()(y)
    assert np.array_equal(fake.numpy(), y_format.value(levels))


def test_eq_19_gradient_is_one_in_range_and_zero_beyond_to_the_letter() -> None:
    # 127.2 lies between 127 Δ, where eq. (19) clips, and 127.5 Δ, where Brevitas alone would.
    step = FixedStep(0.0625, BANK, LIMITS)
    v = torch.tensor([[-300, -127.2, -127, -64.3, 0, 0.5, 127, 127.2, 300]]) * 0.0625
    v.requires_grad_()
    quantize_with(step, v, torch.tensor([7])).sum().backward()
    assert v.grad is not None
    assert v.grad.tolist() == [[0, 0, 1, 1, 1, 1, 1, 0, 0]]


def test_step_gradient_is_the_rounding_error_in_range_and_the_limit_beyond() -> None:
    for position, expected in [
        (3.3, 3 - 3.3),
        (3.6, 4 - 3.6),
        (-9.75, 0.0 - 0.25),
        (500, 127),
        (-500, -127),
    ]:
        step = LearnedStep(0.0625, BANK, LIMITS)
        quantize_with(step, torch.tensor([[position * 0.0625]]), torch.tensor([0])).sum().backward()
        assert step.step.grad is not None
        assert step.step.grad.item() == pytest.approx(expected, abs=1e-4)


def test_eq_9_codes_are_rounded_multiples_of_the_step() -> None:
    v = torch.linspace(-12, 12, 999)[:, None]
    x = quantize_with(FixedStep(0.0625, BANK, LIMITS), v, torch.zeros(999, dtype=torch.int64))
    expected = np.clip(np.floor(v.numpy() / 0.0625 + 0.5), -127, 127) * 0.0625
    assert np.array_equal(x.numpy(), expected)


def test_eq_10_puts_the_largest_activation_on_the_largest_code() -> None:
    step = initial_step(5.08, CODE)
    assert step == pytest.approx(0.04)
    x = quantize_with(FixedStep(step, BANK, LIMITS), torch.tensor([[5.08]]), torch.tensor([0]))
    assert x.item() == pytest.approx(5.08)


@pytest.mark.parametrize("bits", [8, 4, 3])
def test_the_least_mse_step_is_the_best_of_a_finer_search(bits: int) -> None:
    x = np.random.default_rng(0).normal(size=4000)
    code = Format(bits, 0)

    def error(delta: float) -> float:
        return float(((np.clip(np.rint(x / delta), -code.max, code.max) * delta - x) ** 2).sum())

    fine = min(error(delta) for delta in np.geomspace(0.004, 2, 2000))
    found = least_mse_step(torch.from_numpy(x), code)
    assert error(found) <= 1.02 * fine
    assert bits == 8 or found < 0.9 * initial_step(np.abs(x).max(), code)


def test_values_are_those_of_the_forward_pass_without_a_gradient() -> None:
    x = torch.linspace(-9, 9, 36001, requires_grad=True)
    for rounding in (HalfUp(), Identity()):
        quantizer = FormatQuantizer(Format(8, 4), rounding)
        assert torch.equal(quantizer.values(x), quantizer(x))
        assert not quantizer.values(x).requires_grad


def test_float16_rounds_to_the_nearest_half_precision_value() -> None:
    x = np.random.default_rng(0).normal(size=5000).astype(np.float32) * 8
    assert np.array_equal(Float16()(torch.from_numpy(x)).numpy(), x.astype(np.float16))
    assert Float16()(torch.from_numpy(x)).dtype == torch.float32


@pytest.mark.parametrize("alpha", [-0.01, 0.0, 0.03])
def test_eq_15_with_alpha_of_either_sign(alpha: float) -> None:
    step = SnrStep(0.05, BANK, LIMITS)
    with torch.no_grad():
        step.alpha.fill_(alpha)
    expected = alpha * (10 ** (BANK.snr_db / 10)) ** -0.5 + 0.05
    assert np.allclose(step.table().detach().numpy(), expected, atol=1e-7)


def test_eq_15_extrapolated_to_low_snr_stays_positive_and_in_its_format() -> None:
    step = SnrStep(0.02, BANK, LIMITS)
    with torch.no_grad():
        step.alpha.fill_(-0.04)
    assert (step.raw_table() < 0).any()
    assert step.table().min().item() == pytest.approx(LIMITS[0])


@pytest.mark.parametrize(
    ("start", "sign", "passes"), [(-0.01, -1, True), (-0.01, 1, False), (0.3, 1, True)]
)
def test_a_step_beyond_its_limits_learns_only_the_way_back(
    start: float, sign: int, passes: bool
) -> None:
    step = LearnedStep(start, BANK, LIMITS)
    (sign * quantize_with(step, torch.tensor([[90.0]]), torch.tensor([0]))).sum().backward()
    assert step.step.grad is not None
    assert step.step.grad.item() == pytest.approx(127 * sign if passes else 0)


def test_snr_step_learns_alpha_and_gamma_from_the_vectors_own_snr() -> None:
    step = SnrStep(0.0625, BANK, LIMITS)
    index = torch.tensor([5, 25])  # 0 and 20 dB: SNR^-½ = 1 and 0.1
    quantize_with(step, torch.full((2, 1), 100.0), index).sum().backward()
    assert step.alpha.grad is not None
    assert step.gamma.grad is not None
    assert step.alpha.grad.item() == pytest.approx(127 * 1.1, rel=1e-5)
    assert step.gamma.grad.item() == pytest.approx(127 * 2)


@pytest.mark.parametrize("name", sorted(STEPS))
def test_every_step_size_starts_at_eq_10_for_every_snr(name: str) -> None:
    step = STEPS[name](0.03, BANK, LIMITS)
    assert torch.allclose(step.table(), torch.full((36,), 0.03))


def test_step_limits_are_the_ends_that_the_formats_hold() -> None:
    f = specs.load("pgd").formats
    low, high = (round(limit / f.step.step) for limit in step_limits(f))
    assert odd_reciprocal(low, f.step, f.inverse) <= f.inverse.max
    assert odd_reciprocal(low - 1, f.step, f.inverse) > f.inverse.max
    assert high == f.step.max
