# SPDX-License-Identifier: Apache-2.0
"""What tops, test benches and libraries ask of a program: its wires, shown to a visitor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fixedpoint.program.graph import Part
from fixedpoint.program.values import Sliced
from hls.cpp import hyper
from hls.cpp.glue import path
from hls.cpp.layout import Layout
from hls.cpp.structs import decided, down, up


def shows(layout: Layout) -> list[str]:
    """The functions that show each wire to a visitor, and what hosts ask of a detector."""
    stages = _stages(layout)
    lines = ["// Shows the wires of the first stages of a vector, in order.",
             "template <class Visit>",
             "void show_stages(int count, const Vector& vector, Visit& visit) {"]  # fmt: skip
    for number, (name, body) in enumerate(stages):
        lines += [f"  if (count > {number}) {{", f'    visit.layer("{name}");', *body, "  }"]
    if not stages:
        lines += ["  (void)count, (void)vector, (void)visit;"]
    lines += ["}", "", "// Shows the wires of the layer that a vector is in.",
              "template <class Visit>", "void show_layer(const Vector& vector, Visit& visit) {",
              *_wires(layout, layout.program.layer), "}", "",
              "// Shows what is decided of a vector.", "template <class Visit>",
              "void show_decided(const Detected& detected, Visit& visit) {"]  # fmt: skip
    for wire, _ in decided(layout):
        call = "visit.bits" if wire == "bits" else "visit"
        lines.append(f'  {call}("{wire}", detected.{wire});')
    return [*lines, "}", "", *_show_messages(layout), *_detector(layout)]


def _show_messages(layout: Layout) -> Iterable[str]:
    if not layout.units:
        return
    wires = {value: wire for wire, value in layout.program.layer.wires.items()}
    for name, word, sent in (
        ("Estimate", "estimate", up(layout)),
        ("Point", "point", down(layout)),
    ):
        yield f"// Shows the wires that a message of the fronthaul holds: {word}s."
        yield "template <class Visit>"
        yield f"void show_message({name}& {word}, Visit& visit) {{"
        for value in sent:
            if value in wires:
                yield f'  visit("{wires[value]}", {word}.{layout.names[value]});'
        yield "}"
        yield ""


def _stages(layout: Layout) -> list[tuple[str, list[str]]]:
    """Name and wires of what comes ahead of the layers."""
    stages = [(part.name, _wires(layout, part, "    ")) for part in layout.program.once]
    network = hyper.network(layout.program.spec)
    if network is not None:
        units = [
            line
            for name in network.formats
            for line in _each_unit(
                name, f"Spec::hyper_{name}_format", f"vector.units[c].theta.{name}", "    "
            )
        ]
        stages.append((network.name, units))
    return stages


def _wires(layout: Layout, part: Part, indent: str = "  ") -> list[str]:
    lines = []
    for wire, value in part.wires.items():
        found, fmt = path(layout, value, "vector.units[c]"), f'"{part.formats[wire]}"'
        if isinstance(value, Sliced):
            lines.append(f'{indent}visit.bits("{wire}", {fmt}, {found});')
        elif value.domain.unit:
            lines += _each_unit(wire, fmt, found, indent)
        else:
            lines.append(f'{indent}visit("{wire}", {fmt}, {path(layout, value)});')
    return lines


def _each_unit(wire: str, fmt: str, found: str, indent: str) -> list[str]:
    shown = f'visit.unit("{wire}", {fmt}, c, Spec::units, {found});'
    loop = f"{indent}for (int c = 0; c < Spec::units; ++c) {{"
    return [loop, f"{indent}  {shown}", f"{indent}}}"]


def _detector(layout: Layout) -> Iterable[str]:
    spec = layout.program.spec
    parts = []
    for part in spec.parts:
        name = layout.names.matrices[part.name]
        rows = "Spec::rows" if layout.units else f"Spec::{name}_rows"
        parts.append(f'      {{"{part.name}", Spec::{name}_format, {rows}}},')
    yield "// What tops, test benches and the library take: stages ahead of the layers, and whether"
    yield "// a block has units, or one SNR index for all its vectors."
    yield "struct Detector {"
    for name in _aliases(layout):
        yield f"  using {name} = bitfold::{name};"
    yield from ["  static constexpr MatrixPart parts[] = {", *parts, "  };"]
    names = [name for name, _ in _stages(layout)]
    yield f"  static constexpr int stages = {len(names)};"
    quoted = ", ".join(f'"{name}"' for name in names) or '""'
    yield f"  static constexpr const char* stage_names[] = {{{quoted}}};"
    yield f"  static constexpr bool units = {'true' if layout.units else 'false'};"
    yield f"  static constexpr bool one_index = {'true' if spec.one_snr_a_block else 'false'};"
    yield "};"
    yield ""


def _aliases(layout: Layout) -> Sequence[str]:
    own = ("Spec", "Row", "Block", "Received", "Vector", "Detected")
    return (*own, "UnitBlock", "UnitReceived", "Unit", "Carried", "Estimate", "Point") if (
        layout.units) else own  # fmt: skip
