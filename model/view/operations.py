# SPDX-License-Identifier: Apache-2.0
"""Each operation in torch, on real values q · 2^-frac; axes as in `program.views.interpret`.

Roundings and tables pass gradients straight through, a table that of the function that it holds;
what saturates passes none.
"""

from __future__ import annotations

from functools import singledispatch
from typing import Protocol

import torch
from torch import Tensor

from fixedpoint.numbers.format import Format
from fixedpoint.numbers.lookup import Lookup
from fixedpoint.program import values
from fixedpoint.program.values import Value
from fixedpoint.program.views.interpret import Layer
from model.quant.quantizers import FormatQuantizer
from model.quant.tables import Table, replaced


class Net(Protocol):
    """What the operations take from the view."""

    @property
    def smooth(self) -> bool:
        """Whether nothing is rounded and true functions stand in for tables."""
        ...

    def reals(self, integers: tuple[int, ...], frac: int) -> Tensor:
        """Their real values."""
        ...

    def quantizer(self, target: Format) -> FormatQuantizer:
        """To the grid of a format."""
        ...

    def table(self, value: Value, lookup: Lookup, layer: int) -> Table:
        """The table that a value reads in a layer, from 0."""
        ...


@singledispatch
def operation(value: Value, layer: Layer, net: Net) -> Tensor:
    """The reals of an operation."""
    raise values.unknown(value, "torch view")


@operation.register
def _(value: values.Total, layer: Layer, net: Net) -> Tensor:
    first, *rest = (layer[term] for term in value.terms)
    return sum(rest, first)


@operation.register
def _(value: values.Negated, layer: Layer, net: Net) -> Tensor:
    return -layer[value.of]


@operation.register
def _(value: values.Product, layer: Layer, net: Net) -> Tensor:
    return layer[value.one] * layer[value.other]


@operation.register
def _(value: values.Declared, layer: Layer, net: Net) -> Tensor:
    return layer[value.of]


@operation.register
def _(value: values.Rounded, layer: Layer, net: Net) -> Tensor:
    x, quantizer = layer[value.of], net.quantizer(value.target)
    return quantizer(x) if x.requires_grad else quantizer.values(x)


@operation.register
def _(value: values.Clipped, layer: Layer, net: Net) -> Tensor:
    limit = layer[value.limit]
    return torch.clamp(layer[value.of], -limit, limit)


@operation.register
def _(value: values.Softened, layer: Layer, net: Net) -> Tensor:
    x = layer[value.of]
    return x.sign() * (x.abs() - layer[value.threshold]).relu()


@operation.register
def _(value: values.Folded, layer: Layer, net: Net) -> Tensor:
    return layer[value.crease] - layer[value.of].abs()


@operation.register
def _(value: values.Distance, layer: Layer, net: Net) -> Tensor:
    x = layer[value.of]
    return x - net.reals(value.points, value.of.frac)[_position(value, x, net)]


@operation.register
def _(value: values.Sliced, layer: Layer, net: Net) -> Tensor:
    at = _position(value, layer[value.of][..., 0], net)
    bits = layer.program.spec.constellation.bits
    places = torch.arange(bits - 1, -1, -1)
    return ((at ^ (at >> 1))[..., None] >> places & 1).to(layer[value.of].dtype)


@operation.register
def _(value: values.Read, layer: Layer, net: Net) -> Tensor:
    lookup = value.table(layer.number)
    return net.table(value, lookup, layer.number)(layer[value.of])


@operation.register
def _(value: values.GridSum, layer: Layer, net: Net) -> Tensor:
    return layer[value.of].sum(-1, keepdim=True)


@operation.register
def _(value: values.UnitSum, layer: Layer, net: Net) -> Tensor:
    return layer[value.of].sum(2, keepdim=True)


@operation.register
def _(value: values.Chosen, layer: Layer, net: Net) -> Tensor:
    chosen = layer[value.code] == value.equals * 2.0**-value.code.frac
    return torch.where(chosen, layer[value.then], layer[value.otherwise])


@operation.register
def _(value: values.Transformed, layer: Layer, net: Net) -> Tensor:
    """x (G, B, C, R or N) with matrices (G, C, R, N)."""
    matrix, x = layer.inputs.matrices[value.matrix], layer[value.of][..., 0].transpose(1, 2)
    product = x @ (matrix if value.transposed else matrix.transpose(-1, -2))
    return product.transpose(1, 2)[..., None]


@operation.register
def _(value: values.Quotient, layer: Layer, net: Net) -> Tensor:
    x, y = layer[value.numerator], layer[value.denominator]
    if net.smooth:
        return x / y
    mantissa, exponent = torch.frexp(y.detach())  # from ½ to 1: y = 2^(exponent − 1)·(1 + t)
    reciprocal = net.table(value, value.reciprocal, layer.number)(2 * mantissa - 1)
    product = torch.ldexp(x.detach() * reciprocal, 1 - exponent)
    exact = net.quantizer(value.target).values(product)
    return replaced(x / y, exact)


def _position(value: values.Distance | values.Sliced, x: Tensor, net: Net) -> Tensor:
    """How many of the ascending thresholds are ≤ x."""
    thresholds = net.reals(value.thresholds, value.of.frac)
    return torch.bucketize(x.detach().contiguous(), thresholds, right=True)
