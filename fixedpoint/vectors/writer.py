# SPDX-License-Identifier: Apache-2.0
"""Writes a golden vector file, `fixedpoint.vectors`, chunk by chunk.

A file holds wire after wire, a run gives all wires of some vectors after those of others. So each
wire's rows go to a file of their own, in a temporary folder beside the whole file.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from fixedpoint.numbers.format import Format, IntArray, integers
from fixedpoint.support import scratch
from fixedpoint.support.files import writable
from fixedpoint.support.reading import MIB

MAGIC = "bitfold-vectors 1"
ROWS = 8192
"""Rows that are text at a time."""


@dataclass(frozen=True)
class Header:
    """What a file's first lines say: G blocks of B vectors."""

    digest: str
    layer: str
    seed: int
    blocks: int
    vectors: int

    def __str__(self) -> str:
        return (
            f"{MAGIC}\nspec {self.digest}\nlayer {self.layer}\nseed {self.seed}\n"
            f"blocks {self.blocks}\nvectors {self.vectors}\n"
        )


def of_block(wire: str) -> bool:
    """Whether a wire is what a block brings, a matrix, and not of each vector."""
    return "." not in wire and wire not in ("y", "snr_index")


class Writer:
    """A file in the making: `add` chunks in order. Made by `writing`."""

    def __init__(self, path: Path, folder: Path, header: Header) -> None:
        self._path, self._folder, self._header = path, folder, header
        self._parts: dict[str, Path] = {}

    def add(
        self, wires: Mapping[str, IntArray], formats: Mapping[str, Format], *, opens: bool = True
    ) -> None:
        """The next vectors' wires, (G, …) or (G, B, …), and their formats.

        opens: False if a block goes on whose matrices are written. Raises `ValueError` if there is
        no room, and on arrays of other types than integers.
        """
        with writable(self._path):
            for name, array in wires.items():
                if name not in self._parts:
                    self._begin(name, formats[name], array)
                if opens or not of_block(name):
                    with open(self._parts[name], "a", encoding="ascii") as file:
                        for text in _texts(integers(name, array)):
                            file.write(text)

    def join(self) -> Path:
        """The whole file, in the temporary folder. A part is removed as soon as it is in it."""
        whole = self._folder / "whole"
        with open(whole, "xb") as file:
            os.chmod(whole, 0o644)
            file.write(str(self._header).encode("ascii"))
            for path in self._parts.values():
                with open(path, "rb") as part:
                    shutil.copyfileobj(part, file, MIB)
                path.unlink()
            file.write(b"end\n")
        return whole

    def _begin(self, name: str, fmt: Format, array: IntArray) -> None:
        header = self._header
        leading = (header.blocks,) if of_block(name) else (header.blocks, header.vectors)
        shape = " ".join(map(str, (*leading, *array.shape[len(leading) :])))
        path = self._folder / f"{len(self._parts)}"
        path.write_text(f"wire {name} {fmt} {shape}\n", encoding="ascii")
        self._parts[name] = path


@contextlib.contextmanager
def writing(path: Path, header: Header) -> Iterator[Writer]:
    """A writer whose file is at `path` when all went well, and not at all otherwise.

    Raises `ValueError` if the path is not writable.
    """
    with contextlib.ExitStack() as stack:
        with writable(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            folder = stack.enter_context(scratch.folder("vectors", path.parent))
        writer = Writer(path, folder, header)
        yield writer
        with writable(path):
            os.replace(writer.join(), path)


def _texts(array: IntArray) -> Iterator[str]:
    """Rows of the last dimension a line, some thousand lines at a time."""
    rows = array.reshape(-1, array.shape[-1])
    for start in range(0, len(rows), ROWS):
        lines = [" ".join(map(str, row)) for row in rows[start : start + ROWS].tolist()]
        yield "\n".join([*lines, ""])
