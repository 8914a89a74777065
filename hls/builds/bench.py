# SPDX-License-Identifier: Apache-2.0
"""The C++ test bench: built from an emitted folder, run on a golden vector file, its words read.

Its exit status is the verdict: 0 equal, 1 different, 2 a file that cannot be used.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fixedpoint.detectors.library import DetectorSpec
from fixedpoint.detectors.registry import graph_digest
from fixedpoint.receivers import family
from fixedpoint.support.files import write_text
from fixedpoint.vectors.compare import Comparison, Mismatch
from hls.builds import compiler, tools
from hls.cpp.tops import top_name

VIEW = "csim (ap_int)"
EQUAL, DIFFERENT, UNUSABLE = 0, 1, 2
HERE = Path(__file__).parent.parent / "csim"
HEADERS = HERE / "headers.hpp"
READER = ("vector_file.cpp", "vector_file.hpp")
"""The part of the bench that knows nothing of the detector: the source, and what it includes."""
WHOLE = "whole.cpp"
FLAGS = ("-O1", "-DBITFOLD_AP_INT", *compiler.AP_TYPES_WARNINGS)


@dataclass(frozen=True)
class Difference:
    """The first difference on a wire; `element` counts within the wire of one vector."""

    wire: str
    vector: int
    element: int
    expected: int
    found: int


@dataclass(frozen=True)
class Verdict:
    """What the test bench printed."""

    status: int
    compared: Mapping[str, int]
    differing: Mapping[str, int]
    differences: tuple[Difference, ...]

    def comparison(self, spec: DetectorSpec, seed: int, repeat: str) -> Comparison:
        """The same as every other view reports it."""
        first = min(self.differences, key=lambda d: d.vector, default=None)
        mismatch = None
        if first is not None:
            mismatch = Mismatch(VIEW, seed, first.vector, first.wire, _index(spec, first),
                                first.expected, first.found, repeat)  # fmt: skip
        return Comparison(VIEW, self.compared, self.differing, mismatch)


def build(spec: DetectorSpec, files: Mapping[str, str]) -> Path:
    """The test bench with ap_int, cached: firmware and bench, by their paths as emitted.

    Both are compiled as one unit, on other libraries' headers that were compiled before, and linked
    with the reader of vector files, which was so too.
    """
    sources = ("tb/testbench.cpp", f"firmware/{top_name(spec)}.cpp")
    whole = "".join(f'#include "{name}"\n' for name in (headers(), *sources))
    return compiler.compile_cached(
        compiler.Build(
            files={**files, WHOLE: whole},
            sources=(WHOLE, str(reader())),
            includes=(".", "firmware", "tb"),
            flags=FLAGS,
            system=(compiler.ap_types_folder(),),
        ),
        f"csim-{spec.name}",
    )


def headers() -> Path:
    """The headers of all test benches, with what the compiler has made of them beside them.

    A compiler that cannot use the latter reads the former.
    """
    name, folder = HEADERS.name, compiler.ap_types_folder()
    text = HEADERS.read_text(encoding="utf-8")
    made = compiler.compile_cached(
        compiler.Build({name: text}, ("-x", "c++-header", name), (), FLAGS, (folder,)),
        f"csim-{name}.gch",
    )
    path = made.with_suffix("")
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        write_text(path, text)
    return path


def reader() -> Path:
    """The object file of `READER`, the same for all test benches."""
    return compiler.compile_cached(
        compiler.Build(
            files={name: (HERE / name).read_text(encoding="utf-8") for name in READER},
            sources=("-c", READER[0]),
            includes=(),
            flags=("-O2",),
        ),
        "csim-reader.o",
    )


def run(bench: Path, file: Path, spec: DetectorSpec | None = None) -> Verdict:
    """The verdict on a golden vector file; spec: whose graph the bench has to be built from.

    Raises `ValueError` with the bench's line if the file is unusable or the bench stale.
    """
    done = tools.run([bench, file, *([graph_digest(spec)] if spec else [])])
    if done.returncode not in (EQUAL, DIFFERENT):
        message = done.stderr.strip().removeprefix("error: ")
        raise ValueError(message or f"the test bench ended with status {done.returncode}")
    compared, differing, differences, verdict = {}, {}, [], ""
    for line in done.stdout.splitlines():
        word, *rest = line.split()
        if word == "compared":
            compared[rest[0]], differing[rest[0]] = int(rest[1]), int(rest[2])
        elif word == "first":
            differences.append(Difference(rest[0], *map(int, rest[1:])))
        elif word == "verdict":
            verdict = rest[0]
    if verdict != ("equal" if done.returncode == EQUAL else "different"):
        raise ValueError("the test bench's words and its exit status disagree")
    return Verdict(done.returncode, compared, differing, tuple(differences))


def _index(spec: DetectorSpec, difference: Difference) -> tuple[int, ...]:
    """The index in the wire of one vector; the number of the element in the clamp test's."""
    layer, _, wire = difference.wire.partition(".")
    formats = family.layer_formats(spec)
    if layer == "top" and wire in formats[list(formats)[-1]]:
        layer = list(formats)[-1]
    if wire not in formats.get(layer, {}):
        return (difference.element,)
    shape = family.wire_shape(spec, layer, wire)
    return tuple(int(i) for i in np.unravel_index(difference.element, shape))


def expected_counts(spec: DetectorSpec, vectors: int) -> dict[str, int]:
    """How many integers of each layer's wires the bench must compare."""
    return {
        f"{layer}.{wire}": vectors * math.prod(family.wire_shape(spec, layer, wire))
        for layer, formats in family.layer_formats(spec).items()
        for wire in formats
    }
