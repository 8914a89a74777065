# SPDX-License-Identifier: Apache-2.0
"""Step sizes Δ of a layer's codes: fixed (eq. (10)), learned (eq. (18)), SNR-driven (eq. (15))."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from fixedpoint.numbers.bank import SnrBank, StepFormats, odd_reciprocal
from fixedpoint.numbers.format import Format


def inverse_root(bank: SnrBank) -> Tensor:
    """SNR^-½ of every entry of the bank, SNR linear, (entries,)."""
    snr_db = torch.tensor(bank.snr_db, dtype=torch.float64)
    return (10 ** (-snr_db / 20)).to(torch.get_default_dtype())


class StepSize(Protocol):
    """Where the step size of a layer comes from."""

    def table(self) -> Tensor:
        """Δ at every entry of the SNR bank, shape (entries,), always > 0."""
        ...

    def scales(self, index: Tensor) -> tuple[Tensor, Tensor]:
        """The divisor of a state and Δ for SNR entries `index` (B,), each (B, 1)."""
        ...


class _Returning(torch.autograd.Function):
    """Clamp whose gradient, outside the range, passes only where descent leads back inside."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, low: float, high: float) -> Tensor:
        ctx.save_for_backward(x < low, x > high)
        return x.clamp(low, high)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None]:
        below, above = ctx.saved_tensors
        outward = (below & (grads[0] > 0)) | (above & (grads[0] < 0))
        return grads[0].masked_fill(outward, 0), None, None


def returning_clamp(x: Tensor, low: float, high: float) -> Tensor:
    """x clamped to low … high; beyond, only gradients that lead back inside pass."""
    return _Returning.apply(x, low, high)


class _TrainedStep(nn.Module, ABC):
    """A table of Δ, clamped to `limits` so that it stays positive and inside its format.

    Outside, only gradients that lead back inside pass: Δ neither gets stuck nor drifts away.
    """

    def __init__(self, bank: SnrBank, limits: tuple[float, float]) -> None:
        super().__init__()
        self.limits = limits
        self.inverse_root: Tensor
        self.register_buffer("inverse_root", inverse_root(bank), persistent=False)

    @abstractmethod
    def raw_table(self) -> Tensor:
        """Δ at every entry of the bank before the clamp, (entries,)."""

    def table(self) -> Tensor:
        """Δ at every entry of the bank, (entries,)."""
        return returning_clamp(self.raw_table(), *self.limits)

    def scales(self, index: Tensor) -> tuple[Tensor, Tensor]:
        """Δ of each vector, twice: divisor and scale are the same in training."""
        step = self.table()[index].unsqueeze(-1)
        return step, step


class FixedStep(_TrainedStep):
    """Δ of eq. (10), not trained."""

    def __init__(self, initial: float, bank: SnrBank, limits: tuple[float, float]) -> None:
        super().__init__(bank, limits)
        self.step: Tensor
        self.register_buffer("step", torch.tensor(initial))

    def raw_table(self) -> Tensor:
        """Before the clamp, (entries,)."""
        return self.step.expand_as(self.inverse_root)


class LearnedStep(_TrainedStep):
    """One trained Δ for every SNR, eq. (18), from eq. (10)."""

    def __init__(self, initial: float, bank: SnrBank, limits: tuple[float, float]) -> None:
        super().__init__(bank, limits)
        self.step = nn.Parameter(torch.tensor(initial))

    def raw_table(self) -> Tensor:
        """Before the clamp, (entries,)."""
        return self.step.expand_as(self.inverse_root)


class SnrStep(_TrainedStep):
    """Δ = α·SNR^-½ + γ, eq. (15), SNR linear, from α = 0 and γ of eq. (10).

    α has no sign constraint: the equation alone says that Δ grows in noise, the text that it falls.
    """

    def __init__(self, initial: float, bank: SnrBank, limits: tuple[float, float]) -> None:
        super().__init__(bank, limits)
        self.alpha = nn.Parameter(torch.tensor(0.0))
        self.gamma = nn.Parameter(torch.tensor(initial))

    def raw_table(self) -> Tensor:
        """Before the clamp, (entries,)."""
        return self.alpha * self.inverse_root + self.gamma


STEPS: dict[str, Callable[[float, SnrBank, tuple[float, float]], nn.Module]] = {
    "fixed": FixedStep,
    "learned": LearnedStep,
    "snr": SnrStep,
}


def initial_step(largest: float, code: Format) -> float:
    """Δ = max|x| / (2^(b−1) − 1), eq. (10)."""
    return largest / code.max


def least_mse_step(x: Tensor, code: Format) -> float:
    """The Δ of least ‖x − Q(x)‖² over the values x, any shape, by a search over 200 fractions."""
    values = x.abs().double().ravel()
    largest = initial_step(values.max().item(), code)
    steps = largest * torch.linspace(0.005, 1.0, 200, dtype=torch.float64)
    errors = [(values - (values / d).round().clamp(max=code.max) * d).square().sum() for d in steps]
    return float(steps[int(torch.stack(errors).argmin())])


def step_limits(formats: StepFormats) -> tuple[float, float]:
    """The smallest and the largest Δ whose integer and whose odd reciprocal fit their formats."""
    smallest, largest = 1, formats.step.max
    while smallest < largest:
        middle = (smallest + largest) // 2
        if odd_reciprocal(middle, formats.step, formats.inverse) <= formats.inverse.max:
            largest = middle
        else:
            smallest = middle + 1
    return smallest * formats.step.step, formats.step.max * formats.step.step
