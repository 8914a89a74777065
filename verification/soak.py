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
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fixedpoint import cli
from fixedpoint import spec as specs
from fixedpoint.table import table
from hls.cases import odd_specs
from hls.lanes import all_fitting
from verification import suite
from verification.suite_tests import AT_RANDOM

SHORT = 50
SPACING = 100_000  # between the seeds of two steps: each draws its chunks with seeds in a row
HEADER = ("step", "seed", "vectors", "integers", "differ", "events hit", "SNRs", "s", "verdict")


@dataclass(frozen=True)
class Counted:
    """What a step's JSON said; moments: how often each stream was damaged, or the top reset.

    failure: what a test says of itself, if it failed.
    """

    vectors: int
    integers: int
    differing: int
    events: Mapping[str, int]
    moments: Mapping[str, int] = field(default_factory=dict)
    failure: str = ""

    @property
    def reached(self) -> int:
        """The size that was reached: vectors, or moments of each stream."""
        return min(self.moments.values()) if self.moments else self.vectors


@dataclass(frozen=True)
class Step:
    """One command: its module and options, the size to reach, and how to read what it prints."""

    name: str
    module: str
    options: tuple[str, ...]
    size: int
    read: Callable[[Any], Counted]
    option: str = "--vectors"


@dataclass(frozen=True)
class Done:
    """A step that has run; `fault` is empty if it reached its size without a difference."""

    step: Step
    seed: int
    counted: Counted
    seconds: float
    fault: str


def steps() -> list[Step]:
    """All of them: the figures of the README, then other sizes, lanes and stress specs."""
    shipped = (*PGD, *DISTRIBUTED)
    native = (*_each(shipped, 1_000_000), *_each((*PGD_STRESS, *DISTRIBUTED_STRESS), 100_000))
    csim = (*_each(PGD, 20_000), *_each(DISTRIBUTED, 10_000),
            *_each((*PGD_STRESS, *DISTRIBUTED_STRESS), 5_000))  # fmt: skip
    return [
        *(Step(f"twin, {s}", "model.twin", ("--spec", s), 100_000, _twin) for s in shipped),
        *(Step(f"native, {s}", "hls.native", ("--layer", "slicer", "--spec", s), n, _view)
          for s, n in native),
        *(Step(f"csim, {s}", "hls.csim", ("--detector", s), n, lambda runs: _view(runs[0]))
          for s, n in csim),
        _rtl("pgd", 32, 100_000),
        _rtl("pgd-box", 32, 100_000),
        _rtl("pgd", 32, 20_000, "--stalls"),
        _rtl("pgd", 64, 20_000),
        _rtl("pgd", 128, 20_000),
        _rtl("stress-soft-32x32", 32, 20_000),
        _rtl("stress-box-32x32", 64, 20_000, "--stalls"),
        _rtl("stress-soft-32x32", 128, 20_000, "--stalls"),
        _rtl("stress-soft-32x16", 32, 20_000, "--block", "1"),
        _rtl("stress-box-16x8-64qam", 16, 20_000, "--stalls"),
        _rtl("stress-soft-8x4-qpsk", 16, 20_000, "--stalls"),
        *(_rtl(s, 32, 50_000) for s in DISTRIBUTED),
        *(_rtl(s, lanes, 10_000, "--stalls") for s in DISTRIBUTED for lanes in (32, 64)),
        *(_rtl(s, 8, 20_000, "--stalls") for s in DISTRIBUTED_STRESS),
        Step("self-test", "verification.selftest", (), 50, _faults, "--count"),
        *(Step(f"twin, {s}", "model.twin", ("--spec", s), 20_000, _twin) for s in HYPER),
        *(Step(f"native, {s}", "hls.native", ("--layer", "slicer", "--spec", s), 100_000, _view)
          for s in HYPER),
        *(Step(f"csim, {s}", "hls.csim", ("--detector", s), 2_000, lambda runs: _view(runs[0]))
          for s in HYPER),
        *_later_steps(),
    ]  # fmt: skip


def _later_steps() -> list[Step]:
    """ADMM-Net, and two vectors at a time: behind all others, whose seeds stay as they were."""
    native = (*_each(ADMM, 1_000_000), *_each(ADMM_STRESS, 100_000))
    csim = (*_each(ADMM, 10_000), *_each(ADMM_STRESS, 5_000))
    return [
        *(Step(f"twin, {s}", "model.twin", ("--spec", s), 100_000, _twin) for s in ADMM),
        *(Step(f"native, {s}", "hls.native", ("--layer", "slicer", "--spec", s), n, _view)
          for s, n in native),
        *(Step(f"csim, {s}", "hls.csim", ("--detector", s), n, lambda runs: _view(runs[0]))
          for s, n in csim),
        *(_rtl(s, 32, 50_000) for s in ADMM),
        *(_rtl(s, lanes, 10_000, "--stalls") for s in ADMM for lanes in (32, 64, 128)),
        _rtl("stress-admm-soft-32x32", 32, 20_000),
        _rtl("stress-admm-box-32x32", 64, 20_000, "--stalls"),
        _rtl("stress-admm-box-32x32", 128, 20_000, "--block", "1"),
        _rtl("stress-admm-soft-64x16", 32, 20_000, "--stalls"),
        _rtl("stress-admm-box-64x16", 64, 20_000, "--stalls"),
        _rtl("stress-admm-soft-8x4", 16, 20_000, "--stalls"),
        _rtl("pgd", 64, 50_000, "--packed"),
        _rtl("pgd-box", 128, 20_000, "--packed", "--stalls"),
        _rtl("stress-box-32x32", 64, 20_000, "--packed", "--stalls"),
        _rtl("stress-soft-32x16", 32, 20_000, "--packed", "--block", "3"),
        _rtl("stress-soft-8x4-qpsk", 16, 20_000, "--packed", "--stalls"),
        *(step for name in KAQ for step in _every_view(name)),
        *(_rtl(spec.name, lanes, 10_000, "--stalls")
          for spec in odd_specs() for lanes in all_fitting(spec)[:2]),
        Step("RTL faults", "verification.selftest", (), 60, _rtl_faults, "--rtl"),
        *(Step(f"{name}, {c.name}", "verification.regress",
               ("--bench", c.name, "--test", test, "--jobs", "1"), 250, _at_random, "--count")
          for test, name in AT_RANDOM.items() for c in suite.configurations() if test in c.tests),
    ]  # fmt: skip


def _every_view(name: str) -> list[Step]:
    """A shipped spec of one receiver through all views."""
    return [
        Step(f"twin, {name}", "model.twin", ("--spec", name), 100_000, _twin),
        Step(f"native, {name}", "hls.native", ("--layer", "slicer", "--spec", name), 1_000_000,
             _view),
        Step(f"csim, {name}", "hls.csim", ("--detector", name), 10_000,
             lambda runs: _view(runs[0])),
        _rtl(name, 32, 50_000),
        *(_rtl(name, lanes, 10_000, "--stalls") for lanes in (32, 64, 128)),
    ]  # fmt: skip


PGD = ("pgd", "pgd-box")
DISTRIBUTED = ("hpd-4qam-1bit", "hpd-16qam-2bit", "fpd-4qam-1bit", "fpd-16qam-2bit")
HYPER = ("fpd-4qam-1bit-hyper", "fpd-16qam-2bit-hyper")
ADMM = ("admm", "admm-box")
KAQ = ("admm-kaq",)
ADMM_STRESS = ("stress-admm-soft-32x32", "stress-admm-box-32x32", "stress-admm-soft-64x16")
PGD_STRESS = ("stress-soft-32x32", "stress-box-32x32", "stress-soft-32x16")
DISTRIBUTED_STRESS = tuple(
    f"stress-{detector}-{size}"
    for detector in ("hpd", "fpd")
    for size in ("32x8x4-16qam-2bit", "24x4x3-16qam-3bit", "16x4x2-qpsk-1bit", "16x4x1-64qam-4bit")
)


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
        smallest = 5 if step.option == "--count" else 1000
        size = max(step.size // SHORT, smallest) if arguments.short else step.size
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


def _rtl(detector: str, lanes: int, size: int, *options: str) -> Step:
    name = f"RTL, {detector}, {lanes} lanes{''.join(f' {o}' for o in options)}"
    return Step(name, "verification.library",
                ("--spec", detector, "--lanes", str(lanes), *options), size, _view)  # fmt: skip


def _each(names: Sequence[str], size: int) -> list[tuple[str, int]]:
    return [(name, size) for name in names]


def _view(summary: Any) -> Counted:
    """hls.native, hls.csim and verification.library."""
    return Counted(summary["vectors"], sum(summary["compared"].values()),
                   sum(summary["differing"].values()), summary["events"])  # fmt: skip


def _twin(summary: Any) -> Counted:
    """model.twin, which counts integers: as many of y as there are rows in each vector."""
    wires = summary["wires"]
    vectors = wires["y"]["compared"] // specs.load(summary["spec"]).rows
    return Counted(vectors, sum(w["compared"] for w in wires.values()),
                   sum(w["differing"] for w in wires.values()), {})  # fmt: skip


def _faults(summary: Any) -> Counted:
    """verification.selftest: faults instead of vectors; an unnoticed one differs."""
    caught = int(summary.get("integers", 0))
    return Counted(caught, caught, int(summary.get("unnoticed", 0)), {})


def _rtl_faults(summary: Any) -> Counted:
    """verification.selftest --rtl: the faults that build, of each set of operators."""
    tried = Counter(one["kind"] for one in summary["trials"] if one["noticed"] != "elaboration")
    return Counted(min(tried.values()), tried.total(), int(summary.get("unnoticed", 0)), {})


def _at_random(summary: Any) -> Counted:
    """verification.regress of one test: the vectors are those behind its moments."""
    (one,) = summary["tests"]
    failure = one["failure"].partition("\n")[0]
    return Counted(one["behind"], one["integers"], int(bool(failure)), {}, one["moments"], failure)


if __name__ == "__main__":
    raise SystemExit(main())
