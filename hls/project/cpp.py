# SPDX-License-Identifier: Apache-2.0
"""The C++ of a spec: which files make the firmware, its test bench and the native library."""

from __future__ import annotations

from pathlib import Path

from fixedpoint.detectors.library import DetectorSpec
from fixedpoint.detectors.registry import program
from hls.cpp.program import PROGRAM, SPEC, headers
from hls.cpp.text import marked
from hls.cpp.tops import bench_top, stream_files, top_files

__all__ = ["HEADER", "HERE", "PROGRAM", "bench_files", "firmware_files", "header", "library_files",
           "marked"]  # fmt: skip
HERE = Path(__file__).parent.parent
HEADER = SPEC
BENCH = (
    "testbench.cpp", "host.hpp", "inputs.hpp", "layers.hpp", "tally.hpp", "vector_file.hpp",
    "vector_file.cpp",
)  # fmt: skip
"""The files of csim/ that every test bench has."""
LIBRARY = ("library.cpp", "recorder.hpp", "host.hpp")
"""Those of the native library."""


def header(spec: DetectorSpec) -> str:
    """`bitfold::Spec`: sizes, formats, constants, tables and the digest as constexpr."""
    return headers(program(spec))[SPEC]


def firmware_files(spec: DetectorSpec) -> dict[str, str]:
    """The folder that Vitis synthesizes: numbers, program, primitives, top functions."""
    files = headers(program(spec)) | top_files(spec)
    for path in sorted((HERE / "include" / "bitfold").glob("*.hpp")):
        files[f"bitfold/{path.name}"] = path.read_text(encoding="utf-8")
    return {f"firmware/{name}": text for name, text in files.items()}


def bench_files(spec: DetectorSpec) -> dict[str, str]:
    """The C++ test bench that reads a golden vector file."""
    files = {name: _csim(name) for name in (*BENCH, *stream_files(spec))} | bench_top(spec)
    return {f"tb/{name}": text for name, text in files.items()}


def library_files(spec: DetectorSpec) -> dict[str, str]:
    """Firmware and `library.cpp`, which together make the native library."""
    return firmware_files(spec) | {name: _csim(name) for name in LIBRARY}


def _csim(name: str) -> str:
    return (HERE / "csim" / name).read_text(encoding="utf-8")
