# SPDX-License-Identifier: Apache-2.0
"""SystemVerilog to circuits by Yosys: the slang front end, then gates and registers alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from fixedpoint.support import scratch
from hls.builds import toolchain, tools
from verification.formal import aiger

HARNESSES = {path.stem: path for path in (Path(__file__).parent / "sv").rglob("*.sv")}
"""By their modules' names."""
# Registers without an initial value may begin with any, memories too.
# What is undefined (an index out of range) may be anything, so that no proof rests on a choice.
GATES = (
    "proc; flatten; opt_expr -keepdc; opt_clean; wreduce -keepdc; memory_dff; memory_collect; "
    "setundef -anyseq; async2sync; memory_map; setundef -anyseq; opt -full; "
    "techmap; setundef -anyseq; opt -fast; dffunmap; simplemap; setundef -anyseq; aigmap; "
    "opt_clean; write_aiger -no-startoffset -map top.map top.aig"
)


def run(files: Mapping[str, str], script: str, results: Sequence[str]) -> list[bytes]:
    """Run a script over some files in a folder of its own: the contents of the `results`.

    Raises `ValueError` with Yosys' last words if it fails, or if it is missing.
    """
    program = str(toolchain.wheel_program(toolchain.YOSYS))
    with scratch.folder("formal") as folder:
        toolchain.write_files(folder, files)
        done = tools.run([program, "-q", "-p", script], folder)
        if done.returncode != 0:
            words = (done.stdout + done.stderr).strip().splitlines() or ["no words"]
            raise ValueError(f"{program}, exit status {done.returncode}: {' '.join(words[-3:])}")
        return [(folder / name).read_bytes() for name in results]


def warm() -> None:
    """Start Yosys once: the first start on a machine compiles it, 112 s of CPU, and keeps that."""
    run({}, "", [])


def circuit(files: Mapping[str, str], top: str, parameters: Mapping[str, int]) -> aiger.Circuit:
    """The circuit of a module whose outputs are claims (`aiger.Circuit`)."""
    values = " ".join(f"-G {name}={value}" for name, value in parameters.items())
    names = " ".join(name for name in files if name.endswith(".sv"))
    script = f"read_slang --threads 1 --top {top} {values} {names}; {GATES}"
    gates, bits = run(files, script, ["top.aig", "top.map"])
    return aiger.read(gates, bits.decode("ascii"))
