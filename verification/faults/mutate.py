# SPDX-License-Identifier: Apache-2.0
"""Faults on purpose: every place where a bit of an emitted file can be flipped.

A line that carries the spec's digest is never touched, so that nothing but the comparison of
integers can notice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

COMMENT = re.compile(r"//.*$")
NUMBER = re.compile(r"(?<![\w.'\"])-?\d+(?![\w.'\"])|(?<=\d'h)[0-9a-f]+|(?<=1'b)[01]")
DECLARED = re.compile(r"\b(\w+)(?:\[[^=]*\])* =")
MEMBER = re.compile(r" +logic [^;]*\] (\w+);")


@dataclass(frozen=True)
class Mutation:
    """One change: `name` is the constant (with its place in a table) or the operator's fault.

    `before` stands in column `column` (from 0) of line `line` (from 1), and becomes `after`.
    """

    kind: str
    file: str
    line: int
    column: int
    name: str
    before: str
    after: str

    def apply(self, text: str) -> str:
        """The file's text with the change. `ValueError` if it is not the text it was found in."""
        lines = text.splitlines(keepends=True)
        line = lines[self.line - 1] if self.line <= len(lines) else ""
        end = self.column + len(self.before)
        if line[self.column : end] != self.before:
            raise ValueError(f"{self.file}:{self.line} does not hold {self.before!r}")
        lines[self.line - 1] = line[: self.column] + self.after + line[end:]
        return "".join(lines)

    def __str__(self) -> str:
        """`step.mem:7 step[5]: 1c to 1d`."""
        return f"{self.file}:{self.line} {self.name}: {self.before} to {self.after}"


def header_flips(file: str, text: str) -> Iterator[Mutation]:
    """Every bit of every number of the C++ header, and its one boolean."""
    yield from _flips("header", file, text)
    for at, line in enumerate(text.splitlines()):
        for before, after in (("= true", "= false"), ("= false", "= true")):
            if before in line:
                column = line.index(before)
                yield Mutation("header", file, at + 1, column, "flag", before, after)


def package_flips(file: str, text: str) -> Iterator[Mutation]:
    """Every bit of every number of the SystemVerilog package but its digest.

    Members of the trace's structs are left: they name what a simulator shows, no module reads them.
    """
    members = {at for at, line in enumerate(text.splitlines(), 1) if line.startswith("    logic ")}
    yield from (slip for slip in _flips("package", file, text) if slip.line not in members)


def memory_flips(file: str, text: str) -> Iterator[Mutation]:
    """Every bit of every entry of a `.mem` file; the first entry's width is that of all."""
    for entry, (at, line) in enumerate(
        (at, line) for at, line in enumerate(text.splitlines()) if not line.startswith("//")
    ):
        for bit in range(int(line, 16).bit_length()):
            after = f"{int(line, 16) ^ 1 << bit:0{len(line)}x}"
            name = f"{file.removesuffix('.mem')}[{entry}]"
            yield Mutation("mem", file, at + 1, 0, name, line, after)


def vector_flips(file: str, text: str) -> Iterator[Mutation]:
    """A bit of an expected integer in a golden vector file, both integers within the format."""
    wire, highest, lowest = "", 0, 0
    for at, line in enumerate(text.splitlines()):
        header = re.fullmatch(r"wire (\S+) ([su])(\d+)\.-?\d+[ \d]+", line)
        if header:
            wire, signed = header.group(1), header.group(2) == "s"
            highest = (1 << int(header.group(3)) - signed) - 1
            lowest = -highest if signed else 0
        elif "." in wire and line != "end":
            words = line.split(" ")
            for i, word in enumerate(words):
                for bit in range(highest.bit_length()):
                    after = int(word) ^ 1 << bit
                    if lowest <= after <= highest:
                        column = sum(len(w) + 1 for w in words[:i])
                        yield Mutation("vectors", file, at + 1, column, wire, word, str(after))


def _flips(kind: str, file: str, text: str) -> Iterator[Mutation]:
    name, entry = "", 0
    for at, line in enumerate(text.splitlines()):
        if "igest" in line or '"' in line or line.startswith(("//", "#")):
            continue
        declared = DECLARED.search(line)
        if declared:
            name, entry = declared.group(1), 0
        elif member := MEMBER.fullmatch(line):
            name, entry = f"trace.{member.group(1)}", 0
        if not name:
            continue
        body = declared.end() if declared else 0
        numbers = list(NUMBER.finditer(line, body))
        for number in numbers:
            hexadecimal = line[number.start() - 1] == "h"
            value = int(number.group(), 16 if hexadecimal else 10)
            width = 1 if line[number.start() - 1] == "b" else max(value.bit_length(), 1)
            for bit in range(width):
                flipped = value ^ 1 << bit
                after = f"{flipped:0{len(number.group())}x}" if hexadecimal else str(flipped)
                label = f"{name}[{entry}]" if not declared or len(numbers) > 1 else name
                yield Mutation(kind, file, at + 1, number.start(), label, number.group(), after)
            entry += 1
