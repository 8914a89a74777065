"""Golden vector files: raw integers under a header that names what they are.

    bitfold-vectors 1
    spec <64 hexadecimal digits>
    layer pgd5
    seed 0
    blocks 8
    vectors 128
    wire h s8.7 8 32 32
    <one row of the last dimension a line, blank-separated decimal integers>
    wire y s12.7 8 128 32
    …
    end

`vectors` counts the vectors of one block. The first wires are the inputs: h, of ADMM-Net f (Fᵀ) and
p, then y and snr_index; after them, for each layer up to the named one, pgd1.accumulator …
pgd1.bits and so on. A file without its `end` is short.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fixedpoint.files import write_text
from fixedpoint.format import Format, IntArray

MAGIC = "bitfold-vectors 1"
MATRICES = ("h", "f", "p")
"""Wires of a block, not of a vector."""


@dataclass(frozen=True)
class GoldenVectors:
    """One file: G blocks of B vectors, wires by name, each with its format, (G, …) or (G, B, …)."""

    digest: str
    layer: str
    seed: int
    wires: Mapping[str, IntArray]
    formats: Mapping[str, Format]

    @property
    def blocks(self) -> int:
        """G, the number of coherence blocks."""
        return int(self.wires["y"].shape[0])

    @property
    def vectors(self) -> int:
        """B, the number of vectors in a block."""
        return int(self.wires["y"].shape[1])


def write(path: Path, golden: GoldenVectors) -> None:
    """Write the file whole or not at all; `ValueError` if the path is not writable."""
    lines = [
        MAGIC,
        f"spec {golden.digest}",
        f"layer {golden.layer}",
        f"seed {golden.seed}",
        f"blocks {golden.blocks}",
        f"vectors {golden.vectors}",
    ]
    for name, array in golden.wires.items():
        lines.append(f"wire {name} {golden.formats[name]} {' '.join(map(str, array.shape))}")
        lines += [" ".join(map(str, row)) for row in array.reshape(-1, array.shape[-1]).tolist()]
    write_text(path, "\n".join([*lines, "end", ""]))


def read(path: Path, digest: str) -> GoldenVectors:
    """Read a file made from the spec of that digest.

    Raises `ValueError` that names the fault: missing, another digest, short, an entry that is no
    integer or lies outside its format.
    """
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"golden vectors {path} cannot be read: {error}") from None
    try:
        return _parse(lines, digest)
    except ValueError as error:
        raise ValueError(f"golden vectors {path}: {error}") from None


def _parse(lines: list[str], digest: str) -> GoldenVectors:
    if not lines or lines[0] != MAGIC:
        raise ValueError(f"the first line is not {MAGIC!r}")
    keys = ("spec", "layer", "seed", "blocks", "vectors")
    header = dict(line.split(" ", 1) for line in lines[1:6] if " " in line)
    if tuple(header) != keys:
        raise ValueError(f"the header does not name {', '.join(keys)}")
    if header["spec"] != digest:
        raise ValueError(f"made from spec {header['spec']}, {digest} was expected")
    wires: dict[str, IntArray] = {}
    formats: dict[str, Format] = {}
    at = 6
    while at < len(lines) and lines[at] != "end":
        name, formats_name, shape = _wire_header(lines[at], at)
        count = int(np.prod(shape[:-1]))
        wires[name] = _integers(name, lines[at + 1 : at + 1 + count], shape)
        formats[name] = formats_name
        if not formats_name.allows(wires[name]):
            raise ValueError(f"wire {name} holds an integer outside {formats_name}")
        at += 1 + count
    if at >= len(lines):
        raise ValueError("short file: no 'end' line")
    if at + 1 < len(lines):
        raise ValueError("text after the 'end' line")
    _check_shapes(wires, int(header["blocks"]), int(header["vectors"]))
    return GoldenVectors(digest, header["layer"], int(header["seed"]), wires, formats)


def _wire_header(line: str, at: int) -> tuple[str, Format, tuple[int, ...]]:
    match = re.fullmatch(r"wire (\S+) ([su])(\d+)\.(-?\d+)((?: \d+)+)", line)
    if match is None:
        raise ValueError(f"line {at + 1} is not a wire's header")
    name, sign, bits, frac, shape = match.groups()
    return name, Format(int(bits), int(frac), sign == "s"), tuple(map(int, shape.split()))


def _integers(name: str, lines: list[str], shape: tuple[int, ...]) -> IntArray:
    words = " ".join(lines).split()
    try:
        values = np.array([int(word) for word in words], dtype=np.int64)
    except ValueError:
        word = next(word for word in words if not re.fullmatch(r"-?\d+", word))
        raise ValueError(f"wire {name}: {word!r} is not an integer") from None
    if values.size != int(np.prod(shape)):
        raise ValueError(f"wire {name}: {values.size} integers, {int(np.prod(shape))} expected")
    return values.reshape(shape)


def _check_shapes(wires: Mapping[str, IntArray], blocks: int, vectors: int) -> None:
    matrices = ("f", "p") if {"f", "p"} & wires.keys() else ("h",)
    for name in (*matrices, "y", "snr_index"):
        if name not in wires:
            raise ValueError(f"wire {name} is missing")
    if blocks * vectors == 0:
        raise ValueError("no vectors")
    for name, array in wires.items():
        leading = (blocks,) if name in MATRICES else (blocks, vectors)
        if array.shape[: len(leading)] != leading:
            raise ValueError(f"wire {name} has the shape {array.shape}, {leading} … expected")
