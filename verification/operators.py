# SPDX-License-Identifier: Apache-2.0
"""Operator faults in the RTL, found by pattern: what a slip of the pen would make of each line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from verification.mutate import Mutation


@dataclass(frozen=True)
class Rule:
    """A fault by its name: the pattern in a line of code, and what takes its place."""

    name: str
    pattern: str
    replacement: str


# Products, sums and differences at their derived widths; constants are never negative.
SIGNED = (
    r"((?:Scaled|Error|X|G|Gap|Update|Product|Sum|Node|Tree|Factor|Change|Difference|Mean|Argument)"
    r"Width)"
    r"'\(((?!step|eta|inverse|threshold|scale|weight|momentum)"
    r"(?:\w+_(?:q+|i|\d+)|total|pull|sum|cosine|estimate|decoded))\)"
)
RULES = (
    Rule("minus for plus", r" \+ (?!:|\w+\)')", " - "),
    Rule("plus for minus", r"(?<=[\w)]) - (?!1\b)", " + "),
    Rule("off by one at the end", r" - 1\)", " - 2)"),
    Rule("counts by two", r"'\(1\)", "'(2)"),
    Rule("includes the limit", r" ([<>]) (?=\S+\) \w)", r" \1= "),
    Rule("excludes the limit", r" >= ", " > "),
    Rule("logical shift", r" >>> ", " >> "),
    Rule("shifts the other way", r" <<< ", " >>> "),
    Rule("unequal for equal", r" == ", " != "),
    Rule("equal for unequal", r" != ", " == "),
    Rule("or for and", r" && ", " || "),
    Rule("and for or", r" \|\| ", " && "),
    Rule("sign dropped", r"signed'\(", "unsigned'("),
    Rule("sign extension dropped", SIGNED, r"\1'(unsigned'(\2))"),
    Rule("negation dropped", r"(?<=[ (])!(?!rst)(?=\w)", ""),
    Rule("wrong element", r"\[((?!u\*)\w+)\*(?=\w+ \+:)", r"[(\1^1)*"),
    # Their number need not be even; the fusion node's answers are the same for all of them.
    Rule("wrong unit", r"(?<!down_data)(?<!down_slot)\[u\*(?=\w+ \+:)", "[(u / 2)*"),
    Rule("wrong entry", r"\[(issue\.slot|read_q|parity|current_q|bank_q)\]", r"[!\1]"),
)
# What only sizes, names or refuses: a wider wire changes nothing, a refused size is no integer.
NOT_CODE = re.compile(
    r"^\s*(parameter|localparam (?!.*\bHalf\b)|typedef|input|output|module)"
    r"|: gen_|\$error|\.Depth\("
)


def operator_faults(file: str, text: str) -> Iterator[Mutation]:
    """Every rule at every place of a SystemVerilog source where it matches."""
    for at, line in enumerate(text.splitlines()):
        code = line.split("//")[0]
        if NOT_CODE.search(code):
            continue
        for rule in RULES:
            for match in re.finditer(rule.pattern, code):
                after = match.expand(rule.replacement)
                yield Mutation("rtl", file, at + 1, match.start(), rule.name, match.group(), after)
