# SPDX-License-Identifier: Apache-2.0
"""How emitted SystemVerilog is written: modules, instances, declarations, numbers."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence

from hls.project.rtl_text import INT_BITS, NETS, NO_NETS

LINE = 110


def module(
    head: Sequence[str], name: str, parameters: Sequence[str], ports: Sequence[str],
    body: Iterable[str],
) -> str:  # fmt: skip
    """A file with one module; `head` are the lines of its comment."""
    lines = ["// SPDX-License-Identifier: Apache-2.0"]
    for line in head:
        indent = "//   " if line.startswith(" ") else "// "
        lines += textwrap.wrap(line.strip(), LINE, initial_indent=indent, subsequent_indent=indent)
    opened = f"module {name}"
    if parameters:
        opened += " #(\n" + ",\n".join(f"  {each}" for each in parameters) + "\n)"
    listed = ",\n".join(f"  {port}" for port in ports)
    lines += [NO_NETS, "", f"{opened} (\n{listed}\n);", *body, "endmodule", "", NETS]
    return "\n".join(lines) + "\n"


def call(
    name: str, instance: str, parameters: Mapping[str, object], ports: Sequence[tuple[str, str]]
) -> list[str]:
    """An instance: `.name` where a port has no text of its own."""
    given = [f".{port}({text})" if text else f".{port}" for port, text in ports]
    numbers = [f".{key}({_number(value)})" for key, value in parameters.items()]
    chosen = f" #({', '.join(numbers)})" if numbers else ""
    short = f"  {name}{chosen} {instance} ("
    if len(short) <= LINE:
        return [short, *_wrapped(given), "  );"]
    return [f"  {name} #(", *_wrapped(numbers), f"  ) {instance} (", *_wrapped(given), "  );"]


def _wrapped(items: Sequence[str]) -> list[str]:
    """Items, separated by commas, in lines."""
    lines, line = [], ""
    for i, item in enumerate(items):
        word = f"{item}," if i < len(items) - 1 else item
        if line and len(line) + len(word) + 5 > LINE:
            lines.append(f"    {line}")
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, f"    {line}"]


def _number(value: object) -> str:
    """A file's name in quotes; literals as they are, and numbers but those of more than 32 bits."""
    if isinstance(value, int) and value >> INT_BITS - 1 not in (0, -1):
        return f"64'd{value}"
    text = str(value)
    return f'"{text}"' if text.endswith(".mem") else text


def declared(name: str, bits: int, signed: bool) -> str:
    """A signal."""
    return f"  logic {'signed ' if signed else ''}[{bits - 1}:0] {name};"


def literal(number: int, bits: int) -> str:
    """An integer of some bits."""
    return f"{'-' if number < 0 else ''}{bits}'sd{abs(number)}"
