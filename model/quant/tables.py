# SPDX-License-Identifier: Apache-2.0
"""A spec's tables in torch: their entries forwards, their functions' gradients backwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from brevitas.core.function_wrapper import Identity
from numpy.typing import NDArray
from torch import Tensor, nn

from fixedpoint.numbers.lookup import Lookup
from model.quant.quantizers import FormatQuantizer

ArrayFunction = Callable[[NDArray[np.float64]], NDArray[np.float64]]


class _Replaced(torch.autograd.Function):
    """The second argument forwards, the gradient of the first backwards."""

    @staticmethod
    def forward(ctx: Any, smooth: Tensor, exact: Tensor) -> Tensor:
        return exact

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        return grads[0], None


def replaced(smooth: Tensor, exact: Tensor) -> Tensor:
    """`exact`, with the gradient of `smooth`."""
    return _Replaced.apply(smooth, exact) if smooth.requires_grad else exact


class _OfArrays(torch.autograd.Function):
    """A function of float64 arrays; its slope by central differences, to about 10 digits."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, function: ArrayFunction) -> Tensor:
        ctx.save_for_backward(x)
        ctx.function = function
        return _applied(function, x.detach().double()).to(x.dtype)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        x = ctx.saved_tensors[0].double()
        half = x.abs().clamp_min(1) * 2.0**-17
        above, below = (_applied(ctx.function, x + side) for side in (half, -half))
        return ((above - below) / (2 * half)).to(grads[0].dtype) * grads[0], None


def of_arrays(function: ArrayFunction) -> Callable[[Tensor], Tensor]:
    """A function of numpy arrays as one of tensors, with its gradient."""
    return lambda x: _OfArrays.apply(x, function)


def _applied(function: ArrayFunction, x: Tensor) -> Tensor:
    return torch.from_numpy(np.array(function(x.numpy()), dtype=np.float64))


class Table(nn.Module):
    """A spec's table in place of `function`; with `rounding` = `Identity()` the function itself."""

    def __init__(
        self, lookup: Lookup, function: Callable[[Tensor], Tensor], rounding: nn.Module
    ) -> None:
        super().__init__()
        self.function, self.smooth = function, isinstance(rounding, Identity)
        self.address = FormatQuantizer(lookup.address, rounding)
        self.step, self.lowest = lookup.address.step, lookup.address.min
        self.values: Tensor
        self.register_buffer("values", torch.from_numpy(lookup.output.value(lookup.values)))

    def forward(self, x: Tensor) -> Tensor:
        """Any shape."""
        if self.smooth:
            return self.function(x)
        exact = self.values[(self.address.values(x) / self.step).long() - self.lowest]
        return replaced(self.function(x), exact) if x.requires_grad else exact
