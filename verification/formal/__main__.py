# SPDX-License-Identifier: Apache-2.0
"""Proofs about the modules of hls/rtl: `python -m verification.formal`.

Each check proves its claims for the module as it is, and must refute each of its planted faults.
Yosys (slang front end) makes the circuits, CaDiCaL decides. A register may begin with any value; a
reset of a single cycle is all that comes before. Exit status 1 if a claim is broken or a fault was
not refuted, 2 on a user's mistake or without a tool.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import TypeVar

from fixedpoint import cli
from fixedpoint.table import table
from verification.formal import arithmetic, shapes, streams, yosys
from verification.formal.check import Check
from verification.formal.prove import Result, prove

T = TypeVar("T")


def main(argv: list[str] | None = None) -> int:
    """The command line."""
    parser = cli.Parser(
        prog="python -m verification.formal",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--check", action="append", help="one check (may be given several times)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--depth", type=int, default=0, help="at least so many cycles")
    parser.add_argument("--list", action="store_true", help="print the checks and prove nothing")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    return cli.run(lambda: _main(parser.parse_args(argv)))


def _main(arguments: argparse.Namespace) -> int:
    for name, value, least in (("jobs", arguments.jobs, 1), ("depth", arguments.depth, 0)):
        if value < least:
            raise ValueError(f"{name} {value}: {least} or more was expected")
    if arguments.list:
        known = [*arithmetic.NAMES, *(check.name for check in streams.checks())]
        print("\n".join(known))
        return 0
    started = time.perf_counter()
    yosys.warm()
    with ProcessPoolExecutor(arguments.jobs) as pool:
        chosen = _chosen(pool, arguments.check)
        results = _together(
            pool,
            [
                partial(prove, check, fault, arguments.depth)
                for check in chosen
                for fault in (None, *check.faults)
            ],
        )
    seconds = time.perf_counter() - started
    failed = [result for result in results if not result.passed]
    if arguments.json:
        print(json.dumps({"seconds": round(seconds, 1), "results": [vars(r) for r in results]}))
    else:
        print(render(chosen, results, seconds))
    return cli.MISMATCH if failed else 0


def _chosen(pool: ProcessPoolExecutor, names: Sequence[str] | None) -> list[Check]:
    """The checks of these names, all without any; shapes in use are looked for if need be."""
    stateful = streams.checks()
    known = [*arithmetic.NAMES, *(check.name for check in stateful)]
    unknown = [name for name in names or () if name not in known]
    if unknown:
        raise ValueError(f"check {unknown[0]!r} is unknown, expected some of {', '.join(known)}")
    made = stateful
    if names is None or any(name in arithmetic.NAMES for name in names):
        found = _together(pool, [partial(shapes.found, *design) for design in shapes.designs()])
        made = [*arithmetic.checks(shapes.sorted_out(found)), *stateful]
    return [check for check in made if names is None or check.name in names]


def _together(pool: ProcessPoolExecutor, calls: Sequence[Callable[[], T]]) -> list[T]:
    """The results of all calls, in order; the first error ends it."""
    futures = [pool.submit(call) for call in calls]
    _, waiting = wait(futures, return_when=FIRST_EXCEPTION)
    for future in waiting:
        future.cancel()
    try:
        return [future.result() for future in futures if not future.cancelled()]
    except BrokenProcessPool as error:
        raise ValueError("a process of the proofs was ended from outside") from error


def render(checks: Sequence[Check], results: Sequence[Result], seconds: float) -> str:
    """A row for each check, what failed with its trace, and the closing line."""
    rows = []
    for check in checks:
        own = [result for result in results if result.check == check.name]
        faults = [result for result in own if result.fault]
        rows.append(
            (
                check.name,
                len(check.sizes),
                check.kind,
                "broken" if any(r.refuted for r in own if not r.fault) else "proven",
                f"{sum(map(bool, (r.refuted for r in faults)))} of {len(faults)}",
                f"{sum(r.seconds for r in own):.1f}",
            )
        )
    header = ("check", "sizes", "reach", "claims", "faults refuted", "s")
    lines = [table(header, rows), *_complaints(results)]
    failed = sum(not result.passed for result in results)
    verdict = f"FAILED: {failed} of" if failed else "passed:"
    return "\n".join([*lines, f"{verdict} {len(results)} proofs and refutations, {seconds:.0f} s"])


def _complaints(results: Sequence[Result]) -> Iterator[str]:
    for result in results:
        if not result.passed and result.fault:
            yield f"FAILED, not refuted: {result.check}: {result.fault}"
        elif not result.passed:
            yield "\n  ".join([f"FAILED: {result.check}: {result.refuted}", *result.trace])


if __name__ == "__main__":
    sys.exit(main())
