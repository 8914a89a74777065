# SPDX-License-Identifier: Apache-2.0
"""The C++ of a spec: its parameter header, numbers and no logic, and the files that go with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fixedpoint.spec import DetectorSpec
from hls import emit_cpp_admm, emit_cpp_distributed, emit_cpp_pgd

HERE = Path(__file__).parent
HEADER = "bitfold_spec.hpp"
BENCH = (
    "testbench.cpp", "inputs.hpp", "layers.hpp", "parts.hpp", "tally.hpp", "vector_file.hpp",
    "vector_file.cpp",
)  # fmt: skip
"""The files of csim/ that every detector's test bench has."""


@dataclass(frozen=True)
class Cpp:
    """What the C++ of a detector is made of.

    body: the lines of the parameter header for a spec of the detector's class; host: files of csim/
    that bench and library call it by; streams: those of the bench of its top functions.
    """

    body: Callable[[Any], list[str]]
    host: tuple[str, ...]
    streams: tuple[str, ...]


UNITS = ("distributed/detector.hpp", "distributed/units.hpp")
DETECTORS: Mapping[str, Cpp] = {
    "pgd": Cpp(
        body=emit_cpp_pgd.body,
        host=("pgd/detector.hpp",),
        streams=("block.hpp", "pgd/streams.hpp"),
    ),
    "admm": Cpp(
        body=emit_cpp_admm.body,
        host=("admm/detector.hpp",),
        streams=("block.hpp", "admm/streams.hpp"),
    ),
    "hpd": Cpp(
        body=emit_cpp_distributed.hpd_body,
        host=(*UNITS, "hpd/unit.hpp"),
        streams=("distributed/streams.hpp",),
    ),
    "fpd": Cpp(
        body=emit_cpp_distributed.fpd_body,
        host=(*UNITS, "fpd/unit.hpp"),
        streams=("distributed/streams.hpp",),
    ),
}


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
        *DETECTORS[spec.detector].body(spec),
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
    cpp = DETECTORS[spec.detector]
    own = {f"tb/{Path(name).name}": _csim(name) for name in cpp.host + cpp.streams}
    return {f"tb/{name}": _csim(name) for name in BENCH} | own


def library_files(spec: DetectorSpec) -> dict[str, str]:
    """Firmware and `library.cpp`, which together make the native library."""
    names = ("library.cpp", "parts.hpp", *DETECTORS[spec.detector].host)
    own = {Path(name).name: _csim(name) for name in names}
    return firmware_files(spec) | own


def _csim(name: str) -> str:
    return (HERE / "csim" / name).read_text(encoding="utf-8")
