# SPDX-License-Identifier: Apache-2.0
"""What a program computes from: the vector, the layer before, and the constants of a layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fixedpoint.numbers.format import Format
from fixedpoint.program.domain import DefinitionError, Domain
from fixedpoint.program.values import Value


@dataclass(frozen=True, eq=False)
class Given(Value):
    """What a vector brings, such as the levels y of its samples."""

    name: str


@dataclass(frozen=True, eq=False)
class Brought(Value):
    """A number of each column that a coherence block brings, one row beside its matrices."""

    name: str


@dataclass(frozen=True, eq=False)
class Carried(Value):
    """A wire of the layer before; 0 in the first layer."""

    wire: str


@dataclass(frozen=True, eq=False)
class Supplied(Value):
    """A number of each unit and layer that is known at run time only."""

    name: str


@dataclass(frozen=True, eq=False)
class Constant(Value):
    """A number of each layer; `exact`, if any, are the real values that the float twin takes.

    loaded: hardware takes others at run time too.
    """

    name: str
    values: Sequence[int]
    exact: Sequence[float] | None
    loaded: bool = False


@dataclass(frozen=True, eq=False)
class Bank(Value):
    """A number for each layer and SNR entry; `before`: that of the layer before, 0 in the first."""

    name: str
    values: Sequence[Sequence[int]]
    before: bool


@dataclass(frozen=True, eq=False)
class Integer(Value):
    """A number that is the same in all layers."""

    number: int


def integer(number: int, frac: int = 0) -> Integer:
    """The value number · 2^-frac."""
    return Integer(number, frac=frac, largest=abs(number), domain=Domain())


def constant(
    name: str, fmt: Format, values: Sequence[int], exact: Sequence[float] | None = None,
    loaded: bool = False,
) -> Constant:  # fmt: skip
    """A number of each layer, in a format; `loaded`: others may come at run time.

    Raises `DefinitionError` if one lies outside it.
    """
    _check(name, fmt, values)
    return Constant(name, tuple(values), exact, loaded, frac=fmt.frac, largest=fmt.max,
                    domain=Domain())  # fmt: skip


def bank(
    name: str, fmt: Format, values: Sequence[Sequence[int]], before: bool = False
) -> Bank:  # fmt: skip
    """A number for each layer and SNR entry, in a format. Raises as `constant`."""
    for row in values:
        _check(name, fmt, row)
    return Bank(name, tuple(map(tuple, values)), before,
                frac=fmt.frac, largest=fmt.max, domain=Domain())  # fmt: skip


def _check(name: str, fmt: Format, values: Sequence[int]) -> None:
    for value in values:
        if not fmt.min <= value <= fmt.max:
            raise DefinitionError(
                f"{name} is {value}, outside its format {fmt}: {fmt.min} to {fmt.max}"
            )
