# SPDX-License-Identifier: Apache-2.0
"""What joins the functions of a program: loading, starting and deciding a vector, showing wires."""

from __future__ import annotations

from collections.abc import Iterable

from fixedpoint.program import leaves
from fixedpoint.program.values import Value
from hls.cpp import hyper
from hls.cpp.layout import Layout
from hls.cpp.operations import decides
from hls.cpp.schedule import Function
from hls.cpp.structs import decided, down, given, up

CELLS = ("low", "up")
"""What a few-bit code stands for, as `FewBitAdc.given` names it."""


def function(head: str, body: Iterable[str], what: str) -> list[str]:
    """A function of the emitted header, with a sentence above it."""
    return [f"// {what}", f"inline {head} {{", "#pragma HLS INLINE", *body, "}", ""]


def templated(head: str, body: Iterable[str], what: str) -> list[str]:
    """The same for rows from a stream, or from a host."""
    comment, first, *rest = function(head, body, what)
    return [comment, "template <class Rows>", first.removeprefix("inline "), *rest]


def all_functions(layout: Layout) -> list[str]:
    """Everything but the stages and layers themselves."""
    return [*_load(layout), *_start(layout), *_whole_layer(layout), *_decide(layout),
            *_fronthaul(layout), *_detect(layout)]  # fmt: skip


def _load(layout: Layout) -> Iterable[str]:
    spec = layout.program.spec
    parts = [(layout.names.matrices[part.name], part.format.bits) for part in spec.parts]
    if layout.units:
        own = [f"  load_rows<Spec, {bits}>(rows, block.{name});" for name, bits in parts]
        yield from templated("void load(Rows& rows, UnitBlock& block)", own,
                             "The rows of a unit, as they come: clamped.")  # fmt: skip
        body = ["units:", "  for (int c = 0; c < Spec::units; ++c) {",
                "    load(rows, block.units[c]);", "  }"]  # fmt: skip
    else:
        body = [f"  load_rows<Spec, {bits}>(rows, block.{name});" for name, bits in parts]
        if spec.one_snr_a_block:
            last = body.pop().strip().rstrip(";")
            body.append(f"  block.index = {last}.index;")
    yield from templated("void load(Rows& rows, Block& block)", body,
                         "The rows of all matrices, as they come: clamped.")  # fmt: skip


def _receive(layout: Layout, owner: str, received: str) -> Iterable[str]:
    """y within its format, and the cells of its codes."""
    yield f"  clamp_samples<Spec>({received}, {owner}.given.y);"
    if {value.name for value in given(layout)} >= set(CELLS):
        low, up_ = (f"{owner}.given.{name}" for name in CELLS)
        yield f"  cells<Spec>({owner}.given.y, entry, {low}, {up_});"
    if hyper.network(layout.program.spec) is not None:
        yield f"  hyper_network<Spec>(block.h, {owner}.given.y, entry, {owner}.theta);"


def _once(layout: Layout, arguments: str) -> Iterable[str]:
    for stage in layout.once:
        if stage.values:
            yield f"  {layout.names.parts[stage.part]}({arguments});"


def _start(layout: Layout) -> Iterable[str]:
    cleared = [f"  clear(carried.{layout.names[value]});" for value in layout.carried]
    yield from function("void start_from_zero([[maybe_unused]] Carried& carried)", cleared,
                        "What the first layer reads of a layer before.")  # fmt: skip
    one = layout.program.spec.one_snr_a_block
    index = "block" if one else "received"
    body = [f"  const int entry = bank_entry<Spec>({index}.index);", "  vector.entry = entry;"]
    if layout.units:
        yield from function(
            "void unit_start(const Sample<Spec> (&y)[Spec::unit_size], [[maybe_unused]] int entry,"
            "\n                       [[maybe_unused]] const UnitBlock& block, Unit& unit)",
            [*_receive(layout, "unit", "y"), *_once(layout, "entry, block, unit")],
            "A unit's part of a received vector, and the stages ahead of its layers.")  # fmt: skip
        body += ["units:", "  for (int c = 0; c < Spec::units; ++c) {", "#pragma HLS UNROLL",
                 "    unit_start(received.y[c], entry, block.units[c], vector.units[c]);",
                 "  }"]  # fmt: skip
    else:
        body += [*_receive(layout, "vector", "received.y"), *_once(layout, "block, vector")]
    body.append("  start_from_zero(vector.carried);")
    head = "void start([[maybe_unused]] const Block& block, const Received& received,"
    yield from function(f"{head}\n                  Vector& vector)", body,
                        "A received vector, and all ahead of its layers: they start from 0."
                        )  # fmt: skip


def _whole_layer(layout: Layout) -> Iterable[str]:
    if not layout.units:
        return
    arguments = "k, vector.entry, block.units[c], vector.carried, vector.units[c]"
    body = ["units:", "  for (int c = 0; c < Spec::units; ++c) {", "#pragma HLS UNROLL",
            f"    unit_layer({arguments});", "  }", "  fusion(k, vector);"]  # fmt: skip
    yield from function("void layer(int k, const Block& block, Vector& vector)", body,
                        "Layer k, from 0: all units, at once in hardware, then the fusion node."
                        )  # fmt: skip


def path(layout: Layout, value: Value, unit: str = "vector.units[0]") -> str:
    """The array of a wire in a Vector; of what each unit has, that of the unit named."""
    names = layout.names
    owner = unit if layout.units else "vector"
    if isinstance(value, leaves.Given):
        return f"{owner}.given.{value.name}"
    if value in layout.in_place or value in layout.carried:
        return f"vector.carried.{names[value]}"
    for stage in layout.once:
        if value in stage.inside:
            return f"{owner}.{names.parts[stage.part]}.{names[value]}"
    inside = layout.units and value in layout.unit.inside
    return f"{owner if inside else 'vector'}.wires.{names[value]}"


def _decide(layout: Layout) -> Iterable[str]:
    body = ["columns:", "  for (int j = 0; j < Spec::columns; ++j) {", "#pragma HLS UNROLL"]
    for value in layout.sliced:
        bits = decides(value.of, value.thresholds)
        word = f"slice<Spec::symbol_bits, {bits}>({path(layout, value.of)}[j], Spec::slicer)"
        body.append(f"    vector.wires.{layout.names[value]}[j] = {word};")
    yield from function("void decide(Vector& vector)", [*body, "  }"],
                        "The Gray words of a layer.")  # fmt: skip


def _detect(layout: Layout) -> Iterable[str]:
    partitioned = [
        f"vector.carried.{layout.names[v]}" for v in layout.carried if v in layout.products
    ]
    body = ["  Vector vector;"]
    body += [f"#pragma HLS ARRAY_PARTITION variable = {name} complete" for name in partitioned]
    body += ["  start(block, received, vector);", "layers:",
             "  for (int k = 0; k < Spec::layers; ++k) {", "    layer(k, block, vector);", "  }",
             "  decide(vector);", "  Detected detected;", "outputs:",
             "  for (int j = 0; j < Spec::columns; ++j) {", "#pragma HLS UNROLL"]  # fmt: skip
    wires = layout.program.layer.wires
    body += [f"    detected.{wire}[j] = {path(layout, wires[wire])}[j];"
             for wire, _ in decided(layout)]  # fmt: skip
    body.append("  }")
    if layout.program.spec.one_snr_a_block:
        body += [
            "  detected.index = static_cast<UInt<Spec::index_bits>>(vector.entry);",
            "  detected.mismatch = bank_entry<Spec>(received.index) != vector.entry;",
        ]
    body += ["  detected.last = received.last;", "  return detected;"]
    yield from function("Detected detect(const Block& block, const Received& received)", body,
                        "A received vector: all layers, and what the last one decides."
                        )  # fmt: skip


def _fronthaul(layout: Layout) -> Iterable[str]:
    """From a unit's wires to its message, and from the fusion node's to the units' state."""
    if not layout.units:
        return
    loop = ["columns:", "  for (int j = 0; j < Spec::columns; ++j) {", "#pragma HLS UNROLL"]
    names = layout.names
    own = [f"    estimate.{names[v]}[j] = unit.wires.{names[v]}[j];" for v in up(layout)]
    yield from function("Estimate estimate_of(const Unit& unit)",
                        ["  Estimate estimate;", *loop, *own, "  }", "  return estimate;"],
                        "What a unit sends.")  # fmt: skip
    taken = []
    for v in down(layout):
        clamped = f"clamp_symmetric<{layout.format(v).bits}>(point.{names[v]}[j])"
        taken.append(f"    carried.{names[v]}[j] = {clamped};")
    yield from function("void take([[maybe_unused]] const Point& point, "
                        "[[maybe_unused]] Carried& carried)",
                        [*loop, *taken, "  }"] if taken else [],
                        "What a unit receives, within its format.")  # fmt: skip


def signature(stage: Function) -> str:
    """The sentence above a stage or a layer."""
    return {
        "unit": "Layer k, from 0, in one unit.",
        "fusion": "Layer k, from 0, in the fusion node.",
        "layer": "Layer k, from 0.",
    }.get(stage.name, f"The stage {stage.name}, once a vector.")
