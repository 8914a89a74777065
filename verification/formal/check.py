# SPDX-License-Identifier: Apache-2.0
"""What is proven: a check, its planted faults, and the two ways to make its circuit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from hls.builds import toolchain
from verification.formal import aiger, yosys

Size = Mapping[str, int]
RULE = "rounding_rule"
TOGETHER = 10  # sizes in a circuit: fewer starts of Yosys, but a fault is seen at the first ones
FREE = re.compile(r"logic \[(\d+):0\] +free_i\b")  # the input that all instances of a harness share


@dataclass(frozen=True)
class Fault:
    """A replacement in the text of a module under proof, which the check must refute."""

    module: str
    old: str
    new: str
    words: str = ""  # instead of both texts

    def __str__(self) -> str:
        texts = f"{' '.join(self.old.split())} -> {' '.join(self.new.split()) or 'nothing'}"
        return f"{self.module}: {self.words or texts}"


@dataclass(frozen=True)
class Check:
    """The claims of one harness at some sizes.

    `depth` steps are examined from the first state. With `complete` they are all there is, as the
    module has no feedback; with `induction`, claims that held for so many steps hold in the next
    one, so that they hold for ever. Otherwise the proof is bounded.
    """

    name: str  # the module's, with dashes
    claim: str
    sizes: Sequence[Size]
    depth: int
    faults: Sequence[Fault]
    complete: bool = False
    induction: int = 0
    harmless: Sequence[Fault] = ()  # with each of these the claims must hold as well

    @property
    def module(self) -> str:
        """The module under proof."""
        return self.name.replace("-", "_")

    @property
    def kind(self) -> str:
        """How far the proof reaches."""
        if self.complete:
            return "complete"
        return f"induction {self.induction}" if self.induction else f"{self.depth} cycles"


def complete(name: str, claim: str, some: Sequence[Size], latency: int, *faults: Fault) -> Check:
    """A check of a module without feedback: `latency` cycles on, all has been seen."""
    return Check(name, claim, some, latency + 1, faults, complete=True)


def circuits(check: Check, fault: Fault | None) -> Iterator[tuple[Sequence[Size], aiger.Circuit]]:
    """The circuits of a check, each with its sizes: one, or of complete checks some at a time."""
    harness = f"{check.module}_formal"
    text = yosys.HARNESSES[harness].read_text(encoding="utf-8")
    files = sources(check.module, fault) | {f"{harness}.sv": text}
    if RULE in text:
        files[f"{RULE}.sv"] = yosys.HARNESSES[RULE].read_text(encoding="utf-8")
    if not check.complete:
        for size in check.sizes:
            yield [size], yosys.circuit(files, harness, size)
        return
    for first in range(0, len(check.sizes), TOGETHER):
        some = check.sizes[first : first + TOGETHER]
        files["formal_top.sv"] = together(harness, text, some)
        yield some, yosys.circuit(files, "formal_top", {})


def sources(module: str, fault: Fault | None) -> dict[str, str]:
    """A module and those that it instantiates, as they are or with a fault.

    Raises `ValueError` if the faulty text is not there exactly once: a stale fault proves nothing.
    """
    files = toolchain.closure([module], {})
    if fault:
        text = files.get(f"{fault.module}.sv", "")
        if text.count(fault.old) != 1:
            raise ValueError(
                f"fault {str(fault)!r}: its text stands {text.count(fault.old)} times in "
                f"{fault.module}.sv, 1 was expected"
            )
        files[f"{fault.module}.sv"] = text.replace(fault.old, fault.new)
    return files


def sizes(names: str, *values: tuple[int, ...]) -> list[Size]:
    """Sizes of the same parameters: their names in a line, then the values of each size."""
    return [dict(zip(names.split(), chosen, strict=True)) for chosen in values]


def words(size: Size) -> str:
    """A size in a line."""
    return " ".join(f"{name}={value}" for name, value in size.items())


def together(harness: str, text: str, some: Sequence[Size]) -> str:
    """A module with an instance of the harness for each size, all fed by the same free bits."""
    free = FREE.search(text)
    if free is None:
        raise ValueError(f"{harness}.sv: an input free_i was expected")
    instances = [
        f"  {harness} #({', '.join(f'.{k}({_literal(v)})' for k, v in size.items())}) u_{i} (\n"
        f"    .clk_i, .free_i, .bad_o(bad_result[{i}])\n  );"
        for i, size in enumerate(some)
    ]
    lines = [
        "`default_nettype none",
        "module formal_top (",
        "  input  wire logic clk_i,",
        f"  input  wire logic [{free[1]}:0] free_i,",
        f"  output logic [{len(some) - 1}:0] bad_result",
        ");",
        *instances,
        "endmodule",
        "`default_nettype wire",
    ]
    return "\n".join(lines) + "\n"


def _literal(value: int) -> str:
    """A parameter's value: vectors beyond 31 bits need their width said."""
    return str(value) if -(1 << 31) <= value < 1 << 31 else f"{value.bit_length()}'d{value}"
