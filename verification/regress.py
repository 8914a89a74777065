# SPDX-License-Identifier: Apache-2.0
"""The cocotb regression on the pinned Verilator.

    python -m verification.regress [--bench NAME] [--seed N] [--jobs 2] [--junit FILE] [--list]
    python -m verification.regress --bench NAME --test NAME --seed N --waves
    python -m verification.regress --bench NAME --test NAME --count 250 --json
    python -m verification.regress --spec NAME|FILE [--detector FILE.py]

Writes JUnit XML (build/reports/regress.xml, and one file for each configuration), prints a table.
`--spec` takes the configurations of one spec in place of all: its whole detector at the fewest
lanes, two vectors at a time where they fit, and a unit alone. `--count` repeats what a test draws
at random so often: resets, damaged frames.
Exit status 1 unless exactly the expected tests ran, compared integers and passed; 2 if Verilator,
g++, make or perl is missing.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from fixedpoint import cli
from fixedpoint.support import jobs
from fixedpoint.support.table import table
from hls.builds import toolchain
from hls.builds.compiler import cache_folder
from verification.regression import junit, suite
from verification.regression.runner import run
from verification.regression.suite import Configuration
from verification.regression.verdict import Verdict, judge

MOST = 1_000_000
HEADER = ("configuration", "bench", "tests", "integers", "cycles", "build s", "run s", "verdict")


def main(argv: list[str] | None = None) -> int:
    """The command line; exit status 1 if a test failed, 2 on a user's mistake."""
    parser = cli.Parser(
        prog="python -m verification.regress",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--bench", help="one bench or one configuration (default: all)")
    parser.add_argument("--spec", help="a shipped spec, a stress spec, or a file")
    parser.add_argument("--test", help="one test of a configuration")
    parser.add_argument("--seed", type=int, default=0, help="of every random stimulus (default 0)")
    parser.add_argument("--count", type=int, help="repetitions (default: each test's own)")
    parser.add_argument("--waves", action="store_true", help="write build/reports/NAME.vcd")
    parser.add_argument("--junit", type=Path, help="default: build/reports/regress.xml")
    parser.add_argument("--json", action="store_true", help="end with a line of JSON, no table")
    jobs.add_option(parser)
    parser.add_argument("--list", action="store_true", help="name every configuration and test")
    arguments = parser.parse_args(argv)
    return cli.run(lambda: _main(arguments))


def _main(arguments: argparse.Namespace) -> int:
    if arguments.spec:
        own = Path(arguments.spec)
        os.environ[suite.SPEC] = str(own.absolute()) if own.is_file() else arguments.spec
        chosen = suite.of_spec(os.environ[suite.SPEC])
        if arguments.bench:
            chosen = [c for c in chosen if arguments.bench in (c.name, c.bench)] or suite.select(
                arguments.bench)  # fmt: skip
    else:
        chosen = suite.select(arguments.bench) if arguments.bench else suite.configurations()
    if arguments.list:
        print("\n".join(f"{c.name}: {test}" for c in chosen for test in c.tests))
        return 0
    if arguments.seed < 0:
        raise ValueError(f"seed {arguments.seed}: 0 or more was expected")
    if arguments.count is not None and arguments.count < 1:
        raise ValueError(f"count {arguments.count}: 1 or more was expected")
    cli.check_count(arguments.count or 1, MOST, "repetitions")
    known = {test for c in chosen for test in c.tests}
    if arguments.test is not None and arguments.test not in known:
        where = arguments.bench or "any bench"
        raise ValueError(f"test {arguments.test!r} is not in {where} (--list names them)")
    toolchain.environment()
    reports = cache_folder() / "reports"
    having = [c for c in chosen if arguments.test in (None, *c.tests)]
    at_once = min(jobs.checked(arguments.jobs), len(having))
    work = partial(_run, seed=arguments.seed, test=arguments.test, waves=arguments.waves,
                   count=arguments.count)  # fmt: skip
    verdicts = []
    for verdict in jobs.in_order(work, having, at_once):
        _tell(verdict)
        verdicts.append(verdict)
        name = verdict.outcome.configuration.name
        junit.write(reports / f"{name}.xml", [verdict], arguments.seed)
    junit.write(arguments.junit or reports / "regress.xml", verdicts, arguments.seed)
    told = as_json if arguments.json else render
    print("\n" + told(verdicts, arguments.seed))
    return cli.MISMATCH if any(verdict.failures for verdict in verdicts) else 0


def _run(
    configuration: Configuration, seed: int, test: str | None, waves: bool, count: int | None
) -> Verdict:
    """Run a configuration, or the one test that is asked for."""
    expected = [name for name in configuration.tests if test in (None, name)]
    return judge(run(configuration, seed, test=test, waves=waves, count=count), expected)


def _tell(verdict: Verdict) -> None:
    """One configuration's lines."""
    outcome = verdict.outcome
    passed = sum(1 for case in verdict.cases if not case.failure)
    name = outcome.configuration.name
    print(f"{name}: {passed} of {len(verdict.cases)} tests passed", flush=True)
    for line in verdict.failures:
        print(f"  FAILED {line}", flush=True)
    if verdict.failures:
        print(f"  log: {outcome.log}", flush=True)
    if outcome.waveform is not None:
        print(f"  waveform: {outcome.waveform}", flush=True)


def render(verdicts: Sequence[Verdict], seed: int) -> str:
    """The table, every failure again, and the closing line."""
    rows: list[tuple[object, ...]] = [
        (v.outcome.configuration.name, v.outcome.configuration.bench, len(v.cases), v.integers,
         v.cycles, f"{v.outcome.build_seconds:.1f}", f"{v.outcome.seconds:.1f}",
         "FAILED" if v.failures else "passed")
        for v in verdicts
    ]  # fmt: skip
    cases = [case for verdict in verdicts for case in verdict.cases]
    failed = sum(1 for case in cases if case.failure)
    rows.append(("total", "", len(cases), sum(v.integers for v in verdicts),
                 sum(v.cycles for v in verdicts),
                 f"{sum(v.outcome.build_seconds for v in verdicts):.1f}",
                 f"{sum(v.outcome.seconds for v in verdicts):.1f}",
                 "FAILED" if failed else "passed"))  # fmt: skip
    failures = [f"FAILED {line}" for verdict in verdicts for line in verdict.failures]
    closing = f"{len(cases) - failed} passed, {failed} failed"
    return "\n".join([table(HEADER, rows), f"seed {seed}", *failures, closing])


def as_json(verdicts: Sequence[Verdict], seed: int) -> str:
    """One line: each test with what it compared, and how often it did what it draws at random."""
    tests = [
        {"configuration": v.outcome.configuration.name, "test": c.name, "failure": c.failure,
         "integers": c.integers, "cycles": c.cycles, "moments": dict(c.moments),
         "behind": c.behind}
        for v in verdicts for c in v.cases
    ]  # fmt: skip
    return json.dumps({"seed": seed, "tests": tests})


if __name__ == "__main__":
    raise SystemExit(main())
