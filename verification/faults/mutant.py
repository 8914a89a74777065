# SPDX-License-Identifier: Apache-2.0
"""One faulty view against the golden model: a request on stdin of a process of its own.

`python -m verification.faults.mutant`, as a faulty view may crash, hang or write where it should
not. The answer, one line of JSON, names what noticed the fault: the integer comparison, the build,
a broken protocol, or nothing; and the cycles in which the RTL was done with each vector. Each run
of the RTL starts from registers and memories at random, drawn with the run's seed.
"""

from __future__ import annotations

import contextlib
import json
import resource
import shutil
import sys
from collections.abc import Iterator, Mapping

from fixedpoint.detector import Integers
from fixedpoint.detectors.library import DetectorSpec
from fixedpoint.receivers import family
from fixedpoint.receivers.family import named
from fixedpoint.stress import extreme
from fixedpoint.support import processes
from fixedpoint.vectors.compare import Comparison, compare
from hls.builds import cache, compiler
from hls.builds.native import Native
from hls.cases import find
from hls.project import cpp as emit_cpp
from hls.project import rtl as emit_rtl
from verification.rtl import runs
from verification.rtl.model import Rtl, SimulationError, Traffic
from verification.rtl.runs import RtlRun
from verification.traffic.stimuli import beyond, clamped, generator
from verification.traffic.theta import Rewrite, golden, own, writable

INTEGERS, BUILD, PROTOCOL, EQUAL = "integers", "elaboration", "protocol", "equal"
HUNG, CRASH = "time-out", "crash"
LIMIT_S = 300
"""Seconds of CPU time that a view may take: a busy machine is no fault of it."""
REPEAT = "python -m verification.selftest"
HEADER = f"firmware/{emit_cpp.HEADER}"
# Blocks, vectors in each, stalls, integers beyond their formats: every SNR entry many times over,
# behind a short run, which most faults do not survive.
TRIALS = (
    (6, 16, True, False),
    (720, 16, True, False),
    (150, 1, False, False),
    (60, 5, True, True),
    (1, 400, False, False),
)


def trials(spec: DetectorSpec) -> Iterator[tuple[int, bool, Integers, Integers]]:
    """Seed, stalls, what is sent, and what the golden model gets."""
    for seed, (blocks, vectors, stalls, wild) in enumerate(TRIALS):
        inputs = Integers(*extreme.vectors(spec, seed, blocks, vectors))
        sent = beyond(generator(seed, "mutant"), spec, inputs) if wild else inputs
        yield seed, stalls, sent, clamped(spec, sent)


def _rewritten(spec: DetectorSpec, faulty: Rtl) -> tuple[Comparison, list[int]]:
    """A run with another θ after half of the blocks, and its cycles."""
    inputs = Integers(*extreme.vectors(spec, len(TRIALS), 40, 5))
    theta = Rewrite(own(spec)[::-1], 20)
    done = faulty.run(inputs.h, inputs.y, inputs.index, Traffic(theta=theta))
    expected = golden(spec, inputs, theta)
    return compare("RTL", expected, done.wires, seed=len(TRIALS), repeat=REPEAT), _cycles(done)


def _cycles(run: RtlRun) -> list[int]:
    """When each vector began to enter, then when each had left, counted from the reset."""
    return [*run.loaded.ravel().tolist(), *run.finished.ravel().tolist()]


def rtl(
    spec: DetectorSpec, lanes: int, packed: bool, replaced: Mapping[str, str]
) -> tuple[Comparison, list[list[int]]]:
    """The Verilated library with some of its files replaced, and the cycles of each run."""
    faulty = Rtl.build(spec, lanes=lanes, packed=packed, replaced=replaced)
    result = Comparison("RTL", {}, {}, None)
    cycles: list[list[int]] = []
    try:
        for seed, stalls, sent, inputs in trials(spec):
            expected = runs.golden(spec, inputs).wires
            done = faulty.run(sent.h, sent.y, sent.index, Traffic(seed, stalls))
            result += compare("RTL", expected, done.wires, seed=seed, repeat=REPEAT)
            cycles.append(_cycles(done))
            if result.first is not None:
                return result, cycles
        if writable(spec):
            of_theta, taken = _rewritten(spec, faulty)
            result, cycles = result + of_theta, [*cycles, taken]
    finally:
        # What is faultless after all, another process may be reading from the same folder.
        own = emit_rtl.rtl_files(spec)
        if any(own.get(name) != text for name, text in replaced.items()):
            memories = all(name.endswith(".mem") for name in replaced)
            shutil.rmtree(faulty.folder if memories else faulty.path.parent, ignore_errors=True)
    return result, cycles


def native(spec: DetectorSpec, header: str | None, name: str) -> Comparison:
    """The native library with another parameter header; its wires and its fast path.

    name: that of the library while it lives.
    """
    files = emit_cpp.library_files(spec)
    files[HEADER] = header or files[HEADER]
    flags = ("-O1", "-fPIC", "-shared", "-fvisibility=hidden")
    made = compiler.Build(files, ("library.cpp",), ("firmware",), flags)
    path = compiler.compile_cached(made, f"{name}.so")
    result = Comparison("native", {}, {}, None)
    try:
        faulty = Native.load(spec, path)
        for seed, _, sent, inputs in trials(spec):
            wires = family.run(spec, inputs.h, inputs.y, inputs.index)
            output = faulty.run(sent.h, sent.y, sent.index).named()
            expected = named(spec, wires) | {f"run.{w}": getattr(wires[-1], w) for w in output}
            found = named(spec, faulty.wires(sent.h, sent.y, sent.index))
            found |= {f"run.{w}": array for w, array in output.items()}
            result += compare("native", expected, found, seed=seed, repeat=REPEAT)
            if result.first is not None:
                break
    finally:
        cache.drop(path)
    return result


def judge(request: Mapping[str, str]) -> tuple[str, str, list[list[int]]]:
    """What noticed the fault, the words of whoever did, and the cycles of each of the RTL's runs.

    A request without a file is for the faultless view.
    """
    spec = find(request["detector"]).spec
    cycles: list[list[int]] = []
    replaced = {request["file"]: request["text"]} if request["file"] else {}
    try:
        if request["kind"] == "header":
            result = native(spec, request["text"], request["name"])
        else:
            packed = request["packed"] == "packed"
            result, cycles = rtl(spec, int(request["lanes"]), packed, replaced)
    except SimulationError as error:
        return (HUNG if "hung" in str(error) else PROTOCOL), str(error), []
    except ValueError as error:
        return BUILD, str(error), []
    return (EQUAL if result.equal else INTEGERS), str(result), cycles


def main() -> int:
    """Read the request, write the answer; what a view prints goes to standard error."""
    resource.setrlimit(resource.RLIMIT_CPU, (LIMIT_S, LIMIT_S + 1))
    request = json.load(sys.stdin)
    with processes.orderly(), contextlib.redirect_stdout(sys.stderr):
        noticed, words, cycles = judge(request)
    print(json.dumps({"noticed": noticed, "words": words, "cycles": cycles}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
