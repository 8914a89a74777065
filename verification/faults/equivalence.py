# SPDX-License-Identifier: Apache-2.0
"""Whether an operator fault in the RTL is one at all: proofs that two sources compute the same."""

from __future__ import annotations

import re
from functools import cache

from fixedpoint.detectors.library import DetectorSpec
from fixedpoint.support import scratch
from hls import tops
from hls.builds import toolchain
from hls.cases import find
from verification.faults.mutate import Mutation
from verification.rtl import build

COMMENT = re.compile(r"//[^\n]*")


def same_hardware(
    detector: str, lanes: int, mutation: Mutation, text: str, packed: bool = False
) -> str | None:
    """A proof that the changed source computes the same, or None.

    Verilator elaborates and optimises both; if the C++ that it writes is the same, letter by
    letter, so is what they compute.
    """
    spec = find(detector).spec
    faultless = _faultless(detector, lanes, packed)
    faulty = _code(spec, lanes, packed, {mutation.file: mutation.apply(text)})
    if faultless and faultless == faulty:
        return "Verilator makes the same code of both, letter by letter"
    return None


@cache
def _faultless(detector: str, lanes: int, packed: bool) -> str:
    return _code(find(detector).spec, lanes, packed, {})


def _code(spec: DetectorSpec, lanes: int, packed: bool, replaced: dict[str, str]) -> str:
    """All C++ that Verilator writes, without its comments; empty if it refuses the sources."""
    model = build.model(spec, lanes, tops.of(spec).slots, packed, False, replaced)
    names = sorted((n for n in model.files if n.endswith(".sv")), key=toolchain.PACKAGE.__ne__)
    with scratch.folder("equivalence") as folder:
        toolchain.write_files(folder, model.files)
        done = toolchain.verilator([*model.flags, "--Mdir", "model", *names], folder)
        if done.returncode != 0:
            return ""
        paths = sorted(p for p in (folder / "model").iterdir() if p.suffix in (".cpp", ".h"))
        return COMMENT.sub("", "".join(p.read_text(encoding="utf-8") for p in paths))
