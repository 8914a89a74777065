# SPDX-License-Identifier: Apache-2.0
"""Where a function finds its operands: locals, structs, constants."""

from __future__ import annotations

from fixedpoint.program import leaves, values
from fixedpoint.program.values import Value
from hls.cpp.layout import Layout
from hls.cpp.operations import expression
from hls.cpp.schedule import INLINE, Function, is_sum

INDEX = {"row": "i", "column": "j"}
"""Of the loops over them."""


class Reader:
    """Reads values for one function, from the loop that is being written.

    inner: what that loop has computed so far, or will; used: what the text refers to, so that the
    references at its start are made for these alone; constants: the lines that read them.
    """

    def __init__(self, layout: Layout, function: Function) -> None:
        self.layout, self.function = layout, function
        self.used: set[str] = set()
        self.constants: dict[str, str] = {}
        self.inner: set[Value] = set()

    def __call__(self, value: Value) -> str:
        """The expression that reads a value."""
        layout, names = self.layout, self.layout.names
        if isinstance(value, leaves.Integer | values.Grid):
            return expression(value, self)
        if isinstance(value, leaves.Constant | leaves.Bank | leaves.Supplied):
            return self.constant(value)
        if value in self.inner or (value in self.function.inside and not value.domain.axis):
            return names[value] if value in layout.lines else expression(value, self)
        if (
            value in self.function.inside
            and isinstance(value, INLINE)
            and value not in layout.lines
        ):
            return expression(value, self)
        return f"{self.vector(value)}[{INDEX[value.domain.axis]}]"

    def vector(self, value: Value) -> str:
        """The array of a value, from this function."""
        layout, names = self.layout, self.layout.names
        if isinstance(value, leaves.Given):
            return self.use("given", f".{value.name}")
        if isinstance(value, leaves.Brought):
            return self.use("block", f".{names.matrices[value.name]}[0]")
        if isinstance(value, leaves.Carried):
            return self.use("carried", f".{names[layout.program.layer.wires[value.wire]]}")
        if value in self.function.inside:
            if is_sum(value):
                return names[value]
            return self.use("carried" if value in layout.in_place else "wires", f".{names[value]}")
        owner = next(f for f in layout.functions if value in f.inside)
        if owner in layout.once:
            return self.use(layout.names.parts[owner.part], f".{names[value]}")
        return self.use("units", f"[{'c' if value.domain.unit else 0}].wires.{names[value]}")

    def layer(self) -> str:
        """The layer's number; stages ahead of the layers have the first one's numbers."""
        if self.function in self.layout.once:
            return "0"
        return self.use("k")

    def use(self, name: str, path: str = "") -> str:
        """A reference of the function, and what follows it."""
        self.used.add(name)
        return name + path

    def own(self, value: Value) -> bool:
        """Whether a value has a line of its own."""
        return value in self.layout.lines

    def constant(self, value: leaves.Constant | leaves.Bank | leaves.Supplied) -> str:
        """Its name; its value is read at the start of the function."""
        name, bits, k = self.layout.names[value], self.layout.bits(value), self.layer()
        if isinstance(value, leaves.Supplied):
            source = f"{self.use('theta')}.{value.name}[{k}]"
        elif isinstance(value, leaves.Constant):
            source = f"Spec::{self.layout.names.table(value)}[{k}]"
        else:
            table, entry = f"Spec::{self.layout.names.table(value)}", self.use("entry")
            source = f"{table}[{k}][{entry}]"
            if value.before:
                source = f"before<{bits}>({table}, {k}, {entry})"
        self.constants[name] = f"  const Int<{bits}> {name} = {source};"
        return name
