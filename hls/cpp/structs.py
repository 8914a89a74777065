# SPDX-License-Identifier: Apache-2.0
"""The structs of a program: what a block and a vector bring, and what its functions leave."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fixedpoint.program import leaves
from fixedpoint.program.frame import output
from fixedpoint.program.values import Value
from hls.cpp.hyper import THETA, network
from hls.cpp.layout import Layout
from hls.cpp.names import camel

ENTRY = "Int<Spec::entry_bits>"


def struct(name: str, what: str, fields: Sequence[str]) -> list[str]:
    """A struct with a sentence above it."""
    return [f"// {what}", f"struct {name} {{", *(f"  {field};" for field in fields), "};", ""]


def all_structs(layout: Layout) -> list[str]:
    """Every struct, in an order in which C++ knows each before it is used."""
    return [
        *struct("Row", "One row of a matrix, as a stream carries it.",
                [f"{ENTRY} entry[Spec::columns]", *_index(layout)]),
        *_blocks(layout),
        *_received(layout),
        *struct("Given", "What a vector brings.", list(_given(layout))),
        *(line for function in layout.once if layout.fields[function] for line in struct(
            f"{camel(layout.names.parts[function.part])}Wires",
            f"The wires of {function.name}, once a vector.",
            _fields(layout, layout.fields[function]))),
        *_layer(layout),
        *_vector(layout),
        *struct("Detected", "What is decided of a vector.",
                [f"{kind} {wire}[Spec::columns]" for wire, kind in decided(layout)]
                + ([*_index(layout), "bool mismatch"] if _index(layout) else []) + ["bool last"]),
    ]  # fmt: skip


def decided(layout: Layout) -> list[tuple[str, str]]:
    """What leaves the detector, as `frame.output` says, with the types; bits are Gray words."""
    layer = layout.program.layer
    kinds: list[tuple[str, str]] = []
    for wire in output(layout.program):
        fmt = layout.format(layer.wires[wire])
        narrow = f"{'Int' if fmt.signed else 'UInt'}<{fmt.bits}>"
        kinds.append((wire, "UInt<Spec::symbol_bits>" if wire == "bits" else narrow))
    return kinds


def up(layout: Layout) -> list[Value]:
    """What a unit sends to the fusion node after a layer."""
    read = {operand for value in layout.layer.values for operand in value.operands}
    return [v for v in layout.unit.values if v in read or v in layout.carried]


def down(layout: Layout) -> list[Value]:
    """What the fusion node sends to the units before a layer."""
    read = {operand.wire for value in layout.unit.values for operand in (value, *value.operands)
            if isinstance(operand, leaves.Carried)}  # fmt: skip
    wires = layout.program.layer.wires
    return [v for v in layout.carried if any(wires[wire] is v for wire in read)]


def messages(layout: Layout) -> list[str]:
    """The words of the fronthaul."""
    return [
        *struct("Estimate", "What a unit sends to the fusion node after a layer.",
                _narrow(layout, up(layout))),
        *struct("Point", "What the fusion node answers: where the next layer starts.",
                _narrow(layout, down(layout))),
    ]  # fmt: skip


def _narrow(layout: Layout, kept: Sequence[Value]) -> list[str]:
    return [field.replace("Operand<", "Int<") for field in _fields(layout, kept)]


def _fields(layout: Layout, kept: Sequence[Value]) -> list[str]:
    return [f"{layout.element(v)} {layout.names[v]}[{layout.size(v)}]" for v in kept]


def _index(layout: Layout) -> list[str]:
    """The SNR entry of a block, where all its vectors have one."""
    return ["UInt<Spec::index_bits> index"] if layout.program.spec.one_snr_a_block else []


def _blocks(layout: Layout) -> Iterable[str]:
    rows = "Spec::unit_size" if layout.units else ""
    matrices = []
    for part in layout.program.spec.parts:
        name = layout.names.matrices[part.name]
        size = rows or f"Spec::{name}_rows"
        matrices.append(f"Operand<{part.format.bits}> {name}[{size}][Spec::columns]")
    what = "What a coherence block brings."
    if not layout.units:
        return struct("Block", what, [*matrices, *_index(layout)])
    own = struct("UnitBlock", "What a coherence block brings to a unit.", matrices)
    return own + struct("Block", what, ["UnitBlock units[Spec::units]", *_index(layout)])


def _received(layout: Layout) -> Iterable[str]:
    more = ["UInt<Spec::index_bits> index", "bool last"]
    what = "A received vector with its SNR index; `last` closes the coherence block."
    if not layout.units:
        return struct("Received", what, ["Sample<Spec> y[Spec::rows]", *more])
    own = "One unit's part of it."
    return [
        *struct("Received", what, ["Sample<Spec> y[Spec::units][Spec::unit_size]", *more]),
        *struct("UnitReceived", own, ["Sample<Spec> y[Spec::unit_size]", *more]),
    ]


def given(layout: Layout) -> list[leaves.Given]:
    """What the program takes of a vector, y among it, one of each name."""
    parts = (*layout.program.once, layout.program.layer)
    named = {v.name: v for part in parts for v in part.order if isinstance(v, leaves.Given)}
    return list(named.values())


def _given(layout: Layout) -> Iterable[str]:
    size = "Spec::unit_size" if layout.units else "Spec::rows"
    y = layout.program.spec.y_format
    yield f"{'Int' if y.signed else 'UInt'}<{y.bits}> y[{size}]"
    for value in given(layout):
        if value.name != "y":
            yield f"Int<{value.format.bits}> {value.name}[{size}]"


def _layer(layout: Layout) -> Iterable[str]:
    carried = _fields(layout, layout.carried)
    if layout.units:
        yield from struct("UnitWires", "The wires of a layer in one unit.",
                          _fields(layout, layout.fields[layout.unit]))  # fmt: skip
    what = "The other wires of a layer." if layout.carried else "The wires of a layer."
    yield from struct("Carried", "The wires of a layer that the next one reads.", carried)
    yield from struct("LayerWires", what,
                      _fields(layout, [*layout.fields[layout.layer], *layout.sliced]))  # fmt: skip
    if layout.units:
        yield from messages(layout)


def _vector(layout: Layout) -> Iterable[str]:
    """All of one vector."""
    names = [layout.names.parts[stage.part] for stage in layout.once if layout.fields[stage]]
    stages = [f"{camel(name)}Wires {name}" for name in names]
    own = ["Given given", *stages]
    if network(layout.program.spec) is not None:
        own.append(f"{THETA} theta")
    layer = ["Carried carried", "LayerWires wires"]
    if not layout.units:
        return struct("Vector", "All of one vector.", ["int entry", *own, *layer])
    unit = struct("Unit", "All of one vector in one unit.", [*own, "UnitWires wires"])
    units = ["int entry", "Unit units[Spec::units]", *layer]
    return unit + struct("Vector", "All of one vector.", units)
