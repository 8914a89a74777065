# SPDX-License-Identifier: Apache-2.0
"""A program as a torch net, by a walk over its graph."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import MappingProxyType

import torch
from brevitas.core.function_wrapper import Identity
from torch import Tensor, nn

from fixedpoint.numbers.format import Format
from fixedpoint.numbers.lookup import Lookup
from fixedpoint.program import values
from fixedpoint.program.graph import Program
from fixedpoint.program.leaves import Bank, Brought, Carried, Constant, Given, Integer, Supplied
from fixedpoint.program.values import Grid, Value
from fixedpoint.program.views.interpret import Array, Inputs, Layer, Rule, Wires, layers, wire
from model.quant.quantizers import FormatQuantizer, HalfUp
from model.quant.tables import Table, of_arrays
from model.view.leaves import LeafValues, Leaves
from model.view.operations import operation


class View(nn.Module):
    """A program on real values, its constants parameters (`leaves.constants`, `leaves.banks`).

    With `rounding` = `HalfUp()` and float64 each wire equals the golden view's; with `Identity()`
    it is the float twin: the same constants, the same clipping, true functions for tables, no
    rounding. reciprocals, fixed: as of `LeafValues`.
    """

    def __init__(
        self,
        program: Program,
        rounding: nn.Module,
        dtype: torch.dtype = torch.float64,
        reciprocals: Mapping[str, str] = MappingProxyType({}),
        fixed: Collection[str] = (),
    ) -> None:
        super().__init__()
        self.program, self.rounding, self.dtype = program, rounding, dtype
        self.smooth = isinstance(rounding, Identity)
        self.leaves = LeafValues(program, rounding, dtype, reciprocals, fixed)
        self._quantizers: dict[Format, FormatQuantizer] = {}
        self._tables: dict[tuple[Value, int], Table] = {}

    def forward(self, inputs: Inputs) -> dict[str, Wires]:
        """Every wire of every stage and layer, by their names, in order, in real values.

        Inputs count the last bits of their formats, as for the golden view or the float twin.
        """
        found, rule = {}, self.rule()
        for name, part, layer in layers(self.program, self._tensors(inputs), rule, _whole):
            wires = {at: wire(value, layer[value]) for at, value in part.wires.items()}
            found[name] = Wires(**wires)
        return found

    def _tensors(self, inputs: Inputs) -> Inputs:
        """Matrices in real values; what a vector brings in last bits."""
        steps = {part.name: part.format.step for part in self.program.spec.parts}
        matrices = {n: self._tensor(m) * steps[n] for n, m in inputs.matrices.items()}
        given, supplied = (
            {name: self._tensor(array) for name, array in arrays.items()}
            for arrays in (inputs.given, inputs.supplied)
        )
        return replace(inputs, matrices=matrices, given=given, supplied=supplied)

    def _tensor(self, array: Array) -> Tensor:
        return torch.as_tensor(array).to(self.dtype)

    def rule(self) -> Rule:
        """The real values of a leaf or of an operation, for one pass."""
        return partial(self._value, leaves=self.leaves())

    def _value(self, value: Value, layer: Layer, leaves: Leaves) -> Tensor:
        inputs, number, unit = layer.inputs, layer.number, 2.0**-value.frac
        match value:
            case Given():
                return inputs.given[value.name][..., None] * unit
            case Brought():
                return inputs.matrices[value.name][:, None, :, 0, :, None]
            case Carried():
                if number:
                    return layer.before[value.wire]
                columns = inputs.columns or self.program.spec.columns
                shape = (*inputs.index.shape, 1, columns, 1)
                return torch.zeros(shape, dtype=self.dtype)
            case Supplied():
                return inputs.supplied[value.name][..., number, None, None] * unit
            case Constant():
                return leaves[value][number]
            case Bank():
                if value.before and not number:
                    return torch.zeros((), dtype=self.dtype)
                row = leaves[value][number - value.before]
                return row[torch.as_tensor(inputs.index)][..., None, None, None]
            case Integer():
                return self.reals((value.number,), value.frac)[0]
            case Grid():
                return self.reals(value.points, value.frac)
            case _:
                return operation(value, layer, self)

    def reals(self, integers: Sequence[int], frac: int) -> Tensor:
        """The values of integers."""
        return torch.tensor(integers, dtype=self.dtype) * 2.0**-frac

    def quantizer(self, target: Format) -> FormatQuantizer:
        """To the grid of a format."""
        if target not in self._quantizers:
            made = FormatQuantizer(target, self.rounding)
            self._quantizers[target] = made.to(self.dtype)
        return self._quantizers[target]

    def table(self, value: Value, lookup: Lookup, layer: int) -> Table:
        """The table that a value reads in a layer, from 0."""
        if (value, layer) not in self._tables:
            function = _function(value, layer)
            self._tables[value, layer] = Table(lookup, function, self.rounding).to(self.dtype)
        return self._tables[value, layer]


def _whole(value: Value, layer: Layer, rule: Rule) -> Tensor:
    """A leaf by the rule, too."""
    found: Tensor = rule(value, layer)
    return found


def _function(value: Value, layer: int) -> Callable[[Tensor], Tensor]:
    """What a table stands for."""
    if isinstance(value, values.Read):
        exact = value.exact
        return of_arrays(lambda x: exact(x, layer))
    return lambda t: 1 / (1 + t)


def fake_quantized(program: Program) -> View:
    """The twin that equals the golden view exactly."""
    return View(program, HalfUp())


def float_twin(program: Program) -> View:
    """The twin that only clips; `fixedpoint.program.views.twin` in torch."""
    return View(program, Identity())
