# SPDX-License-Identifier: Apache-2.0
"""Operator faults in the RTL, found by pattern: what a slip of the pen would make of each line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from verification.faults.mutate import Mutation

Slip = tuple[int, str, str]
"""Column (from 0), what stands there, and what takes its place."""
Find = Callable[[str], Iterator[Slip]]


@dataclass(frozen=True)
class Rule:
    """A fault by its name, and where in a line of code it can be: `find`.

    where: the lines in which it is looked for, all of a module's code by default.
    """

    name: str
    find: Find
    where: Callable[[Line], bool]


@dataclass(frozen=True)
class Line:
    """A line of a module without its comment.

    resets: it stands in the branch of a reset; refuses: in one that stops elaboration.
    """

    number: int
    code: str
    resets: bool
    refuses: bool

    @property
    def computes(self) -> bool:
        """Whether it is more than a size, a name, or a refusal."""
        return not self.refuses and NOT_CODE.search(self.code) is None


# What only sizes, names or refuses: a wider wire changes nothing, a refused size is no integer.
NOT_CODE = re.compile(
    r"^\s*(parameter|localparam (?!.*\bHalf\b)|typedef|input|output|module)|: gen_|\.Depth\("
)
REFUSAL = re.compile(r"^  if \((?:[^;]*?)begin : gen_bad_.*?^  end", re.MULTILINE | re.DOTALL)


def computing(line: Line) -> bool:
    """Where integers and control are computed."""
    return line.computes


def rule(
    name: str, pattern: str, replacement: str, where: Callable[[Line], bool] = computing
) -> Rule:
    """A rule by a regular expression and what takes its place."""
    compiled = re.compile(pattern)

    def find(code: str) -> Iterator[Slip]:
        for match in compiled.finditer(code):
            after = match.expand(replacement)
            if after != match.group():
                yield match.start(), match.group(), after

    return Rule(name, find, where)


def faults(file: str, text: str, rules: tuple[Rule, ...]) -> Iterator[Mutation]:
    """Every rule at every place of a SystemVerilog source where it matches."""
    for line in code_lines(text):
        for one in rules:
            if one.where(line):
                for column, before, after in one.find(line.code):
                    yield Mutation("rtl", file, line.number, column, one.name, before, after)


def code_lines(text: str) -> Iterator[Line]:
    """The lines of a source, each with the branch that it stands in."""
    resetting, start = False, 0
    refused = [match.span() for match in REFUSAL.finditer(text)]
    for at, whole in enumerate(text.splitlines(keepends=True)):
        code = whole.split("//")[0].rstrip()
        opens = "if (!rst_ni)" in code
        resetting = resetting and re.match(r"\s*end\b", code) is None
        refuses = any(first <= start < last for first, last in refused)
        yield Line(at + 1, code, opens or resetting, refuses)
        resetting = resetting or (opens and code.endswith("begin"))
        start += len(whole)


# Products, sums and differences at their derived widths; constants are never negative.
SIGNED = (
    r"((?:Scaled|Error|X|G|Gap|Update|Product|Sum|Node|Tree|Factor|Change|Difference|Mean|Argument)"
    r"Width)"
    r"'\(((?!step|eta|inverse|threshold|scale|weight|momentum)"
    r"(?:\w+_(?:q+|i|\d+)|total|pull|sum|cosine|estimate|decoded))\)"
)
ARITHMETIC = (
    rule("minus for plus", r" \+ (?!:|\w+\)')", " - "),
    rule("plus for minus", r"(?<=[\w)]) - (?!1\b)", " + "),
    rule("off by one at the end", r" - 1\)", " - 2)"),
    rule("counts by two", r"'\(1\)", "'(2)"),
    rule("includes the limit", r" ([<>]) (?=\S+\) \w)", r" \1= "),
    rule("excludes the limit", r" >= ", " > "),
    rule("logical shift", r" >>> ", " >> "),
    rule("shifts the other way", r" <<< ", " >>> "),
    rule("unequal for equal", r" == ", " != "),
    rule("equal for unequal", r" != ", " == "),
    rule("or for and", r" && ", " || "),
    rule("and for or", r" \|\| ", " && "),
    rule("sign dropped", r"signed'\(", "unsigned'("),
    rule("sign extension dropped", SIGNED, r"\1'(unsigned'(\2))"),
    rule("negation dropped", r"(?<=[ (])!(?!rst)(?=\w)", ""),
    rule("wrong element", r"\[((?!u\*)\w+)\*(?=\w+ \+:)", r"[(\1^1)*"),
    # Their number need not be even; the fusion node's answers are the same for all of them.
    rule("wrong unit", r"(?<!down_data)(?<!down_slot)\[u\*(?=\w+ \+:)", "[(u / 2)*"),
    rule("wrong entry", r"\[(issue\.slot|read_q|newest_i|newest_o|bank_q)\]", r"[!\1]"),
)
