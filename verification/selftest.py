# SPDX-License-Identifier: Apache-2.0
"""The mutation self-test: faults put in on purpose must be noticed by the comparison of integers.

    python -m verification.selftest [--count 13] [--seed 0] [--kinds NAME,NAME] [--jobs 2]
    python -m verification.selftest --rtl 60 [--operators arithmetic,control] [--seed 0]

Bits are flipped behind the digest check, in the emitted C++ header (against the native library),
SystemVerilog package and .mem files (the RTL library) and in expected golden vectors (csim), and
operators in the RTL. `--count` faults must be noticed by integers. What the build, a broken
protocol, a crash, a time-out or other cycles for the same integers notice is reported beside
them; a fault that provably has no effect is listed with the reason. With `--rtl`, so many faults
of each set of operators are tried, drawn over all modules by their lines; those that do not build
are drawn anew. Exit status 1 if anything went unnoticed.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice

from fixedpoint import cli
from fixedpoint.support import jobs
from fixedpoint.support.table import table
from hls.builds import compiler, toolchain
from verification.faults import places, trial
from verification.faults.mutate import Mutation
from verification.faults.trial import Trial
from verification.traffic.stimuli import generator

AHEAD = 4
MOST = 100_000
"""Faults a process that wait while an earlier one is tried: some take a hundred times as long."""
NOTICED = (trial.INTEGERS, trial.BUILD, trial.PROTOCOL, trial.HUNG, trial.CRASH, trial.TIMING)
COLUMNS = (*NOTICED, trial.NO_EFFECT, trial.UNNOTICED)


def main(argv: list[str] | None = None) -> int:
    """The command line; exit status 1 if a fault went unnoticed, 2 on a user's mistake."""
    parser = cli.Parser(
        prog="python -m verification.selftest",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    kinds, sets = list(places.kinds()), list(places.OPERATORS)
    parser.add_argument("--count", type=int, help="faults that integers notice, default one a kind")
    parser.add_argument("--seed", type=int, default=0, help="of the choice of faults")
    parser.add_argument("--kinds", default=",".join(kinds), help=f"default: {','.join(kinds)}")
    parser.add_argument("--rtl", type=int, help="try so many operator faults of each set instead")
    parser.add_argument("--operators", default=",".join(sets), help=f"default: {','.join(sets)}")
    jobs.add_option(parser)
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    arguments = parser.parse_args(argv)
    return cli.run(lambda: _main(arguments))


def _main(arguments: argparse.Namespace) -> int:
    of_rtl = arguments.rtl is not None
    chosen = _chosen("operators" if of_rtl else "kinds", arguments)
    count = arguments.rtl if of_rtl else arguments.count
    count = len(chosen) if count is None else count
    if count < (1 if of_rtl else len(chosen)):
        raise ValueError(f"{count} faults: at least 1 of each kind was expected")
    cli.check_count(count, MOST, "faults")
    if arguments.seed < 0:
        raise ValueError(f"seed {arguments.seed}: 0 or more was expected")
    jobs.checked(arguments.jobs)
    toolchain.environment()
    compiler.find_compiler()
    started = time.perf_counter()
    with ProcessPoolExecutor(arguments.jobs) as pool:
        if of_rtl:
            trials = [made for name in chosen
                      for made in _tried(pool, name, count, arguments)]  # fmt: skip
        else:
            trials = _caught(pool, chosen, count, arguments.seed)
    if arguments.json:
        print(json.dumps(_summary(trials, arguments.seed)))
    else:
        print("\n" + render(chosen, trials, arguments.seed, time.perf_counter() - started))
    enough = of_rtl or sum(t.noticed == trial.INTEGERS for t in trials) >= count
    return 0 if enough and not unnoticed(trials) else cli.MISMATCH


def _chosen(option: str, arguments: argparse.Namespace) -> list[str]:
    """The kinds or sets of operators that were asked for. Raises `ValueError` on an unknown one."""
    known = list(places.OPERATORS if option == "operators" else places.kinds())
    chosen = str(getattr(arguments, option)).split(",")
    unknown = [name for name in chosen if name not in known]
    if unknown:
        names = ", ".join(known)
        raise ValueError(f"--{option} {unknown[0]!r} is unknown, expected some of {names}")
    return list(dict.fromkeys(chosen))


def _caught(pool: ProcessPoolExecutor, kinds: list[str], count: int, seed: int) -> list[Trial]:
    """Faults of each kind, until integers have noticed `count` of them all; the last kinds more."""
    quotas = [count // len(kinds) + (i >= len(kinds) - count % len(kinds))
              for i in range(len(kinds))]  # fmt: skip
    work = [pool.submit(until, kind, quota, seed)
            for kind, quota in zip(kinds, quotas, strict=True)]  # fmt: skip
    trials = []
    for kind in work:
        made = kind.result()
        print("\n".join(map(_words, made)), file=sys.stderr)
        trials += made
    return trials


def until(kind: str, quota: int, seed: int) -> list[Trial]:
    """Faults of one kind in a seeded order, until integers have noticed `quota` of them."""
    trials: list[Trial] = []
    caught = 0
    for detector, mutation in _shuffled(kind, seed):
        made = trial.attempt(kind, detector, mutation)
        trials.append(made)
        caught += made.noticed == trial.INTEGERS
        if caught == quota:
            break
    return trials


def _tried(
    pool: ProcessPoolExecutor, operators: str, count: int, arguments: argparse.Namespace
) -> Iterator[Trial]:
    """So many drawn faults that build, in the order in which they are drawn."""
    drawn = places.drawn(operators, arguments.seed)
    waiting: list[Future[Trial]] = []
    built = 0
    while built < count:
        ahead = min(AHEAD * arguments.jobs, count - built) - len(waiting)
        waiting += [pool.submit(trial.attempt, operators, *fault) for fault in islice(drawn, ahead)]
        if not waiting:
            raise ValueError(f"{operators}: {built} faults build, {count} were asked for")
        made = waiting.pop(0).result()
        built += made.noticed != trial.BUILD
        print(f"{built} of {count}: {_words(made)}", file=sys.stderr, flush=True)
        yield made


def _words(made: Trial) -> str:
    return (f"{made.kind}: {made.detector}: {made.mutation}\n"
            f"  {made.noticed} in {made.seconds:.0f} s: {made.words}")  # fmt: skip


def _shuffled(kind: str, seed: int) -> list[tuple[str, Mutation]]:
    found = places.kinds()[kind]()
    return [found[i] for i in generator(seed, kind).permutation(len(found))]


def unnoticed(trials: Sequence[Trial]) -> list[Trial]:
    """The faults that nothing noticed and that no reason excuses."""
    return [t for t in trials if t.noticed == trial.UNNOTICED]


def _summary(trials: Sequence[Trial], seed: int) -> dict[str, object]:
    counts = Counter(t.noticed for t in trials)
    each = [{"kind": t.kind, "detector": t.detector, "fault": str(t.mutation),
             "noticed": t.noticed, "words": t.words, "seconds": round(t.seconds, 1)}
            for t in trials]  # fmt: skip
    return {"faults": len(trials), "seed": seed, **counts, "trials": each}


def render(kinds: Sequence[str], trials: Sequence[Trial], seed: int, seconds: float) -> str:
    """A row for each kind, what went unnoticed, and the closing line."""
    rows = []
    for kind in kinds:
        counts = Counter(t.noticed for t in trials if t.kind == kind)
        rows.append((kind, sum(counts.values()), *(counts[name] for name in COLUMNS)))
    totals = Counter(t.noticed for t in trials)
    rows.append(("total", len(trials), *(totals[name] for name in COLUMNS)))
    lines = [table(("kind", "faults", *COLUMNS), rows), f"seed {seed}, {seconds:.0f} s"]
    lines += [f"no effect: {t.mutation}: {t.words}" for t in trials if t.noticed == trial.NO_EFFECT]
    lines += [f"FAILED, unnoticed: {t.detector}: {t.mutation}" for t in unnoticed(trials)]
    verdict = "FAILED" if unnoticed(trials) else "passed"
    return "\n".join([*lines, f"{verdict}: {totals[trial.INTEGERS]} faults noticed by integers"])


if __name__ == "__main__":
    raise SystemExit(main())
