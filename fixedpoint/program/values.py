# SPDX-License-Identifier: Apache-2.0
"""Symbolic integers and the closed set of operations on them.

A value q · 2^-frac knows its point, the largest magnitude that q can take, and where it lives. All
operations are exact but `to`, which requantizes. Leaves are in `leaves.py`. A new operation is one
class here and one entry in each view.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from fixedpoint.numbers.format import Format
from fixedpoint.numbers.lookup import Lookup
from fixedpoint.program.domain import DefinitionError, Domain, line

Exact = Callable[[NDArray[np.float64], int], NDArray[np.float64]]
"""A table's true function, of real arguments and of the layer's number from 0."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Value:
    """q · 2^-frac with |q| ≤ largest; `where` is its line of the definition."""

    frac: int
    largest: int
    domain: Domain
    where: str = field(default_factory=line)

    @property
    def operands(self) -> tuple[Value, ...]:
        """What it is computed from."""
        return ()

    @property
    def format(self) -> Format:
        """The narrowest one that holds every integer that it can be."""
        return Format(max(2, self.largest.bit_length() + 1), self.frac)

    def __add__(self, other: Value) -> Value:
        return total(self, other)

    def __sub__(self, other: Value) -> Value:
        return total(self, -other)

    def __neg__(self) -> Value:
        return Negated(self, frac=self.frac, largest=self.largest, domain=self.domain)

    def __mul__(self, other: Value) -> Value:
        domain = self.domain.meet(other.domain)
        return Product(self, other, frac=self.frac + other.frac,
                       largest=self.largest * other.largest, domain=domain)  # fmt: skip

    def in_logic(self) -> Value:
        """The same product: no multiplier is spent on it where two vectors share one."""
        if not isinstance(self, Product):
            raise DefinitionError("in_logic() of what is no product")
        return replace(self, logic=True)

    def to(self, target: Format, name: str = "") -> Value:
        """The one lossy operation: round half up to the format's point, then saturate.

        name: of its events, if it is no wire itself.
        """
        return Rounded(self, target, name, frac=target.frac, largest=target.max, domain=self.domain)

    def within(self, limit: int) -> Value:
        """Itself, with a bound that intervals cannot see: 1 − σ − σ′ lies in ±1 where they do."""
        return Declared(self, frac=self.frac, largest=limit, domain=self.domain)

    def clip(self, limit: Value, name: str) -> Value:
        """Onto ±limit. `name` is that of its events."""
        limit = aligned(limit, self, "limit")
        largest = min(self.largest, limit.largest)
        return Clipped(self, limit, name, frac=self.frac, largest=largest, domain=self.domain)

    def soft(self, threshold: Value, name: str) -> Value:
        """sgn(u)·max(|u| − threshold, 0). `name` is that of its events."""
        threshold = aligned(threshold, self, "threshold")
        return Softened(self, threshold, name, frac=self.frac, largest=self.largest,
                        domain=self.domain)  # fmt: skip

    def fold(self, crease: Value) -> Value:
        """crease − |u|, crease ≥ 0: the axis folded at 0, which comes to lie at the crease."""
        crease = aligned(crease, self, "crease")
        return Folded(self, crease, frac=self.frac, largest=max(self.largest, crease.largest),
                      domain=self.domain)  # fmt: skip

    def over_grid(self) -> Value:
        """The sum over all points of the grid."""
        if not self.domain.grid:
            raise DefinitionError("a sum over the grid of a value that is the same at every point")
        return GridSum(self, frac=self.frac, largest=len(points_of(self)) * self.largest,
                       domain=replace(self.domain, grid=False))  # fmt: skip


@dataclass(frozen=True, eq=False)
class Grid(Value):
    """The points of the constellation, ascending: one for each place of the grid's axis."""

    points: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Total(Value):
    """The sum of values at the finest of their points: `left` shifts of each that meet there."""

    terms: tuple[Value, ...]
    left: tuple[int, ...]

    @property
    def operands(self) -> tuple[Value, ...]:
        """As in the base class."""
        return self.terms


@dataclass(frozen=True, eq=False)
class Unary(Value):
    """An operation on one value."""

    of: Value

    @property
    def operands(self) -> tuple[Value, ...]:
        """As in the base class."""
        return (self.of,)


class Negated(Unary):
    """−q."""


class Declared(Unary):
    """q itself, whose bound the definition knows better."""


class GridSum(Unary):
    """Σ over the grid."""


class UnitSum(Unary):
    """Σ over the units, on the way to their mean."""


@dataclass(frozen=True, eq=False)
class Product(Value):
    """One value times the other; `logic`: of logic, where multipliers are few."""

    one: Value
    other: Value
    logic: bool = False

    @property
    def operands(self) -> tuple[Value, ...]:
        """As in the base class."""
        return (self.one, self.other)


@dataclass(frozen=True, eq=False)
class Rounded(Unary):
    """`requantize` to the target. `name` is that of its events, where it is no wire."""

    target: Format
    name: str

    @property
    def shift(self) -> int:
        """Of the requantization."""
        return self.of.frac - self.target.frac


@dataclass(frozen=True, eq=False)
class Clipped(Unary):
    """clip(q, ±limit)."""

    limit: Value
    name: str

    @property
    def operands(self) -> tuple[Value, ...]:
        """As in the base class."""
        return (self.of, self.limit)


@dataclass(frozen=True, eq=False)
class Softened(Unary):
    """The soft threshold."""

    threshold: Value
    name: str

    @property
    def operands(self) -> tuple[Value, ...]:
        """As in the base class."""
        return (self.of, self.threshold)


@dataclass(frozen=True, eq=False)
class Folded(Unary):
    """crease − |q|, crease ≥ 0."""

    crease: Value

    @property
    def operands(self) -> tuple[Value, ...]:
        """As in the base class."""
        return (self.of, self.crease)


@dataclass(frozen=True, eq=False)
class Distance(Unary):
    """q minus the nearest point of the grid; in the middle of two the upper one is near."""

    thresholds: tuple[int, ...]
    points: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Sliced(Unary):
    """Gray bits by thresholds, one more axis: the bits of a real dimension."""

    thresholds: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Read(Unary):
    """A table of integers at an argument: requantized to the address, then looked up.

    tables: one for all layers, or one for each. `exact` is the function that the table holds, of
    the real argument, for the float twin. `name` is that of its events; `loaded` as of a constant.
    """

    tables: Sequence[Lookup]
    exact: Exact
    name: str
    loaded: bool = False

    def table(self, layer: int) -> Lookup:
        """That of a layer, from 0."""
        return self.tables[layer if len(self.tables) > 1 else 0]


@dataclass(frozen=True, eq=False)
class Chosen(Value):
    """`then` where the code equals a number, else `otherwise`."""

    code: Value
    equals: int
    then: Value
    otherwise: Value

    @property
    def operands(self) -> tuple[Value, ...]:
        """As in the base class."""
        return (self.code, self.then, self.otherwise)


@dataclass(frozen=True, eq=False)
class Quotient(Value):
    """numerator · reciprocal(mantissa of the denominator), shifted by its exponent, requantized.

    The denominator is positive. reciprocal: 1/(1 + t) over t from 0 to 1.
    """

    numerator: Value
    denominator: Value
    reciprocal: Lookup
    target: Format
    name: str

    @property
    def operands(self) -> tuple[Value, ...]:
        """As in the base class."""
        return (self.numerator, self.denominator)


@dataclass(frozen=True, eq=False)
class Transformed(Unary):
    """A stored matrix times a vector: M·v over columns, or Mᵀ·r over rows."""

    matrix: str
    transposed: bool


def unknown(value: Value, view: str) -> DefinitionError:
    """The error of an operation that a view has no rule for."""
    return DefinitionError(f"the {view} has no operation {type(value).__name__}", value.where)


def total(*terms: Value) -> Value:
    """Their sum, exact, at the finest of their points."""
    point = max(term.frac for term in terms)
    left = tuple(point - term.frac for term in terms)
    domain = Domain()
    for term in terms:
        domain = domain.meet(term.domain)
    largest = sum(term.largest << shift for term, shift in zip(terms, left, strict=True))
    return Total(terms, left, frac=point, largest=largest, domain=domain)


def aligned(value: Value, beside: Value, what: str) -> Value:
    """The value, whose point is that of another one. Raises `DefinitionError` if it is not."""
    if value.frac != beside.frac:
        raise DefinitionError(
            f"a {what} at the point {value.frac} for a value at {beside.frac}: one point expected"
        )
    return value


def choose(code: Value, equals: int, then: Value, otherwise: Value) -> Value:
    """`then` where the code equals a number, else `otherwise`; both at one point."""
    aligned(then, otherwise, "choice")
    domain = code.domain.meet(then.domain).meet(otherwise.domain)
    largest = max(then.largest, otherwise.largest)
    return Chosen(code, equals, then, otherwise, frac=then.frac, largest=largest, domain=domain)


def quotient(
    numerator: Value, denominator: Value, reciprocal: Lookup, target: Format, name: str
) -> Value:
    """numerator/denominator in the target's format, by a table of reciprocals of mantissas."""
    domain = numerator.domain.meet(denominator.domain)
    return Quotient(numerator, denominator, reciprocal, target, name, frac=target.frac,
                    largest=target.max, domain=domain)  # fmt: skip


def points_of(value: Value) -> tuple[int, ...]:
    """The points of the grid that a value has an integer for."""
    return next(node.points for node in walk([value]) if isinstance(node, Grid))


def walk(values: Sequence[Value], known: frozenset[Value] = frozenset()) -> list[Value]:
    """These and all that they are computed from, each once, operands first.

    What is known is a leaf.
    """
    found: dict[Value, None] = {}
    waiting = list(reversed(values))
    while waiting:
        value = waiting[-1]
        operands = () if value in known else value.operands
        missing = [operand for operand in operands if operand not in found]
        if missing and value not in found:
            waiting += reversed(missing)
        else:
            found.setdefault(waiting.pop())
    return list(found)
