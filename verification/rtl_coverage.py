# SPDX-License-Identifier: Apache-2.0
"""Line and toggle coverage of the RTL under the cocotb benches.

    python -m verification.rtl_coverage [--bench NAME] [--seed N] [--missed] [--json]

Builds the small configurations with Verilator's counters, runs their benches, and prints for each
module the share of its line points and of its bits' toggles that were hit. `--missed` names every
point that was not. Exit status 1 if a share is below 95%, if a test fails, or if an exception
(verification/coverage/exceptions.py) is not needed any more; 2 if a tool is missing.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable

from fixedpoint import cli
from fixedpoint.detectors.registry import program
from fixedpoint.program.values import Value
from fixedpoint.support.table import table
from hls import cases
from hls.verilog.emit import emitted
from verification.coverage.exceptions import Excepted, Signals, excused
from verification.coverage.points import KINDS, Counts, Point, read, shares
from verification.regression import runner, suite
from verification.regression.verdict import judge

LEAST = 0.95


def main(argv: list[str] | None = None) -> int:
    """The command line; exit status 1 on too little coverage, 2 on a user's mistake."""
    parser = cli.Parser(
        prog="python -m verification.rtl_coverage",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--bench", help="one configuration, whose share is only reported")
    parser.add_argument("--seed", type=int, default=0, help="of every random stimulus (default 0)")
    parser.add_argument("--missed", action="store_true", help="name every point that was not hit")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    arguments = parser.parse_args(argv)
    return cli.run(lambda: _main(arguments))


def _main(arguments: argparse.Namespace) -> int:
    if arguments.seed < 0:
        raise ValueError(f"seed {arguments.seed}: 0 or more was expected")
    names = [arguments.bench] if arguments.bench else configurations()
    counts: Counts = Counter()
    failures = []
    for name in names:
        found, failed = measure(suite.find(name), arguments.seed)
        counts.update(found)
        failures += failed
    missed = sorted(point for point in counts if not counts[point])
    excuses, needless = excused(missed, signals(map(suite.find, names)))
    if not arguments.bench:
        failures += [f"exception of {e.modules} {e.name}: no longer needed" for e in needless]
        failures += too_low(counts, excuses)
    left = [point for point in missed if point not in excuses]
    print(as_json(counts, excuses, failures) if arguments.json else render(counts, excuses))
    if not arguments.json:
        if arguments.missed:
            print("\n".join(f"missed: {point}" for point in left))
        print("\n".join(f"FAILED {line}" for line in failures) or "passed")
    return cli.MISMATCH if failures else 0


def configurations() -> list[str]:
    """All small detectors: every top and the fusion node, with one and with several groups."""
    return [configuration.name for configuration in suite.configurations() if configuration.small]


def measure(configuration: suite.Configuration, seed: int) -> tuple[Counts, list[str]]:
    """The points of one configuration's benches, and the tests that failed.

    Raises `ValueError` if the simulator left no coverage file.
    """
    outcome = runner.run(configuration, seed, coverage=True)
    failures = judge(outcome, configuration.tests).failures
    if outcome.coverage is None:
        raise ValueError(f"{configuration.name} left no coverage file: {outcome.fault}")
    texts = runner.module_texts(configuration)
    return read(outcome.coverage, texts, owner(configuration)), failures


def owner(configuration: suite.Configuration) -> str:
    """Whose the emitted modules are: a kind of detector's, whose names they share."""
    name = configuration.detector
    return cases.find(name).spec.detector if name else configuration.top


def signals(chosen: Iterable[suite.Configuration]) -> Signals:
    """The values of all emitted functions of these, by `OWNER.MODULE` and their names."""
    found: dict[tuple[str, str], list[Value]] = {}
    for configuration in chosen:
        if configuration.detector is None:
            continue
        whose, made = owner(configuration), program(cases.find(configuration.detector).spec)
        for array in emitted(made).arrays.values():
            for module in (array.name, array.pipeline.name):
                for value, name in array.pipeline.names.items():
                    found.setdefault((f"{whose}.{module}", name), []).append(value)
    return found


def too_low(counts: Counts, excuses: dict[Point, Excepted]) -> list[str]:
    """A line for each module and kind whose share of the points not excepted is too low."""
    found = []
    for module, kinds in shares(counts, excuses).items():
        for kind, (hit, every, out) in kinds.items():
            if every > out and hit < LEAST * (every - out):
                found.append(f"{module}: {kind} coverage {hit} of {every - out}, 95% expected")
    return found


def render(counts: Counts, excuses: dict[Point, Excepted]) -> str:
    """The table by module, and how many points each exception excuses."""
    rows = []
    for module, kinds in shares(counts, excuses).items():
        row: list[object] = [module]
        for kind in KINDS:
            hit, every, out = kinds[kind]
            row += [f"{hit:,}", f"{every:,}", _percent(hit, every), f"{out:,}",
                    _percent(hit, every - out)]  # fmt: skip
        rows.append(tuple(row))
    header = ["module"]
    for kind in KINDS:
        header += [f"{kind}s hit", "all", "%", "excepted", "% of the rest"]
    reasons = Counter(f"{e.modules} {e.name}: {e.reason}" for e in excuses.values())
    return "\n".join([
        table(tuple(header), rows),
        *(f"{count:6} points excepted: {reason}" for reason, count in reasons.items()),
    ])  # fmt: skip


def as_json(counts: Counts, excuses: dict[Point, Excepted], failures: list[str]) -> str:
    """The same as JSON: hit, all and excepted points by module and kind."""
    modules = {
        module: {kind: dict(zip(("hit", "all", "excepted"), found, strict=True))
                 for kind, found in kinds.items()}
        for module, kinds in shares(counts, excuses).items()
    }  # fmt: skip
    left = [str(point) for point in sorted(counts) if not counts[point] and point not in excuses]
    return json.dumps({"modules": modules, "missed": left, "failures": failures}, indent=2)


def _percent(hit: int, every: int) -> str:
    return f"{100 * hit / every:.1f}" if every else "-"


if __name__ == "__main__":
    raise SystemExit(main())
