# SPDX-License-Identifier: Apache-2.0
"""Faults that nobody has to plant by hand: each register of a module without its reset."""

from __future__ import annotations

import re

from hls.builds import toolchain
from verification.formal.check import Fault

WITHOUT_EFFECT = {
    ("dispatcher", "word_o"): "valid_o is low after a reset, and what is taken then sets word_o",
    ("block_gate", "seen_q"): "behind a reset no bank is full and there has been no H",
    ("fusion_inbox", "write_place_q"): "a slot's places are taken in turn, whichever is the first",
}
"""Registers whose reset no claim needs, with the reason: proven (`Check.harmless`)."""
NAME = r"(\w+)(?:\[\w+\])?"
BLOCK = re.compile(
    r"if \(!rst_ni\) begin\n((?: +\w+(?:\[\w+\])? +<= [^;]+;\n)+) +end else[^\n]*\n[^\n]*\n"
)
LINE = re.compile(rf" +{NAME} +<= [^;]+;\n")
SINGLE = re.compile(rf"if \(!rst_ni\) {NAME} <= [^;]+;\n +else ([^\n]*)\n")
GATED = re.compile(rf"{NAME} +<= (rst_ni && )[^;]*;")


def faults(module: str) -> list[Fault]:
    """One for each register of a module that a reset sets. Raises `ValueError` if there is none."""
    return [fault for name, fault in _dropped(module) if (module, name) not in WITHOUT_EFFECT]


def harmless(module: str) -> list[Fault]:
    """Those without effect."""
    return [fault for name, fault in _dropped(module) if (module, name) in WITHOUT_EFFECT]


def _dropped(module: str) -> list[tuple[str, Fault]]:
    """Each register that a reset sets, by its name, without it."""
    text = toolchain.module_text(module)
    made = []
    for block in BLOCK.finditer(text):
        for line in LINE.finditer(block[1]):
            made.append((line[1], block[0], block[0].replace(line[0], "", 1)))
    made += [(single[1], single[0], f"{single[2]}\n") for single in SINGLE.finditer(text)]
    made += [(gated[1], gated[0], gated[0].replace(gated[2], "")) for gated in GATED.finditer(text)]
    if not made:
        raise ValueError(f"{module}.sv: no register with a reset was found, some were expected")
    return [(name, Fault(module, old, new, f"{name} without its reset")) for name, old, new in made]
