# SPDX-License-Identifier: Apache-2.0
"""The same spec in other formats: the same real constants, rounded anew.

A spec declares which format each of its entries has (`DetectorSpec.number_formats` and the like);
formats that others determine follow them. Constants and banks are rounded from their real values,
reciprocals and slicer made anew; tables are read off the functions that they hold in the spec's
program. A code of other ends keeps its range: the steps Δ that it counts grow or shrink with it.
What a spec or its program refuses is a `SpecError`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np

from fixedpoint.detectors.registry import program
from fixedpoint.numbers.adc import Adc
from fixedpoint.numbers.few_bit import FewBitAdc
from fixedpoint.numbers.format import Format
from fixedpoint.numbers.lookup import Lookup
from fixedpoint.program.values import Read
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.specs.entries import Reciprocal, Tree, flat, mapped, own_formats
from fixedpoint.support.schema import SpecError

Spec = TypeVar("Spec", bound=DetectorSpec)
MOST_CONVERTER_BITS = 16


def formats(spec: DetectorSpec) -> dict[str, Format]:
    """Every format of a spec by its name: `state`, `sigmoid.address`, `adc.threshold`."""
    named = own_formats(spec)
    for field in dataclasses.fields(spec):
        value = getattr(spec, field.name)
        if isinstance(value, Format):
            named[field.name] = value
        if isinstance(value, FewBitAdc):
            named |= {f"{field.name}.{end}": getattr(value, end) for end in ("threshold", "level")}
    for entry, (address, output) in spec.table_formats.items():
        if address not in named:
            table = _found(spec, entry)
            named |= {address: table.address, output: table.output}
    return named


def reformatted(spec: Spec, wanted: Mapping[str, Format]) -> Spec:
    """The spec with some of its formats, by the names of `formats`, replaced.

    Raises `SpecError` on a name that is none, on a constant that its format does not hold, and
    where the new spec, or its program, cannot be one.
    """
    old = formats(spec)
    if unknown := sorted(set(wanted) - set(old)):
        expected = ", ".join(old)
        raise SpecError(f"spec {spec.name}", [f"formats.{unknown[0]}: one of {expected} expected"])
    tied, entries = spec.follow({**old, **wanted})
    new = {**old, **wanted, **tied}
    changed = {name for name in old if new[name] != old[name]}
    tree, own = Tree(spec), own_formats(spec)
    for name in sorted(changed):
        tree.put(f"formats.{name}" if name in own else name, new[name])
    for entry, name in numbers(spec).items():
        factor = scale(spec, name, new)
        if name in changed or factor != 1:
            tree.change(entry, _Rounding(spec, entry, old[name], new[name], factor))
    for entry, of in spec.reciprocal_entries.items():
        name, one = entry.rpartition(".")[2], numbers(spec)[of]
        if {name, one} & changed or scale(spec, one, new) != 1:
            tree.put(entry, mapped(tree.get(of), Reciprocal(new[one], new[name])))
    for entry, ends in spec.table_formats.items():
        if changed & set(ends):
            tree.change(entry, _Table(spec, entry, *(new[end] for end in ends)))
    adc = getattr(spec, "adc", None)
    if isinstance(adc, Adc) and "y" in changed:
        tree.put("adc", converter(adc, old["y"], new["y"]))
    if changed:
        tree.put("slicer", spec.constellation.thresholds(new["state"]))
    for entry, value in entries.items():
        tree.put(entry, value)
    made = spec.replace(**tree.roots).sealed()
    program(made)
    return made


def numbers(spec: DetectorSpec) -> dict[str, str]:
    """`number_formats`, and those of few-bit converters."""
    found = dict(spec.number_formats)
    for field in dataclasses.fields(spec):
        if isinstance(getattr(spec, field.name), FewBitAdc):
            found |= {f"{field.name}.{end}s": f"{field.name}.{end}"
                      for end in ("threshold", "level")}  # fmt: skip
    return found


def constants(spec: DetectorSpec) -> set[str]:
    """The formats that a spec has constants of, banks and reciprocals among them.

    Not those of constants that a hyper-network brings at run time.
    """
    tree, inverse = Tree(spec), {one.rpartition(".")[2] for one in spec.reciprocal_entries}
    return {name for entry, name in numbers(spec).items() if flat(tree.get(entry))} | inverse


def scale(spec: DetectorSpec, name: str, new: Mapping[str, Format]) -> float:
    """What the constants of a format are multiplied by: steps by what their codes lose of ends."""
    code = spec.counted.get(name)
    return 1.0 if code is None else formats(spec)[code].max / new[code].max


def largest(spec: DetectorSpec, name: str, new: Mapping[str, Format]) -> float:
    """The largest real constant of a format, 0 if it has none; of reciprocals, too."""
    old, found = formats(spec), [0.0]
    tree, named = Tree(spec), numbers(spec)
    for entry, fmt in named.items():
        if fmt == name and flat(tree.get(entry)):
            q = np.abs(old[name].value(flat(tree.get(entry))))
            found.append(float(q.max()) * scale(spec, name, new))
    for entry, of in spec.reciprocal_entries.items():
        if entry.rpartition(".")[2] == name:
            step = old[named[of]].value(flat(tree.get(of))) * scale(spec, named[of], new)
            found.append(float((1 / step).max()))
    return max(found)


def converter(adc: Adc, old: Format, new: Format) -> Adc:
    """One whose levels fill y's format fills the new one; another keeps its real levels."""
    if adc == Adc(min(old.bits - 1, MOST_CONVERTER_BITS), 1):
        return Adc(min(new.bits - 1, MOST_CONVERTER_BITS), 1)
    return Adc(adc.bits, max(1, int(new.quantize(old.value(adc.half_step)))))


@dataclasses.dataclass(frozen=True)
class _Rounding:
    """Integers of one format to those of another, of `factor` times their real values."""

    spec: DetectorSpec
    entry: str
    old: Format
    new: Format
    factor: float

    def __call__(self, node: Any) -> Any:
        return mapped(node, self.one)

    def one(self, q: int) -> int:
        """What was positive stays so."""
        real = float(self.old.value(q)) * self.factor
        if abs(real) > (self.new.max + 0.5) * self.new.step:
            fault = f"{self.entry}: {self.new} does not hold {real:g}"
            raise SpecError(f"spec {self.spec.name}", [fault])
        found = int(self.new.quantize(real))
        return max(found, 1) if q > 0 else found


@dataclasses.dataclass(frozen=True)
class _Table:
    """A table, or the integers of one a layer, to those of the same function in other formats."""

    spec: DetectorSpec
    entry: str
    address: Format
    output: Format

    def __call__(self, node: Any) -> Any:
        read = _read(self.spec, self.entry)
        made = [self._of_layer(read, k) for k in range(len(read.tables))]
        return made[0] if isinstance(node, Lookup) else tuple(table.values for table in made)

    def _of_layer(self, read: Read, layer: int) -> Lookup:
        return Lookup.of(lambda x: read.exact(x, layer), self.address, self.output)


def _found(spec: DetectorSpec, entry: str) -> Lookup:
    table: Lookup = Tree(spec).get(entry)
    return table


def _read(spec: DetectorSpec, entry: str) -> Read:
    """The operation that reads a table: it knows its function."""
    node = Tree(spec).get(entry)
    wanted = (node.values,) if isinstance(node, Lookup) else node
    made = program(spec)
    for part in (*made.once, made.layer):
        for value in part.order:
            if isinstance(value, Read) and tuple(t.values for t in value.tables) == wanted:
                return value
    raise SpecError(f"spec {spec.name}", [f"{entry}: nothing reads it, its formats are fixed"])
