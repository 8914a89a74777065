# SPDX-License-Identifier: Apache-2.0
"""Run a detector's definition once, with symbolic integers: its program.

A program is the stages that run once and one layer that runs `depth` times, each with its wires by
name in the order in which the definition names them.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fixedpoint.numbers.format import Format
from fixedpoint.numbers.lookup import Lookup
from fixedpoint.program import checks
from fixedpoint.program.domain import COLUMN, DefinitionError, Domain
from fixedpoint.program.graph import LAYER, Part, Program
from fixedpoint.program.leaves import Brought, Carried, Given, Supplied
from fixedpoint.program.matrix import Matrix
from fixedpoint.program.values import (
    Distance,
    Exact,
    Grid,
    Quotient,
    Read,
    Rounded,
    Sliced,
    UnitSum,
    Value,
)
from fixedpoint.specs.detector import DetectorSpec

BIT = Format(1, 0, signed=False)


class Trace:
    """What a definition is given: the spec's inputs as symbolic integers, and names for wires."""

    def __init__(self, spec: DetectorSpec, units: int = 0, unit_size: int = 0) -> None:
        self.spec = spec
        self.units, self.unit_size = units, unit_size
        self.once_parts: list[Part] = []
        self.layer_part: Part | None = None
        self._open: Part | None = None

    def matrix(self, name: str) -> Matrix:
        """One of `spec.parts`; of a unit, its own rows."""
        for part in self.spec.parts:
            if part.name == name:
                rows = self.unit_size if self.units else part.rows
                return Matrix(name, part.format, rows, self.spec.columns, bool(self.units))
        names = ", ".join(part.name for part in self.spec.parts)
        raise DefinitionError(f"a block brings no matrix {name!r}: {names} expected")

    def brought(self, name: str) -> Value:
        """A number of each column that a block brings: one of `spec.parts` that is a row."""
        matrix = self.matrix(name)
        if matrix.rows != 1 or self.units:
            raise DefinitionError(
                f"{name} is a matrix of {matrix.rows} rows"
                f"{' of each unit' * bool(self.units)}: one row of a single receiver expected"
            )
        fmt = matrix.format
        return Brought(name, frac=fmt.frac, largest=fmt.max, domain=COLUMN)

    def given(self, name: str, fmt: Format) -> Value:
        """One integer of each row that a vector brings: y, or what its codes stand for."""
        domain = Domain("row", bool(self.units))
        return Given(name, frac=fmt.frac, largest=fmt.max, domain=domain)

    def supplied(self, name: str, fmt: Format) -> Value:
        """A number of each unit and layer that another network gives at run time."""
        return Supplied(name, frac=fmt.frac, largest=fmt.max, domain=Domain("", bool(self.units)))

    @contextmanager
    def once(self, name: str) -> Iterator[None]:
        """Wires that are computed once, ahead of the layers."""
        self._open = Part(name, self._known())
        self.once_parts.append(self._open)
        yield
        self._open = None

    @contextmanager
    def layers(self) -> Iterator[None]:
        """Wires of each layer."""
        if self.layer_part is not None:
            raise DefinitionError("a second description of the layers: one expected")
        self._open = self.layer_part = Part(LAYER, self._known())
        yield
        self._open = None

    @contextmanager
    def more_of_the_layer(self) -> Iterator[Part]:
        """Wires of the layer that its definition does not name."""
        if self.layer_part is None:
            raise DefinitionError("no layers: `with t.layers():` expected")
        self._open = self.layer_part
        yield self.layer_part
        self._open = None

    def before(self, wire: str, fmt: Format) -> Value:
        """A wire of a column in the layer before, 0 in the first layer."""
        return Carried(wire, frac=fmt.frac, largest=fmt.max, domain=COLUMN)

    def wire(self, name: str, value: Value, fmt: Format | None = None) -> Value:
        """Name a value. Its format is the target of its requantization, or its derived width."""
        if self._open is None:
            raise DefinitionError(f"wire {name!r} belongs to no stage and to no layer")
        if name in self._open.wires:
            raise DefinitionError(f"a second wire {name!r}")
        checks.exact(name, value, value.largest)
        try:
            self._open.formats[name] = fmt or _format(value)
        except ValueError as error:
            raise DefinitionError(f"wire {name!r}: {error}", value.where) from None
        self._open.wires[name] = value
        return value

    def _known(self) -> frozenset[Value]:
        return frozenset(value for part in self.once_parts for value in part.wires.values())

    def grid(self, fmt: Format) -> Value:
        """The points of the constellation in a format."""
        points = self._points(fmt)
        return Grid(points, frac=fmt.frac, largest=points[-1], domain=Domain(grid=True))

    def distance(self, x: Value, fmt: Format) -> Value:
        """From the nearest point of the grid, the upper one in the middle of two."""
        points = self._points(fmt)
        largest = max(1 << fmt.frac, x.largest - points[-1])
        return Distance(x, self.spec.slicer, points, frac=fmt.frac, largest=largest,
                        domain=x.domain)  # fmt: skip

    def read(
        self, name: str, x: Value, tables: Lookup | Sequence[Lookup], exact: Exact,
        loaded: bool = False,
    ) -> Value:  # fmt: skip
        """A table at x. `name` is that of its events; `exact` the function that it holds.

        loaded: others may come at run time.
        """
        each = (tables,) if isinstance(tables, Lookup) else tuple(tables)
        output = each[0].output
        return Read(x, each, exact, name, loaded, frac=output.frac, largest=output.max,
                    domain=x.domain)  # fmt: skip

    def over_units(self, x: Value) -> Value:
        """The sum of all units' values, of anything that the format of a wire can carry."""
        if not x.domain.unit:
            raise DefinitionError("a sum over the units of a value that all of them share")
        part = self._open
        carried = [part.formats[name].max for name, value in part.wires.items()
                   if value is x] if part else []  # fmt: skip
        largest = self.units * max([x.largest, *carried])
        return UnitSum(x, frac=x.frac, largest=largest, domain=COLUMN)

    def sliced(self, state: Value) -> Value:
        """Gray bits of the state."""
        return Sliced(state, self.spec.slicer, frac=0, largest=1, domain=state.domain)

    def _points(self, fmt: Format) -> tuple[int, ...]:
        peak = self.spec.constellation.peak
        return tuple(j << fmt.frac for j in range(-peak, peak + 1, 2))

    def program(self, where: str = "") -> Program:
        """What was found. Raises `DefinitionError` where a definition is not whole.

        where: the definition's file and line, of an error that concerns all of it.
        """
        layer = self.layer_part
        if layer is None:
            raise DefinitionError("no layers: `with t.layers():` expected", where)
        units, size = max(self.units, 1), self.unit_size if self.units else self.spec.rows
        made = Program(self.spec, tuple(self.once_parts), layer, units, size)
        checks.whole(made, where)
        return made


def traced(
    define: Callable[[Trace, Any], None],
    spec: DetectorSpec,
    behind: Callable[[Trace], None] = lambda t: None,
) -> Program:
    """The program of a spec by a definition; `behind`: what goes with any of them.

    Raises `DefinitionError`, also where Python itself finds fault with the definition, with its
    line.
    """
    t, code = Trace(spec, spec.unit_count, spec.unit_size), define.__code__
    file = Path(code.co_filename).name
    try:
        define(t, spec)
    except DefinitionError:
        raise
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        line = [frame.lineno for frame in frames if frame.filename == code.co_filename][-1]
        raise DefinitionError(f"{type(error).__name__}: {error}", f"{file}:{line}") from error
    if t.layer_part is not None:
        behind(t)
    return t.program(f"{file}:{code.co_firstlineno}")


def _format(value: Value) -> Format:
    """What carries a wire."""
    if isinstance(value, Rounded | Quotient):
        return value.target
    if isinstance(value, Read):
        return value.tables[0].output
    return BIT if isinstance(value, Sliced) else value.format
