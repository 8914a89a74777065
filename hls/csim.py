# SPDX-License-Identifier: Apache-2.0
"""HLS C++ simulation with ap_int: every wire of every layer against the golden model, exactly.

    make -C hls csim [DETECTOR=NAME] [VECTORS=1000] [SEED=0]
    python -m hls.csim [--spec NAME|FILE] [--vectors 1000] [--seed 0] [--jobs 2]
    python -m hls.csim --spec NAME|FILE --file FILE.vec

Without --spec: every shipped spec on channel draws, every stress spec on extreme vectors.
Exit status 0: all equal; 1: an integer differs, or a stress run of 1000 vectors or more missed a
branch; 2: a file or an option that cannot be used.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from fixedpoint import cli
from fixedpoint.program import coverage
from fixedpoint.receivers import family
from fixedpoint.support import jobs, scratch
from fixedpoint.support.table import table
from fixedpoint.vectors import files as vectors
from fixedpoint.vectors import layers as golden
from fixedpoint.vectors.compare import Comparison
from hls.builds import bench
from hls.cases import Case, all_cases, find
from hls.project import cpp as emit_cpp

CHUNK = 1000


@dataclass(frozen=True)
class Run:
    """One detector's comparison and what its vectors exercised.

    unhit: reachable events that did not happen; missed: those of them that had to.
    """

    name: str
    digest: str
    vectors: int
    comparison: Comparison
    events: coverage.Events
    unhit: list[str]
    missed: list[str]
    seconds: float

    @property
    def passed(self) -> bool:
        """True if everything compared is equal and no branch that had to be hit was missed."""
        return self.comparison.equal and not self.missed


def run_case(case: Case, count: int, seed: int) -> Run:
    """Emit the spec, draw `count` vectors, run the golden model and the test bench on them."""
    started, spec = time.perf_counter(), case.spec
    comparison, events = Comparison(bench.VIEW, {}, {}, None), coverage.Events()
    program = build(case)
    for drawn_with, inputs in case.chunks(count, seed, CHUNK):
        wires = family.run(spec, inputs.h, inputs.y, inputs.index)
        counted = family.count(spec, inputs.h, inputs.y, inputs.index, wires)
        events = coverage.add(events, counted)
        made = golden.collect(spec, golden.last_layer(spec), drawn_with, inputs, wires)
        comparison += _compare(case, program, made)
    unhit, missed = family.missed(spec, events), case.missed(events, count)
    seconds = time.perf_counter() - started
    return Run(case.name, spec.digest, count, comparison, events, unhit, missed, seconds)


def _compare(case: Case, program: Path, golden: vectors.GoldenVectors) -> Comparison:
    """The test bench on these vectors, by way of a file."""
    count = golden.blocks * golden.vectors
    with scratch.folder("csim") as folder:
        file = folder / "golden.vec"
        vectors.write(file, golden)
        verdict = bench.run(program, file, case.spec)
    for wire, size in bench.expected_counts(case.spec, count).items():
        if verdict.compared.get(wire) != size:
            compared = verdict.compared.get(wire, 0)
            raise ValueError(f"csim compared {compared} of {size} integers of {wire}")
    repeat = f"make -C hls csim DETECTOR={case.name} VECTORS={count} SEED={golden.seed}"
    return verdict.comparison(case.spec, golden.seed, repeat)


def build(case: Case) -> Path:
    """The test bench on the C++ files that `emit` writes for this spec."""
    files = emit_cpp.firmware_files(case.spec) | emit_cpp.bench_files(case.spec)
    return bench.build(case.spec, files)


def run_file(case: Case, file: Path) -> Comparison:
    """Run the test bench on a golden vector file of that spec, as it is."""
    verdict = bench.run(build(case), file, case.spec)
    repeat = f"python -m hls.csim --spec {case.name} --file {file}"
    return verdict.comparison(case.spec, _seed_of(file), repeat)


def render(runs: list[Run]) -> str:
    """A row for each detector; events as hit / reachable by any input."""
    header = ("detector", "spec", "vectors", "integers", "differ", "events", "sat. low",
              "sat. high", "ties", "table ends", "codes", "SNRs", "seconds", "verdict")  # fmt: skip
    rows = [
        (r.name, r.digest[:8], r.vectors, r.comparison.total, sum(r.comparison.differing.values()),
         f"{_hit(r, '')} / {_hit(r, '') + len(r.unhit)}", _count(r, "saturated low"),
         _count(r, "saturated high"), _count(r, " tie"), _count(r, " end"),
         _hit(r, "adc code"), _hit(r, "snr index"), f"{r.seconds:.1f}",
         "equal" if r.passed else "FAILED")
        for r in runs
    ]  # fmt: skip
    lines = [table(header, rows)]
    for run in runs:
        if not run.comparison.equal:
            lines.append(f"{run.name}: {run.comparison}")
        if run.missed:
            lines.append(f"{run.name}: FAILED, never hit: {', '.join(run.missed)}")
    return "\n".join(lines)


def wire_table(run: Run) -> str:
    """Counts of every wire of one detector."""
    kinds = ("saturated low", "saturated high", "tie")
    rows = [
        (wire, count, run.comparison.differing[wire],
         *(run.events.get(f"{wire} {kind}", "") for kind in kinds))
        for wire, count in run.comparison.compared.items()
    ]  # fmt: skip
    return table(("wire", "compared", "differ", "sat. low", "sat. high", "ties"), rows)


def summary(run: Run) -> dict[str, object]:
    """One detector's run as JSON."""
    return {
        "detector": run.name,
        "digest": run.digest,
        "vectors": run.vectors,
        "compared": dict(run.comparison.compared),
        "differing": dict(run.comparison.differing),
        "events": run.events,
        "missed": run.missed,
        "passed": run.passed,
    }


def main(argv: list[str] | None = None) -> int:
    """The command line; the exit status is the verdict."""
    parser = cli.Parser(prog="python -m hls.csim", description=__doc__,
                        formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--spec", help="a shipped spec, a stress spec, or a spec file")
    parser.add_argument("--vectors", type=int, help="how many for each detector (default 1000)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--file", type=Path, help="a golden vector file instead of drawn vectors")
    jobs.add_option(parser)
    parser.add_argument("--json", action="store_true", help="print JSON instead of the tables")
    arguments = parser.parse_args(argv)
    return cli.run(lambda: _main(arguments))


def _main(arguments: argparse.Namespace) -> int:
    if arguments.file is not None:
        if arguments.spec is None or arguments.vectors is not None:
            raise ValueError("--file needs --spec, and brings its own vectors: no --vectors")
        comparison = run_file(find(arguments.spec), arguments.file)
        print(f"{arguments.spec}: {comparison}")
        return 0 if comparison.equal else cli.MISMATCH
    count = 1000 if arguments.vectors is None else arguments.vectors
    cli.check_count(count)
    cli.check_seed(arguments.seed)
    cases = all_cases() if arguments.spec is None else [find(arguments.spec)]
    at_once = min(jobs.checked(arguments.jobs), len(cases))
    bench.headers()  # these two once, before the cases side by side ask for them
    bench.reader()
    work = partial(_run_named, count=count, seed=arguments.seed)
    runs = []
    for run in jobs.in_order(work, [case.name for case in cases], at_once):
        runs.append(run)
        if not arguments.json:
            print(f"{run.name}: {run.comparison}", flush=True)
    if arguments.json:
        print(json.dumps([summary(run) for run in runs]))
    else:
        print("\n" + (wire_table(runs[0]) + "\n\n" if len(runs) == 1 else "") + render(runs))
    return 0 if all(run.passed for run in runs) else cli.MISMATCH


def _run_named(name: str, count: int, seed: int) -> Run:
    """`run_case` of a name: a case itself does not go from one process to another."""
    return run_case(find(name), count, seed)


def _count(run: Run, kind: str) -> int:
    """How often events of a kind happened."""
    return sum(n for event, n in run.events.items() if kind in event)


def _hit(run: Run, kind: str) -> int:
    """How many different events of a kind happened."""
    return sum(1 for event, n in run.events.items() if event.startswith(kind) and n)


def _seed_of(file: Path) -> int:
    """The seed that a vector file, already read by the bench, names on its fourth line."""
    with file.open(encoding="ascii") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("seed "))


if __name__ == "__main__":
    raise SystemExit(main())
