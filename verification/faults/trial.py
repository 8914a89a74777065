# SPDX-License-Identifier: Apache-2.0
"""One fault tried: who notices it, and why it may have no effect."""

from __future__ import annotations

import dataclasses
import functools
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from fixedpoint.support import processes, scratch
from hls import csim
from hls.builds import bench, cache, compiler, toolchain
from hls.cases import find
from verification.faults import argued
from verification.faults.equivalence import same_hardware
from verification.faults.mutant import BUILD, CRASH, EQUAL, HUNG, INTEGERS, LIMIT_S, PROTOCOL
from verification.faults.mutate import Mutation
from verification.faults.no_effect import reason
from verification.faults.places import SEED, a_memory, lanes, spec_of, text_of, views
from verification.faults.proof import same_module
from verification.regression import runner, suite
from verification.regression.verdict import judge

__all__ = ["BUILD", "CRASH", "HUNG", "INTEGERS", "PROTOCOL", "Trial", "attempt"]

TIMING, NO_EFFECT, UNNOTICED = "timing", "no effect", "unnoticed"
PATIENCE_S = 3600
"""Seconds of wall time for what has mutant.LIMIT_S of CPU time."""
Cycles = Sequence[Sequence[int]]
"""Of each run of a library, when each vector entered and when it had left."""
# Modules whose own bench is exhaustive over small widths.
LEAVES = {"requantize.sv": "requantize", "round_shift.sv": "requantize",
          "saturate.sv": "requantize", "box.sv": "prox", "soft_threshold.sv": "prox",
          "fold.sv": "prox",
          "slicer.sv": "slicer", "grid_position.sv": "slicer",
          "logic_product.sv": "product"}  # fmt: skip
QUICK_ENGINE = 512
"""Entries of the matrix of an engine whose bench is quick."""


@dataclass(frozen=True)
class Trial:
    """A fault in a detector's view, what noticed it, and its words (or the reason of no effect).

    kind: as `places.kinds` or `places.OPERATORS` names it; seconds: what the trial took.
    """

    kind: str
    detector: str
    mutation: Mutation
    noticed: str
    words: str
    seconds: float


class Notice(NamedTuple):
    """What noticed a fault, or `EQUAL`; its words; the cycles of each run of a library."""

    by: str
    words: str
    cycles: Cycles = ()


def attempt(kind: str, detector: str, mutation: Mutation) -> Trial:
    """Build the faulty view and compare it with the golden model."""
    started = time.perf_counter()
    if mutation.kind in ("header", "mem", "package"):
        _faultless(detector, mutation.kind)  # so that only the fault can be to blame
    look = {"vectors": _vectors, "rtl": _rtl}.get(mutation.kind, _view)
    noticed, words, _ = look(detector, mutation)
    if noticed == EQUAL:
        excuse = reason(spec_of(detector), mutation)
        noticed, words = (NO_EFFECT, excuse) if excuse else (UNNOTICED, words)
    return Trial(kind, detector, mutation, noticed, words, time.perf_counter() - started)


def _rtl(detector: str, mutation: Mutation) -> Notice:
    """The libraries with their cycles, where the fault makes other hardware; then its benches.

    What no library notices is argued or proven to change nothing if it can be.
    """
    proofs = []
    for name, packed in views(detector, mutation.file):
        text = text_of(name, mutation.file)
        proof = same_hardware(name, lanes(name), mutation, text, packed)
        if proof is None:
            notice = _view(name, mutation, packed)
            if notice.by != EQUAL:
                return notice
            late = another_pace(_faultless(name, "rtl", packed), notice.cycles)
            if late:
                view = f"{name}{', packed' if packed else ''}"
                return Notice(TIMING, f"{view}: the same integers, but {late}")
            proof = argued.reason(mutation, text) or same_module(
                name, lanes(name), mutation, text, packed
            )
        proofs.append(proof)
    known = [proof for proof in proofs if proof is not None]
    if len(known) == len(proofs):
        return Notice(NO_EFFECT, "; ".join(dict.fromkeys(known)))
    return _benches(detector, mutation)


def another_pace(expected: Cycles, found: Cycles) -> str:
    """Where the cycles of two series of runs part, in words; empty if they never do.

    Both libraries start from the same seeds and are deterministic, so that nothing is tolerated.
    """
    for run, (before, after) in enumerate(zip(expected, found, strict=True)):
        vectors = len(before) // 2
        for i, (one, other) in enumerate(zip(before, after, strict=True)):
            if one != other:
                what = "enters" if i < vectors else "has left"
                return f"vector {i % vectors} of run {run} {what} in cycle {other} instead of {one}"
    return ""


def _view(detector: str, mutation: Mutation, packed: bool = False) -> Notice:
    """The native or RTL library in a process of its own: what noticed, words, cycles."""
    text = mutation.apply(text_of(detector, mutation.file))
    return _ask(mutation.kind, detector, mutation.file, text, packed)


@functools.cache
def _faultless(detector: str, kind: str, packed: bool = False) -> Cycles:
    """The cycles of a view without any fault. Raises `ValueError` if it is not equal.

    An RTL library gets a `.mem` file as it is, so that it is the one in which others are replaced.
    """
    file = "" if kind == "header" else a_memory(detector)
    text = text_of(detector, file) if file else ""
    notice = _ask(kind, detector, file, text, packed)
    if notice.by != EQUAL:
        raise ValueError(f"without any fault the view of {detector} is not equal: {notice.words}")
    return notice.cycles


def _ask(kind: str, detector: str, file: str, text: str, packed: bool) -> Notice:
    request = {"name": _mine(), "kind": kind, "detector": detector, "lanes": str(lanes(detector)),
               "packed": "packed" if packed else "", "file": file, "text": text}  # fmt: skip
    command = [sys.executable, "-m", "verification.faults.mutant"]
    try:
        done = processes.call(command, given=json.dumps(request), limit_s=PATIENCE_S)
    except subprocess.TimeoutExpired:
        raise ValueError(f"verification.faults.mutant had less than {LIMIT_S} s of CPU time "
                         f"in {PATIENCE_S} s") from None  # fmt: skip
    if done.returncode < 0 or done.returncode > 128:
        for library in compiler.cache_folder().glob(f"{_mine()}-*.so"):
            cache.drop(library)
        if done.returncode == -signal.SIGXCPU:
            return Notice(HUNG, f"no answer in {LIMIT_S} s of CPU time")
        return Notice(CRASH, f"the view died with status {done.returncode}")
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["no message"]
        raise ValueError(f"verification.faults.mutant failed: {lines[-1]}")
    answer = json.loads(done.stdout)
    return Notice(answer["noticed"], answer["words"], answer["cycles"])


def _mine() -> str:
    """The name of what this process builds, beside another one that does the same."""
    return f"mutant-{os.getpid()}"


def _vectors(detector: str, mutation: Mutation) -> Notice:
    """The ap_int test bench on a golden vector file with a flipped expectation."""
    program = csim.build(find(detector))
    with scratch.folder("selftest") as folder:
        file = folder / mutation.file
        file.write_text(mutation.apply(text_of(detector, mutation.file)), encoding="ascii")
        verdict = bench.run(program, file)
    named = [d for d in verdict.differences if d.wire == mutation.name]
    if verdict.status == bench.EQUAL:
        return Notice(EQUAL, "csim calls it equal")
    if not named:
        return Notice(PROTOCOL, "csim names another integer")
    first = named[0]
    return Notice(INTEGERS, f"DIFFERS: vector {first.vector}, wire {first.wire}: "
                            f"{first.found}, the file has {first.expected}")  # fmt: skip


def _benches(detector: str, mutation: Mutation) -> Notice:
    """The cocotb benches of the module, one after another, where the libraries did not notice."""
    replaced = {mutation.file: mutation.apply(text_of(detector, mutation.file))}
    integers, names = 0, bench_names(detector, mutation.file)
    for configuration in map(suite.find, names):
        faulty = dataclasses.replace(configuration, build=_mine())
        verdict = judge(runner.run(faulty, SEED, replaced=replaced), configuration.tests)
        for folder in (compiler.cache_folder() / "cocotb").glob(f"{_mine()}-*"):
            shutil.rmtree(folder, ignore_errors=True)
        if verdict.outcome.fault:
            return Notice(HUNG, f"{configuration.name}: {verdict.outcome.fault}")
        if verdict.failures:
            named = "the golden model has" in verdict.failures[0]
            return Notice(INTEGERS if named else PROTOCOL, verdict.failures[0])
        cycles = _bench_cycles(configuration.name)
        if verdict.cycles != cycles:
            return Notice(TIMING, f"{configuration.name}: the same integers in {verdict.cycles} "
                                  f"cycles instead of {cycles}")  # fmt: skip
        integers += verdict.integers
    return Notice(EQUAL, f"the libraries and {', '.join(names)} agree on {integers} integers")


def bench_names(detector: str, file: str) -> list[str]:
    """All configurations of the regression whose hardware has the module, the quickest first."""
    own, text = [LEAVES[file]] if file in LEAVES else [], text_of(detector, file)
    others = [configuration for configuration in suite.configurations()
              if configuration.top in toolchain.modules()
              and runner.module_texts(configuration).get(file) == text]  # fmt: skip
    return [*own, *(configuration.name for configuration in sorted(others, key=_slow))]


def _slow(configuration: suite.Configuration) -> bool:
    """False of a small detector, of its units and fusion node alone, and of a small engine."""
    sizes = configuration.parameters
    engine = configuration.top == "engine"
    quick = engine and math.prod(int(str(sizes[n])) for n in ("Rows", "Columns")) <= QUICK_ENGINE
    return not (configuration.small or quick)


@functools.cache
def _bench_cycles(name: str) -> int:
    configuration = suite.find(name)
    return judge(runner.run(configuration, SEED), configuration.tests).cycles
