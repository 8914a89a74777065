# SPDX-License-Identifier: Apache-2.0
"""Golden vector files: raw integers under a header that names what they are.

    bitfold-vectors 1
    spec <64 hexadecimal digits>
    layer NAME5
    seed 0
    blocks 8
    vectors 128
    wire h s8.7 8 32 32
    <one row of the last dimension a line, blank-separated decimal integers>
    wire y s12.7 8 128 32
    …
    end

`vectors` counts the vectors of one block. The first wires are the inputs: h, or stored
matrices such as f (Fᵀ) and p, then y and snr_index; after them LAYER.WIRE of every wire of each
layer up to the named one, in order, none missing and none beside. A file without `end` is short.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fixedpoint.numbers.format import Format, IntArray
from fixedpoint.receivers import family
from fixedpoint.receivers.inputs import check_inputs
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.support.reading import VECTOR_BYTES, Lines, brief, open_file
from fixedpoint.vectors.writer import MAGIC, Header, of_block, writing

SLICER = "slicer"
"""The layer that decides the bits of the last layer's state; its file is that layer's."""
COUNT = re.compile("0|[1-9][0-9]{0,17}")
INTEGER = re.compile("0|-?[1-9][0-9]{0,18}")
WIRE = re.compile(
    r"wire ([A-Za-z0-9_.]+) ([su])([1-9][0-9]?)\.(0|-?[1-9][0-9]?)((?: [1-9][0-9]{0,17})+)"
)
SHORTEST_INTEGER, LONGEST_INTEGER, LONGEST_HEADER = 2, 21, 4096
"""Characters of an integer with the blank or the line's end behind it, and of a header."""


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

    @property
    def header(self) -> Header:
        """The file's first lines."""
        return Header(self.digest, self.layer, self.seed, self.blocks, self.vectors)


def write(path: Path, golden: GoldenVectors) -> None:
    """Write the file whole or not at all, from integers of any type.

    Raises `ValueError` if the path is not writable, and on arrays of other types.
    """
    with writing(path, golden.header) as writer:
        writer.add(golden.wires, golden.formats)


def read(path: Path, spec: DetectorSpec) -> GoldenVectors:
    """Read a file made from that spec: the wires of its layer, all of them and no others.

    Raises `ValueError` that names the fault: missing, too large, another digest, short, a header or
    an integer that is not written as `write` writes it or lies outside its format, a wire that is
    missing, unknown, or of another format or shape than the spec's, an SNR outside the bank.
    """
    try:
        with open_file(path, VECTOR_BYTES) as file:
            return _parse(Lines(file), spec, os.fstat(file.fileno()).st_size)
    except FileNotFoundError as error:
        raise ValueError(f"golden vectors {path} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise ValueError(f"golden vectors {path}: {error}") from None


def layout(spec: DetectorSpec, layer: str) -> dict[str, tuple[Format, tuple[int, ...]]]:
    """Every wire of a file of that layer, in order, with its format and the shape of one vector.

    Of a matrix, the shape of one block. Raises `ValueError` if the spec has no such layer.
    """
    layers = family.layer_formats(spec)
    names = list(layers)
    if layer not in (*names, SLICER):
        raise ValueError(
            f"layer {brief(layer)} is unknown, expected one of {', '.join(names)}, {SLICER}"
        )
    last = names.index(layer) if layer in names else len(names) - 1
    index = Format(spec.snr.index_bits, 0, signed=False)
    return {
        **{part.name: (part.format, (part.rows, spec.columns)) for part in spec.parts},
        "y": (spec.y_format, (spec.rows,)),
        "snr_index": (index, (1,)),
        **{
            f"{name}.{wire}": (fmt, family.wire_shape(spec, name, wire))
            for name in names[: last + 1]
            for wire, fmt in layers[name].items()
        },
    }


def _parse(lines: Lines, spec: DetectorSpec, size: int) -> GoldenVectors:
    if lines.next(LONGEST_HEADER) != MAGIC:
        raise ValueError(f"the first line is not {MAGIC!r}")
    header = _header(lines)
    if header["spec"] != spec.digest:
        raise ValueError(f"made from spec {brief(header['spec'])}, {spec.digest} was expected")
    expected = layout(spec, header["layer"])
    seed, blocks, vectors = (_count(key, header[key]) for key in ("seed", "blocks", "vectors"))
    if blocks * vectors == 0:
        raise ValueError("no vectors")
    wires: dict[str, IntArray] = {}
    while (line := lines.next(LONGEST_HEADER)) != "end":
        if line is None:
            raise ValueError("short file: no 'end' line")
        name, fmt, shape = _wire_header(line, lines.number)
        if name not in expected:
            raise ValueError(f"wire {brief(name)} is unknown in a file of {header['layer']}")
        if name in wires:
            raise ValueError(f"wire {name} appears twice")
        wanted = expected[name][0], _leading(name, blocks, vectors) + expected[name][1]
        if fmt != wanted[0]:
            raise ValueError(f"wire {name} has the format {fmt}, {wanted[0]} expected")
        if shape != wanted[1]:
            raise ValueError(f"wire {name} has the shape {shape}, {wanted[1]} expected")
        if SHORTEST_INTEGER * math.prod(shape) > size:
            raise ValueError(f"wire {name} has the shape {shape}, more than the file can hold")
        wires[name] = _integers(lines, name, fmt, shape)
    if lines.next(LONGEST_HEADER) is not None:
        raise ValueError("text after the 'end' line")
    for name in expected:
        if name not in wires:
            raise ValueError(f"wire {name} is missing")
    matrices = np.concatenate([wires[part.name] for part in spec.parts], axis=1)
    check_inputs(spec, matrices, wires["y"], wires["snr_index"][..., 0])
    formats = {name: expected[name][0] for name in wires}
    return GoldenVectors(spec.digest, header["layer"], seed, wires, formats)


def _leading(name: str, blocks: int, vectors: int) -> tuple[int, ...]:
    return (blocks,) if of_block(name) else (blocks, vectors)


def _header(lines: Lines) -> dict[str, str]:
    keys = ("spec", "layer", "seed", "blocks", "vectors")
    header = {}
    for key in keys:
        found, _, header[key] = (lines.next(LONGEST_HEADER) or "").partition(" ")
        if found != key:
            raise ValueError(f"the header does not name {', '.join(keys)}")
    return header


def _count(key: str, word: str) -> int:
    if not COUNT.fullmatch(word):
        raise ValueError(f"{key} {brief(word)} is not a number from 0 to 10^18 - 1")
    return int(word)


def _wire_header(line: str, number: int) -> tuple[str, Format, tuple[int, ...]]:
    match = WIRE.fullmatch(line)
    if match is None:
        raise ValueError(f"line {number} is not a wire's header")
    name, sign, bits, frac, shape = match.groups()
    return name, Format(int(bits), int(frac), sign == "s"), tuple(map(int, shape.split()))


def _integers(lines: Lines, name: str, fmt: Format, shape: tuple[int, ...]) -> IntArray:
    width = shape[-1]
    rows: IntArray = np.empty((math.prod(shape[:-1]), width), dtype=np.int64)
    for row in rows:
        line = lines.next(max(LONGEST_HEADER, width * LONGEST_INTEGER))
        words = [] if line is None else line.split(" ")
        strange = next((word for word in words if not INTEGER.fullmatch(word)), None)
        if strange is not None:
            raise ValueError(f"wire {name}: {brief(strange)} is not an integer of 64 bits")
        if len(words) != width:
            raise ValueError(f"wire {name}: a row of {len(words)} integers, {width} expected")
        values = [int(word) for word in words]
        if min(values) < fmt.min or max(values) > fmt.max:
            worst = max(values, key=abs)
            raise ValueError(f"wire {name} holds {worst}, outside {fmt}: {fmt.min} to {fmt.max}")
        row[:] = values
    return rows.reshape(shape)
