# SPDX-License-Identifier: Apache-2.0
"""The constants of a program as parameters, in real values, fake-quantized in their formats."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import torch
from brevitas.core.function_wrapper import Identity
from torch import Tensor, nn

from fixedpoint.numbers.format import Format
from fixedpoint.program.graph import Program
from fixedpoint.program.leaves import Bank, Constant
from fixedpoint.program.values import Value
from model.quant.quantizers import FormatQuantizer
from model.quant.steps import step_limits

Leaves = Mapping[Value, Tensor]
"""Real values: of a constant (layers,), of a bank (layers, SNR entries)."""


class Steps(NamedTuple):
    """A bank's format, and that of its reciprocals."""

    step: Format
    inverse: Format


class LeafValues(nn.Module):
    """Every constant and every bank by its name.

    constants: name → (layers,); banks: name → (layers, SNR entries). Leaves of one name and of the
    same integers are one parameter; of a name that others bear, `name_2`. A constant that stands
    for a known real number (`exact`) is not trained: without rounding it is that number.

    reciprocals: banks that are 1 over another one, and no parameters; fixed: names that are not
    trained.
    """

    def __init__(
        self,
        program: Program,
        rounding: nn.Module,
        dtype: torch.dtype,
        reciprocals: Mapping[str, str] = MappingProxyType({}),
        fixed: Collection[str] = (),
    ) -> None:
        super().__init__()
        self.constants, self.banks = nn.ParameterDict(), nn.ParameterDict()
        self.names: dict[Constant | Bank, str] = {}
        self.reciprocals, self.rounding, self.fixed = reciprocals, rounding, fixed
        self._start: dict[str, Tensor] = {}
        self.formats: dict[str, Format] = {}
        self._quantizers: dict[str, FormatQuantizer] = {}
        parts = (*program.once, program.layer)
        for value in dict.fromkeys(value for part in parts for value in part.order):
            if isinstance(value, Constant | Bank):
                self._add(value, dtype)

    def _add(self, value: Constant | Bank, dtype: torch.dtype) -> None:
        for other, name in self.names.items():
            if _same(value, other):
                self.names[value] = name
                return
        name, number = value.name, 2
        while name in self.formats:
            name, number = f"{value.name}_{number}", number + 1
        self.names[value] = name
        self.formats[name] = value.format
        self._quantizers[name] = FormatQuantizer(value.format, self.rounding).to(dtype)
        if name in self.reciprocals:
            return
        reals = torch.tensor(value.values, dtype=torch.float64) * 2.0**-value.frac
        exact = value.exact if isinstance(value, Constant) else None
        if exact is not None and isinstance(self.rounding, Identity):
            reals = torch.tensor(exact, dtype=torch.float64)
        kind = self.constants if isinstance(value, Constant) else self.banks
        trained = exact is None and name not in self.fixed
        kind[name] = nn.Parameter(reals.to(dtype), requires_grad=trained)
        self._start[name] = kind[name].detach().clone()

    def forward(self) -> Leaves:
        """The values of all leaves as their formats have them."""
        real = dict(self._parameters_by_name())
        made = {name: self._quantizers[name](parameter) for name, parameter in real.items()}
        for name, of in self.reciprocals.items():
            if name in self.formats:
                made[name] = self._quantizers[name](made[of].reciprocal())
        return {value: made[name] for value, name in self.names.items()}

    def groups(self, rate: float) -> list[dict[str, Any]]:
        """Of an optimizer: each trained parameter, its rate relative to its size."""
        found = []
        for name, parameter in self._parameters_by_name():
            if parameter.requires_grad:
                size = max(self._start[name].abs().max().item(), self.formats[name].step)
                found.append({"params": [parameter], "lr": rate * size})
        return found

    @torch.no_grad()
    def project(self) -> None:
        """Into the formats, of reciprocals as well; what starts without a sign gets none."""
        for name, parameter in self._parameters_by_name():
            low, high = self._quantizers[name].limits
            if self._start[name].min() >= 0:
                low = 0.0
            for inverse, of in self.reciprocals.items():
                if of == name and inverse in self.formats:
                    low, high = step_limits(Steps(*(self.formats[n] for n in (of, inverse))))
            parameter.clamp_(low, high)

    @torch.no_grad()
    def extend(self, trained: range) -> None:
        """Entries of banks beyond the trained ones grow as the nearest of these did."""
        for name, bank in self.banks.items():
            start = self._start[name]
            for at, near in ((slice(0, trained[0]), trained[0]),
                             (slice(trained[-1] + 1, None), trained[-1])):  # fmt: skip
                grown = bank[:, near] / start[:, near]
                grown = grown.where(grown.isfinite(), torch.ones_like(grown))
                bank[:, at] = start[:, at] * grown[:, None]

    def _parameters_by_name(self) -> Iterator[tuple[str, nn.Parameter]]:
        yield from self.constants.items()
        yield from self.banks.items()


def _same(one: Constant | Bank, other: Constant | Bank) -> bool:
    """Whether two leaves are one constant."""
    return type(one) is type(other) and (one.name, one.values, one.format) == (
        other.name, other.values, other.format)  # fmt: skip
