"""The C++ parameter header of a spec: numbers and no logic, for the templates in hls/include."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fixedpoint.pgd import wire_formats
from fixedpoint.spec import DetectorSpec
from fixedpoint.widths import bounds, shifts

HERE = Path(__file__).parent
HEADER = "bitfold_spec.hpp"
BENCH = ("testbench.cpp", "inputs.hpp", "layers.hpp", "streams.hpp", "tally.hpp", "vector_file.hpp")
DERIVED = ("accumulator", "gradient", "error_rounded", "update_rounded", "code_rounded")


def marked(digest: str) -> str:
    """The first line of every emitted C++ file that holds a spec's numbers."""
    return f"// Generated from spec {digest}. Do not edit."


def header(spec: DetectorSpec) -> str:
    """`bitfold::Spec`: sizes, widths, shifts, constants, tables and the digest as constexpr."""
    lines = [
        marked(spec.digest),
        "#pragma once",
        "",
        "#include <cstdint>",
        "",
        "namespace bitfold {",
        "",
        "struct Spec {",
        f'  static constexpr char digest[] = "{spec.digest}";',
        f'  static constexpr char detector[] = "{spec.detector}";',
        "",
        *_sizes(spec),
        "",
        *_formats(spec),
        "",
        *_shifts(spec),
        "",
        *_tables(spec),
        "};",
        "",
        "}  // namespace bitfold",
        "",
    ]
    return "\n".join(lines)


def firmware_files(spec: DetectorSpec) -> dict[str, str]:
    """The folder that Vitis synthesizes: parameter header, templates, top function."""
    files = {f"firmware/{HEADER}": header(spec)}
    for path in sorted((HERE / "include" / "bitfold").glob("*.hpp")):
        files[f"firmware/bitfold/{path.name}"] = path.read_text(encoding="utf-8")
    for name in ("pgd.hpp", "pgd.cpp"):
        files[f"firmware/{name}"] = (HERE / "csim" / name).read_text(encoding="utf-8")
    return files


def bench_files() -> dict[str, str]:
    """The C++ test bench that reads a golden vector file."""
    return {f"tb/{name}": (HERE / "csim" / name).read_text(encoding="utf-8") for name in BENCH}


def _sizes(spec: DetectorSpec) -> list[str]:
    soft = "true" if spec.prox == "soft" else "false"
    return [
        _integer("rows", spec.rows),
        _integer("columns", spec.columns),
        _integer("layers", len(spec.layers)),
        _integer("bank", len(spec.snr)),
        _integer("index_bits", spec.snr.index_bits),
        _integer("symbol_bits", spec.constellation.bits),
        f"  static constexpr bool soft = {soft};",
    ]


def _formats(spec: DetectorSpec) -> list[str]:
    """Widths of the formats, derived widths, and the names that golden vector files use."""
    f, wires, width = spec.formats, wire_formats(spec), bounds(spec)
    lines = [
        _integer(f"{name}_bits", getattr(f, name).bits)
        for name in ("h", "y", "residual", "state", "code", "step", "inverse", "eta")
    ]
    lines += [_integer(f"{name}_bits", width[name].bits) for name in DERIVED]
    names = {"h": f.h, "y": f.y, **wires}
    lines += [f'  static constexpr char {name}_format[] = "{fmt}";' for name, fmt in names.items()]
    return lines


def _shifts(spec: DetectorSpec) -> list[str]:
    s = shifts(spec)
    return [
        _integer("y_align", s.y_align),
        _integer("residual_shift", s.residual),
        _integer("x_align", s.x_align),
        _integer("g_align", s.g_align),
        _integer("update_shift", s.update),
        _integer("code_shift", s.code),
    ]


def _tables(spec: DetectorSpec) -> list[str]:
    f, layers = spec.formats, spec.layers
    return [
        _row("eta", f.eta.bits, "layers", [layer.eta for layer in layers]),
        _row("threshold", f.state.bits, "layers", [layer.threshold for layer in layers]),
        *_bank("step", f.step.bits, [layer.step for layer in layers]),
        *_bank("inverse", f.inverse.bits, [layer.inverse for layer in layers]),
        _row("slicer", f.state.bits, str(len(spec.slicer)), spec.slicer),
    ]


def _integer(name: str, value: int) -> str:
    return f"  static constexpr int {name} = {value};"


def _row(name: str, bits: int, size: str, values: Sequence[int]) -> str:
    return f"  static constexpr {_type(bits)} {name}[{size}] = {_braces(values)};"


def _bank(name: str, bits: int, rows: Sequence[Sequence[int]]) -> list[str]:
    body = [f"      {_braces(row)}," for row in rows]
    return [f"  static constexpr {_type(bits)} {name}[layers][bank] = {{", *body, "  };"]


def _braces(values: Sequence[int]) -> str:
    return "{" + ", ".join(map(str, values)) + "}"


def _type(bits: int) -> str:
    """The native integer that a table's entries need."""
    return f"std::int{next(w for w in (8, 16, 32, 64) if bits <= w)}_t"
