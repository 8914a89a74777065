"""The C++ of a spec: its parameter header, numbers and no logic, and the files that go with it."""

from __future__ import annotations

from pathlib import Path

from fixedpoint.spec import DetectorSpec, FpdSpec, HpdSpec, PgdSpec
from hls import emit_cpp_distributed, emit_cpp_pgd

HERE = Path(__file__).parent
HEADER = "bitfold_spec.hpp"
BENCH = ("testbench.cpp", "inputs.hpp", "layers.hpp", "tally.hpp", "vector_file.hpp")
"""The files of csim/ that every detector's test bench has."""


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
        *_body(spec),
        "};",
        "",
        "}  // namespace bitfold",
        "",
    ]
    return "\n".join(lines)


def firmware_files(spec: DetectorSpec) -> dict[str, str]:
    """The folder that Vitis synthesizes: parameter header, templates, top functions."""
    files = {f"firmware/{HEADER}": header(spec)}
    for path in sorted((HERE / "include" / "bitfold").glob("*.hpp")):
        files[f"firmware/bitfold/{path.name}"] = path.read_text(encoding="utf-8")
    for suffix in ("hpp", "cpp"):
        name = f"{spec.detector}.{suffix}"
        files[f"firmware/{name}"] = _csim(f"{spec.detector}/{name}")
    return files


def bench_files(spec: DetectorSpec) -> dict[str, str]:
    """The C++ test bench that reads a golden vector file."""
    own = {f"tb/{Path(name).name}": _csim(name) for name in _host(spec) + _streams(spec)}
    return {f"tb/{name}": _csim(name) for name in BENCH} | own


def library_files(spec: DetectorSpec) -> dict[str, str]:
    """Firmware and `library.cpp`, which together make the native library."""
    own = {Path(name).name: _csim(name) for name in ("library.cpp", *_host(spec))}
    return firmware_files(spec) | own


def _body(spec: DetectorSpec) -> list[str]:
    if isinstance(spec, PgdSpec):
        return emit_cpp_pgd.body(spec)
    if isinstance(spec, HpdSpec):
        return emit_cpp_distributed.hpd_body(spec)
    if isinstance(spec, FpdSpec):
        return emit_cpp_distributed.fpd_body(spec)
    raise TypeError(f"{spec.detector} has no C++")


def _host(spec: DetectorSpec) -> list[str]:
    """What bench and library call the detector by."""
    if isinstance(spec, PgdSpec):
        return ["pgd/detector.hpp"]
    return ["distributed/detector.hpp", "distributed/units.hpp", f"{spec.detector}/unit.hpp"]


def _streams(spec: DetectorSpec) -> list[str]:
    """The bench of the detector's top functions."""
    return ["pgd/streams.hpp" if isinstance(spec, PgdSpec) else "distributed/streams.hpp"]


def _csim(name: str) -> str:
    return (HERE / "csim" / name).read_text(encoding="utf-8")
