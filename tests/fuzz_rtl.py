# SPDX-License-Identifier: Apache-2.0
"""Random programs of `fuzz_programs.py` through the RTL view: every function, every wire.

    python -m tests.fuzz_rtl --count 300 --seed 0 [--vectors 400]

A group of programs is one Verilated model. A failure prints the smallest number of operations with
which the program of that seed still fails.
"""

from __future__ import annotations

import argparse
from collections import Counter

from fixedpoint import cli
from tests.fuzz_programs import OPERATIONS, Generator
from verification.functions import compare

TOGETHER, MOST = 8, 1_000_000


def differing(seeds: range, vectors: int) -> tuple[int, dict[int, int]]:
    """How many integers were compared, and the seeds of programs that differ, with how many."""
    programs = {str(seed): Generator(seed, OPERATIONS).program() for seed in seeds}
    differ = compare(programs, vectors, seeds.start)
    wrong: Counter[int] = Counter()
    for wire, count in differ.items():
        wrong[int(wire.split()[0])] += count
    return len(differ) * vectors, {seed: count for seed, count in wrong.items() if count}


def smallest(seed: int, vectors: int) -> int:
    """The fewest operations with which a seed's program fails, by halving."""
    least, most = -1, OPERATIONS
    while most - least > 1:
        middle = (least + most) // 2
        differ = compare({"": Generator(seed, middle).program()}, vectors, seed)
        least, most = (least, middle) if any(differ.values()) else (middle, most)
    return most


def main() -> int:
    """The command line; exit status 1 if a program fails."""
    parser = cli.Parser(prog="python -m tests.fuzz_rtl", description=__doc__,
                        formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--count", type=int, default=TOGETHER)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--vectors", type=int, default=400)
    arguments = parser.parse_args()

    def body() -> int:
        cli.check_count(arguments.count, MOST, "programs")
        cli.check_count(arguments.vectors, MOST)
        cli.check_seed(arguments.seed)
        compared, end = 0, arguments.seed + arguments.count
        failures: dict[int, int] = {}
        for first in range(arguments.seed, end, TOGETHER):
            found, wrong = differing(range(first, min(first + TOGETHER, end)), arguments.vectors)
            compared += found
            failures |= wrong
            for seed, count in wrong.items():
                fewest = smallest(seed, arguments.vectors)
                print(f"seed {seed}: {count} integers differ; {fewest} operations")
        print(f"{arguments.count} programs, seeds from {arguments.seed}: {compared:,} integers, "
              f"{len(failures)} programs differ")  # fmt: skip
        return cli.MISMATCH if failures else 0

    return cli.run(body)


if __name__ == "__main__":
    raise SystemExit(main())
