# SPDX-License-Identifier: Apache-2.0
"""Why a flipped bit of a constant or a table cannot change an integer: computed from the graph.

Asked only about a flip that the comparison did not notice; None means that there is no reason, and
that the comparison should have noticed. What hangs on the number is computed with both, for every
integer that a wire ahead of it can be, in each layer that reads it: where a value is the same, so
is all that hangs on it alone.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fixedpoint.detectors.registry import program
from fixedpoint.program import leaves, values
from fixedpoint.program.graph import Program
from fixedpoint.program.values import Value, walk
from fixedpoint.program.views import golden
from fixedpoint.program.views.interpret import Array, Inputs, Layer, leaf
from fixedpoint.program.views.narrow import fixed
from fixedpoint.specs.detector import DetectorSpec
from hls.builds.native import CARRIERS
from verification.faults.mutate import Mutation
from verification.faults.numbers import Number, Rule, numbers

NATIVE_WIDTHS = ("entry_bits", "index_bits")
"""Widths that a native integer only has to hold."""
LARGEST = 1 << 16
"""Of a wire whose every integer is tried."""
Constants = leaves.Constant | leaves.Integer | leaves.Bank | values.Grid
Sources = (leaves.Given | leaves.Brought | leaves.Supplied | leaves.Carried
           | values.Transformed | values.UnitSum)  # fmt: skip
"""What a value is not followed beyond."""


def reason(spec: DetectorSpec, mutation: Mutation) -> str | None:
    """A short proof that the flip has no effect in any comparison of this spec, or None."""
    if mutation.kind == "header" and mutation.name in NATIVE_WIDTHS:
        return _same_carrier(mutation)
    if mutation.kind not in ("header", "mem"):
        return None
    made = program(spec)
    found = numbers(made, mutation)
    if found is None:
        return None
    proofs = [_proof(made, number) for number in found]
    if not proofs:
        return f"no layer reads {mutation.name}"
    known = [proof for proof in proofs if proof is not None]
    return "; ".join(dict.fromkeys(known)) if len(known) == len(proofs) else None


def _proof(made: Program, number: Number) -> str | None:
    """That no wire of a layer differs, or None."""
    part, differ, behind = made.layer, set(number.values), set(number.values)
    for value in part.order:
        if behind.intersection(value.operands):
            behind.add(value)
    known = {value: q for value, q in fixed(made, part.order, number.layer).items()
             if value not in behind}  # fmt: skip
    names = {value: name for name, value in part.wires.items()}
    words = []
    for value in part.order:
        if value not in differ and not differ.intersection(value.operands):
            continue
        tried = _same(made, number, value, differ, known)
        if tried is None:
            differ.add(value)
            if value in names:
                return None
        else:
            differ.discard(value)
            words.append(f"the same {names.get(value, _kind(value))} for {_named(tried, names)}")
    return words[0] if words else f"nothing of layer {number.layer + 1} reads it"


def _same(
    made: Program, number: Number, value: Value, differ: set[Value], known: Mapping[Value, float]
) -> set[Value] | None:
    """The one wire for whose every integer the value is the same with both numbers, or None.

    No wire if the value does not depend on any.
    """
    if isinstance(value, Constants | Sources):
        return None
    sources, inside = _ahead([value], differ, known), set(differ)
    while True:
        if len(sources) < 2 and all(_few(source) for source in sources):
            both = [_array(made, number, value, sources, known, rules)
                    for rules in ({}, number.values)]  # fmt: skip
            if np.all(both[0] == both[1]):
                return sources
        opened = {source for source in sources if not isinstance(source, Sources)}
        if not opened:
            return None
        inside |= opened
        sources = _ahead([value], inside, known)


def _few(source: Value) -> bool:
    return source.largest <= LARGEST and not source.domain.grid


def _ahead(wanted: list[Value], inside: set[Value], known: Mapping[Value, float]) -> set[Value]:
    """What these are computed from, through what is inside: no constants, and nothing fixed."""
    found: set[Value] = set()
    waiting = list(wanted)
    while waiting:
        for operand in waiting.pop().operands:
            if isinstance(operand, Constants) or operand in known:
                continue
            if operand in inside and not isinstance(operand, Sources):
                waiting.append(operand)
            else:
                found.add(operand)
    return found


def _array(
    made: Program,
    number: Number,
    value: Value,
    sources: set[Value],
    known: Mapping[Value, float],
    rules: Mapping[Value, Rule],
) -> Array:
    """The value for every integer of its one source, at one or all entries of the SNR bank."""
    entries = np.arange(len(made.spec.snr))[None] if number.entry is None else [[number.entry]]
    found: dict[Value, Array] = {
        each: np.int64(q) for each, q in known.items() if each not in number.values
    }
    for source in sources:
        found[source] = np.arange(-source.largest, source.largest + 1)[:, None]
    layer = Layer(made, Inputs({}, {}, np.array(entries)), number.layer, {}, found)
    for each in walk([value], frozenset(found)):
        if each in rules:
            found[each] = rules[each](layer)
        elif each not in found:
            found[each] = leaf(each, layer, golden.operation)
    return found[value]


def _named(sources: set[Value], names: Mapping[Value, str]) -> str:
    every = [f"every {names.get(source, _kind(source))} to ±{source.largest}" for source in sources]
    return "".join(every) or "all vectors"


def _kind(value: Value) -> str:
    """Of a value without a name."""
    match value:
        case leaves.Carried():
            return f"{value.wire} of the layer before"
        case values.Read():
            return value.name
    return type(value).__name__.lower()


def _same_carrier(mutation: Mutation) -> str | None:
    """Native integers come in four sizes: a width only chooses among them."""
    old, new = int(mutation.before), int(mutation.after)
    if new < 1 or new > CARRIERS[-1]:
        return None
    before, after = (next(c for c in CARRIERS if bits <= c) for bits in (old, new))
    if after < before:
        return None
    return (
        f"{new} bits ride in an int{after}_t, which holds all that the int{before}_t of {old} did"
    )
