# SPDX-License-Identifier: Apache-2.0
"""Faults planted in the compiler: one slip in an emitter, the scheduler or a primitive at a time.

    python -m tests.planted --view rtl --count 30 --seed 0

Each is planted in a copy of the sources. A slip in Python that changes no emitted text of any
program of the check has no effect there and is drawn anew. The others must be noticed: by an
integer that differs, or because emission, compiler or simulator refuse.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fixedpoint import cli
from tests.planted_check import VIEWS
from verification.faults import operators
from verification.faults.mutate import Mutation

ROOT = Path(__file__).parent.parent
LEFT_OUT = shutil.ignore_patterns(".*", "build", "docs", "networks", "__pycache__", "*.egg-info")
PATIENCE, MOST = 900, 10_000
SWAPPED = {ast.Add: "-", ast.Sub: "+", ast.Mult: "+", ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=",
           ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==", ast.And: "or", ast.Or: "and",
           ast.In: "not in", ast.NotIn: "in"}  # fmt: skip
SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">",
         ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=", ast.And: "and", ast.Or: "or",
         ast.In: "in", ast.NotIn: "not in"}  # fmt: skip
NAMES = {"max": "min", "min": "max", "any": "all", "all": "any", "one": "other", "other": "one",
         "then": "otherwise", "otherwise": "then", "rows": "columns", "columns": "rows",
         "numerator": "denominator"}  # fmt: skip


def slips(file: str, text: str) -> Iterator[Mutation]:
    """Every slip in a Python file: operators, comparisons, numbers, names that are mixed up."""
    lines = text.splitlines()

    def made(line: int, column: int, name: str, before: str, after: str) -> Mutation:
        chars = len(lines[line - 1].encode()[:column].decode())
        return Mutation("python", file, line, chars, name, before, after)

    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.BinOp(op=op) if type(op) in SWAPPED:
                yield from _between(node.left, node.right, op, lines, made)
            case ast.Compare(ops=[op]) if type(op) in SWAPPED:
                yield from _between(node.left, node.comparators[0], op, lines, made)
            case ast.BoolOp(values=[first, second]):
                yield from _between(first, second, node.op, lines, made)
            case ast.Constant(value=int(number)) if not isinstance(number, bool):
                before = str(number)
                yield made(node.lineno, node.col_offset, "number", before, str(number + 1))
            case ast.Constant(value=bool(number)):
                yield made(node.lineno, node.col_offset, "flag", str(number), str(not number))
            case ast.Name(id=name) | ast.Attribute(attr=name) if name in NAMES:
                end = node.end_col_offset or 0
                column = end - len(name)
                yield made(node.end_lineno or 0, column, "name", name, NAMES[name])


def _between(left: ast.expr, right: ast.expr, op: ast.AST, lines: list[str], made: object
             ) -> Iterator[Mutation]:  # fmt: skip
    """The sign between two operands of one line."""
    sign, end, start = SIGNS[type(op)], left.end_col_offset or 0, right.col_offset
    if left.end_lineno == right.lineno:
        between = lines[right.lineno - 1].encode()[end:start].decode()
        if between.count(sign) == 1:
            column = end + len(between[: between.index(sign)].encode())
            yield made(right.lineno, column, type(op).__name__, sign, SWAPPED[type(op)])  # type: ignore[operator]


def places(view: str) -> list[tuple[Path, Mutation]]:
    """Every slip of a view's emitter and scheduler, and of its primitives."""
    found = []
    for path in sorted((ROOT / VIEWS[view].emitter).rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        found += [(path, slip) for slip in slips(path.name, text)
                  if not _shown_only(text, slip) and not _widens(text, slip)]  # fmt: skip
    for path in VIEWS[view].primitives(ROOT):
        rules = operators.ARITHMETIC
        found += [(path, slip) for slip in operators.faults(path.name, path.read_text(), rules)]
    return found


def _shown_only(text: str, slip: Mutation) -> bool:
    """Whether it stands in what refuses or comments."""
    line = text.splitlines()[slip.line - 1]
    return any(word in line for word in ("raise ", "Error(", '"""', "# "))


def _widens(text: str, slip: Mutation) -> bool:
    """Whether it makes a width larger than the worst case: that holds the same integers."""
    line = text.splitlines()[slip.line - 1]
    return slip.name == "number" and "bit_length" in line


@dataclass(frozen=True)
class Verdict:
    """What became of a planted fault: by whom it was noticed, or nobody."""

    slip: Mutation
    by: str


def judge(view: str, path: Path, slip: Mutation, seed: int, folder: Path) -> str:
    """`integers`, `refused`, `time`, `no effect`, or `NOBODY`."""
    target = folder / path.relative_to(ROOT)
    faultless = target.read_text(encoding="utf-8")
    target.write_text(slip.apply(faultless), encoding="utf-8")
    try:
        command = [sys.executable, "-m", "tests.planted_check", "--view", view]
        if slip.kind == "python":
            made = _run([*command, "--text"], folder)
            if made is None or made.returncode:
                return "refused"
            if made.stdout == _faultless_text(view):
                return "no effect"
        made = _run([*command, "--seed", str(seed)], folder)
        if made is None:
            return "time"
        return {0: "NOBODY", cli.MISMATCH: "integers"}.get(made.returncode, "refused")
    finally:
        target.write_text(faultless, encoding="utf-8")


def _control(view: str, folder: Path) -> None:
    """The copy without any fault must pass. Raises `ValueError` with what it says."""
    made = _run([sys.executable, "-m", "tests.planted_check", "--view", view], folder)
    if made is None or made.returncode:
        said = "no end" if made is None else (made.stderr or made.stdout).strip()
        raise ValueError(f"the check fails without any fault: {said}")


TEXTS: dict[str, str] = {}


def _faultless_text(view: str) -> str:
    if view not in TEXTS:
        command = [sys.executable, "-m", "tests.planted_check", "--view", view, "--text"]
        made = _run(command, ROOT)
        assert made is not None
        assert made.returncode == 0, made.stderr
        TEXTS[view] = made.stdout
    return TEXTS[view]


def _run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str] | None:
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True,
                              check=False, timeout=PATIENCE)  # fmt: skip
    except subprocess.TimeoutExpired:
        return None


def plant(view: str, count: int, seed: int, folder: Path) -> Iterator[Verdict]:
    """The verdicts of `count` faults that have an effect, and of those drawn that have none."""
    rng, offered = np.random.default_rng(seed), places(view)
    left = count
    for at in rng.permutation(len(offered)):
        if not left:
            return
        path, slip = offered[at]
        by = judge(view, path, slip, seed, folder)
        left -= by != "no effect"
        yield Verdict(slip, by)


def main() -> int:
    """The command line; exit status 1 if nobody noticed a fault."""
    parser = cli.Parser(prog="python -m tests.planted", description=__doc__,
                        formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--view", choices=sorted(VIEWS), required=True)
    parser.add_argument("--count", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()

    def body() -> int:
        cli.check_count(arguments.count, MOST, "faults")
        cli.check_seed(arguments.seed)
        mark = hashlib.sha256(f"{os.getpid()}".encode()).hexdigest()[:8]
        folder = ROOT / "build" / f"planted-{mark}"
        shutil.copytree(ROOT, folder, ignore=LEFT_OUT)
        counted: dict[str, int] = {}
        try:
            _control(arguments.view, folder)
            for verdict in plant(arguments.view, arguments.count, arguments.seed, folder):
                counted[verdict.by] = counted.get(verdict.by, 0) + 1
                if verdict.by != "no effect":
                    print(f"{verdict.by}: {verdict.slip}", flush=True)
        finally:
            shutil.rmtree(folder)
        print(f"{arguments.view}, seed {arguments.seed}: {counted}")
        return cli.MISMATCH if "NOBODY" in counted else 0

    return cli.run(body)


if __name__ == "__main__":
    raise SystemExit(main())
