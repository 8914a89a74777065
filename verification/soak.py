# SPDX-License-Identifier: Apache-2.0
"""The long comparisons, one after the other, each with a seed of its own.

    python -m verification.soak [--seed 0] [--short] [--only NAME]

Twin, native library, ap_int csim, RTL library, self-test, and in cocotb the resets and damaged
frames of every top, as their own commands run them.
`--short` takes a fiftieth of the vectors, to see that everything runs. Exit status 1 if anything
differs, or if a comparison was shorter than its figure.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from fixedpoint import cli
from fixedpoint.support.table import table
from verification.soak_steps import Counted, Step, steps

SHORT = 50
SPACING = 100_000  # between the seeds of two steps: each draws its chunks with seeds in a row
HEADER = ("step", "seed", "vectors", "integers", "differ", "events hit", "SNRs", "s", "verdict")


@dataclass(frozen=True)
class Done:
    """A step that has run; `fault` is empty if it reached its size without a difference."""

    step: Step
    seed: int
    counted: Counted
    seconds: float
    fault: str


def run(step: Step, seed: int, size: int) -> Done:
    """Run a step's command as a process of its own; its progress goes to standard error."""
    command = [sys.executable, "-m", step.module, *step.options, step.option, str(size),
               "--seed", str(seed), "--json"]  # fmt: skip
    print(f"{step.name}: {' '.join(command[1:])}", flush=True)
    started = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    seconds = time.perf_counter() - started
    try:
        counted = step.read(json.loads(done.stdout.strip().splitlines()[-1]))
    except (IndexError, KeyError, ValueError):
        return Done(step, seed, Counted(0, 0, 0, {}), seconds, f"exit status {done.returncode}")
    return Done(step, seed, counted, seconds, _fault(counted, size, done.returncode))


def _fault(counted: Counted, size: int, status: int) -> str:
    if counted.failure:
        return counted.failure
    if counted.differing:
        return "DIFFERS"
    if counted.reached < size:
        return f"only {counted.reached} of {size}"
    if counted.integers == 0:
        return "compared nothing"
    return f"exit status {status}" if status else ""


def main(argv: list[str] | None = None) -> int:
    """The command line; exit status 1 if a step failed, 2 on a user's mistake."""
    parser = cli.Parser(prog="python -m verification.soak", description=__doc__,
                        formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--short", action="store_true", help="a fiftieth of everything")
    parser.add_argument("--only", help="the steps whose names begin like this")
    arguments = parser.parse_args(argv)
    return cli.run(lambda: _main(arguments))


def _main(arguments: argparse.Namespace) -> int:
    if arguments.seed < 0:
        raise ValueError(f"seed {arguments.seed}: 0 or more was expected")
    every = list(enumerate(steps()))
    chosen = [(i, step) for i, step in every if step.name.startswith(arguments.only or "")]
    if not chosen:
        names = "; ".join(step.name for _, step in every)
        raise ValueError(f"no step begins with {arguments.only!r}, expected one of: {names}")
    done = []
    for i, step in chosen:
        seed = arguments.seed + SPACING * i
        size = max(step.size // SHORT, step.least) if arguments.short else step.size
        done.append(run(step, seed, size))
        print(f"  {_line(done[-1])}", flush=True)
    print("\n" + render(done))
    return cli.MISMATCH if any(d.fault for d in done) else 0


def render(done: Sequence[Done]) -> str:
    """A row for each step, and the sums."""
    rows: list[tuple[object, ...]] = []
    for d in done:
        snrs = sum(1 for name, n in d.counted.events.items() if name.startswith("snr") and n)
        rows.append((d.step.name, d.seed, d.counted.vectors, d.counted.integers,
                     d.counted.differing, _events(d.counted), snrs or "", f"{d.seconds:.0f}",
                     _verdict(d)))  # fmt: skip
    rows.append(("total", "", sum(d.counted.vectors for d in done),
                 sum(d.counted.integers for d in done), sum(d.counted.differing for d in done),
                 "", "", f"{sum(d.seconds for d in done):.0f}",
                 "FAILED" if any(d.fault for d in done) else "equal"))  # fmt: skip
    return table(HEADER, rows)


def _line(done: Done) -> str:
    """What is told of a step as soon as it has run."""
    counted = done.counted
    found = (f"{counted.vectors} vectors", f"{counted.integers} integers", _events(counted))
    return ", ".join(filter(None, (_verdict(done), *found, f"{done.seconds:.0f} s")))


def _events(counted: Counted) -> str:
    """How many events were hit of those that could be, or how many moments of each stream."""
    if counted.moments:
        return ", ".join(f"{n} {stream}" for stream, n in counted.moments.items())
    kinds = [name for name in counted.events if not name.startswith("snr")]
    hit = sum(1 for name in kinds if counted.events[name])
    return f"{hit} of {len(kinds)}" if kinds else ""


def _verdict(done: Done) -> str:
    return f"FAILED: {done.fault}" if done.fault else "equal"


if __name__ == "__main__":
    raise SystemExit(main())
