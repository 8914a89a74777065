# SPDX-License-Identifier: Apache-2.0
"""Faults that nobody has to plant by hand: each register of a module without its reset."""

from __future__ import annotations

import re

from hls import toolchain
from verification.formal.check import Fault

WITHOUT_EFFECT = {
    ("dispatcher", "word_o"): "valid_o is low after a reset, and what is taken then sets word_o",
}
"""Registers whose reset cannot be seen from outside, with the reason."""
BLOCK = re.compile(
    r"    if \(!rst_ni\) begin\n((?:      \w+ +<= [^;]+;\n)+)    end else[^\n]*\n[^\n]*\n"
)
LINE = re.compile(r"      (\w+) +<= [^;]+;\n")
SINGLE = re.compile(r"if \(!rst_ni\) (\w+) <= [^;]+;\n +else ([^\n]*)\n")
GATED = re.compile(r"(\w+) +<= (rst_ni && )[^;]*;")


def faults(module: str) -> list[Fault]:
    """One for each register of a module that a reset sets. Raises `ValueError` if there is none."""
    text = (toolchain.RTL / f"{module}.sv").read_text(encoding="utf-8")
    made = []
    for block in BLOCK.finditer(text):
        for line in LINE.finditer(block[1]):
            made.append((line[1], block[0], block[0].replace(line[0], "", 1)))
    made += [(single[1], single[0], f"{single[2]}\n") for single in SINGLE.finditer(text)]
    made += [(gated[1], gated[0], gated[0].replace(gated[2], "")) for gated in GATED.finditer(text)]
    if not made:
        raise ValueError(f"{module}.sv: no register with a reset was found, some were expected")
    return [
        Fault(module, old, new, f"{name} without its reset")
        for name, old, new in made
        if (module, name) not in WITHOUT_EFFECT
    ]
