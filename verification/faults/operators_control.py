# SPDX-License-Identifier: Apache-2.0
"""Operator faults of state and control: resets, constants, handshakes, counters, signs, selects.

What `operators.ARITHMETIC` leaves out. Some of them cost only speed: the integers stay the same,
and the cycles tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from verification.faults.operators import Line, Rule, Slip, computing, rule

# Signals that say whether something moves, waits or goes on.
FLAG = (
    r"\w*(?:valid|ready|room|free|take|send|pop|pick|busy|idle|full|error|commit|complete|write"
    r"|release|reserve|finish|done|found|legal|refuse|pair|several|hold|stop|waiting|draining|load)"
    r"(?!s_q\[)\w*(?:\[\w+\])?"
)
COUNTED = r"(Slots|Depth|Places|Frames|Words|Layers|FinalMessages|FrontBeats)"


def in_reset(line: Line) -> bool:
    """In the branch of a reset."""
    return line.computes and line.resets


def beside_reset(line: Line) -> bool:
    """In code, but in no branch of a reset."""
    return line.computes and not line.resets


def declared(line: Line) -> bool:
    """Where wires and ports are declared."""
    return re.match(r"\s*(input|output|logic)\b", line.code) is not None


def sized(line: Line) -> bool:
    """Where a localparam gets a number, or an instance a depth."""
    return re.match(r"\s*localparam int unsigned\b", line.code) is not None


def anywhere(line: Line) -> bool:
    """In every line that is no refusal and no declaration of a module."""
    head = re.match(r"\s*(parameter|typedef|module|import)\b", line.code)
    return not line.refuses and head is None


def _until(code: str, start: int, stops: tuple[str, ...]) -> int:
    """Where the expression that begins at `start` ends: at a stop, or where its bracket closes."""
    depth = 0
    for at in range(start, len(code)):
        if depth == 0 and code.startswith(stops, at):
            return at
        depth += (code[at] in "([{") - (code[at] in ")]}")
        if depth < 0:
            return at
    return len(code) if depth == 0 else -1


def _arms(code: str) -> Iterator[Slip]:
    """`c ? a : b` with its arms swapped."""
    for match in re.finditer(r" \? ", code):
        middle = _until(code, match.end(), (" : ", " ? "))
        end = _until(code, middle + 3, (";", ",", " ? ", " : ")) if middle > 0 else -1
        if end > 0 and code.startswith(" : ", middle):
            first, second = code[match.end() : middle], code[middle + 3 : end]
            if second.strip():
                yield match.end(), code[match.end() : end], f"{second} : {first}"


def _terms(code: str) -> Iterator[Slip]:
    """A condition without one of its terms: `a && b` becomes `a`, `a || b` too."""
    for match in re.finditer(r" (&&|\|\|) ", code):
        end = _until(code, match.end(), (" && ", " || ", " ? ", " : ", ";", ","))
        if end > match.end():
            yield match.start(), code[match.start() : end], ""


def _first_terms(code: str) -> Iterator[Slip]:
    """A condition without its first term: `= a && b` becomes `= b`, `(a || b)` becomes `(b)`."""
    for match in re.finditer(r"(?:= |\()(?=[!\w])", code):
        end = _until(code, match.end(), (" && ", " || ", " ? ", " : ", ";", ","))
        if end > 0 and code.startswith((" && ", " || "), end):
            yield match.end(), code[match.end() : end + 4], ""


def _branches(code: str) -> Iterator[Slip]:
    """`if (c)` that is always taken, and one that never is."""
    for match in re.finditer(r"\bif \((?!!rst_ni)", code):
        end = _until(code, match.end(), ())
        condition = code[match.end() : end]
        if end > 0 and not re.search(r"\b[A-Z]\w*$|\b[A-Z]\w+ [=><]", condition):
            yield match.end(), condition, "1'b1"
            yield match.end(), condition, "1'b0"


def _neighbours(code: str) -> Iterator[Slip]:
    """`Front = 2, Step = 6`: one takes the number of the next."""
    numbers = list(re.finditer(r"(?<== )\d+(?=[,;])", code))
    for one, other in pairwise(numbers):
        yield one.start(), one.group(), other.group()


def _of_the_spec(code: str) -> Iterator[Slip]:
    """A constant of the spec in the place of its neighbour."""
    for match in re.finditer(r"\b(\w+?)(Align|Shift)\b(?=\))", code):
        name, kind = match.group(1), match.group(2)
        for one, other in CONSTANTS[kind]:
            if name.endswith(one):
                yield match.start(), match.group(), f"{name.removesuffix(one)}{other}{kind}"
                break


# Pairs of constants of one function, the longer names first; each takes the place of the other.
_PAIRS = {
    "Align": (("EstimateFront", "EstimateProduct"), ("RelaxedState", "RelaxedGap"),
              ("UpdateRelaxed", "UpdateDual"), ("DualDual", "DualGap"),
              ("DifferenceState", "DifferenceDual"), ("QuarticX", "QuarticScaled"),
              ("GaussianX", "GaussianScaled"), ("CosineX", "CosineScaled"),
              ("State", "Momentum"), ("First", "Second"), ("Z", "Pull"), ("X", "G")),
    "Shift": (("EstimateFront", "Estimate"), ("QuarticUpdate", "GaussianUpdate"),
              ("Decoded", "Code"), ("Front", "Estimate"), ("Quartic", "Gaussian"),
              ("Update", "Residual"), ("Relaxed", "Update"), ("Dual", "Difference"),
              ("Mean", "Extrapolate")),
}  # fmt: skip
CONSTANTS = {
    kind: tuple((a, b) for pair in pairs for a, b in (pair, pair[::-1]))
    for kind, pairs in _PAIRS.items()
}

RESETS = (
    rule("reset dropped", r"if \(!rst_ni\)(?! for)", "if (1'b0)"),
    rule("reset dropped", r"\brst_ni && ", ""),
    rule("reset of one register dropped", r"^\s+\w+(?:\[\w+\])?(?:\.\w+)? +<= [^;]+;$", "",
         in_reset),
    rule("wrong reset value", r"(?<=<= )'0(?=;)", "'1", in_reset),
    rule("wrong reset value", r"(?<=<= )(\d'[bd])0+(?=;)", r"\g<1>1", in_reset),
    rule("instance never reset", r"\.rst_ni(?:\(aresetn\))?(?=,)", ".rst_ni(1'b1)"),
)  # fmt: skip
VALUES = (
    rule("all ones for zero", r"'0\b", "'1", beside_reset),
    rule("zero for all ones", r"'1\b", "'0"),
    rule("high for low", r"1'b0", "1'b1", beside_reset),
    rule("low for high", r"1'b1", "1'b0", beside_reset),
    Rule("constants swapped", _neighbours, sized),
    Rule("constants swapped", _of_the_spec, computing),
)
HANDSHAKES = (
    rule("stuck high", rf"(?<=assign )({FLAG})( *)= [^;]+;", r"\1\2= '1;"),
    rule("stuck low", rf"(?<=assign )({FLAG})( *)= [^;]+;", r"\1\2= '0;"),
    rule("stuck high", rf"^( +(?:else )?{FLAG} +<= )[^;]+;", r"\1'1;", beside_reset),
    rule("stuck low", rf"^( +(?:else )?{FLAG} +<= )[^;]+;", r"\1'0;", beside_reset),
    rule("stuck high", rf"\.({FLAG}_i)(?:\([^()]*\))?(?=,|$)", r".\1('1)"),
    rule("stuck low", rf"\.({FLAG}_i)(?:\([^()]*\))?(?=,|$)", r".\1('0)"),
    Rule("branch always or never taken", _branches, computing),
)
COUNTERS = (
    rule("ends one late", r"(?<=\w) - 1\)", ")"),
    rule("wraps to one", r"\? '0 : (\w+ \+ )(\w+)'\(1\)", r"? \2'(1) : \1\2'(1)"),
    rule("starts at one", r"(\w+_q)( +)<= '0;", r"\1\2<= $bits(\1)'(1);", beside_reset),
    rule("one place less", rf"([!=]= \w+)'\({COUNTED}\)", r"\1'(\2 - 1)"),
    rule("one place more", rf"([!=]= \w+)'\({COUNTED}\)", r"\1'(\2 + 1)"),
    rule("counter stands still", r"(\w+)( +)<= next\(\w+\);", r"\1\2<= \1;"),
    rule("counts without end", r"(<= )\w+ \? '0 : (\w+ \+ )", r"\1\2", beside_reset),
    rule("first one left out", r"(int unsigned \w+ = )0;", r"\g<1>1;", anywhere),
    rule("a cycle longer", r"\.Depth\((\d+)\)", r".Depth(\1 + 1)", anywhere),
    rule("a cycle shorter", r"\.Depth\(([2-9]|\d\d+)\)", r".Depth(\1 - 1)", anywhere),
    rule("one place less", r"\.Depth\((?=[^,]*Slots)((?:\([^()]*\)|[^()])*)\)",
         r".Depth(\1 - 1)", anywhere),
    rule("a stage later", r"\b(pass_q|step_q|valid|layer|layer_q|index)\[(\w+)-1\]", r"\1[\2]"),
    rule("a stage earlier", r"\b(pass_q|step_q|layer_q|index|layer)\[([A-Z]\w+)\]", r"\1[\2-1]"),
    rule("a stage earlier", r"\b(pass_q|layer_q)\[(\w+)\+1\]", r"\1[\2]"),
)  # fmt: skip
SIGNS = (
    rule("sign of a wire lost", r"\blogic( +)signed \[", r"logic\1[", declared),
    rule("sign limb lost", r"(?<=\w\[)AWidth-1(?=\])", "0"),
)
SELECTS = (
    Rule("arms swapped", _arms, computing),
    rule("part shifted by one", r"(?<=\[)([^\[\]]+?) \+: ", r"\1 + 1 +: "),
    rule("wrong index", r"(?<=\w\[)(slot_\w|kept|\w*slot_[iqo]|\w*_q|second)(?=\])",
         r"\1 ^ 1'b1"),
    rule("order swapped", r"\{(\w+), (\w+)\}", r"{\2, \1}"),
    rule("highest for lowest", r"(?<=open\[)Slots-i(?=\])", "i-1"),
)  # fmt: skip
PACE = (
    Rule("term of a condition dropped", _terms, beside_reset),
    Rule("first term of a condition dropped", _first_terms, beside_reset),
    rule("half rate", r"\(!(\w*valid\w*) \|\| (\w*ready\w*)\)", r"!\1"),
    rule("every second cycle", r"(?<=assign )(pop|send|take|pick|beat)( *)= ([^;?]+);",
         r"\1\2= (\3) && !valid_o;"),
)  # fmt: skip
CONTROL = (*RESETS, *VALUES, *HANDSHAKES, *COUNTERS, *SIGNS, *SELECTS, *PACE)
