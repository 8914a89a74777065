# SPDX-License-Identifier: Apache-2.0
"""What is proven: a check, its planted faults, and the two ways to make its circuit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from hls import toolchain
from verification.formal import aiger, yosys

Size = Mapping[str, int]
FREE_BITS = 256  # of the input that all instances of an arithmetic harness share


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

    name: str
    claim: str
    module: str
    sizes: Sequence[Size]
    depth: int
    faults: Sequence[Fault]
    complete: bool = False
    induction: int = 0

    @property
    def kind(self) -> str:
        """How far the proof reaches."""
        if self.complete:
            return "complete"
        return f"induction {self.induction}" if self.induction else f"{self.depth} cycles"


def circuits(check: Check, fault: Fault | None) -> Iterator[tuple[str, aiger.Circuit]]:
    """The circuits of a check, with what tells them apart; arithmetic ones share one."""
    harness = f"{check.module}_formal"
    path = yosys.HARNESSES / f"{harness}.sv"
    files = sources(check.module, fault)
    files["rounding_rule.sv"] = (yosys.HARNESSES / "rounding_rule.sv").read_text(encoding="utf-8")
    files[f"{harness}.sv"] = path.read_text(encoding="utf-8")
    if "free_i" in files[f"{harness}.sv"]:
        files["formal_top.sv"] = together(harness, check.sizes)
        yield "", yosys.circuit(files, "formal_top", {})
        return
    for size in check.sizes:
        yield words(size), yosys.circuit(files, harness, size)


def sources(module: str, fault: Fault | None) -> dict[str, str]:
    """A module and those that it instantiates, as they are or with a fault.

    Raises `ValueError` if the faulty text is not there exactly once: a stale fault proves nothing.
    """
    paths = toolchain.module_sources([module])
    files = {path.name: path.read_text(encoding="utf-8") for path in paths}
    if fault:
        text = files.get(f"{fault.module}.sv", "")
        if text.count(fault.old) != 1:
            raise ValueError(
                f"fault {str(fault)!r}: its text stands {text.count(fault.old)} times in "
                f"{fault.module}.sv, 1 was expected"
            )
        files[f"{fault.module}.sv"] = text.replace(fault.old, fault.new)
    return files


def words(size: Size) -> str:
    """A size in a line."""
    return " ".join(f"{name}={value}" for name, value in size.items())


def together(harness: str, sizes: Sequence[Size]) -> str:
    """A module with an instance of the harness for each size, all fed by the same free bits."""
    instances = [
        f"  {harness} #({', '.join(f'.{k}({_literal(v)})' for k, v in size.items())}) u_{i} (\n"
        f"    .clk_i, .free_i, .bad_o(bad_result[{i}])\n  );"
        for i, size in enumerate(sizes)
    ]
    lines = [
        "`default_nettype none",
        "module formal_top (",
        "  input  wire logic clk_i,",
        f"  input  wire logic [{FREE_BITS - 1}:0] free_i,",
        f"  output logic [{len(sizes) - 1}:0] bad_result",
        ");",
        *instances,
        "endmodule",
        "`default_nettype wire",
    ]
    return "\n".join(lines) + "\n"


def _literal(value: int) -> str:
    """A parameter's value: vectors beyond 31 bits need their width said."""
    return str(value) if -(1 << 31) <= value < 1 << 31 else f"{value.bit_length()}'d{value}"
