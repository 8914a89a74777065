# SPDX-License-Identifier: Apache-2.0
"""Every slip that `planted.py` may plant: in a view's emitter and scheduler, and its primitives."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

from verification.faults import operators
from verification.faults.mutate import Mutation

SWAPPED = {ast.Add: "-", ast.Sub: "+", ast.Mult: "+", ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=",
           ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==", ast.And: "or", ast.Or: "and",
           ast.In: "not in", ast.NotIn: "in"}  # fmt: skip
SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">",
         ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=", ast.And: "and", ast.Or: "or",
         ast.In: "in", ast.NotIn: "not in"}  # fmt: skip
NAMES = {"max": "min", "min": "max", "any": "all", "all": "any", "one": "other", "other": "one",
         "then": "otherwise", "otherwise": "then", "rows": "columns", "columns": "rows",
         "numerator": "denominator"}  # fmt: skip
Made = Callable[[int, int, str, str, str], Mutation]


def places(emitter: Path, primitives: list[Path]) -> list[tuple[Path, Mutation]]:
    """Those of all Python files of an emitter's folder, and of the primitives."""
    found = []
    for path in sorted(emitter.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        found += [(path, slip) for slip in slips(path.name, text)]
    for path in primitives:
        rules = operators.ARITHMETIC
        found += [(path, slip) for slip in operators.faults(path.name, path.read_text(), rules)]
    return found


def slips(file: str, text: str) -> Iterator[Mutation]:
    """Operators, comparisons, numbers, names that are mixed up; not in the words of a refusal."""
    lines = text.splitlines()

    def made(line: int, column: int, name: str, before: str, after: str) -> Mutation:
        chars = len(lines[line - 1].encode()[:column].decode())
        return Mutation("python", file, line, chars, name, before, after)

    tree = ast.parse(text)
    words = {id(inner) for node in ast.walk(tree) if isinstance(node, ast.Raise)
             for inner in ast.walk(node)}  # fmt: skip
    for node in ast.walk(tree):
        if id(node) not in words:
            yield from _slips(node, lines, made)


def _slips(node: ast.AST, lines: list[str], made: Made) -> Iterator[Mutation]:
    match node:
        case ast.BinOp(op=op) if type(op) in SWAPPED:
            yield from _between(node.left, node.right, op, lines, made)
        case ast.Compare(ops=[op]) if type(op) in SWAPPED:
            yield from _between(node.left, node.comparators[0], op, lines, made)
        case ast.BoolOp(values=[first, second]):
            yield from _between(first, second, node.op, lines, made)
        case ast.Constant(value=bool(flag)):
            yield made(node.lineno, node.col_offset, "flag", str(flag), str(not flag))
        case ast.Constant(value=int(number)):
            before = str(number)
            yield made(node.lineno, node.col_offset, "number", before, str(number + 1))
        case ast.Name(id=name) | ast.Attribute(attr=name) if name in NAMES:
            end = node.end_col_offset or 0
            column = end - len(name)
            yield made(node.end_lineno or 0, column, "name", name, NAMES[name])


def _between(
    left: ast.expr, right: ast.expr, op: ast.AST, lines: list[str], made: Made
) -> Iterator[Mutation]:  # fmt: skip
    """The sign between two operands of one line."""
    sign, end, start = SIGNS[type(op)], left.end_col_offset or 0, right.col_offset
    if left.end_lineno == right.lineno:
        between = lines[right.lineno - 1].encode()[end:start].decode()
        if between.count(sign) == 1:
            column = end + len(between[: between.index(sign)].encode())
            yield made(right.lineno, column, type(op).__name__, sign, SWAPPED[type(op)])
