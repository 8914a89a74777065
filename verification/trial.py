"""One fault tried: where it can be put, who notices it, and why it may have no effect."""

from __future__ import annotations

import dataclasses
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fixedpoint import golden, pgd, vectors
from hls import bench, compiler, csim, emit_cpp, emit_rtl, toolchain
from hls.cases import find
from verification import runner, suite
from verification.equivalence import same_hardware
from verification.mutant import BUILD, CRASH, EQUAL, HUNG, INTEGERS, PROTOCOL
from verification.mutate import Mutation, header_flips, memory_flips, package_flips, vector_flips
from verification.no_effect import reason
from verification.operators import operator_faults
from verification.verdict import judge

__all__ = ["BUILD", "CRASH", "HUNG", "INTEGERS", "KINDS", "PROTOCOL", "Trial", "attempt"]

TIMING, NO_EFFECT, UNNOTICED = "timing", "no effect", "unnoticed"
# Small, so that a model of them is built in seconds; of both proxes, one and several groups.
DETECTORS = ("stress-box-16x8-64qam", "stress-soft-8x4-qpsk")
LANES = 16
LIMIT_S = 300
GOLDEN_VECTORS = 72
SEED = 0
# Modules whose own bench is exhaustive over small widths.
LEAVES = {"requantize.sv": "requantize", "box.sv": "prox", "soft_threshold.sv": "prox",
          "slicer.sv": "slicer"}  # fmt: skip
# More columns than rows: sums still leave the engine when the next ones come.
WIDE = "engine-16x32@64"
Places = list[tuple[str, Mutation]]


@dataclass(frozen=True)
class Trial:
    """A fault in a detector's view, what noticed it, and its words (or the reason of no effect)."""

    detector: str
    mutation: Mutation
    noticed: str
    words: str


def attempt(detector: str, mutation: Mutation) -> Trial:
    """Build the faulty view and compare it with the golden model."""
    if mutation.kind == "vectors":
        noticed, words = _vectors(detector, mutation)
    elif mutation.kind == "rtl":
        noticed, words = _rtl(detector, mutation)
    else:
        noticed, words, _ = _view(detector, mutation)
    if noticed == EQUAL:
        excuse = reason(find(detector).spec, mutation)
        noticed, words = (NO_EFFECT, excuse) if excuse else (UNNOTICED, words)
    return Trial(detector, mutation, noticed, words)


def _rtl(detector: str, mutation: Mutation) -> tuple[str, str]:
    """Both libraries, then a proof that the hardware is the same, its pace, and its bench."""
    detectors = sorted(DETECTORS, key=detector.__ne__)
    slower = ""
    for name in detectors:
        noticed, words, cycles = _view(name, mutation)
        if noticed != EQUAL:
            return noticed, words
        if cycles != _faultless_cycles(name):
            slower = f"the same integers in {cycles} cycles instead of {_faultless_cycles(name)}"
    if slower:
        return TIMING, slower
    if mutation.file in LEAVES:
        return _benches(detector, mutation)
    proofs = [same_hardware(name, LANES, mutation, text_of(name, mutation.file))
              for name in detectors]  # fmt: skip
    if proofs[0] is not None and None not in proofs:
        return NO_EFFECT, proofs[0]
    return _benches(detector, mutation)


def _view(detector: str, mutation: Mutation) -> tuple[str, str, int]:
    """The native or RTL library in a process of its own: what noticed, words, cycles."""
    text = mutation.apply(text_of(detector, mutation.file))
    return _ask(mutation.kind, detector, mutation.file, text)


@cache
def _faultless_cycles(detector: str) -> int:
    noticed, words, cycles = _ask("rtl", detector, "", "")
    if noticed != EQUAL:
        raise ValueError(f"without any fault the RTL of {detector} is not equal: {words}")
    return cycles


def _ask(kind: str, detector: str, file: str, text: str) -> tuple[str, str, int]:
    request = {"kind": kind, "detector": detector, "lanes": str(LANES), "file": file, "text": text}
    command = [sys.executable, "-m", "verification.mutant"]
    try:
        done = subprocess.run(command, input=json.dumps(request), capture_output=True, text=True,
                              timeout=LIMIT_S, check=False)  # fmt: skip
    except subprocess.TimeoutExpired:
        return HUNG, f"no answer in {LIMIT_S} s", 0
    if done.returncode < 0 or done.returncode > 128:
        for library in compiler.cache_folder().glob("mutant-*.so"):
            library.unlink(missing_ok=True)
        return CRASH, f"the view died with status {done.returncode}", 0
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["no message"]
        raise ValueError(f"verification.mutant failed: {lines[-1]}")
    answer = json.loads(done.stdout)
    return answer["noticed"], answer["words"], answer["cycles"]


def _vectors(detector: str, mutation: Mutation) -> tuple[str, str]:
    """The ap_int test bench on a golden vector file with a flipped expectation."""
    program = csim.build(find(detector))
    with tempfile.TemporaryDirectory(prefix="bitfold-selftest-") as scratch:
        file = Path(scratch) / mutation.file
        file.write_text(mutation.apply(text_of(detector, mutation.file)), encoding="ascii")
        verdict = bench.run(program, file)
    named = [d for d in verdict.differences if d.wire == mutation.name]
    if verdict.status == bench.EQUAL:
        return EQUAL, "csim calls it equal"
    if not named:
        return PROTOCOL, "csim names another integer"
    return INTEGERS, (f"DIFFERS: vector {named[0].vector}, wire {named[0].wire}: "
                      f"{named[0].found}, the file has {named[0].expected}")  # fmt: skip


def _benches(detector: str, mutation: Mutation) -> tuple[str, str]:
    """The cocotb benches of the module, where the libraries did not notice."""
    replaced = {mutation.file: mutation.apply(text_of(detector, mutation.file))}
    names = [LEAVES[mutation.file]] if mutation.file in LEAVES else [WIDE, f"{detector}@{LANES}"]
    integers, slower = 0, ""
    for configuration in map(suite.find, names):
        faulty = dataclasses.replace(configuration, build="mutant")
        verdict = judge(runner.run(faulty, SEED, replaced=replaced), configuration.tests)
        for folder in (compiler.cache_folder() / "cocotb").glob("mutant-*"):
            shutil.rmtree(folder, ignore_errors=True)
        if verdict.outcome.fault:
            return HUNG, verdict.outcome.fault
        if verdict.failures:
            named = "the golden model has" in verdict.failures[0]
            return (INTEGERS if named else PROTOCOL), verdict.failures[0]
        integers += verdict.integers
        if verdict.cycles != _bench_cycles(configuration.name):
            slower = (f"{configuration.name}: the same integers in {verdict.cycles} cycles "
                      f"instead of {_bench_cycles(configuration.name)}")  # fmt: skip
    if slower:
        return TIMING, slower
    agree = f"both libraries and {', '.join(names)} agree on {integers} integers"
    if mutation.file in LEAVES:
        return NO_EFFECT, f"{agree}, exhaustive over small widths"
    return EQUAL, agree


@cache
def _bench_cycles(name: str) -> int:
    configuration = suite.find(name)
    return judge(runner.run(configuration, SEED), configuration.tests).cycles


@cache
def text_of(detector: str, file: str) -> str:
    """The faultless text of a file by its name."""
    spec = find(detector).spec
    if file == emit_cpp.HEADER:
        return emit_cpp.header(spec)
    if file.endswith(".vec"):
        return _golden_text(detector)
    emitted = emit_rtl.rtl_files(spec)
    return emitted[file] if file in emitted else (toolchain.RTL / file).read_text(encoding="utf-8")


def _golden_text(detector: str) -> str:
    case = find(detector)
    inputs = case.inputs(GOLDEN_VECTORS, SEED)
    wires = pgd.run(case.spec, inputs.h, inputs.y, inputs.index)
    with tempfile.TemporaryDirectory(prefix="bitfold-selftest-") as scratch:
        path = Path(scratch) / "golden.vec"
        vectors.write(
            path, golden.collect(case.spec, golden.last_layer(case.spec), SEED, inputs, wires)
        )
        return path.read_text(encoding="ascii")


def _headers() -> Places:
    return [(d, m) for d in DETECTORS
            for m in header_flips(emit_cpp.HEADER, text_of(d, emit_cpp.HEADER))]  # fmt: skip


def _packages() -> Places:
    return [(d, m) for d in DETECTORS
            for m in package_flips(toolchain.PACKAGE, text_of(d, toolchain.PACKAGE))]  # fmt: skip


def _memories() -> Places:
    names = [n for n in emit_rtl.rtl_files(find(DETECTORS[0]).spec) if n.endswith(".mem")]
    return [(d, m) for d in DETECTORS for n in names for m in memory_flips(n, text_of(d, n))]


def _expectations() -> Places:
    return [(d, m) for d in DETECTORS for m in vector_flips("golden.vec", text_of(d, "golden.vec"))]


def _operators() -> Places:
    places = [m for path in toolchain.rtl_sources()
              for m in operator_faults(path.name, text_of(DETECTORS[0], path.name))]  # fmt: skip
    return [(DETECTORS[m.file == "soft_threshold.sv"], m) for m in places]


KINDS: dict[str, Callable[[], Places]] = {
    "header": _headers,
    "package": _packages,
    "mem": _memories,
    "vectors": _expectations,
    "rtl": _operators,
}
