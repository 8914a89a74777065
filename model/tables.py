# SPDX-License-Identifier: Apache-2.0
"""A spec's tables in torch: their entries forwards, their functions' gradients backwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from brevitas.core.function_wrapper import Identity
from torch import Tensor, nn

from fixedpoint.lookup import Lookup
from model.quantizers import FormatQuantizer


class _Replaced(torch.autograd.Function):
    """The second argument forwards, the gradient of the first backwards."""

    @staticmethod
    def forward(ctx: Any, smooth: Tensor, exact: Tensor) -> Tensor:
        return exact

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        return grads[0], None


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
        return _Replaced.apply(self.function(x), exact) if x.requires_grad else exact
