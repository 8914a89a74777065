# SPDX-License-Identifier: Apache-2.0
"""The mutation self-test: faults put in on purpose must be noticed by the comparison of integers.

    python -m verification.selftest [--count 9] [--seed 0] [--kinds header,mem,hpd-rtl]

Bits are flipped behind the digest check, in the emitted C++ header (against the native library),
SystemVerilog package and .mem files (the RTL library) and in expected golden vectors (csim), and
operators in the RTL. `--count` faults must be noticed by integers. What the build, a broken
protocol, a crash or a time-out notices, and what takes other cycles for the same integers, is
reported and not counted; a fault that provably has no effect is listed with the reason. Exit
status 1 if anything went unnoticed.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence

from fixedpoint import cli
from fixedpoint.table import table
from hls import compiler, toolchain
from verification import places, trial
from verification.mutate import Mutation
from verification.stimuli import generator
from verification.trial import Trial

NOTICED = (trial.INTEGERS, trial.BUILD, trial.PROTOCOL, trial.HUNG, trial.CRASH)
COLUMNS = (*NOTICED, trial.TIMING, trial.NO_EFFECT, trial.UNNOTICED)


def main(argv: list[str] | None = None) -> int:
    """The command line; exit status 1 if a fault went unnoticed, 2 on a user's mistake."""
    parser = cli.Parser(
        prog="python -m verification.selftest",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    kinds = list(places.KINDS)
    parser.add_argument("--count", type=int, default=len(kinds), help="faults that integers notice")
    parser.add_argument("--seed", type=int, default=0, help="of the choice of faults")
    parser.add_argument("--kinds", default=",".join(kinds), help=f"default: {','.join(kinds)}")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    arguments = parser.parse_args(argv)
    return cli.run(lambda: _main(arguments))


def _main(arguments: argparse.Namespace) -> int:
    chosen = arguments.kinds.split(",")
    unknown = [kind for kind in chosen if kind not in places.KINDS]
    if unknown:
        names = ", ".join(places.KINDS)
        raise ValueError(f"kind {unknown[0]!r} is unknown, expected some of {names}")
    if arguments.count < len(chosen):
        raise ValueError(f"{arguments.count} faults: at least 1 of each kind was expected")
    if arguments.seed < 0:
        raise ValueError(f"seed {arguments.seed}: 0 or more was expected")
    toolchain.environment()
    compiler.find_compiler()
    started = time.perf_counter()
    trials: list[Trial] = []
    for i, kind in enumerate(chosen):
        quota = arguments.count // len(chosen) + (i >= len(chosen) - arguments.count % len(chosen))
        trials += _until(kind, quota, arguments.seed)
    if arguments.json:
        counts = Counter(t.noticed for t in trials)
        print(json.dumps({"faults": len(trials), "seed": arguments.seed, **counts}))
    else:
        print("\n" + render(chosen, trials, arguments.seed, time.perf_counter() - started))
    enough = sum(t.noticed == trial.INTEGERS for t in trials) >= arguments.count
    return 0 if enough and not unnoticed(trials) else cli.MISMATCH


def _until(kind: str, quota: int, seed: int) -> list[Trial]:
    """Faults of one kind in a seeded order, until integers have noticed `quota` of them."""
    trials: list[Trial] = []
    caught = 0
    for detector, mutation in _shuffled(kind, seed):
        made = trial.attempt(kind, detector, mutation)
        trials.append(made)
        caught += made.noticed == trial.INTEGERS
        print(f"{kind}: {detector}: {mutation}\n  {made.noticed}: {made.words}", file=sys.stderr)
        if caught == quota:
            break
    return trials


def _shuffled(kind: str, seed: int) -> list[tuple[str, Mutation]]:
    found = places.KINDS[kind]()
    return [found[i] for i in generator(seed, kind).permutation(len(found))]


def unnoticed(trials: Sequence[Trial]) -> list[Trial]:
    """The faults that nothing noticed and that no reason excuses."""
    return [t for t in trials if t.noticed == trial.UNNOTICED]


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
