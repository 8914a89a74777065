# SPDX-License-Identifier: Apache-2.0
"""A program in words: each wire as a formula of other wires, its format, its line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import singledispatch

from fixedpoint.program import leaves, values
from fixedpoint.program.graph import Part, Program
from fixedpoint.program.values import Value

Names = Mapping[Value, str]
Named = leaves.Given | leaves.Brought | leaves.Supplied | leaves.Constant


@dataclass(frozen=True)
class Line:
    """One wire: `formula` is made of wires, constants and operations; `bits` its worst case."""

    stage: str
    wire: str
    formula: str
    format: str
    bits: int
    where: str


def lines(program: Program) -> list[Line]:
    """Every wire of every stage and of the layer, in the order of computation."""
    found = []
    names: dict[Value, str] = {}
    for part in (*program.once, program.layer):
        own = names | {value: wire for wire, value in part.wires.items()}
        found += [_line(part, wire, own) for wire in part.wires]
        names |= {value: f"{part.name}.{wire}" for wire, value in part.wires.items()}
    return found


def _line(part: Part, wire: str, names: Names) -> Line:
    value = part.wires[wire]
    others = {other: name for other, name in names.items() if other is not value}
    return Line(part.name or "layer", wire, formula(value, others), str(part.formats[wire]),
                value.largest.bit_length() + 1, value.where)  # fmt: skip


def inner(value: Value, names: Names) -> str:
    """As an operand: a name, or a formula that binds as tightly."""
    text = names.get(value) or formula(value, names)
    loose = value not in names and isinstance(value, values.Total | values.Negated)
    return f"({text})" if loose else text


@singledispatch
def formula(value: Value, names: Names) -> str:
    """What a value is computed by."""
    raise values.unknown(value, "description")


@formula.register
def _(value: Named, names: Names) -> str:
    return value.name


@formula.register
def _(value: leaves.Bank, names: Names) -> str:
    return f"{value.name}₋[snr]" if value.before else f"{value.name}[snr]"


@formula.register
def _(value: leaves.Carried, names: Names) -> str:
    return f"{value.wire}₋"


@formula.register
def _(value: leaves.Integer, names: Names) -> str:
    return f"{value.number * 2.0**-value.frac:g}"


@formula.register
def _(value: values.Grid, names: Names) -> str:
    return "grid"


@formula.register
def _(value: values.Total, names: Names) -> str:
    first, *rest = value.terms
    text = names.get(first) or formula(first, names)
    for term in rest:
        sign, of = (" − ", term.of) if isinstance(term, values.Negated) else (" + ", term)
        text += sign + inner(of, names)
    return text


@formula.register
def _(value: values.Negated, names: Names) -> str:
    return f"−{inner(value.of, names)}"


@formula.register
def _(value: values.Product, names: Names) -> str:
    return f"{inner(value.one, names)}·{inner(value.other, names)}"


@formula.register
def _(value: values.Declared, names: Names) -> str:
    return names.get(value.of) or formula(value.of, names)


@formula.register
def _(value: values.Rounded, names: Names) -> str:
    return f"to({names.get(value.of) or formula(value.of, names)}, {value.target})"


@formula.register
def _(value: values.Clipped, names: Names) -> str:
    return _call("clip", names, value.of, value.limit)


@formula.register
def _(value: values.Softened, names: Names) -> str:
    return _call("soft", names, value.of, value.threshold)


@formula.register
def _(value: values.Folded, names: Names) -> str:
    return _call("fold", names, value.of, value.crease)


@formula.register
def _(value: values.Distance, names: Names) -> str:
    return _call("distance", names, value.of)


@formula.register
def _(value: values.Sliced, names: Names) -> str:
    return _call("slicer", names, value.of)


@formula.register
def _(value: values.Read, names: Names) -> str:
    return _call(f"table {value.name}", names, value.of)


@formula.register
def _(value: values.Chosen, names: Names) -> str:
    then, otherwise = (names.get(v) or formula(v, names) for v in (value.then, value.otherwise))
    return f"({inner(value.code, names)} = {value.equals} ? {then} : {otherwise})"


@formula.register
def _(value: values.GridSum, names: Names) -> str:
    return _call("Σ grid ", names, value.of)


@formula.register
def _(value: values.UnitSum, names: Names) -> str:
    return _call("Σ units ", names, value.of)


@formula.register
def _(value: values.Quotient, names: Names) -> str:
    return (
        f"to({inner(value.numerator, names)} / {inner(value.denominator, names)}, {value.target})"
    )


@formula.register
def _(value: values.Transformed, names: Names) -> str:
    return f"{value.matrix}{'ᵀ' if value.transposed else ''}·{inner(value.of, names)}"


def _call(name: str, names: Names, *arguments: Value) -> str:
    shown = ", ".join(names.get(value) or formula(value, names) for value in arguments)
    return f"{name}({shown})"
