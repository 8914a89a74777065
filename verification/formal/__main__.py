# SPDX-License-Identifier: Apache-2.0
"""Proofs about the modules of hls/rtl: `python -m verification.formal`.

Each check proves its claims for the module as it is, and must refute each of its planted faults;
each claim must be broken by one of them at least.
Yosys (slang front end) makes the circuits, CaDiCaL decides. A register may begin with any value; a
reset of a single cycle is all that comes before. Exit status 1 if a claim is broken, a fault was
not refuted or a claim was never broken, 2 on a user's mistake or without a tool.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import TypeVar

from fixedpoint import cli
from fixedpoint.support.table import table
from verification.formal import arithmetic, products, shapes, stores, streams, yosys
from verification.formal.check import Check
from verification.formal.prove import Result, prove, unbroken

MOST = 1024
T = TypeVar("T")
NO_SHAPES: Mapping[str, Sequence[shapes.Shape]] = dict.fromkeys(shapes.MODULES, ())


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
        if value > MOST:
            raise ValueError(f"{name} {value}: at most {MOST} was expected")
    if arguments.list:
        print("\n".join(check.name for check in [*_of_shapes(NO_SHAPES), *_stateful()]))
        return 0
    started = time.perf_counter()
    yosys.warm()
    with ProcessPoolExecutor(arguments.jobs) as pool:
        chosen = _chosen(pool, arguments.check)
        pairs = [(c, f) for c in chosen for f in (None, *c.harmless, *c.faults)]
        results = _together(
            pool,
            [
                partial(prove, check, fault, arguments.depth)
                for check, fault in sorted(pairs, key=lambda pair: pair[1] is not None)
            ],
        )
    seconds = time.perf_counter() - started
    complaints = list(_complaints(chosen, results))
    if arguments.json:
        print(
            json.dumps(
                {
                    "seconds": round(seconds, 1),
                    "complaints": complaints,
                    "results": [vars(result) for result in results],
                }
            )
        )
    else:
        print(render(chosen, results, complaints, seconds))
    return cli.MISMATCH if complaints else 0


def _chosen(pool: ProcessPoolExecutor, names: Sequence[str] | None) -> list[Check]:
    """The checks of these names, all without any; shapes in use are looked for if need be."""
    arithmetical = [check.name for check in _of_shapes(NO_SHAPES)]
    stateful = _stateful()
    known = [*arithmetical, *(check.name for check in stateful)]
    unknown = [name for name in names or () if name not in known]
    if unknown:
        raise ValueError(f"check {unknown[0]!r} is unknown, expected some of {', '.join(known)}")
    made = stateful
    if names is None or any(name in arithmetical for name in names):
        found = _together(pool, [partial(shapes.found, *design) for design in shapes.designs()])
        made = [*_of_shapes(shapes.sorted_out(found)), *stateful]
    return [check for check in made if names is None or check.name in names]


def _of_shapes(used: Mapping[str, Sequence[shapes.Shape]]) -> list[Check]:
    return [*arithmetic.checks(used), *products.checks(used)]


def _stateful() -> list[Check]:
    return [*streams.checks(), *stores.checks()]


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


def render(
    checks: Sequence[Check], results: Sequence[Result], complaints: Sequence[str], seconds: float
) -> str:
    """A row for each check, what failed with its trace, and the closing line."""
    rows = []
    for check in checks:
        own = [result for result in results if result.check == check.name]
        proofs = [result for result in own if result.proof]
        refuted = sum(result.passed for result in own if not result.proof)
        rows.append(
            (
                check.name,
                len(check.sizes),
                check.kind,
                "proven" if all(result.passed for result in proofs) else "broken",
                f"{refuted} of {len(own) - len(proofs)}",
                f"{sum(result.seconds for result in own):.1f}",
            )
        )
    header = ("check", "sizes", "reach", "claims", "faults refuted", "CPU s")
    verdict = f"FAILED: {len(complaints)} faults in" if complaints else "passed:"
    cpu = sum(result.seconds for result in results)
    end = f"{verdict} {len(results)} proofs and refutations, {seconds:.0f} s, of CPU {cpu:.0f} s"
    return "\n".join([table(header, rows), *complaints, end])


def _complaints(checks: Sequence[Check], results: Sequence[Result]) -> Iterator[str]:
    for result in results:
        if not result.passed and not result.proof:
            yield f"FAILED, not refuted: {result.check}: {result.fault}"
        elif not result.passed:
            without = f", with {result.fault}" if result.fault else ""
            said = f"FAILED: {result.check}: {result.refuted}{without}"
            yield "\n  ".join([said, *result.trace])
    for check in checks:
        for claim in unbroken([result for result in results if result.check == check.name]):
            yield f"FAILED: {check.name}: no fault breaks {claim}"


if __name__ == "__main__":
    sys.exit(main())
