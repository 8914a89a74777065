# SPDX-License-Identifier: Apache-2.0
"""The text of a function: its passes as loops, in them an operation a line."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from fixedpoint.program import leaves
from fixedpoint.program.values import GridSum, Transformed, UnitSum, Value, walk
from hls.cpp.layout import Layout
from hls.cpp.operations import expression
from hls.cpp.reader import INDEX, Reader
from hls.cpp.schedule import REPEATED, Function, Pass, is_sum

WIDTH = 100


class Writer:
    """Writes one function; above each wire its formula."""

    def __init__(self, layout: Layout, function: Function, formulas: dict[Value, str]) -> None:
        self.layout, self.function, self.formulas = layout, function, formulas
        self.at = Reader(layout, function)
        self.labels: set[str] = set()

    def text(self) -> list[str]:
        """The whole function."""
        body = [line for one in self.function.passes for line in self._pass(one)]
        body += self._carry()
        scalars = [line for value in self.function.scalars if self.at.own(value)
                   for line in self._line(value)]  # fmt: skip
        head = [*self._head(), *self._references(), *self.at.constants.values()]
        return [*head, *scalars, *body, "}"]

    def _pass(self, one: Pass) -> Iterable[str]:
        yield from self._sums(one)
        for value in one.products:
            yield from self._product(value)
        if one.rows:
            rows = self.layout.size(one.rows[0])
            yield from self._loop("rows", "i", rows, one.rows, one.sums)
        if one.columns:
            yield from self._loop("columns", "j", "Spec::columns", one.columns, [])

    def _sums(self, one: Pass) -> Iterable[str]:
        """The arrays that products over rows add up in."""
        for value in (*one.products, *one.sums):
            name = self.layout.names[value]
            yield f"  Int<{self.layout.bits(value)}> {name}[Spec::columns];"
            yield f"#pragma HLS ARRAY_PARTITION variable = {name} complete"
        for value in one.sums:
            yield f"  clear({self.layout.names[value]});"

    def _product(self, value: Transformed) -> Iterable[str]:
        """Of a stored vector with a stored matrix: the first layer's, if it starts from 0, is 0."""
        name = self.layout.names[value]
        matrix = self.at.use("block", f".{self.layout.names.matrices[value.matrix]}")
        sums = f"{matrix}, {self.at.vector(value.of)}, {name}"
        yield from self._comment(value, "  ")
        call = f"column_pass<{self.layout.bits(value)}>({sums});"
        if isinstance(value.of, leaves.Carried):
            yield f"  if ({self.at.layer()} == 0) {{"
            yield f"    clear({name});"
            yield "  } else {"
            yield f"    {call}"
            yield "  }"
        else:
            yield f"  {call}"

    def _loop(
        self,
        label: str,
        index: str,
        size: str,
        inside: Sequence[Value],
        sums: Sequence[Transformed],
    ) -> Iterable[str]:
        self.at.inner = {value for value in inside if not is_sum(value)}
        self.at.inner -= {value for value in inside if isinstance(value, REPEATED)}
        body = [line for value in inside if self.at.own(value) and value in self.at.inner
                for line in self._line(value)]  # fmt: skip
        body += [line for value in sums for line in self._share(value)]
        body += self._kept(inside)
        self.at.inner = set()
        if body:
            yield self._label(label)
            yield f"  for (int {index} = 0; {index} < {size}; ++{index}) {{"
            yield "#pragma HLS PIPELINE II = 1"
            yield from body
            yield "  }"

    def _label(self, name: str) -> str:
        """A loop's label, which no other loop of the function has."""
        text, number = name, 1
        while text in self.labels:
            number += 1
            text = f"{name}_{number}"
        self.labels.add(text)
        return f"{text}:"

    def _share(self, value: Transformed) -> Iterable[str]:
        """A row's share of a product over rows."""
        factor = f"Operand<{self.layout.bits(value.of)}>({self.at(value.of)})"
        name, bits = self.layout.names[value], self.layout.bits(value)
        row = self.at.use("block", f".{self.layout.names.matrices[value.matrix]}[i]")
        yield from self._comment(value)
        yield f"    accumulate<{bits}>({name}, {row}, {factor});"

    def _kept(self, inside: Sequence[Value]) -> Iterable[str]:
        """What a loop leaves in structs."""
        fields = set(self.layout.fields[self.function])
        for value in inside:
            if value not in fields and value not in self.layout.in_place:
                continue
            owner = "carried" if value in self.layout.in_place else "wires"
            name, index = self.layout.names[value], INDEX[value.domain.axis]
            yield f"    {self.at.use(owner)}.{name}[{index}] = {self._found(value)};"

    def _found(self, value: Value) -> str:
        if isinstance(value, REPEATED) or is_sum(value):
            return f"{self.at.vector(value)}[{INDEX[value.domain.axis]}]"
        return self.layout.names[value]

    def _line(self, value: Value) -> Iterable[str]:
        """`const auto name = …;`, below a wire's formula."""
        indent = "    " if value.domain.axis else "  "
        name = self.layout.names[value]
        yield from self._comment(value, indent)
        if isinstance(value, GridSum):
            yield from self._grid_sum(value, indent)
        elif isinstance(value, UnitSum):
            yield from self._unit_sum(value)
        else:
            if isinstance(value, Transformed):
                self.at.used.add("block")
            yield f"{indent}const auto {name} = {expression(value, self.at)};"

    def _grid_sum(self, value: GridSum, indent: str) -> Iterable[str]:
        """Over the points of the grid, at which all that hangs on them is computed."""
        name, bits = self.layout.names[value], self.layout.bits(value)
        yield f"{indent}Int<{bits}> {name} = 0;"
        yield f"  {self._label(f'{name}_points')}"
        yield f"{indent}for (int g = 0; g < 1 << Spec::symbol_bits; ++g) {{"
        yield "#pragma HLS UNROLL"
        outer = self.at.inner
        known = frozenset(v for v in walk([value.of]) if not v.domain.grid)
        for inner in walk([value.of], known):
            if inner in known or not inner.operands:
                continue
            self.at.inner = self.at.inner | {inner}
            if self.at.own(inner):
                text = expression(inner, self.at)
                yield f"{indent}  const auto {self.layout.names[inner]} = {text};"
        yield f"{indent}  {name} = sum<{bits}, 0, 0>({name}, {self.at(value.of)});"
        yield f"{indent}}}"
        self.at.inner = outer

    def _unit_sum(self, value: UnitSum) -> Iterable[str]:
        name, bits = self.layout.names[value], self.layout.bits(value)
        yield f"    Int<{bits}> {name} = 0;"
        yield f"  {self._label(f'{name}_units')}"
        yield "    for (int c = 0; c < Spec::units; ++c) {"
        yield "#pragma HLS UNROLL"
        yield f"      {name} = sum<{bits}, 0, 0>({name}, {self.at(value.of)});"
        yield "    }"

    def _comment(self, value: Value, indent: str = "    ") -> Iterable[str]:
        """A wire's line of the definition and its formula."""
        if value in self.formulas:
            yield from textwrap.wrap(self.formulas[value], WIDTH, initial_indent=f"{indent}// ",
                                     subsequent_indent=f"{indent}//   ")  # fmt: skip

    def _carry(self) -> Iterable[str]:
        """Carried wires that could not replace those of the layer before while these were read."""
        if self.function is not self.layout.layer:
            return
        late = [value for value in self.layout.carried if value not in self.layout.in_place]
        if late:
            yield "carry:"
            yield "  for (int j = 0; j < Spec::columns; ++j) {"
            yield "#pragma HLS UNROLL"
            for value in late:
                name = self.layout.names[value]
                found = f"{self._stored(value)}[j]"
                yield f"    {self.at.use('carried')}.{name}[j] = {found};"
            yield "  }"

    def _stored(self, value: Value) -> str:
        """The array in which a wire of the layer stays."""
        if value in self.function.inside:
            return self.at.use("wires", f".{self.layout.names[value]}")
        return self.at.vector(value)

    def _head(self) -> Iterable[str]:
        name = self.function.name
        once = self.function in self.layout.once
        block = "UnitBlock" if self.function.unit else "Block"
        k = [] if once else [f"int{' k' if 'k' in self.at.used else ''}"]
        matrices = f"const {block}&{' block' if 'block' in self.at.used else ''}"
        if self.function.unit:
            entry = f"int{' entry' if 'entry' in self.at.used else ''}"
            carried = (
                [] if once else [f"const Carried&{' carried' if 'carried' in self.at.used else ''}"]
            )
            parameters = [*k, entry, matrices, *carried, "Unit& unit"]
        elif self.layout.units:
            parameters = [*k, "Vector& vector"]
        else:
            parameters = [*k, matrices, "Vector& vector"]
        if once:
            name = self.layout.names.parts[self.function.part]
        elif self.function.unit:
            name = "unit_layer"
        yield f"inline void {name}({', '.join(parameters)}) {{"
        yield "#pragma HLS INLINE"

    def _references(self) -> Iterable[str]:
        layout, used = self.layout, self.at.used
        owner = "unit" if self.function.unit else "vector"
        for name in ("given", "theta", *(layout.names.parts[part] for part in layout.program.once)):
            if name in used:
                yield f"  const auto& {name} = {owner}.{name};"
        if "units" in used:
            yield "  const auto& units = vector.units;"
        if "entry" in used and not self.function.unit:
            yield "  const int entry = vector.entry;"
        if "carried" in used and not self.function.unit:
            yield "  auto& carried = vector.carried;"
        if "wires" in used:
            yield f"  auto& wires = {self.owner()};"

    def owner(self) -> str:
        """The struct that holds what this function leaves."""
        if self.function in self.layout.once:
            part = self.layout.names.parts[self.function.part]
            return f"{'unit' if self.function.unit else 'vector'}.{part}"
        return "unit.wires" if self.function.unit else "vector.wires"
