# SPDX-License-Identifier: Apache-2.0
"""The constants of a program as parameters, in real values, fake-quantized in their formats."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from brevitas.core.function_wrapper import Identity
from torch import Tensor, nn

from fixedpoint.program.graph import Program
from fixedpoint.program.leaves import Bank, Constant
from fixedpoint.program.values import Value
from model.quantizers import FormatQuantizer

Leaves = Mapping[Value, Tensor]
"""Real values: of a constant (layers,), of a bank (layers, SNR entries)."""


class LeafValues(nn.Module):
    """Every constant and every bank by its name.

    constants: name → (layers,); banks: name → (layers, SNR entries). Leaves of one name and of the
    same integers are one parameter; of a name that others bear, `name_2`. A constant that stands
    for a known real number (`exact`) is not trained: without rounding it is that number.
    """

    def __init__(self, program: Program, rounding: nn.Module, dtype: torch.dtype) -> None:
        super().__init__()
        self.constants, self.banks = nn.ParameterDict(), nn.ParameterDict()
        self.quantizers = nn.ModuleDict()
        self.names: dict[Constant | Bank, str] = {}
        parts = (*program.once, program.layer)
        found = dict.fromkeys(value for part in parts for value in part.order)
        for value in found:
            if isinstance(value, Constant | Bank):
                self._add(value, rounding, dtype)

    def _add(self, value: Constant | Bank, rounding: nn.Module, dtype: torch.dtype) -> None:
        kind = self.constants if isinstance(value, Constant) else self.banks
        for other, name in self.names.items():
            if _same(value, other):
                self.names[value] = name
                return
        name, number = value.name, 2
        while name in self.quantizers:
            name, number = f"{value.name}_{number}", number + 1
        self.names[value] = name
        reals = torch.tensor(value.values, dtype=torch.float64) * 2.0**-value.frac
        exact = value.exact if isinstance(value, Constant) else None
        if exact is not None and isinstance(rounding, Identity):
            reals = torch.tensor(exact, dtype=torch.float64)
        kind[name] = nn.Parameter(reals.to(dtype), requires_grad=exact is None)
        self.quantizers[name] = FormatQuantizer(value.format, rounding)

    def parameter(self, value: Constant | Bank) -> nn.Parameter:
        """That of a leaf."""
        kind = self.constants if isinstance(value, Constant) else self.banks
        found: nn.Parameter = kind[self.names[value]]
        return found

    def forward(self) -> Leaves:
        """The values of all leaves as their formats have them."""
        made = {
            name: self.quantizers[name](parameter)
            for kind in (self.constants, self.banks)
            for name, parameter in kind.items()
        }
        return {value: made[name] for value, name in self.names.items()}


def _same(one: Constant | Bank, other: Constant | Bank) -> bool:
    """Whether two leaves are one constant."""
    return type(one) is type(other) and (one.name, one.values, one.format) == (
        other.name, other.values, other.format)  # fmt: skip
